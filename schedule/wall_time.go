package schedule

import (
	"fmt"
	"time"
)

const wallLayout = "2006-01-02T15:04"

// WallTime is what a calendar and a clock on the wall show: a date and a time
// to the minute, without a zone. It is what a customer was promised. The zero
// value is no time at all; values are comparable with ==.
type WallTime struct {
	year   int
	month  time.Month
	day    int
	hour   int
	minute int
}

// ParseWallTime reads exactly the form 2006-01-02T15:04, the value of an HTML
// datetime-local field. Dates that the calendar does not have are errors.
func ParseWallTime(s string) (WallTime, error) {
	t, err := time.Parse(wallLayout, s)
	// Parse is generous (one-digit hours, a fraction), so what it read must be
	// what was written. PostgreSQL has no year 0.
	if err != nil || t.Format(wallLayout) != s || t.Year() < 1 {
		return WallTime{}, fmt.Errorf("parse wall time %q: not a date and time like 2027-03-08T09:00", s)
	}
	return WallTimeFromDB(t), nil
}

// WallTimeIn is what the clock of loc shows at t; seconds are cut off.
func WallTimeIn(t time.Time, loc *time.Location) WallTime {
	return WallTimeFromDB(t.In(loc))
}

// WallTimeFromDB takes the clock fields of t as they stand, whatever its zone:
// that is how the driver hands out a `timestamp` column. Seconds are cut off.
func WallTimeFromDB(t time.Time) WallTime {
	year, month, day := t.Date()
	return WallTime{year: year, month: month, day: day, hour: t.Hour(), minute: t.Minute()}
}

// DB is the wall time with its clock fields as UTC, for a `timestamp` column.
// It is not the instant; [Resolve] gives that.
func (w WallTime) DB() time.Time {
	return time.Date(w.year, w.month, w.day, w.hour, w.minute, 0, 0, time.UTC)
}

// String gives the form that [ParseWallTime] reads.
func (w WallTime) String() string {
	return w.Date() + "T" + w.Clock()
}

// Date is the local date, 2006-01-02.
func (w WallTime) Date() string {
	return fmt.Sprintf("%04d-%02d-%02d", w.year, w.month, w.day)
}

// Clock is the time of day, 15:04.
func (w WallTime) Clock() string {
	return fmt.Sprintf("%02d:%02d", w.hour, w.minute)
}

// AddDays is the same time of day so many days later: what "every Tuesday at
// nine" means, whatever the clocks do in between.
func (w WallTime) AddDays(days int) WallTime {
	return WallTimeFromDB(w.DB().AddDate(0, 0, days))
}

// IsZero reports whether w is the zero value, that is, no time at all.
func (w WallTime) IsZero() bool { return w == WallTime{} }

// Before reports whether w is earlier in the calendar than other.
func (w WallTime) Before(other WallTime) bool { return w.DB().Before(other.DB()) }
