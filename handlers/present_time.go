package handlers

import (
	"fmt"
	"strconv"
	"time"

	"smartscheduler/schedule"
)

// dayLabel writes a date as "Tue 24 Nov".
func dayLabel(t time.Time) string { return t.Format("Mon 2 Jan") }

// clockRange writes a span as "10:00–12:00" in the zone of the job, with the
// date of the end when that is another day, and the zone when the region's
// clock shows another time.
func clockRange(s schedule.Span, job, region *time.Location) string {
	start, end := s.Start.In(job), s.End.In(job)
	until := schedule.ClockLabel(s.End, job, region)
	if start.Format(time.DateOnly) != end.Format(time.DateOnly) {
		until = end.Format("Mon") + " " + until
	}
	return schedule.ClockLabel(s.Start, job, job) + "–" + until
}

// dayRange is clockRange with the date of the start before it.
func dayRange(s schedule.Span, job, region *time.Location) string {
	return dayLabel(s.Start.In(job)) + " " + clockRange(s, job, region)
}

// lengthLabel writes minutes as "45 min", "2 h" or "2 h 30 min".
func lengthLabel(minutes int) string {
	hours, rest := minutes/60, minutes%60
	switch {
	case hours == 0:
		return strconv.Itoa(rest) + " min"
	case rest == 0:
		return strconv.Itoa(hours) + " h"
	}
	return fmt.Sprintf("%d h %d min", hours, rest)
}

// zoneLabel names a zone for people: "Eastern time" where North America has a
// name, else the last part of the IANA name.
func zoneLabel(loc *time.Location, at time.Time) string {
	// At noon, because in an hour that repeats the label tells the two apart.
	at = time.Date(at.In(loc).Year(), at.In(loc).Month(), at.In(loc).Day(), 12, 0, 0, 0, loc)
	switch schedule.ClockLabel(at, loc, time.UTC)[len("15:04"):] {
	case " ET":
		return "Eastern time"
	case " CT":
		return "Central time"
	case " MT":
		return "Mountain time"
	case " PT":
		return "Pacific time"
	}
	return loc.String() + " time"
}

// instant writes a time for the script and for machines.
func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// quarters places a span on the lane of a local date: the quarter hour of the
// wall clock at which it starts, from 1, and how many it takes, both cut to
// the day.
func quarters(s, day schedule.Span, loc *time.Location) (first, count int) {
	first, last := 1, 96
	if s.Start.After(day.Start) {
		first = quarterOf(s.Start.In(loc)) + 1
	}
	if s.End.Before(day.End) {
		last = quarterOf(s.End.In(loc).Add(14 * time.Minute))
	}
	return first, max(1, min(last, 96)-first+1)
}

func quarterOf(local time.Time) int { return local.Hour()*4 + local.Minute()/15 }
