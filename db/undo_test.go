package db_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

// standing is what an undo has to bring back: the jobs and who has them, without
// what counts changes.
func (d *desk) standing() (s string) {
	d.t.Helper()
	d.scan(&s, `select concat(
	  (select string_agg(concat(j.id, j.status, j.region), ';' order by j.id) from jobs j), '|',
	  (select string_agg(concat(a.id, a.contractor_id, a.visit_id, a.place, a.during, a.status), ';' order by a.id) from assignments a where a.active))`)
	return s
}

func (d *desk) undo(eventID string) (db.Outcome, error) {
	d.t.Helper()
	return d.db.Undo(context.Background(), db.Undo{By: d.ann, EventID: eventID})
}

// age makes all that is logged look older. The log itself refuses every change.
func (d *desk) age(interval string) {
	d.t.Helper()
	tx := d.begin()
	tx.exec(`set local session_replication_role = replica`)
	tx.exec(`update event_log set created_at = created_at - $1::interval`, interval)
	tx.commit()
}

// undoCase is a command that can be taken back.
type undoCase struct {
	name string
	// prepare brings the job, which nobody has, into the state before run.
	prepare, run func(d *desk, job string, lee, maya string) (db.Outcome, error)
}

func undoCases() []undoCase {
	assign := func(d *desk, job, lee, _ string) (db.Outcome, error) { return d.assign(job, lee, tuesday+"T09:00", "") }
	accepted := func(d *desk, job, lee, maya string) (db.Outcome, error) {
		out, err := assign(d, job, lee, maya)
		d.status(job, schedule.Accepted)
		return out, err
	}
	onItsWay := func(d *desk, job, lee, maya string) (db.Outcome, error) {
		out, err := assign(d, job, lee, maya)
		d.status(job, schedule.EnRoute)
		return out, err
	}
	cmd := func(d *desk, job string) db.JobCommand {
		c := db.JobCommand{Command: d.command(job), JobID: job}
		c.OverrideReason = "waits for tiles"
		return c
	}
	hold := func(d *desk, job, _, _ string) (db.Outcome, error) {
		return d.db.HoldJob(context.Background(), cmd(d, job))
	}
	nothing := func(*desk, string, string, string) (db.Outcome, error) { return db.Outcome{}, nil }
	// Who need not be asked accepts in the same command.
	unasked := func(d *desk, _, lee, maya string) (db.Outcome, error) {
		d.exec(`update contractors set auto_accept = true where id in ($1, $2)`, lee, maya)
		return db.Outcome{}, nil
	}
	given := func(d *desk, job, lee, maya string) (db.Outcome, error) {
		d.must(unasked(d, job, lee, maya))
		return assign(d, job, lee, maya)
	}
	return []undoCase{
		{"Assign", nothing, assign},
		{"AssignUnasked", unasked, assign},
		{"MoveUnasked", given, func(d *desk, job, _, _ string) (db.Outcome, error) { return d.move(job, tuesday+"T12:00", "") }},
		{"ReassignUnasked", given, func(d *desk, job, _, maya string) (db.Outcome, error) { return d.reassign(job, maya, "", "", "") }},
		{"Reassign", accepted, func(d *desk, job, _, maya string) (db.Outcome, error) { return d.reassign(job, maya, "", "", "") }},
		{"ReassignOnTheWay", onItsWay, func(d *desk, job, _, maya string) (db.Outcome, error) {
			return d.reassign(job, maya, tuesday+"T14:00", "", "is ill")
		}},
		{"Move", accepted, func(d *desk, job, _, _ string) (db.Outcome, error) { return d.move(job, tuesday+"T10:00", "") }},
		{"Unassign", onItsWay, func(d *desk, job, _, _ string) (db.Outcome, error) { return d.unassign(job, "is ill") }},
		{"Cancel", accepted, func(d *desk, job, _, _ string) (db.Outcome, error) {
			return d.db.CancelJob(context.Background(), cmd(d, job), events.CancelCustomer)
		}},
		{"Hold", nothing, hold},
		{"Release", hold, func(d *desk, job, _, _ string) (db.Outcome, error) {
			return d.db.ReleaseJob(context.Background(), cmd(d, job))
		}},
	}
}

// TestUndo takes back each command by another dispatcher than who gave it. The job
// and who has it are as before, to the status; one ActionUndone is logged for each
// event, to exactly the streams of that event; the record says who did it; and a
// second try does nothing more.
func TestUndo(t *testing.T) {
	t.Parallel()
	for _, tt := range undoCases() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			lee, maya := d.contractor("north", "Lee"), d.contractor("south", "Maya")
			job := d.job("north")
			d.must(tt.prepare(d, job, lee, maya))
			before, logged := d.standing(), len(d.log())
			out := d.must(tt.run(d, job, lee, maya))
			did := slices.DeleteFunc(d.logAfter(logged), func(e logRow) bool { return e.Kind == events.KindAssignmentAccepted })
			wrote := len(d.logAfter(0))
			if d.standing() == before {
				t.Fatal("the command changed nothing")
			}
			bo := d.dispatcher("Bo", "north")
			if e, err := d.db.Undoable(t.Context(), job); err != nil || e == nil || e.EventID != did[len(did)-1].Fields.EventID {
				t.Fatalf("the page offers %v, %v", e, err)
			}
			undone, err := d.db.Undo(t.Context(), db.Undo{By: bo, EventID: out.EventIDs[len(out.EventIDs)-1]})
			if err != nil {
				t.Fatal(err)
			}
			if got := d.standing(); got != before {
				t.Errorf("it is\n%s\nand was\n%s", got, before)
			}
			took := d.logAfter(wrote)
			if len(took) != len(did) || len(undone.EventIDs) != len(did) {
				t.Fatalf("%d events were logged for %d", len(took), len(did))
			}
			for i, e := range took {
				if e.Kind != events.KindActionUndone || e.Fields.UndoOf != did[i].Fields.EventID || e.ContractorID != did[i].ContractorID ||
					e.Fields.ContractorID != did[i].ContractorID || e.JobID != job || e.ActorID != bo.UserID || e.Fields.AuditID != undone.AuditID ||
					e.CorrelationID == "" || e.CorrelationID != took[0].CorrelationID {
					t.Errorf("event %d is %s", i, e.Payload)
				}
				if e.PublishedTo != did[i].PublishedTo {
					t.Errorf("%s went to %q, its undoing to %q", did[i].Kind, did[i].PublishedTo, e.PublishedTo)
				}
			}
			var records int
			d.scan(&records, `select count(*) from audit_records where id = $1 and action = 'undo' and actor_id = $2 and job_id = $3`, undone.AuditID, bo.UserID, job)
			if records != 1 {
				t.Errorf("%d audit records say who undid it", records)
			}
			state := d.state()
			again, err := d.db.Undo(t.Context(), db.Undo{By: bo, EventID: out.EventIDs[0]})
			if err != nil || again.AuditID != undone.AuditID || d.state() != state {
				t.Errorf("sent again it is %+v, %v", again, err)
			}
			_, err = d.undo(out.EventIDs[0])
			c := refusedBy(t, err, db.ConflictChanged)
			if c.Since == nil || !c.Since.Same || c.Since.By != "Bo" || d.state() != state {
				t.Errorf("to Ann it says %+v", c.Since)
			}
		})
	}
}

// TestUndoOfACrew takes back that a job of two was cancelled.
func TestUndoOfACrew(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee, maya := d.contractor("north", "Lee"), d.contractor("south", "Maya")
	job := d.job("north", func(n *db.NewJob) { n.Headcount = 2 })
	d.must(d.assign(job, lee, tuesday+"T09:00", ""))
	d.must(d.assign(job, maya, tuesday+"T09:00", ""))
	before := d.standing()
	out := d.must(d.db.CancelJob(t.Context(), db.JobCommand{Command: d.command(job), JobID: job}, events.CancelCustomer))
	d.must(d.undo(out.EventIDs[0]))
	if got := d.standing(); got != before {
		t.Errorf("it is\n%s\nand was\n%s", got, before)
	}
	if to := strings.Fields(d.last().PublishedTo); !slices.Contains(to, "contractor/"+lee) || !slices.Contains(to, "contractor/"+maya) {
		t.Errorf("it went to %q", to)
	}
}

// TestUndoTellsTheContractor: who was given a job by mistake reads that, and not
// that plans have changed.
func TestUndoTellsTheContractor(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee, job := d.contractor("north", "Lee"), d.job("north")
	told := func() []db.PhoneChange {
		list, err := d.db.PhoneChanges(t.Context(), []string{lee}, []string{job})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	d.must(d.undo(d.must(d.assign(job, lee, tuesday+"T09:00", "")).EventIDs[0]))
	if got := told(); len(got) != 1 || got[0].Kind != db.ChangeUndone {
		t.Errorf("he reads %+v", got)
	}
	d.must(d.assign(job, lee, tuesday+"T09:00", ""))
	out := d.must(d.unassign(job, ""))
	if got := told(); len(got) != 1 || got[0].Kind == db.ChangeUndone {
		t.Errorf("taken off him he reads %+v", got)
	}
	d.must(d.undo(out.EventIDs[0]))
	if got := told(); len(got) != 1 || got[0].Kind != db.ChangeNew {
		t.Errorf("given back he reads %+v", got)
	}
}

// TestUndoOfAnOffer: who has an offer again has all the time to answer it again, and
// it does not end at once because it is an old one.
func TestUndoOfAnOffer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee, job := d.contractor("north", "Lee"), d.job("north")
	d.must(d.assign(job, lee, tuesday+"T09:00", ""))
	d.exec(`update assignments set answer_by = now() + interval '1 second'`)
	out := d.must(d.unassign(job, ""))
	d.must(d.undo(out.EventIDs[0]))
	if by := d.card(job).AnswerBy; !by.Valid || time.Until(by.Time) < 25*time.Minute {
		t.Errorf("it ends at %v", by)
	}
	if n, err := d.db.ExpireOffers(t.Context(), time.Minute); err != nil || n != 0 {
		t.Errorf("%d offers ended, %v", n, err)
	}
}

// TestUndoRefused lets the job change in each way after an assignment. Nothing is
// undone, and the refusal says what happened.
func TestUndoRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		then func(d *desk, job, lee, maya string)
		want db.ConflictKind
		say  string
	}{
		{"Accepted", func(d *desk, job, _, _ string) {
			d.exec(`update assignments set status = 'accepted', version = version + 1 where job_id = $1 and active`, job)
		}, db.ConflictChanged, "accepted Lee "},
		{"Declined", func(d *desk, job, _, _ string) {
			d.must(d.db.Advance(context.Background(), db.Advance{
				Command:      db.Command{By: db.Actor{Kind: events.ActorContractor, ContractorID: d.card(job).ContractorID, UserID: d.ann.UserID}},
				AssignmentID: d.card(job).AssignmentID, Act: schedule.ActDecline, Reason: "too_far"}))
		}, db.ConflictChanged, "AssignmentDeclined Lee Ann"},
		{"Moved", func(d *desk, job, _, _ string) { d.must(d.move(job, tuesday+"T11:00", "")) }, db.ConflictChanged, "JobRescheduled Lee Ann"},
		{"Unassigned", func(d *desk, job, _, _ string) { d.must(d.unassign(job, "")) }, db.ConflictChanged, "JobUnassigned Lee Ann"},
		{"Reassigned", func(d *desk, job, _, maya string) { d.must(d.reassign(job, maya, "", "", "")) }, db.ConflictChanged, "JobAssigned Maya Ann"},
		{"Edited", func(d *desk, job, _, _ string) {
			d.must(d.edit(job, func(n *db.NewJob) { n.Title = "Tile the hall" }))
		}, db.ConflictChanged, "JobUpdated Lee Ann"},
		{"Imported", func(d *desk, job, _, _ string) { d.exec(`update jobs set version = version + 1 where id = $1`, job) }, db.ConflictChanged, ""},
		{"Late", func(d *desk, _, _, _ string) { d.age("10 minutes 1 second") }, db.ConflictLate, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			lee, maya, job := d.contractor("north", "Lee"), d.contractor("south", "Maya"), d.job("north")
			out := d.must(d.assign(job, lee, tuesday+"T09:00", ""))
			tt.then(d, job, lee, maya)
			state := d.state()
			_, err := d.undo(out.EventIDs[0])
			c := refusedBy(t, err, tt.want)
			said := ""
			if s := c.Since; s != nil {
				said = fmt.Sprintf("%s%s %s %s", s.Kind, s.Status, s.Contractor, s.By)
			}
			if said != tt.say || d.state() != state {
				t.Errorf("it says %q, want %q; changed: %v", said, tt.say, d.state() != state)
			}
		})
	}
}

// TestUndoInTime: a second before its time is over it is still undone.
func TestUndoInTime(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee, job := d.contractor("north", "Lee"), d.job("north")
	out := d.must(d.assign(job, lee, tuesday+"T09:00", ""))
	d.age("9 minutes 30 seconds")
	if e, err := d.db.Undoable(t.Context(), job); err != nil || e == nil || e.EventID != out.EventIDs[0] {
		t.Errorf("the page offers %v, %v", e, err)
	}
	d.must(d.undo(out.EventIDs[0]))
	if e, err := d.db.Undoable(t.Context(), job); err != nil || e != nil {
		t.Errorf("afterwards the page offers %v, %v", e, err)
	}
}

// TestUndoIntoATakenSlot: a contractor who was booked meanwhile does not get his
// job back, and neither does one who has left, has lost a skill or would work too
// long; then nothing changes.
func TestUndoIntoATakenSlot(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee := d.contractor("north", "Lee")
	d.exec(`insert into skills (slug, name) values ('tile', 'Tile')`)
	d.exec(`insert into contractor_skills (contractor_id, skill) values ($1, 'tile')`, lee)
	job := d.job("north", func(n *db.NewJob) { n.Skills = []string{"tile"} })
	d.must(d.assign(job, lee, tuesday+"T09:00", ""))
	out := d.must(d.unassign(job, ""))
	refused := func(what string, want func(error) bool) {
		t.Helper()
		state := d.state()
		if _, err := d.undo(out.EventIDs[0]); !want(err) || d.state() != state {
			t.Errorf("%s: %v", what, err)
		}
	}
	invalid := func(words string) func(error) bool {
		return func(err error) bool {
			var i *db.Invalid
			return errors.As(err, &i) && strings.Contains(i.Message, words)
		}
	}
	other := d.job("north")
	d.must(d.assign(other, lee, tuesday+"T10:00", ""))
	refused("booked", func(err error) bool {
		var c *db.Conflict
		return errors.As(err, &c) && c.Kind == db.ConflictOverlap && c.Winner != nil && c.Winner.JobID == other && c.Winner.By == "Ann" && c.Free == nil
	})
	d.must(d.unassign(other, ""))
	d.exec(`update assignments set during = tstzrange(lower(during) + interval '2 hours', upper(during) + interval '12 hours'), status = 'assigned'
	  where job_id = $1`, other)
	refused("too long a day", invalid("Lee would work"))
	d.exec(`update assignments set status = 'unassigned' where job_id = $1`, other)
	d.exec(`delete from contractor_skills`)
	refused("no skill", invalid("can't take this job"))
	d.exec(`insert into contractor_skills (contractor_id, skill) values ($1, 'tile')`, lee)
	d.exec(`update contractors set active = false where id = $1`, lee)
	refused("left", invalid("doesn't work here any more"))
	d.exec(`update contractors set active = true where id = $1`, lee)
	d.must(d.undo(out.EventIDs[0]))
}

// TestUndoOfOthers: what is not the actor's, or is nothing that can be undone, is
// not there.
func TestUndoOfOthers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee, job := d.contractor("south", "Lee"), d.job("north")
	created := d.last().Fields.EventID
	out := d.must(d.assign(job, lee, tuesday+"T09:00", ""))
	undone := d.must(d.undo(out.EventIDs[0]))
	out = d.must(d.assign(job, lee, tuesday+"T09:00", ""))
	state := d.state()
	// South's board shows Lee, and its dispatchers may not change a job of north.
	cy := d.dispatcher("Cy", "south")
	for _, tt := range []struct {
		by db.Actor
		id string
	}{
		{cy, out.EventIDs[0]}, {d.ann, uuid.NewString()}, {d.ann, "nonsense"}, {d.ann, created}, {d.ann, undone.EventIDs[0]},
	} {
		if _, err := d.db.Undo(t.Context(), db.Undo{By: tt.by, EventID: tt.id}); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
	if d.state() != state {
		t.Error("something has changed")
	}
}

// TestP12UndoRaces lets several dispatchers take the same thing back at once, and
// others change the job or take the contractor's time at that moment: one of them
// wins, the others change nothing, and nobody is booked twice.
func TestP12UndoRaces(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee := d.contractor("north", "Lee")
	bo := d.dispatcher("Bo", "north")
	job, other := d.job("north"), d.job("north")
	won := map[string]int{}
	for range 30 {
		d.must(d.assign(job, lee, tuesday+"T09:00", ""))
		out := d.must(d.unassign(job, ""))
		stale, now := d.command(job), d.command(other)
		logged := len(d.log())
		results := make(chan string, 4)
		try := func(name string, run func() error) {
			go func() {
				err := run()
				var conflict *db.Conflict
				switch {
				case err == nil:
					results <- name
				case errors.As(err, &conflict):
					results <- ""
				default:
					t.Errorf("%s: %v", name, err)
					results <- ""
				}
			}()
		}
		undo := func(by db.Actor) func() error {
			return func() error {
				_, err := d.db.Undo(t.Context(), db.Undo{By: by, EventID: out.EventIDs[0]})
				return err
			}
		}
		at := d.times(tuesday+"T10:00", "")
		try("undo", undo(d.ann))
		try("undo", undo(bo))
		try("book", func() error {
			_, err := d.db.Assign(t.Context(), db.Assign{Command: now, JobID: other, ContractorID: lee, At: at})
			return err
		})
		try("again", func() error {
			_, err := d.db.Assign(t.Context(), db.Assign{Command: stale, JobID: job, ContractorID: lee, At: at})
			return err
		})
		winners := 0
		for range cap(results) {
			if name := <-results; name != "" {
				winners++
				won[name]++
			}
		}
		if got := len(d.logAfter(logged)); winners != 1 || got != 1 {
			t.Fatalf("%d won and %d events were logged", winners, got)
		}
		for _, id := range []string{job, other} {
			if d.card(id).Assigned() {
				d.must(d.unassign(id, ""))
			}
		}
	}
	t.Logf("who won: %v", won)
	if won["undo"] == 0 || won["undo"] == 30 {
		t.Errorf("the races were none: %v", won)
	}
}
