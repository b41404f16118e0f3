package db_test

import (
	"strings"
	"testing"
	"time"

	"smartscheduler/db/dbtest"
	"smartscheduler/events"
)

// The age counts an event from its commit to its publication, also while it
// waits for its position.
func TestOldestAfter(t *testing.T) {
	t.Parallel()
	app, owner := dbtest.Isolated(t)
	head, err := app.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := func(what string, after events.Position, hours int) {
		t.Helper()
		age, err := app.OldestAfter(t.Context(), after)
		if err != nil || age.Truncate(time.Hour) != time.Duration(hours)*time.Hour || hours == 0 && age != 0 {
			t.Errorf("%s: %s, %v, want %d h", what, age, err, hours)
		}
	}
	log := func(age string) {
		t.Helper()
		aged := strings.NewReplacer("actor_kind)", "actor_kind, created_at)", "'system')", "'system', now() - interval '"+age+"')").Replace(insertRaw)
		if err := owner.Exec(t.Context(), aged, `{}`); err != nil {
			t.Fatal(err)
		}
	}
	want("empty log", head, 0)
	log("3 hours")
	want("no position", head, 3)
	sequenceAll(t, app)
	want("position, not published", head, 3)
	head.Pos = 1
	want("published", head, 0)
	log("2 hours")
	want("the next", head, 2)
	log("1 hours")
	sequenceAll(t, app)
	want("the next two", head, 2)
	head.Pos = 2
	want("the last", head, 1)
	head.Epoch++
	want("another log", head, 3)
}
