// Package db holds all SQL of SmartScheduler: the schema, the records with
// their queries, and the commands that change an assignment in one transaction
// together with the audit record and the events. It returns the sentinels of
// errors.go, wrapped with the act and the object.
package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
)

// AppRole is the PostgreSQL role that requests run as. It owns nothing and
// cannot change the event log; see roles.go.
const AppRole = "smartscheduler_app"

// Options configures Open.
type Options struct {
	// DSN is a lib/pq connection string or URL of the owner of the schema.
	DSN string
	// MaxConns bounds the pool; 0 means 20.
	MaxConns int
	// AsOwner keeps the owner's rights instead of taking AppRole; for
	// migrations and tests of the schema.
	AsOwner bool
}

// DB is a pool of connections. Its methods are safe for concurrent use.
type DB struct {
	pool  *sqlx.DB
	conns int
	dsn   string
	// wake is signalled after each commit that logged an event, so that the
	// relay of this process need not wait for its poll.
	wake chan struct{}
	// importWake is signalled after each commit that queued an import.
	importWake chan struct{}

	regions  regionMapCache
	accounts accountBatches
	// unreadable holds the keys of sessions whose data cannot be read, which is
	// said once of each.
	unreadable sync.Map
}

// Open connects and checks the connection. Unless opts.AsOwner is set, every
// connection takes AppRole where the server has it.
func Open(ctx context.Context, opts Options) (*DB, error) {
	dsn, err := withSettings(opts.DSN)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	connector, err := newConnector(dsn, opts.AsOwner)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	pool := sqlx.NewDb(sql.OpenDB(connector), "postgres")
	limit := opts.MaxConns
	if limit == 0 {
		limit = 20
	}
	pool.SetMaxOpenConns(limit)
	pool.SetMaxIdleConns(limit)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	db := &DB{pool: pool, conns: limit, dsn: dsn, wake: make(chan struct{}, 1), importWake: make(chan struct{}, 1)}
	// Where one connection does not answer, those that wait beside it may not either.
	connector.silent = db.DropIdle
	if err := pool.PingContext(ctx); err != nil {
		_ = pool.Close()
		return nil, fmt.Errorf("open database: %w", errors.Join(ErrUnavailable, err))
	}
	return db, nil
}

// Close closes all connections.
func (db *DB) Close() error { return db.pool.Close() }

// Ping tells whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.pool.PingContext(ctx); err != nil {
		return fmt.Errorf("ping: %w", translate(err))
	}
	return nil
}

// DropIdle closes the connections that nobody uses. They may be dead without
// looking so, and each would cost its next user a deadline. A pool does so by
// itself when one of its connections does not answer.
func (db *DB) DropIdle() {
	db.pool.SetMaxIdleConns(0)
	db.pool.SetMaxIdleConns(db.conns)
}

// Stats returns the state of the pool.
func (db *DB) Stats() sql.DBStats { return db.pool.Stats() }

// Wake is signalled after commits that logged events in this process. A
// signal may stand for many commits.
func (db *DB) Wake() <-chan struct{} { return db.wake }

func (db *DB) signal() {
	select {
	case db.wake <- struct{}{}:
	default:
	}
}

// maxTries bounds the attempts at one transaction that lost a deadlock or a
// serialisation conflict.
const maxTries = 3

// inTx runs fn in one READ COMMITTED transaction and commits. It rolls back on
// an error or a panic, and runs fn again, from the start, when it lostARace.
func (db *DB) inTx(ctx context.Context, fn func(tx *sqlx.Tx) error) error {
	for try := 1; ; try++ {
		err := db.tryTx(ctx, nil, fn)
		if try == maxTries || !lostARace(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(rand.IntN(20*try)) * time.Millisecond):
		}
	}
}

// lostARace tells whether the same transaction may succeed when it runs again: it
// was the victim of a deadlock, or the customer whom it found was erased.
func lostARace(err error) bool {
	_, constraint := sqlState(err)
	return isCode(err, codeDeadlock) || isCode(err, codeSerializationFailure) || constraint == "sites_customer_id_fkey"
}

// inSnapshot runs fn in one REPEATABLE READ READ ONLY transaction: everything
// that fn reads is of the same instant.
func (db *DB) inSnapshot(ctx context.Context, fn func(tx *sqlx.Tx) error) error {
	return db.tryTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, fn)
}

func (db *DB) tryTx(ctx context.Context, opts *sql.TxOptions, fn func(tx *sqlx.Tx) error) error {
	tx, err := db.pool.BeginTxx(ctx, opts)
	if err != nil {
		return translate(err)
	}
	defer func() { _ = tx.Rollback() }()
	if err := fn(tx); err != nil {
		return translate(overtaken(ctx, err))
	}
	return translate(overtaken(ctx, tx.Commit()))
}

// overtaken adds why a transaction is no more when its context ended it.
func overtaken(ctx context.Context, err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return errors.Join(err, ctx.Err())
	}
	return err
}

// translate marks errors that mean "the database is away" with ErrUnavailable
// and leaves all others as they are.
func translate(err error) error {
	if err == nil || errors.Is(err, ErrUnavailable) {
		return err
	}
	code, _ := sqlState(err)
	var network net.Error
	switch {
	case code == codeDiskFull:
		return errors.Join(ErrNoRoom, ErrUnavailable, err)
	case code == codeLockTimeout, code == codeQueryCanceled,
		len(code) == 5 && (code[:2] == "08" || code[:2] == "53" || code[:3] == "57P"),
		errors.Is(err, driver.ErrBadConn), errors.As(err, &network),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, context.DeadlineExceeded):
		return errors.Join(ErrUnavailable, err)
	}
	return err
}
