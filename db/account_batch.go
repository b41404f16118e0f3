package db

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"smartscheduler/events"
)

const (
	// batchTime bounds one query for accounts, with the wait for its turn.
	batchTime = 3 * time.Second
	// maxBatches is how many such queries may run at once.
	maxBatches = 2
)

// SessionAccountInBatch is SessionAccount for those who may come by thousands at
// once, as streams do after a restart: who asks while others are being looked up
// waits and shares one query with all who do. The answer is never older than the
// question.
func (db *DB) SessionAccountInBatch(ctx context.Context, token string, now time.Time) (Account, error) {
	return db.accountInBatch(ctx, "session", sessionKey+hashToken(token), now)
}

// KioskByTokenInBatch is KioskByToken in the manner of SessionAccountInBatch.
func (db *DB) KioskByTokenInBatch(ctx context.Context, token string, now time.Time) (Account, error) {
	return db.accountInBatch(ctx, "kiosk", kioskKey+hashToken(token), now)
}

func (db *DB) accountInBatch(ctx context.Context, what, key string, now time.Time) (Account, error) {
	b, first := db.accounts.join(key, now)
	if first {
		go db.findBatch(context.WithoutCancel(ctx), b) // for all of them, whoever leaves
	}
	select {
	case <-b.done:
	case <-ctx.Done():
		return Account{}, fmt.Errorf("look up a %s: %w", what, translate(ctx.Err()))
	}
	if b.err != nil {
		return Account{}, b.err
	}
	return db.accountOf(ctx, what, key, b.active, b.lost)
}

// accountBatches collects the keys of those who wait for a query.
type accountBatches struct {
	mu    sync.Mutex
	next  *accountBatch // nil when nobody waits
	turns chan struct{}
}

// accountBatch is one query; what it found stands once done is closed.
type accountBatch struct {
	keys   []string
	now    time.Time
	done   chan struct{}
	active map[string]Account
	lost   map[string]events.Loss
	err    error
}

// join adds a key to the query that is asked next, and tells whether it is the
// first one.
func (q *accountBatches) join(key string, now time.Time) (b *accountBatch, first bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.turns == nil {
		q.turns = make(chan struct{}, maxBatches)
	}
	if q.next == nil {
		q.next, first = &accountBatch{done: make(chan struct{})}, true
	}
	q.next.keys, q.next.now = append(q.next.keys, key), now
	return q.next, first
}

// closed ends the joining, so that the query can be asked.
func (q *accountBatches) closed() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.next = nil
}

// findBatch asks the query. A panic costs those who wait for it and nobody else.
func (db *DB) findBatch(ctx context.Context, b *accountBatch) {
	defer close(b.done)
	defer func() {
		if p := recover(); p != nil {
			slog.ErrorContext(ctx, "panic while sessions were looked up", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			b.err = fmt.Errorf("look up %d sessions: panic: %v", len(b.keys), p)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, batchTime)
	defer cancel()
	select {
	case db.accounts.turns <- struct{}{}:
		defer func() { <-db.accounts.turns }()
		db.accounts.closed()
		b.active, b.lost, b.err = db.ActiveKeys(ctx, b.keys, b.now)
	case <-ctx.Done():
		db.accounts.closed()
		b.err = fmt.Errorf("look up %d sessions: %w", len(b.keys), translate(ctx.Err()))
	}
}
