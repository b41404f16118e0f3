package main

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
)

// counts says how many of each there shall be.
type counts[K cmp.Ordered] map[K]int

// less is what is left after some were taken.
func (c counts[K]) less(taken ...K) counts[K] {
	left := maps.Clone(c)
	for _, k := range taken {
		left[k]--
	}
	return left
}

// part is so many times fewer.
func (c counts[K]) part(of int) counts[K] {
	fewer := make(counts[K], len(c))
	for k, n := range c {
		fewer[k] = n / of
	}
	return fewer
}

// deck is that many of each, shuffled.
func deck[K cmp.Ordered](random *rand.Rand, c counts[K]) []K {
	var cards []K
	for _, k := range slices.Sorted(maps.Keys(c)) {
		for range c[k] {
			cards = append(cards, k)
		}
	}
	random.Shuffle(len(cards), func(i, k int) { cards[i], cards[k] = cards[k], cards[i] })
	return cards
}

// pick is one of a list.
func pick[T any](random *rand.Rand, list []T) T { return list[random.IntN(len(list))] }

// The outcomes that a job can have. Of the jobs that somebody holds, how far he
// has come follows from the time.
const (
	held      = "held"
	declined  = "declined"
	expired   = "expired"
	open      = "open"
	cancelled = "cancelled"
)

// The lengths that a job can have: up to 90 minutes, two to four hours, a full
// day, or one on each of two or three days that follow each other.
const (
	short   = "short"
	halfDay = "half day"
	fullDay = "full day"
	days    = "days"
)

// mix says of what kinds the jobs of a world shall be.
type mix struct {
	outcomes, lengths, priorities counts[string]
	// held and open are the days of the jobs that somebody holds, and of the
	// others.
	held, open counts[int]
	// incomplete counts the held jobs that were left incomplete.
	incomplete int
}

// part is a mix of fewer jobs, whose numbers it must divide.
func (m mix) part(of int) mix {
	return mix{m.outcomes.part(of), m.lengths.part(of), m.priorities.part(of), m.held.part(of), m.open.part(of), m.incomplete / of}
}

// hand is what the decks say of one job.
type hand struct {
	outcome, length, priority string
	day                       int
}

// hands deals the decks. Long jobs come first, while there are free days.
func (m mix) hands(random *rand.Rand) []hand {
	outcomes, lengths, priorities := deck(random, m.outcomes), deck(random, m.lengths), deck(random, m.priorities)
	heldDays, openDays := deck(random, m.held), deck(random, m.open)
	hands := make([]hand, len(outcomes))
	for i, o := range outcomes {
		from := &openDays
		if o == held {
			from = &heldDays
		}
		hands[i] = hand{o, lengths[i], priorities[i], (*from)[0]}
		*from = (*from)[1:]
	}
	order := []string{days, fullDay, halfDay, short}
	slices.SortStableFunc(hands, func(a, b hand) int {
		return cmp.Compare(slices.Index(order, a.length), slices.Index(order, b.length))
	})
	return hands
}
