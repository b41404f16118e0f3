package schedule

import (
	"fmt"
	"time"
)

// Day is a date of the calendar, without a zone. Days are comparable with ==.
type Day struct {
	year  int
	month time.Month
	day   int
}

// DayIn is the date that the calendar of loc shows at t.
func DayIn(t time.Time, loc *time.Location) Day {
	year, month, day := t.In(loc).Date()
	return Day{year, month, day}
}

// ParseDay reads exactly the form 2006-01-02. Dates that the calendar does not
// have are errors.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1 {
		return Day{}, fmt.Errorf("parse day %q: not a date like 2027-03-08", s)
	}
	return DayIn(t, time.UTC), nil
}

// String gives the form that [ParseDay] reads.
func (d Day) String() string { return d.Format(time.DateOnly) }

// Format writes the date by a layout of package time.
func (d Day) Format(layout string) string { return d.noon().Format(layout) }

// Add is the date that many days later.
func (d Day) Add(days int) Day {
	return DayIn(d.noon().AddDate(0, 0, days), time.UTC)
}

// In is the stretch of time during which the calendar of loc shows the date. It
// begins with the first instant of the day, which is not midnight where the
// clocks skip that, and has 23 or 25 hours when they change.
func (d Day) In(loc *time.Location) Span {
	next := d.Add(1)
	return Span{
		Start: firstReaching(WallTime{year: d.year, month: d.month, day: d.day}, loc),
		End:   firstReaching(WallTime{year: next.year, month: next.month, day: next.day}, loc),
	}
}

// DaysOf lists the dates of loc that a span touches, in order.
func DaysOf(s Span, loc *time.Location) []Day {
	var days []Day
	for day := DayIn(s.Start, loc); day.In(loc).Start.Before(s.End); day = day.Add(1) {
		days = append(days, day)
	}
	return days
}

// noon is a time of the day in UTC, where every day has one.
func (d Day) noon() time.Time {
	return time.Date(d.year, d.month, d.day, 12, 0, 0, 0, time.UTC)
}
