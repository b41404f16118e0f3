package schedule_test

import (
	"testing"
	"time"

	"smartscheduler/schedule"
)

// monday is 00:00 UTC of a Monday; tests count minutes from it.
func monday() time.Time { return time.Date(2027, 3, 8, 0, 0, 0, 0, time.UTC) }

func minutes(from, to int) schedule.Span {
	return schedule.Span{
		Start: monday().Add(time.Duration(from) * time.Minute),
		End:   monday().Add(time.Duration(to) * time.Minute),
	}
}

func TestSpanOverlaps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		a, b schedule.Span
		want bool
	}{
		{"same", minutes(600, 720), minutes(600, 720), true},
		{"part", minutes(600, 720), minutes(660, 780), true},
		{"within", minutes(600, 720), minutes(630, 640), true},
		{"one minute", minutes(600, 720), minutes(719, 780), true},
		{"touching", minutes(600, 720), minutes(720, 780), false},
		{"apart", minutes(600, 720), minutes(721, 780), false},
		{"empty within", minutes(600, 720), minutes(660, 660), false},
		{"backwards", minutes(600, 720), minutes(700, 620), false},
		{"zero", minutes(600, 720), schedule.Span{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.a.Overlaps(c.b) != c.want || c.b.Overlaps(c.a) != c.want {
				t.Errorf("%v and %v: overlap %v and %v, want %v", c.a, c.b, c.a.Overlaps(c.b), c.b.Overlaps(c.a), c.want)
			}
		})
	}
}

func TestSpanContains(t *testing.T) {
	t.Parallel()
	day := minutes(480, 1020)
	for _, s := range []schedule.Span{day, minutes(480, 481), minutes(1019, 1020)} {
		if !day.Contains(s) {
			t.Errorf("%v must contain %v", day, s)
		}
	}
	for _, s := range []schedule.Span{minutes(479, 600), minutes(600, 1021), minutes(600, 600), {}} {
		if day.Contains(s) {
			t.Errorf("%v must not contain %v", day, s)
		}
	}
	if got := minutes(600, 660).Duration(); got != time.Hour {
		t.Errorf("Duration = %v", got)
	}
}
