package db_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

// admin is Ada, who may change contractors.
func (d *desk) admin() db.Actor {
	d.t.Helper()
	u, err := d.db.CreateUser(context.Background(), db.NewUser{Email: uuid.NewString() + "@example.com", Name: "Ada", Role: "admin"})
	if err != nil {
		d.t.Fatal(err)
	}
	return db.Actor{UserID: u.ID, Kind: events.ActorDispatcher, AllRegions: true}
}

// before is an instant on the Monday before the day of most tests.
func before(t testing.TB) time.Time {
	t.Helper()
	at, err := time.Parse(time.DateTime, "2032-03-01 12:00:00")
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func (d *desk) record(id string) db.ContractorRecord {
	d.t.Helper()
	r, err := d.db.ContractorRecord(context.Background(), id, before(d.t))
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

// change changes a contractor as a form that is opened now would.
func (d *desk) change(by db.Actor, id string, edit func(*db.ChangeContractor)) error {
	d.t.Helper()
	r := d.record(id)
	cmd := db.ChangeContractor{By: by, ContractorID: id, Version: r.Version, Fields: r.Fields(), Now: before(d.t)}
	edit(&cmd)
	return d.db.ChangeContractor(context.Background(), cmd)
}

// days enters days off or other hours as a form that is opened now would.
func (d *desk) days(by db.Actor, id, from, to string, kind db.DaysKind, confirmed string) error {
	d.t.Helper()
	cmd := db.ChangeDays{By: by, ContractorID: id, Version: d.record(id).Version, From: calendarDay(d.t, from), To: calendarDay(d.t, to),
		Kind: kind, Start: "08:00", End: "10:00", Note: "Dentist", Confirmed: confirmed, Now: before(d.t)}
	return d.db.ChangeDays(context.Background(), cmd)
}

func calendarDay(t testing.TB, s string) schedule.Day {
	t.Helper()
	day, err := schedule.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return day
}

// lastEvent is the newest event of the log.
func (d *desk) lastEvent() (kind string, to []string, payload map[string]any) {
	d.t.Helper()
	var row struct {
		Kind    string `db:"event_type"`
		To      []byte `db:"published_to"`
		Payload []byte `db:"payload"`
	}
	d.scan(&row, `select event_type, to_json(published_to) as published_to, payload from event_log order by id desc limit 1`)
	if err := errors.Join(json.Unmarshal(row.To, &to), json.Unmarshal(row.Payload, &payload)); err != nil {
		d.t.Fatal(err)
	}
	slices.Sort(to)
	return row.Kind, to, payload
}

func (d *desk) countRows(query string, args ...any) (n int) {
	d.t.Helper()
	d.scan(&n, query, args...)
	return n
}

// clashesOf returns the jobs that err must ask about.
func clashesOf(t testing.TB, err error) *db.Clashes {
	t.Helper()
	var c *db.Clashes
	if !errors.As(err, &c) {
		t.Fatalf("error is %v, want clashes", err)
	}
	return c
}

// TestContractorIsAddedOnce adds a contractor with everything that a form can
// hold; a retry of the same form adds nobody.
func TestContractorIsAddedOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.exec(`insert into skills (slug, name) values ('tile', 'Tile')`)
	cmd := db.Command{By: d.admin(), Key: "k1", RequestHash: "h1"}
	f := db.ContractorFields{
		Name: "Zoë Müller", Phone: "555-0100", Email: "zoe@example.com", Home: "north", Serves: []string{"west", "north", "west"},
		Base: &schedule.Point{Lat: 0.5, Lng: 0.25}, Active: true, Skills: []schedule.Skill{{Slug: "tile", ValidUntil: "2032-06-30"}},
		Hours: []schedule.Hours{{Weekday: 2, Start: "13:00", End: "24:00"}, {Weekday: 2, Start: "08:00", End: "12:00"}},
	}
	id, err := d.db.CreateContractor(context.Background(), cmd, f)
	if err != nil {
		t.Fatal(err)
	}
	again, err := d.db.CreateContractor(context.Background(), cmd, f)
	if err != nil || again != id {
		t.Errorf("the retry gives %s, %v, want %s", again, err, id)
	}
	got := d.record(id).Fields()
	if got.Name != f.Name || !slices.Equal(got.Serves, []string{"west"}) || !slices.Equal(got.Skills, f.Skills) || *got.Base != *f.Base ||
		!slices.Equal(got.Hours, []schedule.Hours{{Weekday: 2, Start: "08:00", End: "12:00"}, {Weekday: 2, Start: "13:00", End: "24:00"}}) {
		t.Errorf("stored: %+v", got)
	}
	kind, to, _ := d.lastEvent()
	if want := sorted("contractor/"+id, "dispatch/north"); kind != "AvailabilityChanged" || !slices.Equal(to, want) {
		t.Errorf("logged %s for %q, want AvailabilityChanged for %q", kind, to, want)
	}
	if n := d.countRows(`select count(*) from event_log`); n != 1 {
		t.Errorf("%d events, want 1", n)
	}
}

// TestContractorFieldsAreChecked refuses bad input field by field, and saves
// nothing of it.
func TestContractorFieldsAreChecked(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada, rosa := d.admin(), d.contractor("north", "Rosa")
	for field, edit := range map[string]func(*db.ContractorFields){
		"name":      func(f *db.ContractorFields) { f.Name = "" },
		"email":     func(f *db.ContractorFields) { f.Email = "rosa at home" },
		"home":      func(f *db.ContractorFields) { f.Home = events.Unrouted },
		"serves":    func(f *db.ContractorFields) { f.Serves = []string{"nowhere"} },
		"skills":    func(f *db.ContractorFields) { f.Skills = []schedule.Skill{{Slug: "magic"}} },
		"hours-mon": func(f *db.ContractorFields) { f.Hours = []schedule.Hours{{Weekday: 1, Start: "12:00", End: "08:00"}} },
		"hours-sun": func(f *db.ContractorFields) {
			f.Hours = []schedule.Hours{{Weekday: 7, Start: "10:00", End: "12:00"}, {Weekday: 7, Start: "08:00", End: "10:30"}}
		},
	} {
		invalidAt(t, d.change(ada, rosa, func(c *db.ChangeContractor) { edit(&c.Fields) }), field)
	}
	if err := d.change(d.ann, rosa, func(c *db.ChangeContractor) { c.Fields.Name = "Rose" }); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("a dispatcher's change gives %v, want ErrNotFound", err)
	}
	if r := d.record(rosa); r.Version != 1 || r.Name != "Rosa" || len(r.Hours) != 7 {
		t.Errorf("Rosa changed: %+v", r.Fields())
	}
}

// TestContractorChangeIsOneEvent logs what changed, by name and never by value,
// for the boards where the contractor has jobs, that of the home, and the phone.
func TestContractorChangeIsOneEvent(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada, rosa := d.admin(), d.contractor("north", "Rosa")
	d.must(d.assign(d.job("south"), rosa, tuesday+"T09:00", ""))
	old := d.record(rosa)
	err := d.change(ada, rosa, func(c *db.ChangeContractor) {
		c.Fields.Phone, c.Fields.Active, c.Fields.Hours = "555-0199", false, c.Fields.Hours[:3]
	})
	if err != nil {
		t.Fatal(err)
	}
	kind, to, payload := d.lastEvent()
	if want := sorted("contractor/"+rosa, "dispatch/north", "dispatch/south"); kind != "AvailabilityChanged" || !slices.Equal(to, want) {
		t.Errorf("logged %s for %q, want AvailabilityChanged for %q", kind, to, want)
	}
	if got, err := json.Marshal(payload["changed"]); err != nil || string(got) != `["phone","weekly hours","made inactive"]` {
		t.Errorf("changed = %s, %v", got, err)
	}
	if err := d.change(ada, rosa, func(*db.ChangeContractor) {}); err != nil || d.record(rosa).Version != 2 {
		t.Errorf("saving without a change: %v, version %d, want 2", err, d.record(rosa).Version)
	}
	stale := db.ChangeContractor{By: ada, ContractorID: rosa, Version: old.Version, Fields: old.Fields(), Now: before(t)}
	refusedBy(t, d.db.ChangeContractor(context.Background(), stale), db.ConflictStale)
}

// TestInactiveContractorKeepsHisLane keeps a lane on the board for somebody who
// is inactive and still holds a job of that day.
func TestInactiveContractorKeepsHisLane(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada, rosa, lee := d.admin(), d.contractor("north", "Rosa"), d.contractor("north", "Lee")
	d.must(d.assign(d.job("north"), rosa, tuesday+"T09:00", ""))
	for _, id := range []string{rosa, lee} {
		if err := d.change(ada, id, func(c *db.ChangeContractor) { c.Fields.Active = false }); err != nil {
			t.Fatal(err)
		}
	}
	loc, err := schedule.LoadZone("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	b, err := d.db.Board(context.Background(), "north", calendarDay(t, tuesday).In(loc))
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Contractors) != 1 || b.Contractors[0].ID != rosa || len(b.Contractors[0].Working) != 0 || b.Contractors[0].Note != "inactive" {
		t.Errorf("lanes: %+v, want Rosa's, who is inactive", b.Contractors)
	}
}

// TestContractorMovesRegion asks about the jobs of the old region first; those
// that are kept stay there, the released one is open again, and all of it is
// one transaction and adjacent in the log. (S5)
func TestContractorMovesRegion(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada, kofi := d.admin(), d.contractor("north", "Kofi")
	kept, released, elsewhere := d.job("north"), d.job("north"), d.job("west")
	d.must(d.assign(kept, kofi, tuesday+"T08:00", ""))
	d.must(d.assign(released, kofi, tuesday+"T11:00", ""))
	d.must(d.assign(elsewhere, kofi, tuesday+"T14:00", ""))
	known := d.countRows(`select count(*) from event_log`)
	move := func(c *db.ChangeContractor) { c.Fields.Home = "south" }
	asked := clashesOf(t, d.change(ada, kofi, move))
	if len(asked.Cards) != 2 || d.record(kofi).HomeRegion != "north" || d.countRows(`select count(*) from event_log`) != known {
		t.Fatalf("asked about %d jobs, home %s", len(asked.Cards), d.record(kofi).HomeRegion)
	}
	err := d.change(ada, kofi, func(c *db.ChangeContractor) {
		move(c)
		c.Confirmed, c.Release = asked.Digest(), []string{released}
	})
	if err != nil {
		t.Fatal(err)
	}
	if c := d.card(kept); c.ContractorID != kofi || c.Region != "north" || c.ContractorHome != "south" {
		t.Errorf("the kept job: %+v", c)
	}
	if c := d.card(released); c.Assigned() || !c.Open() {
		t.Errorf("the released job: %+v", c)
	}
	kind, to, payload := d.lastEvent()
	if want := sorted("contractor/"+kofi, "dispatch/north", "dispatch/south", "dispatch/west"); kind != "ContractorMovedRegion" || !slices.Equal(to, want) {
		t.Errorf("logged %s for %q, want ContractorMovedRegion for %q", kind, to, want)
	}
	if payload["from"] != "north" || payload["to"] != "south" || payload["effectiveFrom"] != "2032-03-01" {
		t.Errorf("payload %v", payload)
	}
	if n := d.countRows(`select count(distinct (batch, correlation_id)) from event_log where id > (select max(id) - 2 from event_log)`); n != 1 {
		t.Errorf("the two events have %d batches and commands, want 1", n)
	}
	d.exec(`update assignments set status = 'in_progress' where job_id = $1 and active`, kept)
	back := func(c *db.ChangeContractor) { c.Fields.Home = "north" }
	if err := d.change(ada, kofi, back); err != nil {
		t.Errorf("back to a region in which only others' jobs wait: %v", err)
	}
	again := clashesOf(t, d.change(ada, kofi, move))
	invalidAt(t, d.change(ada, kofi, func(c *db.ChangeContractor) {
		move(c)
		c.Confirmed, c.Release = again.Digest(), []string{kept}
	}), "release")
}
