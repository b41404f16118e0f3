package schedule

import (
	"slices"
	"strings"
	"time"
)

// Hours is one stretch of a working week in wall time. A weekday may have
// several. Start and End are "15:04"; End must be later than Start, and
// "24:00" is the end of the day, so no stretch runs over midnight.
type Hours struct {
	Weekday    int // ISO: 1 Monday … 7 Sunday
	Start, End string
}

// Exception replaces the weekly hours of one local date: the whole day off, or
// other hours. Of several for one day, Off wins.
type Exception struct {
	Day        string // 2006-01-02
	Off        bool
	Start, End string // "15:04"; ignored when Off
	Note       string
}

// WithoutNotes are the same exceptions without the notes, which say why somebody
// is off and are for those who lead him.
func WithoutNotes(exceptions []Exception) []Exception {
	list := slices.Clone(exceptions)
	for i := range list {
		list[i].Note = ""
	}
	return list
}

// WorkingSpans gives the time worked within [from, to), in order, joined where
// it touches. Hours are wall times of loc on each day: a shift begins when the
// clock first reaches Start and ends when it first reaches End, so a day on
// which the clocks change is an hour shorter or longer, and a shift that lies
// in a skipped hour is none. Hours that cannot be read count as none.
func WorkingSpans(hours []Hours, exceptions []Exception, loc *time.Location, from, to time.Time) []Span {
	within := Span{Start: from, End: to}
	if within.empty() {
		return nil
	}
	special := make(map[string][]Exception)
	for _, e := range exceptions {
		special[e.Day] = append(special[e.Day], e)
	}
	var spans []Span
	// A day more on each side costs nothing and covers clocks that change at midnight.
	last := midnight(WallTimeIn(to, loc), 1)
	for day := midnight(WallTimeIn(from, loc), -1); !last.Before(day); day = midnight(day, 1) {
		for _, h := range hoursOf(day, hours, special[day.Date()]) {
			if s := shift(day, h, loc).intersect(within); !s.empty() {
				spans = append(spans, s)
			}
		}
	}
	return mergeSpans(spans)
}

// hoursOf lists what is worked on a day.
func hoursOf(day WallTime, week []Hours, special []Exception) []Hours {
	var today []Hours
	for _, e := range special {
		if e.Off {
			return nil
		}
		today = append(today, Hours{Start: e.Start, End: e.End})
	}
	if len(special) > 0 {
		return today
	}
	weekday := int(day.DB().Weekday()+6)%7 + 1
	for _, h := range week {
		if h.Weekday == weekday {
			today = append(today, h)
		}
	}
	return today
}

// shift is the span of one stretch of hours on a day; empty if unreadable.
func shift(day WallTime, h Hours, loc *time.Location) Span {
	start, okStart := clockOn(day, h.Start)
	end, okEnd := clockOn(day, h.End)
	if !okStart || !okEnd || !start.Before(end) {
		return Span{}
	}
	return Span{Start: firstReaching(start, loc), End: firstReaching(end, loc)}
}

// clockOn puts a time of day, "15:04" or "24:00", on a day. A database may
// write whole minutes with their seconds, "15:04:00".
func clockOn(day WallTime, clock string) (WallTime, bool) {
	if len(clock) == len("15:04:00") {
		clock = strings.TrimSuffix(clock, ":00")
	}
	if clock == "24:00" {
		return midnight(day, 1), true
	}
	w, err := ParseWallTime(day.Date() + "T" + clock)
	return w, err == nil
}

// midnight is 00:00 of the day that many days after w.
func midnight(w WallTime, days int) WallTime {
	return WallTimeFromDB(time.Date(w.year, w.month, w.day+days, 0, 0, 0, 0, time.UTC))
}
