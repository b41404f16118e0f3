package main

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
	"smartscheduler/events"
	"smartscheduler/events/relay"
	"smartscheduler/schedule"
)

const password = "seven quiet herons"

// world is a database of its own with two regions next to each other, their
// dispatchers and their contractors:
//
//	north: Ann; Rosa, Lee      south: Bo; Maya, Kofi      west: nobody
//
// The regions lie in a zone where it is about five in the morning, so that the
// whole working day is still ahead, whatever the time is where the test runs.
type world struct {
	t     testing.TB
	dsn   string
	db    *db.DB
	owner *sql.DB
	zone  string
	// today is the local date there, as 2006-01-02.
	today string
	// people are the ids of the contractors, by first name.
	people map[string]string
	// now is the clock of the program; still says that it stands, and with it
	// that of the pages.
	now   func() time.Time
	still bool
	// ahead is by how much offers are older than they are; nil for not at all.
	ahead func() time.Duration
	// marker is a job of the west, which no screen shows; see fence.
	marker string
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return emptyWorld(t).populated()
}

// populated adds the regions and the people to an empty database.
func (w *world) populated() *world {
	w.t.Helper()
	w.zone, w.today = earlyMorning(time.Now())
	for _, region := range []string{"North", "South", "West"} {
		w.exec(`insert into regions (slug, name, zone) values (lower($1), $1, $2)`, region, w.zone)
	}
	w.exec(`insert into skills (slug, name) values ('tile', 'Tile'), ('gas', 'Gas')`)
	w.contractor("Rosa Díaz", "north")
	w.contractor("Lee Park", "north")
	w.contractor("Maya O'Neil", "south")
	w.contractor("Kofi Mensah", "south")
	w.user("Ann", "dispatcher", "north")
	w.user("Bo", "dispatcher", "south")
	w.user("Ada", "admin")
	w.marker = w.job("west", "Nobody sees this").id
	return w
}

// emptyWorld is a database of its own with nothing in it.
func emptyWorld(t testing.TB) *world {
	t.Helper()
	return emptyWorldAt(t, dbtest.IsolatedDSN(t))
}

// emptyWorldAt is a migrated database that nobody else uses.
func emptyWorldAt(t testing.TB, dsn string) *world {
	t.Helper()
	w := &world{t: t, dsn: dsn, people: make(map[string]string), now: time.Now}
	var err error
	if w.db, err = db.Open(t.Context(), db.Options{DSN: w.dsn, MaxConns: 4}); err != nil {
		t.Fatal(err)
	}
	if w.owner, err = sql.Open("postgres", w.dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = w.owner.Close()
		_ = w.db.Close()
	})
	return w
}

// earlyMorning returns a zone in which it is between 05:00 and 06:00, and the
// date there.
func earlyMorning(now time.Time) (zone, date string) {
	ahead := 5 - now.UTC().Hour()
	if ahead < -12 {
		ahead += 24
	}
	switch {
	case ahead > 0:
		zone = fmt.Sprintf("Etc/GMT-%d", ahead) // the sign of these names is that of the way to Greenwich
	case ahead < 0:
		zone = fmt.Sprintf("Etc/GMT+%d", -ahead)
	default:
		zone = "Etc/UTC"
	}
	return zone, now.UTC().Add(time.Duration(ahead) * time.Hour).Format(time.DateOnly)
}

// exec runs one statement as the owner of the database.
func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	if _, err := w.owner.ExecContext(context.Background(), query, args...); err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
}

// ask returns the one value that a query gives.
func ask[T any](w *world, query string, args ...any) T {
	w.t.Helper()
	var v T
	if err := w.owner.QueryRowContext(context.Background(), query, args...).Scan(&v); err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
	return v
}

func (w *world) contractor(name, region string) {
	w.t.Helper()
	id := uuid.NewString()
	w.exec(`insert into contractors (id, name, home_region, phone) values ($1, $2, $3, '555-0100')`, id, name, region)
	w.exec(`insert into contractor_skills (contractor_id, skill) values ($1, 'tile')`, id)
	w.exec(`insert into contractor_hours (contractor_id, weekday, starts, ends)
	  select $1, day, '06:00', '22:00' from generate_series(1, 7) day`, id)
	w.people[firstWord(name)] = id
}

func firstWord(name string) string {
	for i, r := range name {
		if r == ' ' {
			return name[:i]
		}
	}
	return name
}

func (w *world) user(name, role string, regions ...string) {
	w.t.Helper()
	u, err := w.db.CreateUser(context.Background(), db.NewUser{Email: name + "@example.com", Name: name, Role: role, Regions: regions})
	if err != nil {
		w.t.Fatal(err)
	}
	w.exec(`update users set password_hash = $2 where id = $1`, u.ID, dbtest.QuickHash(w.t, password))
}

// job is what the tests need to know of a job.
type job struct{ id, number string }

// job adds an open job of an hour, promised for today between 08:00 and 18:00.
func (w *world) job(region, title string) job {
	w.t.Helper()
	system := db.Actor{Kind: events.ActorSystem, AllRegions: true}
	id, err := w.db.CreateJob(context.Background(), db.Command{By: system}, db.NewJob{
		Title: title, CustomerName: "Cora Client", CustomerPhone: "555-0199", Skills: []string{"tile"},
		DurationMinutes: 60, Priority: "normal", Notes: "Two rooms.\nMind the dog.",
		Site:        db.Site{Address: "12 Elm Street", Postcode: "37402", RegionOverride: region},
		WindowStart: w.wall("08:00"), WindowEnd: w.wall("18:00"),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return job{id, ask[string](w, `select 'J-' || number from jobs where id = $1`, id)}
}

// wall is a time of today, such as 09:30.
func (w *world) wall(clock string) schedule.WallTime {
	w.t.Helper()
	wall, err := schedule.ParseWallTime(w.today + "T" + clock)
	if err != nil {
		w.t.Fatal(err)
	}
	return wall
}

// jobs adds several jobs of a region.
func (w *world) jobs(region string, n int) []job {
	w.t.Helper()
	list := make([]job, n)
	for i := range list {
		list[i] = w.job(region, fmt.Sprintf("Tile the floor of room %d", i+1))
	}
	return list
}

// head is the last position of the log.
func (w *world) head() int64 {
	w.t.Helper()
	return ask[int64](w, `select pos from event_head`)
}

// fence is a stretch of the log; every stream has one event of it.
type fence struct{ first, last int64 }

// fence logs events of the marker for every stream there is. They change no
// board and no wall; a phone says that the marker was taken off its list.
// Whoever has got one of them has got everything before it, which is how a test
// knows that nothing came.
func (w *world) fence() fence {
	w.t.Helper()
	batch := ask[int64](w, `
with who as (select id, row_number() over () as place from (select null::uuid as id union all select id from contractors) c),
n as materialized (select nextval('event_log_id_seq') as id, gen_random_uuid() as event, who.id as contractor from who),
made as (
  insert into event_log (id, batch, event_id, event_type, schema_version, region, job_id, contractor_id, payload, published_to, actor_kind)
  select n.id, min(n.id) over (), n.event, 'JobUpdated', 1, 'west', $1::uuid, n.contractor,
    jsonb_build_object('type', 'JobUpdated', 'schemaVersion', 1, 'eventId', n.event, 'jobId', $1::uuid, 'region', 'west', 'changed', '[]'::jsonb),
    case when n.contractor is null then (select array_agg('dispatch/' || slug) from regions) else array['contractor/' || n.contractor] end, 'system'
  from n returning batch)
select min(batch) from made`, w.marker)
	w.exec(`select pg_notify($1, 'a test')`, relay.Channel)
	var first, last sql.NullInt64
	eventually(w.t, "the fence gets its positions", func() bool {
		row := w.owner.QueryRowContext(context.Background(), `select min(pos), max(pos) from event_log where batch = $1`, batch)
		if err := row.Scan(&first, &last); err != nil {
			w.t.Fatal(err)
		}
		return first.Valid
	})
	return fence{first.Int64, last.Int64}
}
