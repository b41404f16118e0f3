package schedule

import (
	"fmt"
	"time"
)

// Booking is what a contractor is already booked for.
type Booking struct {
	Span
	Job string // its number, "J-1042"
}

// HoursReasons says why a job at the given time is not within the contractor's
// hours: [RuleOff] for each local date it touches that he has off, else
// [RuleOutsideHours] once. Both are soft: a dispatcher may decide against them.
// loc is the zone of the hours. An empty result means that all of it is
// working time.
func HoursReasons(at Span, hours []Hours, exceptions []Exception, loc *time.Location) []Reason {
	if at.empty() {
		return nil
	}
	worked := WorkingSpans(hours, exceptions, loc, at.Start, at.End)
	if len(worked) == 1 && worked[0].Contains(at) {
		return nil
	}
	var reasons []Reason
	first, last := WallTimeIn(at.Start, loc).Date(), WallTimeIn(at.End.Add(-1), loc).Date()
	for _, e := range exceptions {
		if e.Off && first <= e.Day && e.Day <= last {
			reasons = append(reasons, Reason{Rule: RuleOff, Detail: "off on " + offWords(e)})
		}
	}
	if len(reasons) == 0 {
		reasons = append(reasons, Reason{Rule: RuleOutsideHours, Detail: "outside working hours"})
	}
	return reasons
}

// OverlapReasons names every booking that the given time runs into, in their
// order. Nobody may decide against them. Times are those of loc, with the date
// where a booking ends on another day than it starts, and which of the two is
// meant in an hour that repeats.
func OverlapReasons(at Span, booked []Booking, loc *time.Location) []Reason {
	var reasons []Reason
	for _, b := range booked {
		if !b.Overlaps(at) {
			continue
		}
		start, end := b.Start.In(loc), b.End.In(loc)
		from, until := ClockLabel(b.Start, loc, loc), ClockLabel(b.End, loc, loc)
		if start.Format(time.DateOnly) != end.Format(time.DateOnly) {
			from, until = start.Format("Mon 2 Jan ")+from, end.Format("Mon 2 Jan ")+until
		}
		reasons = append(reasons, Reason{
			Rule:   RuleOverlap,
			Detail: fmt.Sprintf("booked %s–%s on %s", from, until, b.Job),
		})
	}
	return reasons
}

func offWords(e Exception) string {
	words := e.Day
	if d, err := time.Parse(time.DateOnly, e.Day); err == nil {
		words = d.Format("Mon 2 Jan")
	}
	if e.Note != "" {
		words += ": " + e.Note
	}
	return words
}
