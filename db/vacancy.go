package db

import (
	"database/sql"
	"time"

	"smartscheduler/schedule"
)

// Vacancy is the card of a place on a day of a job that nobody has yet: of the
// first day that needs somebody, if day is 0 or needs nobody. cards are all of the
// job's. It has the time at which the others come that day, if anybody does.
func Vacancy(cards []Card, day int) Card {
	v, crew := cards[0], 0
	for _, c := range cards {
		if c.Assigned() && c.Day == day {
			crew++
		}
	}
	if v.Day = day; day == 0 || day > v.Days || crew >= v.Headcount {
		v.Day = v.OpenDay
	}
	v.AssignmentID, v.AssignmentStatus = "", ""
	v.ContractorID, v.ContractorName, v.ContractorHome, v.HomeZone = "", "", "", ""
	v.Start, v.End = sql.NullTime{}, sql.NullTime{}
	for _, c := range cards {
		if c.Assigned() && c.Day == v.Day {
			v.Start, v.End = c.Start, c.End
			break
		}
	}
	return v.Among(cards)
}

// Among is the card with when the days of its job around its own are booked: its
// slots lie between them. cards are all of the job's.
func (c Card) Among(cards []Card) Card {
	for _, other := range cards {
		switch {
		case !other.Assigned():
		case other.Day < c.Day && (!c.after.Valid || other.Start.Time.After(c.after.Time)):
			c.after = other.Start
		case other.Day > c.Day && (!c.before.Valid || other.Start.Time.Before(c.before.Time)):
			c.before = other.Start
		}
	}
	return c
}

// otherDays is the time in which the work of a card cannot begin because of the
// days around it, see Among: until the end of the date of the day before, and from the
// beginning of that of the day after.
func (c Card) otherDays() []schedule.Span {
	loc, err := schedule.LoadZone(c.Zone)
	if err != nil {
		return nil
	}
	var spans []schedule.Span
	if c.after.Valid {
		end := schedule.DayIn(c.after.Time, loc).In(loc).End
		spans = append(spans, schedule.Span{Start: end.AddDate(-1, 0, 0), End: end})
	}
	if c.before.Valid {
		start := schedule.DayIn(c.before.Time, loc).In(loc).Start
		spans = append(spans, schedule.Span{Start: start, End: start.AddDate(1, 0, 0)})
	}
	return spans
}

// NextDay is when the contractor could do the work of a card on his next working
// day after that of the day before, at the same time of the clock. It is false when
// no day before is booked, or when he cannot within the time in which slots are
// looked for. Skills are not looked at.
func (a Availability) NextDay(card Card, now time.Time) (schedule.Span, bool) {
	loc, err := schedule.LoadZone(card.Zone)
	if err != nil || !card.after.Valid {
		return schedule.Span{}, false
	}
	within, clock := card.SlotsWithin(now), schedule.WallTimeIn(card.after.Time, loc)
	busy := append(card.otherDays(), a.booked(card.AssignmentID)...)
	for days := 1; ; days++ {
		start, err := schedule.Resolve(clock.AddDays(days), loc, "")
		at := schedule.Span{Start: start, End: start.Add(card.length())}
		switch {
		case clock.AddDays(days).DB().After(within.End.Add(24 * time.Hour)):
			return schedule.Span{}, false
		case err == nil && within.Contains(at) && a.wouldWork(at, card.AssignmentID, busy):
			return at, true
		}
	}
}

// length is how long the work of a card takes: a move and a reassignment keep what
// it has.
func (c Card) length() time.Duration {
	if c.Assigned() {
		return c.At().Duration()
	}
	return time.Duration(c.DurationMinutes) * time.Minute
}

// wouldWork tells whether a time is free, within his hours and on no day that
// becomes a long one.
func (a Availability) wouldWork(at schedule.Span, except string, busy []schedule.Span) bool {
	for _, b := range busy {
		if b.Overlaps(at) {
			return false
		}
	}
	forbids, warns, err := a.DayReasons(at, except)
	if err != nil || len(forbids)+len(warns) > 0 {
		return false
	}
	off, err := a.HoursReasons(at)
	return err == nil && len(off) == 0
}
