package schedule

import "time"

// step is the grid of the starts.
const step = 15 * time.Minute

// SlotQuery asks when a job could be done by one contractor.
type SlotQuery struct {
	Window   Span          // what the customer was promised
	Duration time.Duration // of the job; nothing fits if it is not positive
	Working  []Span        // when the contractor works, see WorkingSpans; any order
	Busy     []Span        // what he is booked for; any order, may overlap
	// NotBefore is the earliest start, usually now; zero means no limit.
	NotBefore time.Time
	Limit     int // how many slots at most; 0 means all
}

// FreeSlots gives the first free slots in order of time. Each lies in working
// time, overlaps nothing booked (touching is fine), and starts on the grid or
// right at the end of a booking. Grid points are the quarter hours of UTC, which
// are quarter hours on every clock.
//
// A slot lies wholly within the window. Only a job longer than the window may
// end after it; then its start must be in the window.
func FreeSlots(q SlotQuery) []Span {
	starts := startRange(q)
	if q.Duration <= 0 || q.Window.empty() || starts.empty() {
		return nil
	}
	busy := mergeSpans(q.Busy)
	released := make(map[time.Time]bool, len(busy))
	for _, b := range busy {
		released[b.End.UTC()] = true
	}
	var slots []Span
	for _, free := range subtractSpans(mergeSpans(q.Working), busy) {
		// Half-open with one nanosecond more, as the last start may be reached.
		fits := Span{Start: free.Start, End: free.End.Add(1 - q.Duration)}.intersect(starts)
		start := fits.Start
		if !released[start.UTC()] {
			start = onGrid(start)
		}
		for ; start.Before(fits.End); start = onGrid(start.Add(1)) {
			slots = append(slots, Span{Start: start, End: start.Add(q.Duration)})
			if len(slots) == q.Limit {
				return slots
			}
		}
	}
	return slots
}

// startRange is when a slot may start as far as the window and NotBefore go.
func startRange(q SlotQuery) Span {
	s := q.Window
	if q.Duration <= s.Duration() {
		s.End = s.End.Add(1 - q.Duration)
	}
	s.Start = later(s.Start, q.NotBefore)
	return s
}

// onGrid is the first grid point at or after t.
func onGrid(t time.Time) time.Time {
	down := t.Truncate(step)
	if down.Equal(t) {
		return t
	}
	return down.Add(step)
}
