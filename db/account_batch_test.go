package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
)

// TestP10LookedUpInBatches shows that 300 streams that come back together are
// looked up by a handful of queries, not more than two at once, that each gets
// its own account, and that one who leaves does not take the others along.
func TestP10LookedUpInBatches(t *testing.T) {
	t.Parallel()
	d, owner := dbtest.Isolated(t)
	north := newRegion(t, owner)
	users, tokens := make([]string, 10), make([]string, 10)
	for i := range users {
		users[i] = newUser(t, owner, "dispatcher", north).ID
		tokens[i] = signIn(t, owner, users[i], time.Hour, 3*time.Hour)
	}
	raw, err := sql.Open("postgres", owner.ListenDSN())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	tx, err := raw.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(t.Context(), `lock table sessions in access exclusive mode`); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	leaving, leave := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() {
		_, err := d.SessionAccountInBatch(leaving, tokens[0], now)
		left <- err
	}()
	var all errgroup.Group
	for i := range 300 {
		all.Go(func() error {
			a, err := d.SessionAccountInBatch(t.Context(), tokens[i%10], now)
			if err == nil && a.UserID != users[i%10] {
				err = fmt.Errorf("got the account of another user")
			}
			return err
		})
	}
	all.Go(func() error {
		_, err := d.SessionAccountInBatch(t.Context(), uuid.NewString(), now)
		if !errors.Is(err, db.ErrNotFound) {
			return fmt.Errorf("a token of nobody: %v", err)
		}
		return nil
	})
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("who left got %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := all.Wait(); err != nil {
		t.Error(err)
	}
	if n := d.Stats().OpenConnections; n > 2 { // idle ones stay open
		t.Errorf("%d connections looked up accounts, more than two", n)
	}
}

// A panic in the look-up, here of a database that was never opened, is an error
// for those who wait, each time, and not the end of the process.
func TestLookUpInBatchSurvivesAPanic(t *testing.T) {
	t.Parallel()
	d := &db.DB{}
	for range 3 {
		if _, err := d.SessionAccountInBatch(t.Context(), "token", time.Now()); err == nil || !strings.Contains(err.Error(), "panic") {
			t.Errorf("error is %v, want the panic", err)
		}
	}
}
