package db_test

import (
	"errors"
	"reflect"
	"sync"
	"testing"

	"github.com/google/uuid"

	"smartscheduler/db"
)

// TestIdempotency repeats each command under its key.
func TestIdempotency(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee, maya := d.contractor("north", "Lee"), d.contractor("south", "Maya")
	job := d.job("north")
	keyed := func(hash string) db.Command {
		cmd := d.command(job)
		cmd.Key, cmd.RequestHash = uuid.NewString(), hash
		return cmd
	}
	assign := db.Assign{Command: keyed("a"), JobID: job, ContractorID: lee, At: d.times(tuesday+"T10:00", "")}
	d.repeat(func(hash string) (db.Outcome, error) {
		assign.RequestHash = hash
		return d.db.Assign(t.Context(), assign)
	})
	move := db.Move{Command: keyed("m"), AssignmentID: d.card(job).AssignmentID, At: d.times(tuesday+"T13:00", "")}
	d.repeat(func(hash string) (db.Outcome, error) {
		move.RequestHash = hash
		return d.db.Move(t.Context(), move)
	})
	reassign := db.Reassign{Command: keyed("r"), AssignmentID: d.card(job).AssignmentID, ContractorID: maya}
	d.repeat(func(hash string) (db.Outcome, error) {
		reassign.RequestHash = hash
		return d.db.Reassign(t.Context(), reassign)
	})
	unassign := db.Unassign{Command: keyed("u"), AssignmentID: d.card(job).AssignmentID}
	d.repeat(func(hash string) (db.Outcome, error) {
		unassign.RequestHash = hash
		return d.db.Unassign(t.Context(), unassign)
	})
}

// repeat runs a command twice as the same request and once as another under
// the same key.
func (d *desk) repeat(run func(hash string) (db.Outcome, error)) {
	d.t.Helper()
	first := d.must(run("one"))
	before := d.state()
	second := d.must(run("one"))
	if !reflect.DeepEqual(first, second) {
		d.t.Errorf("the second answer is %+v, the first %+v", second, first)
	}
	if _, err := run("other"); !errors.Is(err, db.ErrKeyReused) {
		d.t.Errorf("another request under the key: %v, want %v", err, db.ErrKeyReused)
	}
	if d.state() != before {
		d.t.Error("a repeated request wrote something")
	}
}

// TestIdempotencyKeepsSuccessesOnly: a request that failed and was corrected
// may be sent under its key again.
func TestIdempotencyKeepsSuccessesOnly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee := d.contractor("north", "Lee")
	job, other := d.job("north"), d.job("north")
	d.must(d.assign(other, lee, tuesday+"T10:00", ""))
	cmd := db.Assign{Command: d.command(job), JobID: job, ContractorID: lee, At: d.times(tuesday+"T11:00", "")}
	cmd.Key, cmd.RequestHash = uuid.NewString(), "wrong"
	_, err := d.db.Assign(t.Context(), cmd)
	refusedBy(t, err, db.ConflictOverlap)
	cmd.At, cmd.RequestHash = d.times(tuesday+"T12:00", ""), "right"
	d.must(d.db.Assign(t.Context(), cmd))
}

// TestIdempotencyOfAnotherActor: a key belongs to who sent it.
func TestIdempotencyOfAnotherActor(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee := d.contractor("north", "Lee")
	job, other := d.job("north"), d.job("north")
	cmd := db.Assign{Command: d.command(job), JobID: job, ContractorID: lee, At: d.times(tuesday+"T10:00", "")}
	cmd.Key, cmd.RequestHash = uuid.NewString(), "h"
	d.must(d.db.Assign(t.Context(), cmd))
	cmd.By, cmd.JobID, cmd.At = d.dispatcher("Bo", "north"), other, d.times(tuesday+"T14:00", "")
	if out := d.must(d.db.Assign(t.Context(), cmd)); out.JobID != other {
		t.Errorf("Bo got the outcome of Ann's request: %+v", out)
	}
}

// TestIdempotencyAtOnce sends one request several times at the same moment.
func TestIdempotencyAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee := d.contractor("north", "Lee")
	for range 20 {
		job := d.job("north")
		cmd := db.Assign{Command: d.command(job), JobID: job, ContractorID: lee, At: d.times(tuesday+"T10:00", "")}
		cmd.Key, cmd.RequestHash = uuid.NewString(), "h"
		before := len(d.log())
		outcomes, errs := make([]db.Outcome, 8), make([]error, 8)
		var group sync.WaitGroup
		for i := range outcomes {
			group.Go(func() { outcomes[i], errs[i] = d.db.Assign(t.Context(), cmd) })
		}
		group.Wait()
		for i := range outcomes {
			if errs[i] != nil || !reflect.DeepEqual(outcomes[i], outcomes[0]) {
				t.Fatalf("request %d: %+v, %v; request 0: %+v", i, outcomes[i], errs[i], outcomes[0])
			}
		}
		if n := len(d.log()) - before; n != 1 {
			t.Fatalf("%d events, want 1", n)
		}
		d.must(d.unassign(job, ""))
	}
}

// TestIdempotencyAcrossJobs uses one key for two jobs at the same moment: one
// of them is carried out.
func TestIdempotencyAcrossJobs(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for range 10 {
		key := uuid.NewString()
		errs := make([]error, 2)
		var group sync.WaitGroup
		for i := range errs {
			job := d.job("north")
			cmd := db.Assign{Command: d.command(job), JobID: job, ContractorID: d.contractor("north", "Lee"), At: d.times(tuesday+"T10:00", "")}
			cmd.Key, cmd.RequestHash = key, job
			group.Go(func() { _, errs[i] = d.db.Assign(t.Context(), cmd) })
		}
		group.Wait()
		if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), db.ErrKeyReused) {
			t.Fatalf("errors are %v, want one success and one %v", errs, db.ErrKeyReused)
		}
	}
}
