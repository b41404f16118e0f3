package dbtest_test

import (
	"testing"

	"smartscheduler/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestOpen(t *testing.T) {
	t.Parallel()
	if err := dbtest.Open(t).Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := dbtest.OpenOwner(t).Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestIsolated(t *testing.T) {
	t.Parallel()
	app, owner := dbtest.Isolated(t)
	if err := app.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := owner.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
}
