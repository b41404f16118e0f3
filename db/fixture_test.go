package db_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

// desk is a database of a test's own, with the regions north and south in
// Eastern time and west in Central time, and Ann, who dispatches them all.
type desk struct {
	t     testing.TB
	db    *db.DB
	owner *sqlx.DB
	ann   db.Actor
	// dsn is the owner's.
	dsn string
	// phones are the contractors who have signed in, by id.
	phones map[string]db.Actor
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	dsn := dbtest.IsolatedDSN(t)
	app, err := db.Open(t.Context(), db.Options{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	owner, err := sqlx.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	owner.SetMaxOpenConns(2)
	t.Cleanup(func() {
		if err := errors.Join(app.Close(), owner.Close()); err != nil {
			t.Error(err)
		}
	})
	d := &desk{t: t, db: app, owner: owner, dsn: dsn, phones: make(map[string]db.Actor)}
	d.region("north", "America/New_York", 0)
	d.region("south", "America/New_York", 1)
	d.region("west", "America/Chicago", 2)
	d.ann = d.dispatcher("Ann", "north", "south", "west")
	return d
}

// region adds a region that is the square of one degree east of that longitude,
// on the equator.
func (d *desk) region(slug, zone string, lng int) {
	d.t.Helper()
	corner := func(x, y int) [2]int { return [2]int{lng + x, y} }
	geometry, err := json.Marshal(map[string]any{"type": "Polygon", "coordinates": [][][2]int{
		{corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1), corner(0, 0)},
	}})
	if err != nil {
		d.t.Fatal(err)
	}
	d.exec(`insert into regions (slug, name, zone, geometry) values ($1, initcap($1), $2, $3)`, slug, zone, string(geometry))
}

// inside is a site in the middle of a region of newDesk.
func inside(region string) db.Site {
	lng := map[string]float64{"north": 0.5, "south": 1.5, "west": 2.5}[region]
	return db.Site{Address: "7 Test Lane", Point: &schedule.Point{Lat: 0.5, Lng: lng}}
}

func (d *desk) dispatcher(name string, regions ...string) db.Actor {
	d.t.Helper()
	u, err := d.db.CreateUser(context.Background(), db.NewUser{
		Email: uuid.NewString() + "@example.com", Name: name, Role: "dispatcher", Regions: regions,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return db.Actor{UserID: u.ID, Kind: events.ActorDispatcher, Regions: regions}
}

// contractor adds a contractor who works every day from 08:00 to 18:00.
func (d *desk) contractor(home, name string) (id string) {
	d.t.Helper()
	id = uuid.NewString()
	d.exec(`insert into contractors (id, name, home_region) values ($1, $2, $3)`, id, name, home)
	d.exec(`insert into contractor_hours (contractor_id, weekday, starts, ends) select $1, d, '08:00', '18:00' from generate_series(1, 7) d`, id)
	return id
}

// tuesday is the day of most tests: far from any change of the clocks.
const tuesday = "2032-03-02"

// job adds a job of two hours at a site in a region.
func (d *desk) job(region string, change ...func(*db.NewJob)) (id string) {
	d.t.Helper()
	n := db.NewJob{
		Title: "Lay a floor", CustomerName: "Ida Berg", DurationMinutes: 120, Priority: "normal", Site: inside(region),
		WindowStart: wall(d.t, tuesday+"T08:00"), WindowEnd: wall(d.t, tuesday+"T18:00"),
	}
	for _, c := range change {
		c(&n)
	}
	id, err := d.db.CreateJob(context.Background(), db.Command{By: d.ann}, n)
	if err != nil {
		d.t.Fatal(err)
	}
	return id
}

func wall(t testing.TB, s string) schedule.WallTime {
	t.Helper()
	w, err := schedule.ParseWallTime(s)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (d *desk) card(jobID string) db.Card {
	d.t.Helper()
	c, err := d.db.CardOf(context.Background(), jobID)
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

// crew are the cards of a job: one for each who has it.
func (d *desk) crew(jobID string) []db.Card {
	d.t.Helper()
	cards, err := d.db.CrewOf(context.Background(), jobID)
	if err != nil {
		d.t.Fatal(err)
	}
	return cards
}

// times are wall times; end may be empty.
func (d *desk) times(start, end string) (at db.Times) {
	d.t.Helper()
	if start != "" {
		at.Start = wall(d.t, start)
	}
	if end != "" {
		at.End = wall(d.t, end)
	}
	return at
}

// command is what a form that is opened now would send.
func (d *desk) command(jobID string) db.Command {
	d.t.Helper()
	return db.Command{By: d.ann, Version: d.card(jobID).Version}
}

func (d *desk) assign(jobID, contractorID, start, end string) (db.Outcome, error) {
	d.t.Helper()
	return d.db.Assign(context.Background(), db.Assign{
		Command: d.command(jobID), JobID: jobID, ContractorID: contractorID, At: d.times(start, end),
	})
}

func (d *desk) reassign(jobID, contractorID, start, end, reason string) (db.Outcome, error) {
	d.t.Helper()
	cmd := db.Reassign{Command: d.command(jobID), AssignmentID: d.card(jobID).AssignmentID, ContractorID: contractorID, At: d.times(start, end)}
	cmd.OverrideReason = reason
	return d.db.Reassign(context.Background(), cmd)
}

func (d *desk) move(jobID, start, end string) (db.Outcome, error) {
	d.t.Helper()
	return d.db.Move(context.Background(), db.Move{
		Command: d.command(jobID), AssignmentID: d.card(jobID).AssignmentID, At: d.times(start, end),
	})
}

func (d *desk) unassign(jobID, reason string) (db.Outcome, error) {
	d.t.Helper()
	cmd := db.Unassign{Command: d.command(jobID), AssignmentID: d.card(jobID).AssignmentID}
	cmd.OverrideReason = reason
	return d.db.Unassign(context.Background(), cmd)
}

// edit sends the form of a job back with a change.
func (d *desk) edit(jobID string, change func(*db.NewJob)) (db.Outcome, error) {
	d.t.Helper()
	n, err := d.card(jobID).Entered()
	if err != nil {
		d.t.Fatal(err)
	}
	change(&n)
	return d.db.EditJob(context.Background(), db.EditJob{Command: d.command(jobID), JobID: jobID, Job: n})
}

// must returns the outcome of a command that has to succeed.
func (d *desk) must(out db.Outcome, err error) db.Outcome {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}

// status puts the job's assignment into a state that contractors bring about.
func (d *desk) status(jobID string, s schedule.AssignmentStatus) {
	d.t.Helper()
	d.exec(`update assignments set status = $2 where job_id = $1 and active`, jobID, string(s))
}

func (d *desk) exec(query string, args ...any) {
	d.t.Helper()
	if _, err := d.owner.ExecContext(context.Background(), query, args...); err != nil {
		d.t.Fatalf("%s: %v", query, err)
	}
}

func (d *desk) scan(to any, query string, args ...any) {
	d.t.Helper()
	if err := d.owner.GetContext(context.Background(), to, query, args...); err != nil {
		d.t.Fatalf("%s: %v", query, err)
	}
}

// sqlTx is a transaction of the owner that a test commits when it likes.
type sqlTx struct {
	t  testing.TB
	tx *sqlx.Tx
}

func (d *desk) begin() *sqlTx {
	d.t.Helper()
	tx, err := d.owner.BeginTxx(context.Background(), nil)
	if err != nil {
		d.t.Fatal(err)
	}
	return &sqlTx{d.t, tx}
}

func (tx *sqlTx) exec(query string, args ...any) {
	tx.t.Helper()
	if _, err := tx.tx.ExecContext(context.Background(), query, args...); err != nil {
		tx.t.Fatalf("%s: %v", query, err)
	}
}

func (tx *sqlTx) commit() {
	tx.t.Helper()
	if err := tx.tx.Commit(); err != nil {
		tx.t.Fatal(err)
	}
}

// refusedBy returns the conflict that err must be, of the kind wanted.
func refusedBy(t testing.TB, err error, kind db.ConflictKind) *db.Conflict {
	t.Helper()
	var c *db.Conflict
	if !errors.As(err, &c) || c.Kind != kind {
		t.Fatalf("error is %v, want a conflict of kind %s", err, kind)
	}
	return c
}

// invalidAt returns the error of a field that err must be.
func invalidAt(t testing.TB, err error, field string) *db.Invalid {
	t.Helper()
	var invalid *db.Invalid
	if !errors.As(err, &invalid) || invalid.Field != field {
		t.Fatalf("error is %v, want bad input in %s", err, field)
	}
	return invalid
}

func sorted(list ...string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
