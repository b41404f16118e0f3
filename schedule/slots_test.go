package schedule_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"smartscheduler/schedule"
)

func TestFreeSlots(t *testing.T) {
	t.Parallel()
	nineToFive := []schedule.Span{minutes(540, 1020)}
	hour := time.Hour
	for _, c := range []struct {
		name  string
		query schedule.SlotQuery
		want  []schedule.Span
	}{
		{"first three", schedule.SlotQuery{Window: minutes(600, 720), Duration: hour, Working: nineToFive, Limit: 3},
			[]schedule.Span{minutes(600, 660), minutes(615, 675), minutes(630, 690)}},
		{"no limit, last one ends with the window", schedule.SlotQuery{Window: minutes(600, 690), Duration: hour, Working: nineToFive},
			[]schedule.Span{minutes(600, 660), minutes(615, 675), minutes(630, 690)}},
		{"as long as the window", schedule.SlotQuery{Window: minutes(600, 660), Duration: hour, Working: nineToFive},
			[]schedule.Span{minutes(600, 660)}},
		{"right after a booking", schedule.SlotQuery{Window: minutes(600, 720), Duration: hour, Working: nineToFive, Busy: []schedule.Span{minutes(540, 607)}, Limit: 2},
			[]schedule.Span{minutes(607, 667), minutes(615, 675)}},
		{"touching bookings on both sides", schedule.SlotQuery{Window: minutes(540, 1020), Duration: hour, Working: nineToFive, Busy: []schedule.Span{minutes(720, 1020), minutes(540, 660)}},
			[]schedule.Span{minutes(660, 720)}},
		{"gap one minute too short", schedule.SlotQuery{Window: minutes(540, 1020), Duration: hour, Working: nineToFive, Busy: []schedule.Span{minutes(540, 661), minutes(720, 1020)}}, nil},
		{"not before now", schedule.SlotQuery{Window: minutes(600, 720), Duration: hour, Working: nineToFive, NotBefore: minutes(631, 0).Start, Limit: 1},
			[]schedule.Span{minutes(645, 705)}},
		{"the end of a booking is past", schedule.SlotQuery{Window: minutes(540, 720), Duration: hour, Working: nineToFive, Busy: []schedule.Span{minutes(540, 607)}, NotBefore: minutes(608, 0).Start, Limit: 1},
			[]schedule.Span{minutes(615, 675)}},
		{"longer than the window", schedule.SlotQuery{Window: minutes(600, 630), Duration: 2 * hour, Working: nineToFive},
			[]schedule.Span{minutes(600, 720), minutes(615, 735)}},
		{"longer than the window and than the working day", schedule.SlotQuery{Window: minutes(600, 630), Duration: 8 * hour, Working: nineToFive}, nil},
		{"works in two parts that touch", schedule.SlotQuery{Window: minutes(690, 750), Duration: hour, Working: []schedule.Span{minutes(720, 1020), minutes(540, 720)}},
			[]schedule.Span{minutes(690, 750)}},
		{"lunch is not worked", schedule.SlotQuery{Window: minutes(660, 840), Duration: hour, Working: []schedule.Span{minutes(540, 720), minutes(765, 1020)}},
			[]schedule.Span{minutes(660, 720), minutes(765, 825), minutes(780, 840)}},
		{"work begins off the grid", schedule.SlotQuery{Window: minutes(540, 700), Duration: hour, Working: []schedule.Span{minutes(610, 1020)}},
			[]schedule.Span{minutes(615, 675), minutes(630, 690)}},
		{"no duration", schedule.SlotQuery{Window: minutes(600, 720), Working: nineToFive}, nil},
		{"no work", schedule.SlotQuery{Window: minutes(600, 720), Duration: hour}, nil},
		{"no window", schedule.SlotQuery{Duration: hour, Working: nineToFive}, nil},
		{"too late", schedule.SlotQuery{Window: minutes(600, 720), Duration: hour, Working: nineToFive, NotBefore: minutes(661, 0).Start}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := schedule.FreeSlots(c.query); !slices.Equal(got, c.want) {
				t.Errorf("got  %s\nwant %s", show(got, time.UTC), show(c.want, time.UTC))
			}
		})
	}
}

// A window over the change of clocks: a slot of three hours is three hours.
func TestFreeSlotsOverClockChange(t *testing.T) {
	t.Parallel()
	loc := zone(t, "America/New_York")
	window := schedule.Span{Start: at(t, "2027-03-14T00:00", loc), End: at(t, "2027-03-14T06:00", loc)}
	got := schedule.FreeSlots(schedule.SlotQuery{
		Window: window, Duration: 3 * time.Hour,
		Working: schedule.WorkingSpans(everyDay("00:00", "06:00"), nil, loc, window.Start, window.End),
	})
	want := "14 00:00–14 04:00 3h0m0s, 14 00:15–14 04:15 3h0m0s, 14 00:30–14 04:30 3h0m0s, 14 00:45–14 04:45 3h0m0s, " +
		"14 01:00–14 05:00 3h0m0s, 14 01:15–14 05:15 3h0m0s, 14 01:30–14 05:30 3h0m0s, 14 01:45–14 05:45 3h0m0s, 14 03:00–14 06:00 3h0m0s"
	if show(got, loc) != want {
		t.Errorf("got  %s\nwant %s", show(got, loc), want)
	}
}

// Random days, minute by minute: a start is a slot if and only if each of its
// minutes is worked and free.
func TestFreeSlotsAgainstEveryMinute(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2027))
	found := 0
	for round := range 3000 {
		q := randomQuery(rng)
		want := slotsByMinute(q)
		got := schedule.FreeSlots(q)
		found += len(got)
		if !slices.Equal(got, want) {
			t.Fatalf("round %d: %+v\ngot  %s\nwant %s", round, q, show(got, time.UTC), show(want, time.UTC))
		}
	}
	if found < 3000 {
		t.Errorf("only %d slots in all: the random days are too full to prove anything", found)
	}
}

func randomQuery(rng *rand.Rand) schedule.SlotQuery {
	spans := func(atMost, longest int) []schedule.Span {
		var s []schedule.Span
		for range rng.IntN(atMost + 1) {
			from := rng.IntN(1440)
			if rng.IntN(2) == 0 {
				from -= from % 15
			}
			s = append(s, minutes(from, from+rng.IntN(longest)-5)) // some empty or backwards
		}
		return s
	}
	from := rng.IntN(1200)
	q := schedule.SlotQuery{
		Window:   minutes(from, from+rng.IntN(480)),
		Duration: time.Duration(rng.IntN(180)) * time.Minute,
		Working:  spans(4, 600), Busy: spans(5, 120),
		Limit: rng.IntN(12),
	}
	if rng.IntN(2) == 0 {
		q.NotBefore = minutes(rng.IntN(1440), 0).Start
	}
	return q
}

func slotsByMinute(q schedule.SlotQuery) []schedule.Span {
	duration := int(q.Duration.Minutes())
	const day = 2880
	open, released := make([]bool, day), make(map[int]bool)
	mark := func(spans []schedule.Span, value bool) {
		for _, s := range spans {
			for m := minute(s.Start); m < minute(s.End); m++ {
				open[m] = value
			}
		}
	}
	mark(q.Working, true)
	mark(q.Busy, false)
	for _, b := range q.Busy {
		if b.Start.Before(b.End) {
			released[minute(b.End)] = true
		}
	}
	var slots []schedule.Span
	from, to := minute(q.Window.Start), minute(q.Window.End)
	for m := from; m < to && duration > 0; m++ {
		late := m+duration > to && duration <= to-from
		start := monday().Add(time.Duration(m) * time.Minute)
		grid := start.Truncate(15 * time.Minute).Equal(start)
		early := start.Before(q.NotBefore)
		if late || early || !grid && !released[m] || slices.Contains(open[m:m+duration], false) {
			continue
		}
		slots = append(slots, minutes(m, m+duration))
		if len(slots) == q.Limit {
			break
		}
	}
	return slots
}

func minute(t time.Time) int { return int(t.Sub(monday()).Minutes()) }

func BenchmarkFreeSlots(b *testing.B) {
	// Two weeks of one contractor with three bookings a day.
	loc := zone(b, "America/New_York")
	window := schedule.Span{Start: monday(), End: monday().AddDate(0, 0, 14)}
	working := schedule.WorkingSpans(everyDay("08:00", "17:00"), nil, loc, window.Start, window.End)
	var busy []schedule.Span
	for day := range 14 {
		for _, hour := range []int{13, 16, 19} {
			start := monday().AddDate(0, 0, day).Add(time.Duration(hour) * time.Hour)
			busy = append(busy, schedule.Span{Start: start, End: start.Add(2 * time.Hour)})
		}
	}
	q := schedule.SlotQuery{Window: window, Duration: time.Hour, Working: working, Busy: busy, Limit: 3}
	if len(schedule.FreeSlots(q)) != 3 {
		b.Fatal("no slots")
	}
	b.ReportAllocs()
	for b.Loop() {
		schedule.FreeSlots(q)
	}
}

func BenchmarkWorkingSpans(b *testing.B) {
	loc, hours := zone(b, "America/New_York"), everyDay("08:00", "17:00")
	from, to := monday(), monday().AddDate(0, 0, 14)
	b.ReportAllocs()
	for b.Loop() {
		schedule.WorkingSpans(hours, nil, loc, from, to)
	}
}
