package db_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
	"smartscheduler/events"
)

func TestEventLog(t *testing.T) {
	t.Parallel()
	app, _ := dbtest.Isolated(t)
	ann, bob, job := uuid.NewString(), uuid.NewString(), uuid.NewString()
	moved := events.Event{ID: uuid.NewString(), Actor: events.Actor{Kind: events.ActorSystem}, Region: "south", JobID: job,
		PublishedTo: []events.Stream{events.DispatchStream("north"), events.DispatchStream("south")},
		Fact:        events.JobRegionChanged{JobID: job, Region: "south", FromRegion: "north", ToRegion: "south", Cause: "site"}}
	logEvents(t, app, assigned(job, ann, "north"))              // 1
	logEvents(t, app, moved)                                    // 2
	logEvents(t, app, assigned(uuid.NewString(), bob, "south")) // 3
	logEvents(t, app, unassigned(job, ann, "south"))            // 4
	sequenceAll(t, app)
	logEvents(t, app, assigned(job, bob, "south")) // without a position

	everywhere := db.EventFilter{Everywhere: true}
	for name, c := range map[string]struct {
		filter func(*db.EventFilter)
		want   []int64
	}{
		"Everywhere":   {func(*db.EventFilter) {}, []int64{4, 3, 2, 1}},
		"Nowhere":      {func(f *db.EventFilter) { f.Everywhere = false }, nil},
		"Region":       {func(f *db.EventFilter) { f.Everywhere, f.Regions = false, []string{"north"} }, []int64{2, 1}},
		"Regions":      {func(f *db.EventFilter) { f.Everywhere, f.Regions = false, []string{"north", "south"} }, []int64{4, 3, 2, 1}},
		"Kind":         {func(f *db.EventFilter) { f.Kind = events.KindJobAssigned }, []int64{3, 1}},
		"Job":          {func(f *db.EventFilter) { f.JobID = job }, []int64{4, 2, 1}},
		"Contractor":   {func(f *db.EventFilter) { f.ContractorIDs = []string{ann} }, []int64{4, 1}},
		"Contractors":  {func(f *db.EventFilter) { f.ContractorIDs = []string{bob, ann} }, []int64{4, 3, 1}},
		"NoContractor": {func(f *db.EventFilter) { f.ContractorIDs = []string{} }, nil},
		"Event":        {func(f *db.EventFilter) { f.EventID = moved.ID }, []int64{2}},
		"Between":      {func(f *db.EventFilter) { f.After, f.Before = 1, 4 }, []int64{3, 2}},
		"Oldest":       {func(f *db.EventFilter) { f.After, f.Oldest, f.Limit = 1, true, 2 }, []int64{2, 3}},
		"Actor":        {func(f *db.EventFilter) { f.Actor = "System" }, []int64{2}},
		"NoSuchActor":  {func(f *db.EventFilter) { f.Actor = "%" }, nil},
		"NotUndone":    {func(f *db.EventFilter) { f.UndoOf = moved.ID }, nil},
		"Both":         {func(f *db.EventFilter) { f.Everywhere, f.Regions, f.JobID = false, []string{"south"}, job }, []int64{4, 2}},
		"Page":         {func(f *db.EventFilter) { f.Before, f.Limit = 4, 2 }, []int64{3, 2}},
		"Future":       {func(f *db.EventFilter) { f.From = time.Now().Add(time.Hour) }, nil},
		"Past":         {func(f *db.EventFilter) { f.To = time.Now().Add(-time.Hour) }, nil},
		"Now":          {func(f *db.EventFilter) { f.From, f.To = time.Now().Add(-time.Hour), time.Now().Add(time.Hour) }, []int64{4, 3, 2, 1}},
		"NoUUID":       {func(f *db.EventFilter) { f.JobID = "x' or true --" }, nil},
		"NoSuchKind":   {func(f *db.EventFilter) { f.Kind = "x' or true --" }, nil},
		"BeforeFirst":  {func(f *db.EventFilter) { f.Before = 1 }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			filter := everywhere
			c.filter(&filter)
			got, err := app.EventLog(t.Context(), filter)
			if err != nil {
				t.Fatal(err)
			}
			if pos := positions(got); !slices.Equal(pos, c.want) {
				t.Errorf("positions %v, want %v", pos, c.want)
			}
		})
	}
}

func positions(evs []db.LoggedEvent) (pos []int64) {
	for _, e := range evs {
		pos = append(pos, e.Position.Pos)
	}
	return pos
}

func TestJobEvents(t *testing.T) {
	t.Parallel()
	app, _ := dbtest.Isolated(t)
	job, ann, bob := uuid.NewString(), uuid.NewString(), uuid.NewString()
	logEvents(t, app, assigned(job, ann, "north"))
	logEvents(t, app, assigned(uuid.NewString(), ann, "north"))
	sequenceAll(t, app)
	last := []events.Event{unassigned(job, ann, "north"), assigned(job, bob, "north")}
	logEvents(t, app, last...)

	got, err := app.JobEvents(t.Context(), job, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	if pos := positions(got); !slices.Equal(pos, []int64{0, 0, 1}) {
		t.Fatalf("positions %v, want two without and 1", pos)
	}
	if got[1].EventID != last[0].ID || got[0].EventID != last[1].ID || got[0].Actor != last[1].Actor || got[0].CorrelationID != last[1].CorrelationID {
		t.Errorf("the newest events are %+v", got[:2])
	}
	sequenceAll(t, app)
	for _, page := range []struct {
		before int64
		limit  int
		want   []int64
	}{{0, 2, []int64{4, 3}}, {3, 2, []int64{1}}, {4, 1, []int64{3}}, {1, 9, nil}} {
		if got, err := app.JobEvents(t.Context(), job, page.before, page.limit); err != nil || !slices.Equal(positions(got), page.want) {
			t.Errorf("before %d at most %d: %v, %v, want %v", page.before, page.limit, positions(got), err, page.want)
		}
	}
	for _, id := range []string{uuid.NewString(), "", "' or true --"} {
		if none, err := app.JobEvents(t.Context(), id, 0, 10); err != nil || len(none) != 0 {
			t.Errorf("story of job %q: %v, %v", id, none, err)
		}
	}
}

// The names on the page are those of today.
func TestEventLogNames(t *testing.T) {
	t.Parallel()
	app, owner := dbtest.Isolated(t)
	job, ann, actor := uuid.NewString(), uuid.NewString(), uuid.NewString()
	for _, statement := range []string{
		`insert into regions (slug, name, zone) values ('north', 'North', 'America/New_York')`,
		`insert into contractors (id, name, home_region) values ('` + ann + `', 'Ann Fitter', 'north')`,
		`insert into users (id, email, name, role) values ('` + actor + `', 'd@example.com', 'Dora', 'dispatcher')`,
		`insert into sites (id, address) values ('` + job + `', '1 Main Street')`,
		`insert into jobs (id, title, site_id, region, region_reason, duration_minutes, zone, window_start_local, window_end_local, window_start, window_end)
		 values ('` + job + `', 'Boiler', '` + job + `', 'north', 'none', 60, 'UTC', '2027-01-01 08:00', '2027-01-01 12:00', '2027-01-01 08:00Z', '2027-01-01 12:00Z')`,
	} {
		if err := owner.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	e := assigned(job, ann, "north")
	e.Actor.ID = actor
	logEvents(t, app, e)
	got, err := app.JobEvents(t.Context(), job, 0, 10)
	if err != nil || len(got) != 1 {
		t.Fatalf("%v, %v", got, err)
	}
	if got[0].ActorName != "Dora" || got[0].ContractorName != "Ann Fitter" || got[0].JobNumber != 1001 {
		t.Errorf("names are %q, %q, %d", got[0].ActorName, got[0].ContractorName, got[0].JobNumber)
	}
}
