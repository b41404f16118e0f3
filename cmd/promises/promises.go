package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// promise is one thing that delivery promises.
type promise struct {
	number int
	// name is short; says is the whole promise in a sentence.
	name, says string
	// control says that a run without the guard must be there, and fail.
	control bool
}

func (p promise) String() string { return fmt.Sprintf("P%d", p.number) }

// promises are all of them.
func promises() []promise {
	return []promise{
		{1, "Acknowledged means stored", "Whatever a screen was told is done has exactly one change and one event in the database, " +
			"and sending it again changes nothing, also when the program is killed at any moment.", true},
		{2, "PostgreSQL may be killed", "When PostgreSQL is killed nothing that was acknowledged is lost, streams stay open, and work goes on " +
			"within 5 s of its return without a restart.", true},
		{3, "PostgreSQL may be away", "While the database cannot be reached, however it fails, streams stay open and say so, " +
			"forms are answered 503 within 6 s, and everything is delivered within 5 s of its return.", false},
		{4, "No gap in the order of commits", "Every reader gets every committed event once and in one order, however long transactions take.", true},
		{5, "No gap in the life of a screen", "However often and wherever its connection breaks, a screen ends up the same as a freshly loaded one.", false},
		{6, "A bad position is answered", "A position that is malformed, too old, of another history or not reached yet is answered by one resync, " +
			"never by an error and never by silence.", false},
		{7, "A frozen reader hurts nobody", "Whoever stops reading costs his own connection; everybody else, and every form, is as quick as without him.", true},
		{8, "Publishing cannot hurt a form", "Whatever happens to the relay and its listening connection, every valid form is answered as always.", false},
		{9, "Ten thousand idle readers", "One process holds 10,000 open streams in less than 1 GiB and tells them all within a second.", false},
		{10, "A storm of returning readers", "After a restart, 10,000 readers who are 100 events behind are caught up within 30 s, " +
			"and a form in the middle of it is answered within a second.", false},
		{11, "Two processes", "What is changed at one process reaches the streams of another within a second with the same id, " +
			"and when one is killed its readers go on at the other without a loss.", false},
		{12, "Exactly one winner", "Of many who give one contractor overlapping work at once one succeeds and all others are told why; nothing deadlocks.", false},
		{13, "A wall heals itself", "After any trouble of the network or the server a wall display shows the right board again within a minute, " +
			"touched by nobody, and says meanwhile since when it is stale.", false},
		{14, "Nobody sees what is not his", "Each page and each stream is for those who may see it; everybody else gets the answer of what does not exist.", false},
		{15, "Lost rights end live streams", "Who has lost his session, role or region gets nothing more after 2 s, and his streams are closed within 5 s, " +
			"at every process.", false},
	}
}

// lacking says which promises have no test, or no control that must be there,
// and which tests are of no promise or do not say what they show.
func lacking(list []promise, proofs map[int][]proof) error {
	var found []error
	known := make(map[int]bool)
	for _, p := range list {
		known[p.number] = true
		kind := func(control bool) bool {
			return slices.ContainsFunc(proofs[p.number], func(t proof) bool { return t.control == control })
		}
		if !kind(false) {
			found = append(found, fmt.Errorf("%s (%s) has no test", p, p.name))
		}
		if p.control && !kind(true) {
			found = append(found, fmt.Errorf("%s (%s) has no control", p, p.name))
		}
	}
	for _, number := range slices.Sorted(maps.Keys(proofs)) {
		for _, t := range proofs[number] {
			if !known[number] {
				found = append(found, fmt.Errorf("%s is of no promise", t.name))
			}
			if t.shows == "" {
				found = append(found, fmt.Errorf("%s has no comment that says what it shows", t.name))
			}
		}
	}
	return errors.Join(found...)
}
