package db

import (
	"context"
	"fmt"
	"time"
)

// keyLife is how long the answer to a form is kept for those who send it again.
const keyLife = 7 * 24 * time.Hour

// expiredRows name, by table, the rows that are of no more use at $1; $2 is
// keyLife before it.
func expiredRows() [][2]string {
	return [][2]string{
		{"idempotency_keys", `created_at < $2`},
		{"contractor_links", `used_at is not null or expires_at < $1`},
		{"user_links", `expires_at < $1`},
		{"kiosk_codes", `used_at is not null or expires_at < $1`},
		{"sessions", `expiry < $1`},
		{"import_batches", `state = 'checked' and expires_at < $1`},
		{"import_errors", `batch_id in (select id from import_batches where expires_at < $1 and state not in ('queued', 'undoing'))`},
		{"import_added", `batch_id in (select id from import_batches where expires_at < $1 and done_at < $1 - interval '1 hour' and state <> 'undoing')`},
		{"delivery_processes", `seen_at < $1 - interval '1 day'`},
		// The last, because somebody may give one a site just then.
		{"customers", `created_at < $1 - interval '1 hour' and not exists (select from sites where customer_id = customers.id)`},
	}
}

// DeleteExpired removes what can have no effect any more at now: idempotency
// keys older than 7 days, used and expired links and codes, expired sessions,
// uploaded files an hour old with what was wrong with them, reports of processes
// that were not seen for a day, customers without a job, and refused streams of more
// than a year ago by the clock of the database. It returns how many rows went, also
// beside an error.
func (db *DB) DeleteExpired(ctx context.Context, now time.Time) (int, error) {
	total := 0
	for _, rows := range expiredRows() {
		for {
			// In batches, because a statement has to end within statement_timeout.
			result, err := db.pool.ExecContext(ctx, fmt.Sprintf(`delete from %[1]s where ctid = any(array(
			  select ctid from %[1]s where ($1::timestamptz, $2::timestamptz) is not null and (%[2]s) limit %[3]d))`,
				rows[0], rows[1], batchRows), now, now.Add(-keyLife))
			if err != nil {
				return total, fmt.Errorf("delete expired rows of %s: %w", rows[0], translate(err))
			}
			n, err := result.RowsAffected()
			if err != nil {
				return total, fmt.Errorf("delete expired rows of %s: %w", rows[0], err)
			}
			if total += int(n); n < batchRows {
				break
			}
		}
	}
	if err := db.forgetUploads(ctx, now); err != nil {
		return total, err
	}
	refusals, err := db.forgetRefusals(ctx)
	return total + refusals, err
}

// forgetUploads drops the uploaded files whose time is over; what became of them
// stays.
func (db *DB) forgetUploads(ctx context.Context, now time.Time) error {
	_, err := db.pool.ExecContext(ctx, `update import_batches set content = null, preview = null
	  where content is not null and expires_at < $1 and state not in ('queued', 'undoing')`, now)
	if err != nil {
		return fmt.Errorf("forget uploaded files: %w", translate(err))
	}
	return nil
}
