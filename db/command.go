package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// command runs one change of a job's assignment: it locks the job, answers a
// repeated idempotency key with what the first try did, and stores the outcome
// of a new one in the same transaction. Nothing after the commit can fail it.
// What has to be locked before the job is locked by first.
func (db *DB) command(ctx context.Context, cmd Command, jobID string, do func(*sqlx.Tx, *lockedJob) (Outcome, error),
	first ...func(context.Context, *sqlx.Tx) error) (Outcome, error) {
	var out Outcome
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		for _, lock := range first {
			if err := lock(ctx, tx); err != nil {
				return err
			}
		}
		j, err := lockJob(ctx, tx, jobID)
		if err != nil {
			return err
		}
		// Before the region is looked at: a retry gets its answer also when the
		// job has left the caller's regions meanwhile.
		done, known, err := storedOutcome(ctx, tx, cmd)
		if err != nil || known {
			out = done
			return err
		}
		if cmd.ownedBy == "" && !cmd.By.may(j.Region) {
			return ErrNotFound
		}
		if err := checkShown(ctx, tx, cmd, jobID); err != nil {
			return err
		}
		if out, err = do(tx, j); err != nil {
			return err
		}
		return storeOutcome(ctx, tx, cmd, out)
	})
	if err != nil {
		return Outcome{}, db.explain(ctx, asConflict(err, jobID))
	}
	db.signal()
	return out, nil
}

// commandOn is command for an assignment that must still be active, with the job
// in the version that the form showed.
func (db *DB) commandOn(ctx context.Context, cmd Command, assignmentID string, do func(*sqlx.Tx, *lockedJob) (Outcome, error)) (Outcome, error) {
	var jobID string
	err := db.pool.GetContext(ctx, &jobID, `select job_id from assignments where id = $1`, assignmentID)
	if err != nil {
		return Outcome{}, notFound(err)
	}
	return db.command(ctx, cmd, jobID, func(tx *sqlx.Tx, j *lockedJob) (Outcome, error) {
		if !j.choose(assignmentID) {
			return Outcome{}, &Conflict{Kind: ConflictTaken, JobID: j.ID, AssignmentID: assignmentID}
		}
		if j.Version != cmd.Version {
			return Outcome{}, &Conflict{Kind: ConflictStale, JobID: j.ID, AssignmentID: assignmentID}
		}
		return do(tx, j)
	})
}

// lockKey makes equal requests that lock no job wait for each other.
func lockKey(ctx context.Context, tx *sqlx.Tx, cmd Command) error {
	if cmd.Key == "" {
		return nil
	}
	_, err := tx.ExecContext(ctx, `select pg_advisory_xact_lock(hashtextextended($1, 0))`, cmd.By.UserID+"/"+cmd.Key)
	if err != nil {
		return fmt.Errorf("lock idempotency key: %w", err)
	}
	return nil
}

// storedOutcome looks up what an earlier try under the same key did. It runs
// under the job's lock or lockKey, so of two equal requests at once the second
// finds the outcome of the first.
func storedOutcome(ctx context.Context, tx *sqlx.Tx, cmd Command) (out Outcome, known bool, err error) {
	if cmd.Key == "" {
		return Outcome{}, false, nil
	}
	var row struct {
		Hash   string `db:"request_hash"`
		Result []byte `db:"result"`
	}
	err = tx.GetContext(ctx, &row, `select request_hash, result from idempotency_keys where actor_id = $1 and key = $2`,
		cmd.By.UserID, cmd.Key)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Outcome{}, false, nil
	case err != nil:
		return Outcome{}, false, fmt.Errorf("idempotency key: %w", err)
	case row.Hash != cmd.RequestHash:
		return Outcome{}, false, ErrKeyReused
	}
	if err := json.Unmarshal(row.Result, &out); err != nil {
		return Outcome{}, false, fmt.Errorf("idempotency key: %w", err)
	}
	return out, true, nil
}

func storeOutcome(ctx context.Context, tx *sqlx.Tx, cmd Command, out Outcome) error {
	if cmd.Key == "" {
		return nil
	}
	result, err := json.Marshal(out)
	if err != nil {
		return fmt.Errorf("store outcome: %w", err)
	}
	_, err = tx.ExecContext(ctx, `insert into idempotency_keys (actor_id, key, request_hash, result) values ($1, $2, $3, $4)`,
		cmd.By.UserID, cmd.Key, cmd.RequestHash, string(result))
	if isCode(err, codeUniqueViolation) {
		return ErrKeyReused
	}
	if err != nil {
		return fmt.Errorf("store outcome: %w", err)
	}
	return nil
}
