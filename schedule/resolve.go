package schedule

import "time"

// Resolve gives the instant at which the clock of loc shows w.
//
// offset is "" or the offset from UTC that the person chose, such as "-05:00".
// A time that the clock skips or shows twice is never guessed: the error is a
// *[LocalTimeError] of kind [Missing], [Repeated] (without a choice, or with
// one that is none of the two) or [WrongOffset] (a choice for a time that
// exists once, at another offset).
func Resolve(w WallTime, loc *time.Location, offset string) (time.Time, error) {
	clock := w.DB()
	periods := periodsAround(clock, loc)
	var found []time.Time
	var choices []Choice
	for _, p := range periods {
		if at, ok := p.shows(clock); ok {
			found = append(found, at)
			choices = append(choices, Choice{Offset: formatOffset(p.offset), Abbrev: p.abbrev})
		}
	}
	if len(found) == 0 {
		return time.Time{}, missing(w, periods)
	}
	for i, c := range choices {
		if c.Offset == offset || offset == "" && len(choices) == 1 {
			return found[i].In(loc), nil
		}
	}
	kind := WrongOffset
	if len(choices) > 1 {
		kind = Repeated
	}
	return time.Time{}, &LocalTimeError{Kind: kind, Wall: w, Choices: choices}
}

// OffsetIfRepeated is the offset of t, such as "-05:00", if the clock of loc
// shows its wall time twice, and "" if once: what [Resolve] needs to find t again.
func OffsetIfRepeated(t time.Time, loc *time.Location) string {
	if _, err := Resolve(WallTimeIn(t, loc), loc, ""); err == nil {
		return ""
	}
	_, seconds := t.In(loc).Zone()
	return formatOffset(time.Duration(seconds) * time.Second)
}

// missing names the last minute before the gap that holds w and the first one
// after it.
func missing(w WallTime, periods []period) *LocalTimeError {
	e := &LocalTimeError{Kind: Missing, Wall: w}
	gapStart, gapEnd, _ := gap(w.DB(), periods)
	e.BeforeWall = WallTimeFromDB(gapStart.Add(-time.Nanosecond).Truncate(time.Minute))
	e.AfterWall = WallTimeFromDB(gapEnd.Add(time.Minute - time.Nanosecond).Truncate(time.Minute))
	e.Before, e.After = nearby(e.BeforeWall, w), nearby(e.AfterWall, w)
	return e
}

// gap finds the skipped clock fields that hold the given ones, and the instant
// of the skip.
func gap(clock time.Time, periods []period) (start, end, at time.Time) {
	for i := 1; i < len(periods); i++ {
		start, end = periods[i-1].clockEnd(), periods[i].clockStart()
		if !clock.Before(start) && clock.Before(end) {
			return start, end, periods[i].start.UTC()
		}
	}
	return time.Time{}, time.Time{}, time.Time{}
}

// firstReaching is the first instant at which the clock of loc shows w or
// something later: the first of two, and the end of the gap if w is skipped.
func firstReaching(w WallTime, loc *time.Location) time.Time {
	clock := w.DB()
	periods := periodsAround(clock, loc)
	for _, p := range periods {
		if at, ok := p.shows(clock); ok {
			return at
		}
	}
	_, _, at := gap(clock, periods)
	return at
}
