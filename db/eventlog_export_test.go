package db

import (
	"context"

	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
)

// ErrBadEvent is errBadEvent for the tests.
var ErrBadEvent = errBadEvent

// LogInTx runs before in a transaction, appends events, runs after, and
// commits, as every command does.
func (db *DB) LogInTx(ctx context.Context, before, after func(*sqlx.Tx) error, evs func() []events.Event) error {
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		if err := before(tx); err != nil {
			return err
		}
		if err := appendEvents(ctx, tx, evs()...); err != nil {
			return err
		}
		return after(tx)
	})
	if err == nil {
		db.signal()
	}
	return err
}

// Exec runs one statement with the rights of the pool.
func (db *DB) Exec(ctx context.Context, query string, args ...any) error {
	_, err := db.pool.ExecContext(ctx, query, args...)
	return err
}

// Scan reads one row with the rights of the pool.
func (db *DB) Scan(ctx context.Context, query string, to ...any) error {
	return db.pool.QueryRowContext(ctx, query).Scan(to...)
}

// IDsAfter reads as a naive tailer does, by id.
func (db *DB) IDsAfter(ctx context.Context, id int64) (ids []int64, err error) {
	err = db.pool.SelectContext(ctx, &ids, `select id from event_log where id > $1 order by id limit 500`, id)
	return ids, err
}

// SQLState returns the SQLSTATE of an error, or "".
func SQLState(err error) string {
	code, _ := sqlState(err)
	return code
}
