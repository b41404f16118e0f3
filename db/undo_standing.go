package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
)

// standing wants the job to be as the command left it, in time.
func (a act) standing(ctx context.Context, tx *sqlx.Tx, j *lockedJob) error {
	conflict := &Conflict{Kind: ConflictChanged, JobID: j.ID}
	for _, h := range j.crew {
		if a.did(h.ID) {
			conflict.AssignmentID = h.ID
		}
	}
	since, err := a.changedSince(ctx, tx, j)
	switch {
	case err != nil:
		return err
	case since != nil:
		conflict.Since = since
		return conflict
	case j.Version != a.before.Version+1:
		return conflict
	case !a.open:
		conflict.Kind = ConflictLate
		return conflict
	}
	return nil
}

// changedSince is what happened to the job after the command, nil if nothing did:
// what was last done to the job, else how far a contractor has come with the
// assignment. What only says who knows of it changes nothing.
func (a act) changedSince(ctx context.Context, tx *sqlx.Tx, j *lockedJob) (*Change, error) {
	last, err := a.lastEvent(ctx, tx, j.ID)
	if err != nil {
		return nil, err
	}
	if last != nil && slices.Contains(planning(), last.Kind) {
		return last, nil
	}
	for _, h := range j.crew {
		if a.did(h.ID) && h.Version > a.versions[h.ID] {
			return changedStatus(ctx, tx, h)
		}
	}
	return last, nil
}

// planning lists what is done to a job, not with an assignment by who has it.
func planning() []events.Kind {
	return []events.Kind{
		events.KindJobAssigned, events.KindJobUnassigned, events.KindJobRescheduled, events.KindJobCancelled,
		events.KindJobUpdated, events.KindJobRegionChanged, events.KindActionUndone,
	}
}

// lastEvent is the last event of the job after those of the command, nil if there
// is none.
func (a act) lastEvent(ctx context.Context, tx *sqlx.Tx, jobID string) (*Change, error) {
	var rows []struct {
		Kind       events.Kind `db:"event_type"`
		By         string      `db:"by"`
		Contractor string      `db:"contractor"`
		Seconds    float64     `db:"seconds"`
		UndoOf     string      `db:"undo_of"`
	}
	err := tx.SelectContext(ctx, &rows, `select e.event_type, coalesce(u.name, '') as by, coalesce(c.name, '') as contractor,
	    extract(epoch from clock_timestamp() - e.created_at) as seconds, coalesce(e.payload->>'undoOf', '') as undo_of
	  from event_log e left join users u on u.id = e.actor_id left join contractors c on c.id = e.contractor_id
	 where e.job_id = $1 and e.id > $2 and e.event_type not in ('AwarenessChanged', 'TapRefused') order by e.id desc limit 1`,
		jobID, a.last)
	if err != nil {
		return nil, fmt.Errorf("what happened since: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	r := rows[0]
	same := slices.ContainsFunc(a.events, func(e undoneEvent) bool { return e.EventID == r.UndoOf })
	return &Change{Kind: r.Kind, By: r.By, Contractor: r.Contractor, Ago: ago(r.Seconds), Same: same}, nil
}

// changedStatus is how far a contractor has come with an assignment.
func changedStatus(ctx context.Context, tx *sqlx.Tx, h heldAssignment) (*Change, error) {
	var row struct {
		Contractor string  `db:"name"`
		Seconds    float64 `db:"seconds"`
	}
	err := tx.GetContext(ctx, &row, `select c.name, extract(epoch from clock_timestamp() - a.updated_at) as seconds
	  from assignments a join contractors c on c.id = a.contractor_id where a.id = $1`, h.ID)
	if err != nil {
		return nil, fmt.Errorf("what the contractor did: %w", err)
	}
	return &Change{Status: h.Status, Contractor: row.Contractor, Ago: ago(row.Seconds)}, nil
}

func ago(seconds float64) time.Duration {
	return max(0, time.Duration(seconds*float64(time.Second)))
}
