package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/schedule"
)

// Customer is somebody for whom jobs are done.
type Customer struct {
	ID        string    `db:"id"`
	Name      string    `db:"name"`
	Phone     string    `db:"phone"`
	Email     string    `db:"email"`
	CreatedAt time.Time `db:"created_at"`
	// Jobs counts all of his jobs.
	Jobs int `db:"jobs"`
}

const selectCustomers = `select k.id, k.name, k.phone, k.email, k.created_at,
  (select count(*) from jobs j join sites s on s.id = j.site_id where s.customer_id = k.id) as jobs from customers k `

// FindCustomers returns up to limit customers who are wanted, by name. All are
// looked at one after the other and none is kept but those.
func (db *DB) FindCustomers(ctx context.Context, wanted func(Customer) bool, limit int) ([]Customer, error) {
	ids := []string{}
	err := db.inSnapshot(ctx, func(tx *sqlx.Tx) error {
		return eachRow(ctx, tx, func(rows *sqlx.Rows) error {
			var k Customer
			if err := rows.Scan(&k.ID, &k.Name, &k.Phone, &k.Email); err != nil {
				return err
			}
			if len(ids) < limit && wanted(k) {
				ids = append(ids, k.ID)
			}
			return nil
		}, `select id, name, phone, email from customers order by lower(name), phone, id`)
	})
	if err != nil {
		return nil, fmt.Errorf("find customers: %w", err)
	}
	var list []Customer
	err = db.pool.SelectContext(ctx, &list, selectCustomers+`where k.id = any($1::uuid[]) order by lower(k.name), k.phone, k.id`, pq.Array(ids))
	if err != nil {
		return nil, fmt.Errorf("find customers: %w", translate(err))
	}
	return list, nil
}

// CustomerRecord is everything that is kept of a customer, read at one instant.
type CustomerRecord struct {
	Customer
	// Cards are his jobs, the newest window first.
	Cards []Card
	// Words counts the reasons in the history of his jobs.
	Words int `db:"words"`
	// Files counts the uploads that may name him.
	Files int `db:"files"`
}

// CustomerRecord returns what is kept of a customer, or ErrNotFound.
func (db *DB) CustomerRecord(ctx context.Context, id string) (CustomerRecord, error) {
	var r CustomerRecord
	err := db.inSnapshot(ctx, func(tx *sqlx.Tx) (err error) {
		r, err = customerRecord(ctx, tx, id)
		return err
	})
	if err != nil {
		return CustomerRecord{}, fmt.Errorf("record of customer %s: %w", id, err)
	}
	return r, nil
}

func customerRecord(ctx context.Context, tx *sqlx.Tx, id string) (CustomerRecord, error) {
	var r CustomerRecord
	if err := tx.GetContext(ctx, &r.Customer, selectCustomers+`where k.id = $1`, id); err != nil {
		return r, notFound(err)
	}
	err := tx.QueryRowContext(ctx, `select
	    (select count(*) from audit_records a join jobs j on j.id = a.job_id join sites s on s.id = j.site_id
	      where s.customer_id = $1 and a.override_reason not in ('', $2)),
	    (select count(*) from import_batches where kind = 'jobs' and content is not null)`, id, erasedWord).Scan(&r.Words, &r.Files)
	if err != nil {
		return r, fmt.Errorf("words and files: %w", err)
	}
	r.Cards, err = selectCardsWhere(ctx, tx, ` where t.customer_id = $1 order by j.window_start desc, j.number, a.id`, id)
	return r, err
}

// Digest stands for exactly this customer with these jobs, as they are.
func (r CustomerRecord) Digest() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q %q %q\n", r.Name, r.Phone, r.Email)
	for _, c := range r.Cards {
		fmt.Fprintf(&b, "%s %d\n", c.JobID, c.Version)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

// ToDo are the jobs that somebody still has to go to: they wait for a contractor
// or for something else, or their time is not over.
func (r CustomerRecord) ToDo(now time.Time) []Card {
	var list []Card
	for _, c := range r.Cards {
		switch c.Status {
		case schedule.JobCompleted, schedule.JobCancelled:
			continue
		}
		if c.Listed() || c.Status == schedule.JobDraft || c.Assigned() && c.End.Time.After(now) {
			list = append(list, c)
		}
	}
	return list
}

// jobIDs are the ids of the jobs, each once, sorted.
func (r CustomerRecord) jobIDs() []string {
	ids := make([]string, len(r.Cards))
	for i, c := range r.Cards {
		ids[i] = c.JobID
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
