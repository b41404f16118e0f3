package db_test

import (
	"context"
	"database/sql"
	"net/url"
	"strings"
	"testing"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
)

// emptied returns the connection string of a database without a schema.
func emptied(t *testing.T) (dsn string, owner *sql.DB) {
	t.Helper()
	dsn = dbtest.IsolatedDSN(t)
	owner, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Close() })
	if _, err := owner.ExecContext(t.Context(), `drop schema public cascade; create schema public`); err != nil {
		t.Fatal(err)
	}
	return dsn, owner
}

func open(t *testing.T, opts db.Options) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// TestMigrateFromSeveralProcesses starts six at once on an empty database.
func TestMigrateFromSeveralProcesses(t *testing.T) {
	t.Parallel()
	dsn, owner := emptied(t)
	const processes = 6
	pools := make([]*db.DB, processes)
	for i := range pools {
		pools[i] = open(t, db.Options{DSN: dsn, AsOwner: true, MaxConns: 2})
	}
	done := make(chan error, processes)
	for _, d := range pools {
		go func() { done <- d.Migrate(context.Background()) }()
	}
	for range processes {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	var twice int
	err := owner.QueryRowContext(t.Context(), `select count(*) - count(distinct version_id) from goose_db_version`).Scan(&twice)
	if err != nil || twice != 0 {
		t.Errorf("%d migrations ran twice, %v", twice, err)
	}
	if err := pools[0].Migrate(t.Context()); err != nil {
		t.Errorf("migrate an up-to-date database: %v", err)
	}
	if empty, err := open(t, db.Options{DSN: dsn}).Empty(t.Context()); err != nil || !empty {
		t.Errorf("a migrated database is empty: %v, %v", empty, err)
	}
}

// TestOpenByURL connects with the same string as a URL, and gives it the same
// limits.
func TestOpenByURL(t *testing.T) {
	t.Parallel()
	dsn := dbtest.IsolatedDSN(t)
	query := url.Values{}
	name := ""
	for field := range strings.FieldsSeq(dsn) {
		key, value, _ := strings.Cut(field, "=")
		value = strings.Trim(value, "'")
		if key == "dbname" {
			name = value
			continue
		}
		query.Set(key, value)
	}
	d := open(t, db.Options{DSN: "postgres:///" + name + "?" + query.Encode()})
	if err := d.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	var timeout, role, jit string
	err := d.Scan(t.Context(), `select current_setting('statement_timeout'), current_user,
	  (select setting || ' by the ' || source from pg_settings where name = 'jit')`, &timeout, &role, &jit)
	if err != nil || timeout != "5s" || role != db.AppRole || jit != "off by the client" {
		t.Errorf("statement_timeout %s as %s, jit %s, %v", timeout, role, jit, err)
	}
	if _, err := db.Open(t.Context(), db.Options{DSN: "postgres://user:secret@[::1"}); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("a broken URL: %v", err)
	}
}
