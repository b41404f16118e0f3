package db_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"smartscheduler/db"
)

// TestLongDay: more than ten hours on a local date of the contractor need a reason,
// more than twelve are refused: in assigning, moving and reassigning.
func TestLongDay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee, maya := d.contractor("north", "Lee"), d.contractor("north", "Maya")
	job := func() string { return d.job("north") }
	d.must(d.assign(job(), lee, tuesday+"T06:00", tuesday+"T14:00"))
	d.must(d.assign(job(), lee, tuesday+"T14:00", tuesday+"T16:00"))
	third, says := job(), "Lee would work 12 h on Tue 2 Mar: say why."
	assign := func(start, end, reason string) (db.Outcome, error) {
		cmd := db.Assign{Command: d.command(third), JobID: third, ContractorID: lee, At: d.times(start, end)}
		cmd.OverrideReason = reason
		return d.db.Assign(t.Context(), cmd)
	}
	_, err := assign(tuesday+"T17:00", tuesday+"T19:01", "the customer waits")
	if got := invalidAt(t, err, "start").Message; got != "Lee would work 12 h 1 min on Tue 2 Mar, 12 h at the most." {
		t.Errorf("the refusal is %q", got)
	}
	_, err = assign(tuesday+"T17:00", tuesday+"T19:00", "")
	if got := invalidAt(t, err, "override_reason").Message; got != says {
		t.Errorf("the question is %q", got)
	}
	out := d.must(assign(tuesday+"T17:00", tuesday+"T19:00", "the customer waits"))
	if !strings.Contains(strings.Join(out.Warnings, ", "), "12 h on Tue 2 Mar") {
		t.Errorf("the warnings are %v", out.Warnings)
	}
	audits, err := d.db.AuditsOf(t.Context(), third)
	if err != nil || len(audits) != 1 || audits[0].OverrideReason != "the customer waits" {
		t.Errorf("recorded is %+v, %v", audits, err)
	}

	// What is moved does not count at its old time.
	move := func(start, reason string) error {
		cmd := db.Move{Command: d.command(third), AssignmentID: out.AssignmentID, At: d.times(start, "")}
		cmd.OverrideReason = reason
		_, err := d.db.Move(t.Context(), cmd)
		return err
	}
	if got := invalidAt(t, move(tuesday+"T18:00", ""), "override_reason").Message; got != says {
		t.Errorf("the question of a move is %q", got)
	}
	if err := move("2032-03-03T17:00", ""); err != nil {
		t.Error(err)
	}
	if err := move(tuesday+"T18:00", "the customer waits"); err != nil {
		t.Error(err)
	}

	// The limit is his who gets the job.
	long := job()
	d.must(d.assign(long, maya, "2032-03-03T06:00", "2032-03-03T16:00"))
	d.must(d.assign(job(), lee, "2032-03-03T17:00", ""))
	if _, err = d.reassign(long, lee, "", "", ""); invalidAt(t, err, "override_reason").Message != "Lee would work 12 h on Wed 3 Mar: say why." {
		t.Errorf("the question of a reassignment is %v", err)
	}
	d.must(d.reassign(long, lee, "", "", "Maya is ill"))
	// His date is that of his home, whatever zone the job has.
	west := d.job("west")
	_, err = d.assign(west, lee, "2032-03-03T21:00", "2032-03-03T22:30")
	invalidAt(t, err, "start")
	d.must(d.assign(west, lee, "2032-03-03T23:00", ""))
}

// TestLongDayRace lets pairs of dispatchers fill one day of a contractor with
// different jobs at the same moment: never more than twelve hours of it.
func TestLongDayRace(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for range 10 {
		who := d.contractor("north", "Lee")
		errs := make([]error, 2)
		var group sync.WaitGroup
		for i, start := range []string{tuesday + "T00:00", tuesday + "T12:00"} {
			job := d.job("north", func(n *db.NewJob) { n.DurationMinutes = 420 })
			cmd := d.command(job)
			cmd.OverrideReason = "rush"
			group.Go(func() {
				_, errs[i] = d.db.Assign(context.Background(), db.Assign{Command: cmd, JobID: job, ContractorID: who, At: d.times(start, "")})
			})
		}
		group.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("both ended alike: %v", errs)
		}
		for _, err := range errs {
			if err != nil {
				invalidAt(t, err, "start")
			}
		}
	}
}
