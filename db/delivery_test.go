package db_test

import (
	"reflect"
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
	"smartscheduler/events"
)

// A process replaces its own report and no other's, and what it says comes back
// as it was said.
func TestDeliveryReports(t *testing.T) {
	t.Parallel()
	app, owner := dbtest.Isolated(t)
	if none, err := app.DeliveryProcesses(t.Context()); err != nil || len(none) != 0 {
		t.Fatalf("before the first: %v, %v", none, err)
	}
	started, took := time.Date(2027, 3, 8, 9, 0, 0, 0, time.UTC), int64(12)
	until := started.Add(time.Minute)
	full := db.DeliveryProcess{
		Instance: "desk-1", Build: "b1", StartedAt: started, Position: events.Position{Epoch: 7, Pos: 41}, Lag: 1500 * time.Millisecond,
		Streams: map[string]int{"dispatch/north": 3, "contractors": 2},
		Counters: db.DeliveryCounters{
			Open: 5, LastMillis: &took, Published: 40, Evicted: 2, EvictedLastHour: 1, Lagged: 4,
			Resyncs: map[string]int64{"too-old": 3}, Refused: 6, Replays: 7, ReplayedEvents: 80,
		},
		Errors: []db.DeliveryError{{At: started, Act: "tail", Text: "the database is away", Until: &until}, {At: started, Act: "panic", Text: "x"}},
	}
	report := func(p db.DeliveryProcess) {
		t.Helper()
		if err := app.ReportDelivery(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	read := func() []db.DeliveryProcess {
		t.Helper()
		list, err := app.DeliveryProcesses(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i := range list {
			list[i].StartedAt = list[i].StartedAt.UTC()
			if age := time.Since(list[i].SeenAt); age < -time.Minute || age > time.Minute {
				t.Errorf("%s was seen %s ago", list[i].Instance, age)
			}
			list[i].SeenAt = time.Time{}
		}
		return list
	}
	report(db.DeliveryProcess{Instance: "desk-2", Build: "b0", StartedAt: started})
	report(db.DeliveryProcess{Instance: "desk-1", Build: "b0", StartedAt: started.Add(-time.Hour), Stopped: true})
	if list := read(); len(list) != 2 || list[0].Instance != "desk-2" || list[0].Stopped || !list[1].Stopped {
		t.Errorf("who goes on comes first: %+v", list)
	}
	report(full)
	if err := owner.Exec(t.Context(), `update delivery_processes set seen_at = seen_at - interval '1 hour' where instance = 'desk-1'`); err != nil {
		t.Fatal(err)
	}
	list, err := app.DeliveryProcesses(t.Context())
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	got := list[0]
	if got.Silence < time.Hour || got.Silence > time.Hour+time.Minute || list[1].Silence > time.Minute {
		t.Errorf("silent for %s and %s", got.Silence, list[1].Silence)
	}
	got.SeenAt, got.Silence, got.StartedAt = time.Time{}, 0, got.StartedAt.UTC()
	if !reflect.DeepEqual(got, full) {
		t.Errorf("got %+v, want %+v", got, full)
	}
}
