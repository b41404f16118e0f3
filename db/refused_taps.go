package db

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
)

// mostRefusedTaps bounds what the log keeps of refused taps on one assignment,
// whatever a phone sends.
const mostRefusedTaps = 20

// RecordRefusedTap logs that a step of a contractor was refused because it came too
// late: once for the same act at the same time of his phone, though he may ask
// again when the answer was lost. A step that he could not have taken at all is
// ErrNotFound.
func (db *DB) RecordRefusedTap(ctx context.Context, cmd Advance) error {
	jobID, err := db.advanceable(ctx, cmd)
	if err == nil {
		err = db.inTx(ctx, func(tx *sqlx.Tx) error { return recordRefusedTap(ctx, tx, jobID, cmd) })
	}
	if err != nil {
		return fmt.Errorf("record refused tap on assignment %s: %w", cmd.AssignmentID, translate(err))
	}
	db.signal()
	return nil
}

func recordRefusedTap(ctx context.Context, tx *sqlx.Tx, jobID string, cmd Advance) error {
	j, err := lockJob(ctx, tx, jobID)
	if err != nil {
		return err
	}
	var was steppedAssignment
	err = tx.GetContext(ctx, &was, `select status, version, created_at, updated_at, answer_by, started_at, now() as now
	  from assignments where id = $1`, cmd.AssignmentID)
	if err != nil {
		return fmt.Errorf("read assignment: %w", err)
	}
	fact := events.TapRefused{Tap: string(cmd.Act), State: string(was.Status), Step: events.Step{
		JobID: j.ID, ContractorID: cmd.By.ContractorID, AssignmentID: cmd.AssignmentID, Region: j.Region,
		At: was.happened(cmd.ClientAt), AssignmentVersion: was.Version,
	}}
	if !cmd.ClientAt.IsZero() {
		at := cmd.ClientAt.UTC()
		fact.ClientAt = &at
	}
	var known, same int
	err = tx.QueryRowContext(ctx, `select count(*), count(*) filter (where payload->>'tap' = $3 and (payload->>'clientAt')::timestamptz is not distinct from $4)
	  from event_log where job_id = $1 and event_type = 'TapRefused' and payload->>'assignmentId' = $2`,
		j.ID, cmd.AssignmentID, fact.Tap, fact.ClientAt).Scan(&known, &same)
	if err != nil {
		return fmt.Errorf("look for the same tap: %w", err)
	}
	if same > 0 || known >= mostRefusedTaps {
		return nil
	}
	return appendEvents(ctx, tx, j.newEvent(cmd.By, uuid.NewString(), cmd.By.ContractorID,
		[]events.Stream{events.DispatchStream(j.Region)}, fact))
}
