package db_test

import (
	"errors"
	"testing"

	"smartscheduler/db"
	"smartscheduler/schedule"
)

// TestMoveResetsAcceptance: who has accepted a time has not accepted another
// one that starts more than 15 minutes away.
func TestMoveResetsAcceptance(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee := d.contractor("north", "Lee")
	for to, want := range map[string]schedule.AssignmentStatus{
		"10:15": schedule.Accepted, "09:45": schedule.Accepted, "10:16": schedule.Assigned, "09:44": schedule.Assigned,
	} {
		job := d.job("north")
		d.must(d.assign(job, lee, tuesday+"T10:00", ""))
		d.status(job, schedule.Accepted)
		d.must(d.move(job, tuesday+"T"+to, ""))
		if got := d.card(job).AssignmentStatus; got != want {
			t.Errorf("accepted at 10:00, moved to %s: %s, want %s", to, got, want)
		}
		d.must(d.unassign(job, ""))
	}
	t.Run("EndOnly", func(t *testing.T) {
		job := d.job("north")
		d.must(d.assign(job, lee, tuesday+"T10:00", ""))
		d.status(job, schedule.Accepted)
		d.must(d.move(job, tuesday+"T10:00", tuesday+"T16:00"))
		if got := d.card(job).AssignmentStatus; got != schedule.Accepted {
			t.Errorf("with a later end it is %s", got)
		}
	})
}

func TestMoveRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee := d.contractor("north", "Lee")
	job := d.job("north")
	held := d.must(d.assign(job, lee, tuesday+"T10:00", ""))
	t.Run("SameTimes", func(t *testing.T) {
		before := d.state()
		_, err := d.move(job, tuesday+"T10:00", tuesday+"T12:00")
		invalidAt(t, err, "start")
		if d.state() != before {
			t.Error("a refused move changed something")
		}
	})
	t.Run("Stale", func(t *testing.T) {
		cmd := db.Move{Command: d.command(job), AssignmentID: held.AssignmentID, At: d.times(tuesday+"T14:00", "")}
		cmd.Version++
		_, err := d.db.Move(t.Context(), cmd)
		refusedBy(t, err, db.ConflictStale)
	})
	for _, s := range []schedule.AssignmentStatus{schedule.EnRoute, schedule.OnSite, schedule.InProgress, schedule.Paused, schedule.Completed, schedule.Incomplete} {
		t.Run(string(s), func(t *testing.T) {
			d.status(job, s)
			_, err := d.move(job, tuesday+"T14:00", "")
			c := refusedBy(t, err, db.ConflictState)
			var transition *schedule.TransitionError
			if !errors.As(c, &transition) || transition.State != string(s) {
				t.Errorf("the conflict does not tell the state: %v", c)
			}
		})
	}
	t.Run("Over", func(t *testing.T) {
		d.status(job, schedule.Assigned)
		d.must(d.unassign(job, ""))
		cmd := db.Move{Command: d.command(job), AssignmentID: held.AssignmentID, At: d.times(tuesday+"T14:00", "")}
		_, err := d.db.Move(t.Context(), cmd)
		if c := refusedBy(t, err, db.ConflictTaken); c.Winner != nil {
			t.Errorf("winner is %+v, and nobody has the job", c.Winner)
		}
	})
}
