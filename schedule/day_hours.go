package schedule

import (
	"fmt"
	"strings"
	"time"
)

// How much one contractor works on one local date.
const (
	// LongDay is from where on a dispatcher needs a reason.
	LongDay = 10 * time.Hour
	// LongestDay is what nobody may decide against.
	LongestDay = 12 * time.Hour
)

// DayReasons says what speaks against booking a contractor at the given time as
// well, by how long he then is booked on each local date that it touches: forbids
// has a [RuleDayFull] for each date with more than [LongestDay], warns a
// [RuleLongDay] for each other one with more than [LongDay]. A booking over
// midnight counts on each date with the part that lies on it, and time that is
// booked twice counts once. loc is the zone of his home. It is the time that
// passes: on the night on which the clocks change a booking is as long as it lasts.
func DayReasons(at Span, booked []Span, loc *time.Location) (forbids, warns []Reason) {
	if at.empty() {
		return nil, nil
	}
	all := mergeSpans(append([]Span{at}, booked...))
	for _, day := range DaysOf(at, loc) {
		load := loadOn(day, all, loc)
		words := fmt.Sprintf("%s on %s", hoursWords(load), day.Format("Mon 2 Jan"))
		switch {
		case load > LongestDay:
			forbids = append(forbids, Reason{Rule: RuleDayFull, Detail: words + ", 12 h at the most"})
		case load > LongDay:
			warns = append(warns, Reason{Rule: RuleLongDay, Detail: words})
		}
	}
	return forbids, warns
}

// FullDays lists, as spans, the local dates within the given time on which
// somebody with these bookings cannot work that much longer without more than
// [LongestDay].
func FullDays(within Span, booked []Span, work time.Duration, loc *time.Location) []Span {
	var full []Span
	all := mergeSpans(booked)
	for _, day := range DaysOf(within, loc) {
		if loadOn(day, all, loc)+work > LongestDay {
			full = append(full, day.In(loc))
		}
	}
	return full
}

// loadOn adds up the parts of merged spans that lie on a date.
func loadOn(day Day, merged []Span, loc *time.Location) time.Duration {
	var load time.Duration
	date := day.In(loc)
	for _, s := range merged {
		if part := s.intersect(date); !part.empty() {
			load += part.Duration()
		}
	}
	return load
}

// hoursWords writes a length as "11 h 30 min", to the minute below.
func hoursWords(d time.Duration) string {
	var parts []string
	if h := int(d / time.Hour); h > 0 {
		parts = append(parts, fmt.Sprintf("%d h", h))
	}
	if m := int(d % time.Hour / time.Minute); m > 0 || len(parts) == 0 {
		parts = append(parts, fmt.Sprintf("%d min", m))
	}
	return strings.Join(parts, " ")
}
