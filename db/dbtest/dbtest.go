// Package dbtest gives each test package real, migrated databases, with nothing
// set up before. It is imported by tests only.
//
// A test package calls Main from its TestMain. The first test that asks for a
// database starts one PostgreSQL cluster for the test process, without fsync
// and in memory where there is room, and migrates a template; every further
// database is a copy of it. Nothing is left running or on disk afterwards, also
// when the tests panic or are killed. Without PostgreSQL binaries the tests
// fail with the line that installs them.
package dbtest

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"smartscheduler/db"
)

// startTimeout bounds everything that happens before the first test runs.
const startTimeout = 2 * time.Minute

// conns bounds a pool in a test. The cluster allows 300 connections.
const conns = 8

// process is the cluster of this test process. TestMain and the tests cannot
// hand it to each other, so it is the one variable of a package.
var process atomic.Pointer[cluster]

// Main runs the tests of a package and exits. The databases that they asked for
// are gone when it returns to the shell. Passing tests that leave goroutines
// behind fail, except those that ignore names.
func Main(m *testing.M, ignore ...goleak.Option) {
	c := &cluster{}
	process.Store(c)
	code := m.Run()
	if err := c.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "dbtest:", err)
		code = max(code, 1)
	}
	if code == 0 {
		if err := goleak.Find(ignore...); err != nil {
			fmt.Fprintln(os.Stderr, "dbtest: the tests leave goroutines behind:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// Open opens the database that all tests of the package share, with the rights
// of the application. It is closed at the end of the test.
func Open(t testing.TB) *db.DB {
	t.Helper()
	return open(t, db.Options{DSN: DSN(t)})
}

// OpenOwner opens the shared database as its owner.
func OpenOwner(t testing.TB) *db.DB {
	t.Helper()
	return open(t, db.Options{DSN: DSN(t), AsOwner: true})
}

// Isolated makes a database for this test alone and opens it as the application
// and as its owner. It is dropped at the end of the test.
func Isolated(t testing.TB) (app, owner *db.DB) {
	t.Helper()
	dsn := IsolatedDSN(t)
	return open(t, db.Options{DSN: dsn}), open(t, db.Options{DSN: dsn, AsOwner: true})
}

// DSN returns the owner's connection string of the shared database.
func DSN(t testing.TB) string {
	t.Helper()
	c := started(t)
	if err := c.shareOnce(); err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	return c.server.DSN(shared)
}

// IsolatedDSN makes a database for this test alone and returns its owner's
// connection string. It is dropped at the end of the test.
func IsolatedDSN(t testing.TB) string {
	t.Helper()
	c := started(t)
	name := fmt.Sprintf("test_%d", c.made.Add(1))
	if err := c.copyTemplate(t.Context(), name); err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	t.Cleanup(func() {
		if err := c.drop(context.Background(), name); err != nil {
			t.Errorf("dbtest: %v", err)
		}
	})
	return c.server.DSN(name)
}

func open(t testing.TB, opts db.Options) *db.DB {
	t.Helper()
	opts.MaxConns = conns
	d, err := db.Open(t.Context(), opts)
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("dbtest: close: %v", err)
		}
	})
	return d
}

func started(t testing.TB) *cluster {
	t.Helper()
	c := process.Load()
	if c == nil {
		t.Fatal("dbtest: call dbtest.Main from TestMain")
	}
	if err := c.startOnce(); err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	return c
}
