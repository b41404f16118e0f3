package db_test

import (
	"context"
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

// about is a command about a job as a form that is opened now would send it.
func (d *desk) about(jobID, words string) db.JobCommand {
	d.t.Helper()
	cmd := db.JobCommand{Command: d.command(jobID), JobID: jobID}
	cmd.OverrideReason = words
	return cmd
}

func (d *desk) cancel(jobID string) (db.Outcome, error) {
	d.t.Helper()
	return d.db.CancelJob(context.Background(), d.about(jobID, "she moved"), events.CancelCustomer)
}

// reasonOf is what the audit record of the last event says.
func (d *desk) reasonOf(auditID string) (action, reason string) {
	d.t.Helper()
	d.scan(&action, `select action from audit_records where id = $1`, auditID)
	d.scan(&reason, `select override_reason from audit_records where id = $1`, auditID)
	return action, reason
}

// TestCancelJob calls off a job of a contractor from elsewhere, from each state
// of his: he and both boards hear of it, his time is free, and his phone says so.
func TestCancelJob(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	kofi := d.contractor("west", "Kofi")
	for _, status := range []schedule.AssignmentStatus{
		schedule.Assigned, schedule.Accepted, schedule.EnRoute, schedule.OnSite, schedule.InProgress, schedule.Paused,
	} {
		t.Run(string(status), func(t *testing.T) {
			d := *d
			d.t = t
			job := d.job("south")
			held := d.must(d.assign(job, kofi, tuesday+"T10:00", ""))
			d.status(job, status)
			before := len(d.log())
			out := d.must(d.cancel(job))
			rows := d.log()[before:]
			if len(rows) != 1 {
				t.Fatalf("logged %d events, want 1", len(rows))
			}
			e, card := rows[0], d.card(job)
			if e.Kind != events.KindJobCancelled || e.PublishedTo != "dispatch/south dispatch/west contractor/"+kofi || e.ContractorID != kofi ||
				e.Region != "south" || e.Fields.Reason != "customer" || e.Fields.AuditID != out.AuditID || len(out.EventIDs) != 1 {
				t.Errorf("logged %s of %q for %q: %s", e.Kind, e.ContractorID, e.PublishedTo, e.Payload)
			}
			if action, reason := d.reasonOf(out.AuditID); action != "cancel" || reason != "she moved" {
				t.Errorf("the audit record says %s: %s", action, reason)
			}
			if card.Status != schedule.JobCancelled || card.Assigned() || card.Listed() {
				t.Errorf("the card is %+v", card)
			}
			left, err := d.db.PhoneChanges(t.Context(), []string{kofi}, []string{job})
			if err != nil || len(left) != 1 || left[0].Kind != db.ChangeCancelled || left[0].AssignmentID != held.AssignmentID {
				t.Errorf("his phone shows %+v, %v", left, err)
			}
		})
	}
}

// TestCancelOpenJob tells its dispatchers only, also when it is on hold.
func TestCancelOpenJob(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	open, onHold := d.job("south"), d.job("south")
	d.must(d.db.HoldJob(t.Context(), d.about(onHold, "no tiles")))
	for _, job := range []string{open, onHold} {
		d.must(d.cancel(job))
		if e := d.last(); e.Kind != events.KindJobCancelled || e.PublishedTo != "dispatch/south" || e.ContractorID != "" {
			t.Errorf("logged %s of %q for %q", e.Kind, e.ContractorID, e.PublishedTo)
		}
	}
}

// TestCancelKeepsWorkDone leaves an assignment that came to an end as it ended.
func TestCancelKeepsWorkDone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee := d.contractor("south", "Lee")
	job := d.job("south")
	d.must(d.assign(job, lee, tuesday+"T10:00", ""))
	d.status(job, schedule.Incomplete)
	d.must(d.cancel(job))
	if e, card := d.last(), d.card(job); card.AssignmentStatus != schedule.Incomplete || e.PublishedTo != "dispatch/south" {
		t.Errorf("it is %s, told to %s", card.AssignmentStatus, e.PublishedTo)
	}
}

// TestHoldAndRelease takes a job out of planning and back.
func TestHoldAndRelease(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	job, lee := d.job("south"), d.contractor("south", "Lee")
	out := d.must(d.db.HoldJob(t.Context(), d.about(job, "no tiles")))
	e := d.last()
	if e.Kind != events.KindJobUpdated || e.PublishedTo != "dispatch/south" || len(e.Fields.Changed) != 1 || e.Fields.Changed[0] != "status" ||
		e.Fields.Status != "on_hold" || e.Fields.AuditID != out.AuditID {
		t.Errorf("logged %s for %q: %s", e.Kind, e.PublishedTo, e.Payload)
	}
	if action, reason := d.reasonOf(out.AuditID); action != "hold" || reason != "no tiles" {
		t.Errorf("the audit record says %s: %s", action, reason)
	}
	if card := d.card(job); card.Status != schedule.JobOnHold || card.Open() || !card.Listed() {
		t.Errorf("the card is %+v", card)
	}
	_, err := d.assign(job, lee, tuesday+"T10:00", "")
	refusedBy(t, err, db.ConflictState)
	later := d.job("south", func(n *db.NewJob) {
		n.WindowStart, n.WindowEnd = wall(t, "2032-03-09T08:00"), wall(t, "2032-03-09T18:00")
	})
	board, err := d.db.Board(t.Context(), "south", schedule.Span{Start: eastern(t, tuesday+"T00:00"), End: eastern(t, tuesday+"T00:00").Add(24 * time.Hour)})
	if err != nil || len(board.Open) != 2 || board.Open[0].JobID != later || board.Open[1].JobID != job {
		t.Errorf("the open list holds %d jobs, %v; want the one on hold at the end", len(board.Open), err)
	}
	out = d.must(d.db.ReleaseJob(t.Context(), d.about(job, "")))
	if e, card := d.last(), d.card(job); e.Fields.Status != "open" || !card.Open() || e.Fields.AuditID != out.AuditID {
		t.Errorf("released it is %s: %s", card.Status, e.Payload)
	}
	d.must(d.assign(job, lee, tuesday+"T10:00", ""))
}

// TestJobStatusRefuses leaves a job as it is when its state, its version, the
// caller's regions or a missing reason forbid the command.
func TestJobStatusRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee := d.contractor("south", "Lee")
	open, onHold, held, done, cancelled := d.job("south"), d.job("south"), d.job("south"), d.job("south"), d.job("south")
	d.must(d.db.HoldJob(t.Context(), d.about(onHold, "no tiles")))
	d.must(d.assign(held, lee, tuesday+"T10:00", ""))
	d.must(d.assign(done, lee, tuesday+"T14:00", ""))
	d.status(done, schedule.Completed)
	d.must(d.cancel(cancelled))
	bo, stale := d.about(open, "x"), d.about(held, "x")
	bo.By = d.dispatcher("Bo", "north")
	stale.Version--
	cancel := func(cmd db.JobCommand) error {
		_, err := d.db.CancelJob(t.Context(), cmd, events.CancelDuplicate)
		return err
	}
	hold := func(cmd db.JobCommand) error { _, err := d.db.HoldJob(t.Context(), cmd); return err }
	release := func(cmd db.JobCommand) error { _, err := d.db.ReleaseJob(t.Context(), cmd); return err }
	before := d.state()
	for _, cmd := range []db.JobCommand{d.about(held, "x"), d.about(onHold, "x"), d.about(cancelled, "x")} {
		refusedBy(t, hold(cmd), db.ConflictState)
	}
	for _, cmd := range []db.JobCommand{d.about(open, "x"), d.about(held, "x"), d.about(cancelled, "x")} {
		refusedBy(t, release(cmd), db.ConflictState)
	}
	refusedBy(t, cancel(d.about(done, "x")), db.ConflictState)
	refusedBy(t, cancel(d.about(cancelled, "x")), db.ConflictState)
	refusedBy(t, cancel(stale), db.ConflictStale)
	for _, run := range []func(db.JobCommand) error{cancel, hold} {
		wantErr(t, run(bo), db.ErrNotFound)
	}
	invalidAt(t, hold(d.about(open, "")), "override_reason")
	_, err := d.db.CancelJob(t.Context(), d.about(open, "x"), "whim")
	invalidAt(t, err, "reason")
	_, err = d.db.CancelJob(t.Context(), d.about(open, ""), events.CancelOther)
	invalidAt(t, err, "override_reason")
	if d.state() != before {
		t.Error("a refused command changed something")
	}
}
