package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/jmoiron/sqlx"
)

// ImportState is how far an uploaded file has come.
type ImportState string

// The states of an uploaded file. A checked one is forgotten an hour after its
// upload, all others are remembered.
const (
	ImportChecked ImportState = "checked"
	ImportQueued  ImportState = "queued"
	ImportDone    ImportState = "done"
	ImportFailed  ImportState = "failed"
	ImportUndoing ImportState = "undoing"
	ImportUndone  ImportState = "undone"
)

const (
	// uploadLife is how long an uploaded file is kept.
	uploadLife = time.Hour
	// UndoTime is how long after its end an import, and a change of a job, can be
	// undone.
	UndoTime = 10 * time.Minute
)

// ImportBatch is an uploaded file and what became of it.
type ImportBatch struct {
	ID string `db:"id"`
	// Kind is ImportOfJobs, ImportOfContractors or ImportOfRegions.
	Kind     string `db:"kind"`
	FileName string `db:"file_name"`
	// UserID and UserName are who uploaded it.
	UserID   string      `db:"user_id"`
	UserName string      `db:"user_name"`
	State    ImportState `db:"state"`
	Version  int         `db:"version"`
	// OnlyGood says that bad rows are left out.
	OnlyGood bool `db:"only_good"`
	// Counts are of the check until the import is done, and then of the import.
	Counts ImportCounts `db:"counts"`
	// Trouble says why it failed, in words for the person who uploaded it.
	Trouble string `db:"trouble"`
	// HasFile tells whether the file and its bad values are still kept.
	HasFile bool `db:"has_file"`
	// Values counts the bad values that are kept.
	Values     int          `db:"bad_values"`
	Removed    int          `db:"removed"`
	Kept       ImportKept   `db:"kept"`
	UploadedAt time.Time    `db:"uploaded_at"`
	ExpiresAt  time.Time    `db:"expires_at"`
	DoneAt     sql.NullTime `db:"done_at"`
	UndoneAt   sql.NullTime `db:"undone_at"`
	// Done of Total rows are saved so far, while it is queued or being undone.
	Done  int `db:"progress_done"`
	Total int `db:"progress_total"`
}

// Running tells whether something is still to be done for the batch.
func (b ImportBatch) Running() bool { return b.State == ImportQueued || b.State == ImportUndoing }

// UndoUntil is until when the import can be undone; the zero time if it cannot,
// as a map cannot: its jobs have gone where they are and been worked on there.
func (b ImportBatch) UndoUntil() time.Time {
	if b.State != ImportDone || b.Counts.Created == 0 || b.Kind == ImportOfRegions {
		return time.Time{}
	}
	return b.DoneAt.Time.Add(UndoTime)
}

// ImportCounts is Imported as it is stored.
type ImportCounts Imported

// Ready counts the rows that can be taken.
func (c ImportCounts) Ready() int { return c.Created + c.Updated + c.Unchanged + c.Closed }

// Value implements driver.Valuer.
func (c ImportCounts) Value() (driver.Value, error) { return jsonText(c) }

// Scan implements sql.Scanner.
func (c *ImportCounts) Scan(from any) error { return scanJSON(from, c) }

// ImportKept lists what an undo left alone.
type ImportKept []KeptRows

// KeptRows are things that an undo left alone for one reason.
type KeptRows struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
	// Examples are the first of them.
	Examples []KeptRow `json:"examples"`
}

// KeptRow is one of them: a job with its number, or a contractor with his
// external id as the name.
type KeptRow struct {
	ID     string `json:"id" db:"id"`
	Number int64  `json:"number" db:"number"`
	Name   string `json:"name" db:"name"`
}

// Value implements driver.Valuer.
func (k ImportKept) Value() (driver.Value, error) { return jsonText(k) }

// Scan implements sql.Scanner.
func (k *ImportKept) Scan(from any) error { return scanJSON(from, k) }

func jsonText(v any) (driver.Value, error) {
	text, err := json.Marshal(v)
	return string(text), err
}

func scanJSON(from, to any) error {
	text, ok := from.([]byte)
	if !ok {
		return fmt.Errorf("scan %T as JSON", from)
	}
	return json.Unmarshal(text, to)
}

const selectBatches = `
select b.id, b.kind, b.file_name, b.user_id, u.name as user_name, b.state, b.version, b.only_good, b.counts, b.trouble,
       b.content is not null as has_file, b.removed, b.kept, b.uploaded_at, b.expires_at, b.done_at, b.undone_at,
       (select count(*) from import_errors e where e.batch_id = b.id) as bad_values,
       coalesce(p.done, 0) as progress_done, coalesce(p.total, 0) as progress_total
  from import_batches b join users u on u.id = b.user_id left join import_progress p on p.batch_id = b.id
 where ($1 or b.user_id = nullif($2, '')::uuid) and (b.state <> 'checked' or b.expires_at > $3) `

// ImportBatch returns one of the caller's batches; who may change all regions
// has those of everybody. It returns ErrNotFound for any other and for a check
// that has expired at now.
func (db *DB) ImportBatch(ctx context.Context, by Actor, id string, now time.Time) (ImportBatch, error) {
	return importBatch(ctx, db.pool, by, id, now, "")
}

func importBatch(ctx context.Context, q sqlx.QueryerContext, by Actor, id string, now time.Time, lock string) (ImportBatch, error) {
	var b ImportBatch
	err := sqlx.GetContext(ctx, q, &b, selectBatches+`and b.id = $4 `+lock, by.AllRegions, by.UserID, now, id)
	if err != nil {
		return ImportBatch{}, fmt.Errorf("import %s: %w", id, notFound(err))
	}
	return b, nil
}

// ImportBatches returns the caller's latest batches, the newest first; limit
// bounds them.
func (db *DB) ImportBatches(ctx context.Context, by Actor, now time.Time, limit int) ([]ImportBatch, error) {
	var list []ImportBatch
	err := db.pool.SelectContext(ctx, &list, selectBatches+`order by b.uploaded_at desc, b.id limit $4`, by.AllRegions, by.UserID, now, limit)
	if err != nil {
		return nil, fmt.Errorf("imports: %w", translate(err))
	}
	return list, nil
}

// ImportErrors returns the bad values of a batch, in the order of the file,
// from offset on. It asks for nobody's rights.
func (db *DB) ImportErrors(ctx context.Context, id string, offset, limit int) ([]RowError, error) {
	var list []RowError
	err := db.pool.SelectContext(ctx, &list, `select line, column_name as column, value, reason from import_errors
	  where batch_id = $1 and place > $2 order by place limit $3`, id, offset, limit)
	if err != nil {
		return nil, fmt.Errorf("errors of import %s: %w", id, translate(err))
	}
	return list, nil
}

// errorJSON is a row of import_errors.
type errorJSON struct {
	Batch  string `json:"batch_id"`
	Place  int    `json:"place"`
	Line   int    `json:"line"`
	Column string `json:"column_name"`
	Value  string `json:"value"`
	Reason string `json:"reason"`
}

// KeptErrors bounds the bad values of a batch that are kept whatever their rows.
// After so many only the first of each row is, so that every bad row is known.
const KeptErrors = 5000

func keptErrors(bad []RowError) []RowError {
	if len(bad) <= KeptErrors {
		return bad
	}
	first := slices.CompactFunc(slices.Clone(bad[KeptErrors-1:]), func(a, b RowError) bool { return a.Line == b.Line })
	return slices.Concat(bad[:KeptErrors], first[1:])
}

// replaceErrors keeps the bad values of a batch, in place of those from before.
func replaceErrors(ctx context.Context, tx *sqlx.Tx, id string, bad []RowError) error {
	if _, err := tx.ExecContext(ctx, `delete from import_errors where batch_id = $1`, id); err != nil {
		return fmt.Errorf("clear errors of import: %w", err)
	}
	bad = keptErrors(bad)
	rows := make([]errorJSON, len(bad))
	for i, e := range bad {
		value := []rune(e.Value)
		rows[i] = errorJSON{id, i + 1, e.Line, storable(e.Column), storable(string(value[:min(len(value), 200)])), storable(e.Reason)}
	}
	return execBatches(ctx, tx, "keep errors of import", `
	  insert into import_errors (batch_id, place, line, column_name, value, reason)
	  select batch_id, place, line, column_name, value, reason
	    from json_to_recordset($1::json) as x(batch_id uuid, place integer, line integer, column_name text, value text, reason text)`, rows)
}

// storable replaces what no text may have: a value may be bad for the very reason
// that it cannot be stored.
func storable(text string) string {
	return strings.Map(func(r rune) rune {
		if isControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
