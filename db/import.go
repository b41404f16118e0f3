package db

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/events"
)

// ErrImportRunning: another import holds the database; imports take turns.
var ErrImportRunning = errors.New("another import is running; try again when it is done")

// RowError is one value of an imported file that cannot be taken.
type RowError struct {
	// Line is the line of the file on which the row begins, from 1.
	Line int `db:"line"`
	// Column is the name of the CSV column or GeoJSON member, "" for the
	// whole row.
	Column string `db:"column"`
	// Value is what stands there.
	Value string `db:"value"`
	// Reason says what is wrong, in words for the person who made the file.
	Reason string `db:"reason"`
}

// Error implements error: the line that is printed for the row.
func (e RowError) Error() string {
	where := fmt.Sprintf("line %d", e.Line)
	if e.Column == "" && e.Value == "" {
		return where + ": " + e.Reason
	}
	if e.Column != "" {
		where += ", column " + e.Column
	}
	return fmt.Sprintf("%s: %s — %s", where, shownValue(e.Value), e.Reason)
}

// shownValue quotes a value, so that it can neither break the line nor reach
// the terminal as a control sequence, and shortens a long one.
func shownValue(value string) string {
	const most = 60
	runes := []rune(value)
	if len(runes) > most {
		return fmt.Sprintf("%q…", string(runes[:most]))
	}
	return fmt.Sprintf("%q", value)
}

// Rejected is the error of an import with bad rows; nothing was saved.
type Rejected struct {
	// Rows are in the order of the file. There is at least one.
	Rows []RowError
}

// Error implements error.
func (r *Rejected) Error() string {
	if len(r.Rows) == 1 {
		return "nothing was saved: 1 value of the file is bad"
	}
	return fmt.Sprintf("nothing was saved: %d values of the file are bad", len(r.Rows))
}

// rejected returns the bad rows in the order of the file, or nil if there are
// none.
func rejected(lists ...[]RowError) error {
	all := inOrder(lists...)
	if len(all) == 0 {
		return nil
	}
	return &Rejected{Rows: all}
}

// inOrder joins lists of bad values in the order of the file.
func inOrder(lists ...[]RowError) []RowError {
	all := slices.Concat(lists...)
	slices.SortStableFunc(all, func(a, b RowError) int { return cmp.Compare(a.Line, b.Line) })
	return all
}

// blocked counts the rows of bad values that are in order.
func blocked(bad []RowError) int {
	return len(slices.CompactFunc(slices.Clone(bad), func(a, b RowError) bool { return a.Line == b.Line }))
}

// Imported counts what an import did, or would do.
type Imported struct {
	Created, Updated, Unchanged int
	// Closed counts the jobs that differ from the file but are over, and so
	// were left alone.
	Closed int
	// Unrouted counts the created jobs that no region holds.
	Unrouted int
	// Neutralised counts the good rows with a text that begins as a formula does.
	Neutralised int
	// Blocked counts the bad rows that were left out.
	Blocked int
	// Moved counts the jobs that a changed map put into another region.
	Moved int
	// Skills counts the skills that no contractor had before.
	Skills int
	// LongDays counts the created assignments that make a day long enough to need a
	// reason in the forms.
	LongDays int
}

// The advisory locks of imports. Whoever looks up a place on the map and then
// writes what it found holds the map's lock shared, so that no job is saved
// under a map that has just been replaced.
const (
	importLock = 80
	mapLock    = 79
)

func takeImportLock(ctx context.Context, tx *sqlx.Tx) error {
	var got bool
	if err := tx.GetContext(ctx, &got, `select pg_try_advisory_xact_lock($1)`, importLock); err != nil {
		return fmt.Errorf("take the import's lock: %w", err)
	}
	if !got {
		return ErrImportRunning
	}
	return giveTime(ctx, tx)
}

// giveTime lets a transaction be idle for longer: a large file takes a while to
// be placed on the map between two statements.
func giveTime(ctx context.Context, tx *sqlx.Tx) error {
	if _, err := tx.ExecContext(ctx, `set local idle_in_transaction_session_timeout = '2min'`); err != nil {
		return fmt.Errorf("give the import time: %w", err)
	}
	return nil
}

// shareMapLock keeps the map as it is until the end of the transaction.
func shareMapLock(ctx context.Context, tx *sqlx.Tx) error {
	if _, err := tx.ExecContext(ctx, `select pg_advisory_xact_lock_shared($1)`, mapLock); err != nil {
		return fmt.Errorf("hold the region map: %w", err)
	}
	return nil
}

// batchRows bounds the rows of one statement: a statement has to end within
// statement_timeout, however large the file is.
const batchRows = 2000

// execBatches runs a statement whose only parameter is a JSON array of rows,
// once for every batch.
func execBatches[T any](ctx context.Context, tx *sqlx.Tx, what, query string, rows []T) error {
	for batch := range slices.Chunk(rows, batchRows) {
		list, err := json.Marshal(batch)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if _, err := tx.ExecContext(ctx, query, string(list)); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return nil
}

// lockJobs takes the rows of jobs in the order of their ids.
func lockJobs(ctx context.Context, tx *sqlx.Tx, ids []string) error {
	ids = slices.Sorted(slices.Values(ids))
	for batch := range slices.Chunk(ids, batchRows) {
		_, err := tx.ExecContext(ctx, `select id from jobs where id = any($1::uuid[]) order by id for no key update`, pq.Array(batch))
		if err != nil {
			return fmt.Errorf("lock jobs: %w", err)
		}
	}
	return nil
}

// appendInBatches logs many events.
func appendInBatches(ctx context.Context, tx *sqlx.Tx, evs []events.Event) error {
	for batch := range slices.Chunk(evs, 1000) {
		if err := appendEvents(ctx, tx, batch...); err != nil {
			return err
		}
	}
	return nil
}

// importEvents fills the envelopes of the events of one import.
type importEvents struct {
	// batch correlates them.
	batch string
	at    time.Time
	by    Actor
}

func (e importEvents) envelope(jobID, contractorID, region string, to []events.Stream, fact events.Fact) events.Event {
	return events.Event{
		ID: uuid.NewString(), OccurredAt: e.at, Actor: e.by.forEvent(), CorrelationID: e.batch,
		Region: region, JobID: jobID, ContractorID: contractorID, PublishedTo: to, Fact: fact,
	}
}
