package schedule

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// LoadZone finds a zone by its IANA name, such as America/New_York. Names that
// mean whatever the machine is set to ("", Local, localtime) are refused, and
// so are the private folders of a zone database, because the same name must
// give the same times on every machine.
//
// Each zone is read once: a board asks for the same few for every card.
func LoadZone(name string) (*time.Location, error) {
	if known, ok := zones.Load(name); ok {
		return known.(*time.Location), nil
	}
	if hostDependent(name) {
		return nil, fmt.Errorf("load zone %q: not the name of a time zone, such as America/New_York", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("load zone %q: not a known time zone: %w", name, err)
	}
	zones.Store(name, loc)
	return loc, nil
}

// zones keeps what LoadZone has read, by name. The rules of a zone don't change
// under a running program and only names that exist are kept, so the one
// variable of this package is still a constant to everybody who looks.
var zones sync.Map

func hostDependent(name string) bool {
	switch name {
	case "", "Local", "localtime", "posixrules", "Factory":
		return true
	}
	return strings.HasPrefix(name, "posix/") || strings.HasPrefix(name, "right/")
}

// period is a stretch of a zone's history with one offset from UTC. A zero
// start or end means that it is open on that side.
type period struct {
	start, end time.Time
	abbrev     string
	offset     time.Duration
}

// clockStart is what the clock shows when the period begins, and clockEnd what
// it would show when the period ends, both as clock fields in UTC.
func (p period) clockStart() time.Time { return p.start.UTC().Add(p.offset) }
func (p period) clockEnd() time.Time   { return p.end.UTC().Add(p.offset) }

// shows reports whether the clock shows the given fields during the period,
// and when.
func (p period) shows(clock time.Time) (time.Time, bool) {
	at := clock.Add(-p.offset)
	if !p.start.IsZero() && at.Before(p.start) || !p.end.IsZero() && !at.Before(p.end) {
		return time.Time{}, false
	}
	return at, true
}

// reach is more than any zone was ever away from UTC.
const reach = 26 * time.Hour

// periodsAround lists, in order, the periods in which the clock of loc could
// show the given fields. [time.Date] is not asked: it silently moves a time
// that does not exist and picks one of two that do.
func periodsAround(clock time.Time, loc *time.Location) []period {
	var all []period
	last := clock.Add(reach)
	for t := clock.Add(-reach); ; {
		local := t.In(loc)
		abbrev, seconds := local.Zone()
		start, end := local.ZoneBounds()
		if !end.IsZero() && !end.After(t) {
			// Of years after the zone's list of changes the package takes leap years
			// for a day too short: on their last day the end lies behind.
			start, end = t, t.Truncate(24*time.Hour).Add(24*time.Hour)
		}
		all = append(all, period{start: start, end: end, abbrev: abbrev, offset: time.Duration(seconds) * time.Second})
		if end.IsZero() || end.After(last) {
			return all
		}
		t = end
	}
}
