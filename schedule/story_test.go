package schedule_test

import (
	"testing"
	"time"

	"smartscheduler/schedule"
)

// The five parts of a change of clocks that a dispatcher meets.
func TestStoryClockChange(t *testing.T) {
	t.Parallel()
	newYork := zone(t, "America/New_York")

	t.Run("six hours over the skipped hour", func(t *testing.T) {
		t.Parallel()
		start := at(t, "2027-03-13T22:00", newYork)
		job := schedule.Span{Start: start, End: start.Add(6 * time.Hour)}
		if got := schedule.WallTimeIn(job.End, newYork); got != wall(t, "2027-03-14T05:00") {
			t.Errorf("it ends %v, want Sunday 05:00", got)
		}
		end := at(t, "2027-03-14T05:00", newYork)
		if got := (schedule.Span{Start: start, End: end}).Duration(); got != 6*time.Hour {
			t.Errorf("from 22:00 to 05:00 are %v, want 6 hours", got)
		}
	})
	t.Run("one hour at each 01:30", func(t *testing.T) {
		t.Parallel()
		var jobs []schedule.Span
		for _, offset := range []string{"-04:00", "-05:00"} {
			start, err := schedule.Resolve(wall(t, "2027-11-07T01:30"), newYork, offset)
			if err != nil {
				t.Fatal(err)
			}
			jobs = append(jobs, schedule.Span{Start: start, End: start.Add(time.Hour)})
		}
		if jobs[0].Overlaps(jobs[1]) || !jobs[0].End.Equal(jobs[1].Start) {
			t.Errorf("%v and %v must touch and not overlap", jobs[0], jobs[1])
		}
	})
	t.Run("every Tuesday at nine", func(t *testing.T) {
		t.Parallel()
		before, after := at(t, "2027-03-09T09:00", newYork), at(t, "2027-03-16T09:00", newYork)
		if got := after.Sub(before); got != 7*24*time.Hour-time.Hour {
			t.Errorf("a week over the change lasts %v", got)
		}
	})
}

func TestClockLabel(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ instant, job, region, want string }{
		{"2027-03-09T15:00:00Z", "America/Chicago", "America/New_York", "09:00 CT"},
		{"2027-07-09T14:00:00Z", "America/Chicago", "America/New_York", "09:00 CT"},
		{"2027-07-09T13:00:00Z", "America/New_York", "America/New_York", "09:00"},
		{"2027-07-09T13:00:00Z", "America/New_York", "America/Chicago", "09:00 ET"},
		{"2027-07-09T13:00:00Z", "America/Detroit", "America/New_York", "09:00"}, // both are ET
		{"2027-07-09T15:00:00Z", "America/Denver", "America/New_York", "09:00 MT"},
		{"2027-07-09T16:00:00Z", "America/Los_Angeles", "America/New_York", "09:00 PT"},
		{"2027-07-09T16:00:00Z", "America/Phoenix", "America/New_York", "09:00 MST"},
		{"2027-07-09T13:00:00Z", "America/Havana", "America/New_York", "09:00 CDT"},
		{"2027-07-09T01:00:00Z", "Asia/Shanghai", "America/Chicago", "09:00 CST"},
		{"2027-07-09T07:00:00Z", "Europe/Berlin", "Europe/London", "09:00 CEST"},
		{"2027-07-09T03:15:00Z", "Asia/Kathmandu", "Asia/Kolkata", "09:00 +0545"},
		{"2027-11-07T05:30:00Z", "America/New_York", "America/New_York", "01:30 EDT"},
		{"2027-11-07T06:30:00Z", "America/New_York", "America/New_York", "01:30 EST"},
		{"2027-11-07T07:00:00Z", "America/New_York", "America/New_York", "02:00"},
		{"2027-11-07T06:30:00Z", "America/Chicago", "America/New_York", "01:30 CDT"},
	} {
		instant, err := time.Parse(time.RFC3339, c.instant)
		if err != nil {
			t.Fatal(err)
		}
		if got := schedule.ClockLabel(instant, zone(t, c.job), zone(t, c.region)); got != c.want {
			t.Errorf("%s in %s, region in %s: %q, want %q", c.instant, c.job, c.region, got, c.want)
		}
	}
}
