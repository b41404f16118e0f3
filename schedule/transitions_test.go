package schedule_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"smartscheduler/schedule"
)

func allAssignmentStates() []schedule.AssignmentStatus {
	return []schedule.AssignmentStatus{
		schedule.Assigned, schedule.Accepted, schedule.EnRoute, schedule.OnSite, schedule.InProgress, schedule.Paused,
		schedule.Completed, schedule.Incomplete, schedule.Declined, schedule.Expired, schedule.Unassigned, schedule.Cancelled,
	}
}

// checkTransitions asserts which states allow an act, and that each other one
// is refused in words that name neither the constant nor nothing.
func checkTransitions[S ~string](t *testing.T, act schedule.Act, can func(S) error, all []S, allowed string) {
	t.Helper()
	for _, state := range append(all, "no such state", "") {
		err := can(state)
		if strings.Contains(" "+allowed+" ", " "+string(state)+" ") && state != "" {
			if err != nil {
				t.Errorf("%s from %s: %v", act, state, err)
			}
			continue
		}
		var refused *schedule.TransitionError
		if !errors.As(err, &refused) || refused.Act != act || refused.State != string(state) {
			t.Errorf("%s from %q = %v, want a TransitionError", act, state, err)
			continue
		}
		if text := refused.Error(); strings.Contains(text, "_") || !strings.Contains(text, ": ") {
			t.Errorf("%s from %q says %q", act, state, text)
		}
	}
}

func TestTransitions(t *testing.T) {
	t.Parallel()
	jobs := []schedule.JobStatus{
		schedule.JobDraft, schedule.JobOpen, schedule.JobPartiallyAssigned, schedule.JobAssigned, schedule.JobInProgress,
		schedule.JobCompleted, schedule.JobOnHold, schedule.JobIncomplete, schedule.JobCancelled,
	}
	checkTransitions(t, schedule.ActAssign, schedule.CanAssign, jobs, "open partially_assigned")
	checkTransitions(t, schedule.ActCorrect, schedule.CanCorrect, jobs,
		"draft open partially_assigned assigned in_progress on_hold incomplete")
	checkTransitions(t, schedule.ActCancel, schedule.CanCancel, jobs,
		"draft open partially_assigned assigned in_progress on_hold incomplete")
	checkTransitions(t, schedule.ActHold, schedule.CanHold, jobs, "open")
	checkTransitions(t, schedule.ActRelease, schedule.CanRelease, jobs, "on_hold")
	checkTransitions(t, schedule.ActReassign, schedule.CanReassign, allAssignmentStates(), "assigned accepted en_route")
	checkTransitions(t, schedule.ActUnassign, schedule.CanUnassign, allAssignmentStates(), "assigned accepted en_route")
	checkTransitions(t, schedule.ActMove, schedule.CanMove, allAssignmentStates(), "assigned accepted")
}

func TestTransitionWords(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"this job cannot be assigned: it is assigned already; reassign it instead":   schedule.CanAssign(schedule.JobAssigned),
		"this job cannot be assigned: the work is in progress":                       schedule.CanAssign(schedule.JobInProgress),
		"this job cannot go to someone else: the contractor is on site":              schedule.CanReassign(schedule.OnSite),
		"this assignment cannot be moved: the contractor is on the way":              schedule.CanMove(schedule.EnRoute),
		"this assignment cannot be taken off: it was taken off already":              schedule.CanUnassign(schedule.Unassigned),
		"this job cannot be put on hold: a contractor has it; take it off him first": schedule.CanHold(schedule.JobAssigned),
		"this job cannot be put on hold: it is on hold":                              schedule.CanHold(schedule.JobOnHold),
		"this job cannot be released: it is open":                                    schedule.CanRelease(schedule.JobOpen),
		"this job cannot be cancelled: it is completed":                              schedule.CanCancel(schedule.JobCompleted),
		`this assignment cannot be taken off: its state is "new"`:                    schedule.CanUnassign("new"),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestNeedsReason(t *testing.T) {
	t.Parallel()
	for _, s := range allAssignmentStates() {
		if got := schedule.NeedsReason(s); got != (s == schedule.EnRoute) {
			t.Errorf("%s: %v", s, got)
		}
	}
}

func TestResetsAcceptance(t *testing.T) {
	t.Parallel()
	start := monday()
	for d, want := range map[time.Duration]bool{
		0: false, 15 * time.Minute: false, -15 * time.Minute: false, 16 * time.Minute: true, -16 * time.Minute: true,
		15*time.Minute + time.Second: true, 24 * time.Hour: true,
	} {
		if got := schedule.ResetsAcceptance(start, start.Add(d)); got != want {
			t.Errorf("moved by %v: %v", d, got)
		}
	}
}
