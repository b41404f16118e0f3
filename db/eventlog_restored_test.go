package db_test

import (
	"sync"
	"testing"

	"github.com/google/uuid"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
	"smartscheduler/events"
)

// A log that went back, or that has another event where somebody has seen one,
// gets one new epoch however many processes notice; a log that is as it was
// keeps its epoch.
func TestP06LogThatWasPutBackGetsAnotherEpoch(t *testing.T) {
	t.Parallel()
	// What a backup does to the tables, without its tools.
	const (
		open    = `alter table event_log disable trigger user`
		shorter = open + `; delete from event_log where pos > 2; update event_head set pos = 2`
		other   = open + `; update event_log set event_id = gen_random_uuid() where pos = 3`
		moved   = `update event_head set home = 'another cluster'`
	)
	for name, c := range map[string]struct {
		restore string
		wantNew bool
	}{
		"Same": {`select 1`, false}, "Shorter": {shorter, true}, "Other": {other, true}, "Moved": {moved, true},
		// The first look at a log that nobody has looked at before.
		"New": {`update event_head set home = null`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app, owner := dbtest.Isolated(t)
			for range 3 {
				logEvents(t, app, assigned(uuid.NewString(), uuid.NewString(), "north"))
			}
			if given, err := app.Sequence(t.Context(), 10); given != 3 || err != nil {
				t.Fatalf("gave %d positions, %v", given, err)
			}
			before, err := app.Confirm(t.Context(), events.Position{}, "")
			if err != nil || before.Pos != 3 {
				t.Fatalf("head %s, %v", before, err)
			}
			all, err := app.After(t.Context(), 0, 10)
			if err != nil || len(all) != 3 {
				t.Fatalf("%d events, %v", len(all), err)
			}
			seen := all[2]
			if err := owner.Exec(t.Context(), c.restore); err != nil {
				t.Fatal(err)
			}
			heads := make([]events.Position, 8)
			var confirming sync.WaitGroup
			for i := range heads {
				confirming.Go(func() {
					var err error
					if heads[i], err = app.Confirm(t.Context(), seen.Position, seen.EventID); err != nil {
						t.Error(err)
					}
				})
			}
			confirming.Wait()
			for _, head := range heads {
				if head != heads[0] || c.wantNew != (head.Epoch > before.Epoch) || !c.wantNew && head.Epoch != before.Epoch {
					t.Errorf("was at %s, the processes found %v", before, heads)
					break
				}
			}
		})
	}
}

// A copy of a database, as a restored dump is one, is another log for whoever
// comes with a position of the first, although it says the same.
func TestP06CopyOfADatabaseIsAnotherLog(t *testing.T) {
	t.Parallel()
	app, owner := dbtest.Isolated(t)
	first, err := app.Confirm(t.Context(), events.Position{}, "")
	if err != nil {
		t.Fatal(err)
	}
	// The row as a dump has it, loaded into a database of its own.
	var home string
	if err := owner.Scan(t.Context(), `select home from event_head`, &home); err != nil {
		t.Fatal(err)
	}
	there, thereOwner := dbtest.Isolated(t)
	row := `update event_head set epoch = ` + first.String()[:len(first.String())-2] + `, home = '` + home + `'`
	if err := thereOwner.Exec(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	second, err := there.Confirm(t.Context(), events.Position{}, "")
	if err != nil || second.Epoch <= first.Epoch {
		t.Errorf("the copy is at %s, the first at %s, %v", second, first, err)
	}
	again, err := there.Confirm(t.Context(), events.Position{}, "")
	if err != nil || again != second {
		t.Errorf("a second look found %s after %s, %v", again, second, err)
	}
}

// The command of the runbook gives a new epoch; requests have no right to it.
func TestRestoredGivesANewEpoch(t *testing.T) {
	t.Parallel()
	app, owner := dbtest.Isolated(t)
	before, err := app.Confirm(t.Context(), events.Position{}, "")
	if err != nil {
		t.Fatal(err)
	}
	after, err := owner.Restored(t.Context())
	if err != nil || after.Epoch <= before.Epoch || after.Pos != before.Pos {
		t.Errorf("%s after %s, %v", after, before, err)
	}
	if _, err := app.Restored(t.Context()); db.SQLState(err) != "42501" {
		t.Errorf("a request gave a new epoch: %v", err)
	}
	if head, err := app.Confirm(t.Context(), before, ""); err != nil || head != after {
		t.Errorf("a process found %s, not %s, %v", head, after, err)
	}
}
