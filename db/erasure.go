package db

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// The kinds of people who can be erased.
const (
	ErasedCustomer   = "customer"
	ErasedContractor = "contractor"
	ErasedUser       = "user"
)

// erasedWord stands where words about a person stood. The database knows it too.
const erasedWord = "Erased"

// Erase is the command to erase what is known of a person. It cannot be undone.
type Erase struct {
	By Actor
	// ID names the customer, contractor or user.
	ID string
	// Version is the row version of the contractor or user when the form was
	// opened; Confirmed is the Digest of what it showed of a customer.
	Version   int
	Confirmed string
	// Reason is kept, so it must not name the person.
	Reason string
	// Now is the instant from which on jobs are future ones.
	Now time.Time
}

// maxErasureReason bounds a reason, in characters.
const maxErasureReason = 500

// erasureLock is the advisory lock under which people are erased one after the
// other. It comes before all others.
const erasureLock = 95

// begin waits for its turn and tells whether the person is erased already.
func (cmd Erase) begin(ctx context.Context, tx *sqlx.Tx) (already bool, err error) {
	if !cmd.By.AllRegions {
		return false, ErrNotFound
	}
	if _, err := tx.ExecContext(ctx, `select pg_advisory_xact_lock($1)`, erasureLock); err != nil {
		return false, fmt.Errorf("take turns: %w", err)
	}
	err = tx.GetContext(ctx, &already, `select exists (select from erasures where subject_id = $1)`, cmd.ID)
	return already, notFound(err)
}

// note writes down that somebody is erased. Only in this transaction does the
// history forget words, see migration 15. It refuses a reason with a part of the
// name or any of the other texts that are to go.
func (cmd Erase) note(ctx context.Context, tx *sqlx.Tx, kind, name string, texts ...string) error {
	reason := strings.TrimSpace(cmd.Reason)
	if n := utf8.RuneCountInString(reason); n == 0 || n > maxErasureReason {
		return &Invalid{Field: "reason", Message: fmt.Sprintf("say in 1 to %d characters who asked for it and when", maxErasureReason)}
	}
	if tells(reason, name, texts) {
		return &Invalid{Field: "reason", Message: "leave out the name, the phone number and the address: the reason is kept"}
	}
	_, err := tx.ExecContext(ctx, `insert into erasures (kind, subject_id, actor_id, reason) values ($1, $2, $3, $4)`,
		kind, cmd.ID, cmd.By.UserID, reason)
	if err != nil {
		return fmt.Errorf("note the erasure: %w", err)
	}
	return nil
}

// tells tells whether a reason names somebody: by a word of the name that has
// three letters or more, or by one of the texts.
func tells(reason, name string, texts []string) bool {
	words := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	}
	said := words(reason)
	return slices.ContainsFunc(words(name), func(w string) bool { return utf8.RuneCountInString(w) > 2 && slices.Contains(said, w) }) ||
		slices.ContainsFunc(append(texts, name), func(text string) bool {
			return text != "" && strings.Contains(strings.ToLower(reason), strings.ToLower(text))
		})
}

// step is one statement of an erasure.
type step struct {
	what, query string
	args        []any
}

func runSteps(ctx context.Context, tx *sqlx.Tx, steps ...step) error {
	for _, s := range steps {
		if _, err := tx.ExecContext(ctx, s.query, s.args...); err != nil {
			return fmt.Errorf("%s: %w", s.what, err)
		}
	}
	return nil
}

// eraseWords takes the free words out of the history of jobs, of a contractor or
// of a user; "" for none.
func eraseWords(jobs []string, contractor, user string) step {
	return step{"erase words", `select erase_words($1::uuid[], $2, $3)`, []any{pq.Array(jobs), nullable(contractor), nullable(user)}}
}

// forgetFiles drops the uploaded files of a kind with their bad values at once:
// in which of them somebody is named cannot be seen from outside. Nothing is
// imported meanwhile; ErrImportRunning says that something is about to be.
func forgetFiles(ctx context.Context, tx *sqlx.Tx, kind, name string, now time.Time) error {
	if err := takeImportLock(ctx, tx); err != nil {
		return err
	}
	var waiting bool
	if err := tx.GetContext(ctx, &waiting, `select exists (select from import_batches where state = 'queued')`); err != nil {
		return fmt.Errorf("look for imports: %w", err)
	}
	if waiting {
		return ErrImportRunning
	}
	return runSteps(ctx, tx,
		step{"forget bad values", `delete from import_errors where batch_id in (select id from import_batches where kind = $1)`, []any{kind}},
		step{"forget files", `update import_batches set content = null, expires_at = least(expires_at, $2), version = version + 1
		  where kind = $1 and content is not null`, []any{kind, now}},
		step{"forget names of files", `update import_batches set file_name = $2
		  where $1 <> '' and position(lower($1) in lower(file_name)) > 0`, []any{name, erasedWord}})
}

// Erasure is that somebody was erased.
type Erasure struct {
	// Kind is one of ErasedCustomer, ErasedContractor and ErasedUser.
	Kind      string    `db:"kind"`
	SubjectID string    `db:"subject_id"`
	By        string    `db:"by_name"`
	Reason    string    `db:"reason"`
	At        time.Time `db:"created_at"`
}

const selectErasures = `select e.kind, e.subject_id, u.name as by_name, e.reason, e.created_at
  from erasures e join users u on u.id = e.actor_id `

// Erasures returns the last erasures, the newest first.
func (db *DB) Erasures(ctx context.Context, limit int) ([]Erasure, error) {
	var list []Erasure
	if err := db.pool.SelectContext(ctx, &list, selectErasures+`order by e.created_at desc, e.id limit $1`, limit); err != nil {
		return nil, fmt.Errorf("list erasures: %w", translate(err))
	}
	return list, nil
}

// ErasureOf returns the erasure of a person, or ErrNotFound.
func (db *DB) ErasureOf(ctx context.Context, id string) (Erasure, error) {
	var e Erasure
	if err := db.pool.GetContext(ctx, &e, selectErasures+`where e.subject_id = $1`, id); err != nil {
		return Erasure{}, fmt.Errorf("erasure of %s: %w", id, notFound(err))
	}
	return e, nil
}
