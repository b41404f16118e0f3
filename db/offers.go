package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// offer is an assignment that was just made, or got quite other times.
type offer struct {
	id string
	// answerBy is until when the contractor can answer; nil when he need not.
	answerBy *time.Time
	// kept says that what he answered still holds.
	kept bool
}

// answerBy is the end of the time to answer an offer of a job, null for one that
// begins as accepted; job and status are parameters.
func answerBy(job, status string) string {
	return `case when ` + status + `::text = 'assigned' then now() + (
	    select make_interval(mins => case when o.priority = 'rush' then r.rush_answer_minutes else r.answer_minutes end)
	      from jobs o join regions r on r.slug = o.region where o.id = ` + job + `) end`
}

// offered is the state in which an offer begins.
func (c lockedContractor) offered() schedule.AssignmentStatus {
	if c.AutoAccept {
		return schedule.Accepted
	}
	return schedule.Assigned
}

// offeredVersion is by how much an offer raises the version of an assignment: an
// answer at once is a change of its own.
func (c lockedContractor) offeredVersion() int {
	if c.AutoAccept {
		return 2
	}
	return 1
}

// offered are the events of an offer: fact, with the time to answer, and the answer
// of somebody who need not be asked.
func (j *lockedJob) offered(by Actor, correlation string, c lockedContractor, o offer, to []events.Stream, fact events.Fact) []events.Event {
	version := 0
	switch f := fact.(type) {
	case events.JobAssigned:
		f.AnswerBy, version, fact = utc(o.answerBy), f.AssignmentVersion, f
	case events.JobRescheduled:
		version = f.AssignmentVersion
		if !o.kept {
			f.AnswerBy = utc(o.answerBy)
		}
		fact = f
	}
	evs := []events.Event{j.newEvent(by, correlation, c.ID, to, fact)}
	if o.kept || !c.AutoAccept {
		return evs
	}
	return append(evs, j.newEvent(Actor{Kind: events.ActorSystem}, correlation, c.ID, to, events.AssignmentAccepted{Auto: true, Step: events.Step{
		JobID: j.ID, ContractorID: c.ID, AssignmentID: o.id, Region: j.Region, At: evs[0].OccurredAt, AssignmentVersion: version + 1,
	}}))
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	at := t.UTC()
	return &at
}

// expireAtOnce is how many offers one look ends.
const expireAtOnce = 200

// ExpireOffers ends the offers whose time to answer is over by the clock of the
// database, each in a transaction of its own with its AssignmentExpired, and
// returns how many. ahead is by how much that clock is taken to be ahead of the
// truth, 0 but in tests. Of several processes at once exactly one ends an offer.
// One that cannot be ended now does not keep the others from it.
func (db *DB) ExpireOffers(ctx context.Context, ahead time.Duration) (int, error) {
	var due []struct {
		ID    string `db:"id"`
		JobID string `db:"job_id"`
	}
	err := db.pool.SelectContext(ctx, &due, `select id, job_id from assignments
	  where status = 'assigned' and answer_by <= now() + $1 * interval '1 microsecond' order by answer_by, id limit $2`, ahead.Microseconds(), expireAtOnce)
	if err != nil {
		return 0, fmt.Errorf("offers that end: %w", translate(err))
	}
	done := 0
	var failed []error
	for _, offer := range due {
		ended := false
		err := db.inTx(ctx, func(tx *sqlx.Tx) (err error) {
			ended, err = expireOffer(ctx, tx, offer.JobID, offer.ID, ahead)
			return err
		})
		if err != nil {
			failed = append(failed, fmt.Errorf("end offer %s: %w", offer.ID, translate(err)))
		}
		if ended {
			done++
		}
	}
	if done > 0 {
		db.signal()
	}
	return done, errors.Join(failed...)
}

// expireOffer ends one offer, unless it was answered, moved or ended since it was
// found.
func expireOffer(ctx context.Context, tx *sqlx.Tx, jobID, id string, ahead time.Duration) (ended bool, err error) {
	j, err := lockJob(ctx, tx, jobID)
	if err != nil {
		return false, err
	}
	if !j.choose(id) {
		return false, nil
	}
	if _, err := j.lockHolder(ctx, tx); err != nil {
		return false, err
	}
	var by []time.Time
	err = tx.SelectContext(ctx, &by, `update assignments set status = 'expired', version = version + 1, updated_at = now()
	  where id = $1 and status = 'assigned' and answer_by <= now() + $2 * interval '1 microsecond' returning answer_by`, id, ahead.Microseconds())
	if err != nil || len(by) == 0 {
		return false, err
	}
	held := *j.current
	j.current.Status = schedule.Expired
	if err := setJobStatus(ctx, tx, j.ID, j.derived()); err != nil {
		return false, err
	}
	return true, appendEvents(ctx, tx, j.newEvent(Actor{Kind: events.ActorSystem}, uuid.NewString(), held.ContractorID,
		streamsOf(j.Region, held.ContractorID, held.Homes...), events.AssignmentExpired{AnswerBy: by[0].UTC(), Step: events.Step{
			JobID: j.ID, ContractorID: held.ContractorID, AssignmentID: held.ID, Region: j.Region, At: by[0].UTC(), AssignmentVersion: held.Version + 1,
		}}))
}
