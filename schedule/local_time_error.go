package schedule

import (
	"fmt"
	"strings"
	"time"
)

// LocalTimeKind says what is wrong with a wall time in a zone.
type LocalTimeKind int

// The ways in which a wall time does not give one instant.
const (
	Missing     LocalTimeKind = iota + 1 // the clock skips it
	Repeated                             // the clock shows it twice and nobody chose which
	WrongOffset                          // it exists once, but not at the offset given
)

// Choice is one of the instants that a wall time may mean.
type Choice struct {
	Offset string // from UTC, "-04:00": the value to send back as the chosen offset
	Abbrev string // "EDT"; some zones only have a number here, "+1030"
}

// Name is what people call the choice: "EDT", or "UTC+10:30" in a zone that
// only has numbers.
func (c Choice) Name() string {
	if strings.HasPrefix(c.Abbrev, "+") || strings.HasPrefix(c.Abbrev, "-") || c.Abbrev == "" {
		return "UTC" + c.Offset
	}
	return c.Abbrev
}

// Label is Name with the offset: "EDT (-04:00)".
func (c Choice) Label() string {
	if name := c.Name(); name == c.Abbrev {
		return name + " (" + c.Offset + ")"
	}
	return c.Name()
}

// LocalTimeError refuses a wall time that is not exactly one instant, and says
// what to use instead. Error is a sentence for the person who typed it.
type LocalTimeError struct {
	Kind LocalTimeKind
	Wall WallTime // what was asked for

	// Before and After are for Missing: the last minute that exists before the
	// gap and the first one after it, "01:59" and "03:00", with the date when
	// that is another day ("23:59 on Thu 22 Apr"). BeforeWall and AfterWall are
	// the same as values.
	Before, After         string
	BeforeWall, AfterWall WallTime

	// Choices lists every instant that Wall can mean, earliest first: two for
	// Repeated, the right one for WrongOffset.
	Choices []Choice
}

// Error is a plain sentence without the name of a zone or a function.
func (e *LocalTimeError) Error() string {
	clock, day := e.Wall.Clock(), partOfDay(e.Wall)
	labels := make([]string, len(e.Choices))
	for i, c := range e.Choices {
		labels[i] = c.Label()
	}
	switch e.Kind {
	case Missing:
		return fmt.Sprintf("%s does not exist that %s: use %s or %s", clock, day, e.Before, e.After)
	case Repeated:
		return fmt.Sprintf("%s happens twice that %s: choose %s", clock, day, strings.Join(labels, " or "))
	default:
		return fmt.Sprintf("%s happens once that %s, at %s", clock, day, strings.Join(labels, " or "))
	}
}

// Question is Error for a form that offers the answers beside it:
// "02:30 does not exist that night; 01:59 or 03:00?"
func (e *LocalTimeError) Question() string {
	clock, day := e.Wall.Clock(), partOfDay(e.Wall)
	switch {
	case e.Kind == Missing:
		return fmt.Sprintf("%s does not exist that %s; %s or %s?", clock, day, e.Before, e.After)
	case e.Kind == Repeated && len(e.Choices) == 2:
		return fmt.Sprintf("%s happens twice that %s; the first (%s) or the second (%s)?", clock, day, e.Choices[0].Name(), e.Choices[1].Name())
	}
	return e.Error()
}

func partOfDay(w WallTime) string {
	if w.hour < 6 || w.hour >= 20 {
		return "night"
	}
	return "day"
}

// nearby writes w as seen from the day of other.
func nearby(w, other WallTime) string {
	if w.Date() == other.Date() {
		return w.Clock()
	}
	return w.Clock() + " on " + w.DB().Format("Mon 2 Jan")
}

// formatOffset writes an offset as "-05:00"; seconds, which only old zones
// have, are added when there are any.
func formatOffset(d time.Duration) string {
	sign := '+'
	if d < 0 {
		sign, d = '-', -d
	}
	s := fmt.Sprintf("%c%02d:%02d", sign, int(d.Hours()), int(d.Minutes())%60)
	if seconds := int(d.Seconds()) % 60; seconds != 0 {
		s += fmt.Sprintf(":%02d", seconds)
	}
	return s
}
