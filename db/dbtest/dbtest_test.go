package dbtest_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"smartscheduler/db/dbtest"
)

// ending is how TestOpen is to end in a process that TestEndings starts.
const ending = "SMARTSCHEDULER_TEST_ENDING"

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestOpen(t *testing.T) {
	t.Parallel()
	if err := dbtest.Open(t).Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := dbtest.OpenOwner(t).Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if how := os.Getenv(ending); how != "" {
		fmt.Printf("cluster=%s\n", value(t, dbtest.DSN(t), "show data_directory"))
		fmt.Printf("server=%s\n", value(t, dbtest.DSN(t), "select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)"))
		end(t, how)
	}
}

// end is the fate of the test process.
func end(t *testing.T, how string) {
	t.Helper()
	switch how {
	case "pass":
	case "fail":
		t.Fatal("as wished")
	case "panic":
		panic("as wished")
	case "exit":
		os.Exit(3)
	case "kill":
		if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		select {}
	case "leak":
		go func() { select {} }()
	}
}

func TestSharedDatabaseIsMigrated(t *testing.T) {
	t.Parallel()
	if got := value(t, dbtest.DSN(t), "select count(*) from event_head"); got != "1" {
		t.Errorf("%s rows in event_head", got)
	}
	if first, second := dbtest.DSN(t), dbtest.DSN(t); first != second {
		t.Errorf("two shared databases: %s and %s", first, second)
	}
}

func TestIsolated(t *testing.T) {
	t.Parallel()
	const regions = "insert into regions (slug, name, zone) values ('north', 'North', 'America/New_York') returning slug"
	var first string
	t.Run("own rows", func(t *testing.T) {
		app, owner := dbtest.Isolated(t)
		if err := app.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		if err := owner.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		first = dbtest.IsolatedDSN(t)
		second := dbtest.IsolatedDSN(t)
		for _, dsn := range []string{first, second} {
			if got := value(t, dsn, regions); got != "north" {
				t.Errorf("inserted %q", got)
			}
		}
	})
	name := first[strings.Index(first, "dbname='")+len("dbname='"):]
	name, _, _ = strings.Cut(name, "'")
	if got := value(t, dbtest.DSN(t), "select count(*) from pg_database where datname = '"+name+"'"); got != "0" {
		t.Errorf("database %s was not dropped", name)
	}
}

func value(t *testing.T, dsn, query string) string {
	t.Helper()
	d, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	var got string
	if err := d.QueryRowContext(context.Background(), query).Scan(&got); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return got
}
