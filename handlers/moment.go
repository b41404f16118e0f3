package handlers

import (
	"fmt"
	"time"

	"smartscheduler/views"
)

// moment writes a time that has passed as people speak of it. It needs no zone:
// administrators and regions may be in several.
func (h *Handlers) moment(t time.Time) views.Moment {
	return views.Moment{Text: ago(h.now().Sub(t)), Instant: instant(t)}
}

func ago(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return count(d, time.Minute, "minute")
	case d < day:
		return count(d, time.Hour, "hour")
	}
	return count(d, day, "day")
}

func count(d, unit time.Duration, name string) string {
	n := int(d / unit)
	if n == 1 {
		return "1 " + name + " ago"
	}
	return fmt.Sprintf("%d %ss ago", n, name)
}
