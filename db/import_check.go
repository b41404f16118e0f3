package db

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
)

// ImportUpload is the command to check a file and to keep it for its import.
type ImportUpload struct {
	By Actor
	// Kind is ImportOfJobs, ImportOfContractors or ImportOfRegions.
	Kind     string
	FileName string
	Content  []byte
	Now      time.Time
}

// keptChecks bounds the files that one person has uploaded and not imported.
const keptChecks = 5

// CheckImport counts and checks what an import of a file would do, keeps the
// file for an hour and returns the id of the batch. Of one person the five
// latest files are kept. It returns ErrFile for a file that is no table.
func (db *DB) CheckImport(ctx context.Context, in ImportUpload) (string, error) {
	id := uuid.NewString()
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		// Before the file is read, which may take longer than a transaction may idle.
		if err := giveTime(ctx, tx); err != nil {
			return err
		}
		tried, err := db.importFile(ctx, tx, importFile{by: in.By, kind: in.Kind, content: in.Content, dryRun: true, onlyGood: true})
		if err != nil {
			return err
		}
		if err := forgetChecks(ctx, tx, in.By.UserID); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `insert into import_batches (id, kind, file_name, user_id, content, counts, preview, uploaded_at, expires_at)
		  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			id, in.Kind, fileName(in.FileName), in.By.UserID, in.Content, ImportCounts(tried.counts), tried.preview, in.Now, in.Now.Add(uploadLife))
		if err != nil {
			return fmt.Errorf("keep the file: %w", err)
		}
		return replaceErrors(ctx, tx, id, tried.bad)
	})
	if err != nil {
		return "", fmt.Errorf("check import of %s: %w", in.Kind, err)
	}
	return id, nil
}

// forgetChecks looks at the state again when it deletes, because the file may be
// confirmed in between.
func forgetChecks(ctx context.Context, tx *sqlx.Tx, userID string) error {
	_, err := tx.ExecContext(ctx, `delete from import_batches where state = 'checked' and id in (select id from import_batches
	  where user_id = $1 and state = 'checked' order by uploaded_at desc, id offset $2)`, userID, keptChecks-1)
	if err != nil {
		return fmt.Errorf("forget old files: %w", err)
	}
	return nil
}

// ConfirmImport is the command to import a checked file.
type ConfirmImport struct {
	By      Actor
	ID      string
	Version int
	// OnlyGood leaves bad rows out; else one bad row keeps all from being saved.
	OnlyGood bool
	Now      time.Time
}

// ConfirmImport puts a checked file in the queue that RunImport works off. It
// returns ErrNotFound, ErrImportOfOther and, when the batch is not as it was
// shown, ErrImportState. Only who uploaded a file may confirm it: its check told
// what is in his regions, and his are the rights of the import.
func (db *DB) ConfirmImport(ctx context.Context, cmd ConfirmImport) error {
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		b, err := importBatch(ctx, tx, cmd.By, cmd.ID, cmd.Now, "for update of b")
		if err != nil {
			return err
		}
		if b.UserID != cmd.By.UserID {
			return ErrImportOfOther
		}
		if b.State != ImportChecked || b.Version != cmd.Version {
			return ErrImportState
		}
		_, err = tx.ExecContext(ctx, `update import_batches set state = 'queued', only_good = $2, queued_at = $3, queued_by = $4, attempts = 0,
		    trouble = '', version = version + 1 where id = $1`, cmd.ID, cmd.OnlyGood, cmd.Now, cmd.By.UserID)
		if err != nil {
			return fmt.Errorf("queue: %w", err)
		}
		return startProgress(ctx, tx, cmd.ID, b.Counts.Created+b.Counts.Updated)
	})
	if err != nil {
		return fmt.Errorf("confirm import %s: %w", cmd.ID, err)
	}
	db.signalImport()
	return nil
}

func startProgress(ctx context.Context, tx *sqlx.Tx, id string, total int) error {
	_, err := tx.ExecContext(ctx, `insert into import_progress (batch_id, done, total) values ($1, 0, $2)
	  on conflict (batch_id) do update set done = 0, total = excluded.total`, id, total)
	if err != nil {
		return fmt.Errorf("start progress: %w", err)
	}
	return nil
}

// fileName makes a name that a browser sent fit to be shown and stored.
func fileName(name string) string {
	name = strings.ToValidUTF8(name, "")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if isControl(r) || r == '\n' || r == '\r' || r == '\t' {
			return -1
		}
		return r
	}, name))
	if runes := []rune(name); len(runes) > 200 {
		name = string(runes[:200])
	}
	if name == "" {
		return "file.csv"
	}
	return name
}
