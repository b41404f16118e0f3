package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/events"
)

// ErrImportState: the import is not any more in the state that the form showed,
// or its time for that is over.
var ErrImportState = errors.New("the import has changed meanwhile")

// ErrImportOfOther: somebody else uploaded the file.
var ErrImportOfOther = errors.New("somebody else uploaded the file")

// ImportWake is signalled when a batch was queued in this process.
func (db *DB) ImportWake() <-chan struct{} { return db.importWake }

func (db *DB) signalImport() {
	select {
	case db.importWake <- struct{}{}:
	default:
	}
}

// waitingBatch is a batch that is to be imported or undone.
type waitingBatch struct {
	ID       string         `db:"id"`
	Kind     string         `db:"kind"`
	State    ImportState    `db:"state"`
	OnlyGood bool           `db:"only_good"`
	UserID   string         `db:"user_id"`
	Role     string         `db:"role"`
	Disabled bool           `db:"disabled"`
	Regions  pq.StringArray `db:"regions"`
	// Shown is the Digest of what was confirmed, "" where nothing was shown.
	Shown string `db:"shown"`
}

// by is who confirmed the batch, with the rights of now.
func (b waitingBatch) by() Actor {
	return Actor{UserID: b.UserID, Kind: events.ActorImport, AllRegions: b.Role == "admin", Regions: b.Regions}
}

// RunImport imports or undoes the batch that waits longest, in one transaction
// with its new state: a process that dies leaves it waiting. It returns false
// when none waits or another import holds the database. What cannot be imported
// is marked as failed; only the end of ctx and, four times, ErrUnavailable leave
// a batch waiting and are returned.
func (db *DB) RunImport(ctx context.Context, now func() time.Time) (bool, error) {
	var b waitingBatch
	err := db.pool.GetContext(ctx, &b, `select b.id, b.kind, b.state, b.only_good, u.id as user_id, u.role, u.disabled_at is not null as disabled,
	    array(select region from user_regions r where r.user_id = u.id) as regions, coalesce(b.preview->>'digest', '') as shown
	  from import_batches b join users u on u.id = b.queued_by where b.state in ('queued', 'undoing') order by b.queued_at, b.id limit 1`)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("waiting import: %w", translate(err))
	}
	if err = db.runBatch(ctx, b, now); err == nil {
		db.signal()
		return true, nil
	}
	var other *MapMoves
	switch {
	case errors.As(err, &other):
		return true, db.askAgain(ctx, b, other)
	case errors.Is(err, ErrImportRunning):
		return false, nil
	case errors.Is(err, ErrImportState):
		return true, nil // another process was faster
	case ctx.Err() != nil:
		return false, fmt.Errorf("import %s: %w", b.ID, err)
	case errors.Is(err, ErrUnavailable):
		return db.tryLater(ctx, b, err)
	}
	return true, db.failBatch(ctx, b, err)
}

// askAgain lets a map be confirmed anew that would do something else by now.
func (db *DB) askAgain(ctx context.Context, b waitingBatch, now *MapMoves) error {
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		if err := lockBatch(ctx, tx, b); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `update import_batches set state = 'checked', preview = $2, counts = $3, trouble = $4, version = version + 1
		  where id = $1`, b.ID, now.MapPreview, ImportCounts(now.counts),
			"Nothing was saved yet: jobs or regions have changed since you were shown what the map would do. This is what it would do now.")
		return err
	})
	if err != nil {
		return fmt.Errorf("import %s: %w", b.ID, err)
	}
	return nil
}

// maxAttempts bounds how often a batch is tried that runs out of time: those
// behind it wait meanwhile.
const maxAttempts = 5

// tryLater leaves a batch waiting, or ends it after its last attempt. Attempts
// count only while the database answers.
func (db *DB) tryLater(ctx context.Context, b waitingBatch, why error) (bool, error) {
	var attempts int
	err := db.pool.GetContext(ctx, &attempts, `update import_batches set attempts = attempts + 1 where id = $1 and state = $2 returning attempts`, b.ID, b.State)
	if err != nil || attempts < maxAttempts {
		return false, fmt.Errorf("import %s: %w", b.ID, why)
	}
	return true, db.failBatch(ctx, b, why)
}

func (db *DB) runBatch(ctx context.Context, b waitingBatch, now func() time.Time) error {
	if b.Disabled || b.Role != "admin" && (b.Role != "dispatcher" || b.Kind != ImportOfJobs) {
		return errNoRights
	}
	if b.State == ImportUndoing {
		return db.undoBatch(ctx, b, now)
	}
	content, err := db.uploaded(ctx, b.ID)
	if err != nil {
		return err
	}
	return db.inTx(ctx, func(tx *sqlx.Tx) error {
		if err := takeImportLock(ctx, tx); err != nil {
			return err
		}
		if err := lockBatch(ctx, tx, b); err != nil {
			return err
		}
		done, err := db.importFile(ctx, tx, importFile{
			by: b.by(), kind: b.Kind, content: content, onlyGood: b.OnlyGood, batch: b.ID, progress: db.progressOf(ctx, b.ID), shown: b.Shown,
		})
		if err != nil {
			return err
		}
		return finishBatch(ctx, tx, b.ID, ImportCounts(done.counts), done.bad, done.added, now())
	})
}

// errNoRights: who confirmed an import may not do so any more.
var errNoRights = errors.New("who confirmed the import has no right to it any more")

// lockBatch takes the batch if nobody has run it meanwhile.
func lockBatch(ctx context.Context, tx *sqlx.Tx, b waitingBatch) error {
	var state ImportState
	if err := tx.GetContext(ctx, &state, `select state from import_batches where id = $1 for update`, b.ID); err != nil {
		return fmt.Errorf("lock import: %w", err)
	}
	if state != b.State {
		return ErrImportState
	}
	return nil
}

// finishBatch notes what a batch did and what it added.
func finishBatch(ctx context.Context, tx *sqlx.Tx, id string, counts ImportCounts, bad []RowError, added []string, now time.Time) error {
	for start := 0; start < len(added); start += batchRows {
		part := added[start:min(start+batchRows, len(added))]
		if _, err := tx.ExecContext(ctx, `insert into import_added (batch_id, row_id) select $1, unnest($2::uuid[])`, id, pq.Array(part)); err != nil {
			return fmt.Errorf("note what was added: %w", err)
		}
	}
	if err := replaceErrors(ctx, tx, id, bad); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `update import_batches set state = 'done', counts = $2, done_at = $3, version = version + 1 where id = $1`, id, counts, now)
	if err != nil {
		return fmt.Errorf("finish import: %w", err)
	}
	return nil
}

// progressOf tells how many rows are saved, beside the transaction that saves
// them. Nothing depends on it, so a failure is left alone.
func (db *DB) progressOf(ctx context.Context, id string) func(done, total int) {
	return func(done, total int) {
		_, _ = db.pool.ExecContext(ctx, `update import_progress set done = $2, total = $3 where batch_id = $1`, id, done, total)
	}
}

func (db *DB) uploaded(ctx context.Context, id string) ([]byte, error) {
	var content []byte
	if err := db.pool.GetContext(ctx, &content, `select content from import_batches where id = $1 and content is not null`, id); err != nil {
		return nil, fmt.Errorf("uploaded file: %w", notFound(err))
	}
	return content, nil
}

// failBatch ends a batch that could not be imported or undone.
func (db *DB) failBatch(ctx context.Context, b waitingBatch, why error) error {
	var bad *Rejected
	trouble := "It could not be done, and nothing was changed. Upload the file again; if that fails too, tell whoever runs this server the number " + b.ID + "."
	state, unknown := ImportFailed, false
	switch {
	case errors.As(why, &bad):
		trouble = "Not every row could be taken any more, so nothing was saved."
	case errors.Is(why, ErrFile):
		trouble = "Nothing was saved: " + why.Error() + "."
	case errors.Is(why, errNoRights):
		trouble = "Nothing was changed: " + why.Error() + "."
	default:
		unknown = true
	}
	if b.State == ImportUndoing {
		state = ImportDone
	}
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		if err := lockBatch(ctx, tx, b); err != nil {
			return err
		}
		if bad != nil {
			if err := replaceErrors(ctx, tx, b.ID, bad.Rows); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `update import_batches set state = $2, trouble = $3, version = version + 1 where id = $1`, b.ID, state, trouble)
		return err
	})
	if err != nil || unknown {
		return fmt.Errorf("import %s: %w", b.ID, errors.Join(why, err))
	}
	return nil
}
