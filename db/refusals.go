package db

import (
	"context"
	"fmt"
	"time"
)

// Refusal is a request for a stream that is not the caller's, or is not there.
type Refusal struct {
	// Caller is the key of the session or device, Role its role.
	Caller, Role string
	// UserID is empty for a display, KioskID for everybody else.
	UserID, KioskID string
	// Path is what was asked for; 500 characters of it are kept.
	Path, Address string
}

const (
	maxRefusedPath = 500
	// maxRefusals bounds the rows of one caller in an hour, whatever he asks for.
	maxRefusals = 120
)

// RecordRefusal notes a refused stream at now in the security log: once a
// minute for the same caller and path, and 120 times an hour for one caller.
func (db *DB) RecordRefusal(ctx context.Context, r Refusal, now time.Time) error {
	_, err := db.pool.ExecContext(ctx, `
insert into stream_refusals (minute, caller, role, user_id, kiosk_id, path, address, created_at)
select date_trunc('minute', $1::timestamptz), $2, $3, $4, $5, left($6, $8), $7, $1
 where (select count(*) from stream_refusals where caller = $2 and minute > $1::timestamptz - interval '1 hour') < $9
on conflict do nothing`,
		now, r.Caller, r.Role, nullable(r.UserID), nullable(r.KioskID), r.Path, r.Address, maxRefusedPath, maxRefusals)
	if err != nil {
		return fmt.Errorf("record refused stream: %w", translate(err))
	}
	return nil
}

// forgetRefusals drops the refusals that are more than a year old and returns how
// many they were, also beside an error.
func (db *DB) forgetRefusals(ctx context.Context) (total int, err error) {
	for {
		var n int
		if err := db.pool.GetContext(ctx, &n, `select forget_refusals($1)`, batchRows); err != nil {
			return total, fmt.Errorf("forget refused streams: %w", translate(err))
		}
		if total += n; n < batchRows {
			return total, nil
		}
	}
}
