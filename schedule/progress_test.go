package schedule_test

import (
	"fmt"
	"testing"

	"smartscheduler/schedule"
)

// TestDerived: a job shows how far the least advanced of those who have it is.
func TestDerived(t *testing.T) {
	t.Parallel()
	type crew = []schedule.AssignmentStatus
	for _, tt := range []struct {
		crew   crew
		places int
		want   schedule.JobStatus
	}{
		{nil, 1, schedule.JobOpen},
		{crew{schedule.Completed}, 2, schedule.JobPartiallyAssigned},
		{crew{schedule.InProgress}, 2, schedule.JobPartiallyAssigned},
		{crew{schedule.InProgress, schedule.OnSite}, 2, schedule.JobAssigned},
		{crew{schedule.Paused, schedule.Completed}, 2, schedule.JobInProgress},
		{crew{schedule.Incomplete, schedule.InProgress}, 2, schedule.JobInProgress},
		{crew{schedule.Completed, schedule.Incomplete}, 2, schedule.JobIncomplete},
		{crew{schedule.Completed, schedule.Completed}, 2, schedule.JobCompleted},
	} {
		if got := schedule.Derived(tt.crew, tt.places); got != tt.want {
			t.Errorf("%v of %d: %s, want %s", tt.crew, tt.places, got, tt.want)
		}
	}
}

// TestSteps: what a phone offers leads somewhere, the likeliest first, and what it
// does not offer is refused in words.
func TestSteps(t *testing.T) {
	t.Parallel()
	for state, want := range map[schedule.AssignmentStatus]string{
		schedule.Assigned: "[accept decline]", schedule.Accepted: "[travel start decline]", schedule.EnRoute: "[arrive start]",
		schedule.OnSite: "[start incomplete]", schedule.InProgress: "[complete pause incomplete]",
		schedule.Paused: "[complete resume incomplete]", schedule.Completed: "[]", schedule.Declined: "[]", schedule.Expired: "[]",
	} {
		steps := schedule.Steps(state)
		if got := fmt.Sprint(steps); got != want {
			t.Errorf("from %s a phone offers %s, want %s", state, got, want)
		}
		for _, act := range steps {
			if _, err := schedule.Next(act, state); err != nil {
				t.Errorf("%s from %s: %v", act, state, err)
			}
		}
	}
	for want, act := range map[string]schedule.Act{
		"this job cannot be completed: it has not been accepted yet": schedule.ActComplete,
		"setting out is not possible: it has not been accepted yet":  schedule.ActTravel,
	} {
		if _, err := schedule.Next(act, schedule.Assigned); err == nil || err.Error() != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
