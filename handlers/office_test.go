package handlers_test

import (
	"context"
	"database/sql"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
	"smartscheduler/events"
	"smartscheduler/events/broker"
	"smartscheduler/events/relay"
	"smartscheduler/handlers"
	"smartscheduler/schedule"
)

// office is a site on a database of its own, with everything wired as the
// server wires it. Its relay does not run before live is called.
type office struct {
	*site
	relayDB, replayDB *db.DB
	broker            *broker.Broker
	relay             *relay.Relay
}

// newOffice has the regions north and south, in Eastern time.
func newOffice(t testing.TB, change ...func(*handlers.Options)) *office {
	t.Helper()
	dsn := dbtest.IsolatedDSN(t)
	o := &office{site: &site{t: t, clock: &clock{now: time.Now()}, log: &buffer{}, metrics: handlers.NewMetrics()}}
	log := slog.New(slog.NewTextHandler(o.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o.db, o.relayDB, o.replayDB = openPool(t, dsn, 20), openPool(t, dsn, 2), openPool(t, dsn, 5)
	owner, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	owner.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = owner.Close() })
	o.owner = owner
	o.broker = broker.New(broker.Options{Log: log,
		Replay: func(ctx context.Context, streams []events.Stream, after events.Position) (broker.Replayed, error) {
			return o.relay.Replay(ctx, streams, after)
		}})
	t.Cleanup(o.broker.Close)
	o.relay = relay.New(relay.Options{
		Log: o.relayDB, Fragments: handlers.Fragments{DB: o.replayDB}, Broker: o.broker, Wake: o.db.Wake(),
		Logger: log, Metrics: o.metrics.Relay(),
	})
	opts := handlers.Options{DB: o.db, Broker: o.broker, Metrics: o.metrics, Now: o.clock.Now, Log: log}
	for _, c := range change {
		c(&opts)
	}
	o.h = handlers.New(opts)
	o.echo = o.h.Echo()
	o.addRegion("north", "America/New_York")
	o.addRegion("south", "America/New_York")
	return o
}

func openPool(t testing.TB, dsn string, conns int) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{DSN: dsn, MaxConns: conns})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() }) // a test may have cut the connections
	return d
}

// live runs the relay until the end of the test and serves over a real
// connection, whose address it returns.
func (o *office) live() string {
	o.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- o.relay.Run(ctx) }()
	o.t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			o.t.Errorf("relay: %v", err)
		}
	})
	o.headKnown(ctx)
	server := httptest.NewUnstartedServer(nil)
	server.Config = handlers.NewServer("", o.echo)
	server.Start()
	// The streams end by the broker's own Close, before the server waits.
	o.t.Cleanup(server.Close)
	o.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := o.broker.Drain(ctx); err != nil {
			o.t.Errorf("drain: %v", err)
		}
	})
	return server.URL
}

// headKnown waits until the relay has found where the log is: a stream that is
// opened before is told to read its page anew.
func (o *office) headKnown(ctx context.Context) {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(ctx, streamTime)
	defer cancel()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for o.broker.Head().Epoch == 0 {
		select {
		case <-look.C:
		case <-ctx.Done():
			o.t.Fatal("the relay does not find the log")
		}
	}
}

func (o *office) addRegion(slug, zone string) {
	o.t.Helper()
	o.exec(`insert into regions (slug, name, zone) values ($1, initcap($1), $2)`, slug, zone)
}

// addContractor adds a contractor who works every day from 08:00 to 18:00.
func (o *office) addContractor(home, name string, skills ...string) (id string) {
	o.t.Helper()
	id = uuid.NewString()
	o.exec(`insert into contractors (id, name, home_region) values ($1, $2, $3)`, id, name, home)
	o.exec(`insert into contractor_hours (contractor_id, weekday, starts, ends) select $1, d, '08:00', '18:00' from generate_series(1, 7) d`, id)
	for _, s := range skills {
		o.exec(`insert into skills (slug, name) values ($1, initcap($1)) on conflict do nothing`, s)
		o.exec(`insert into contractor_skills (contractor_id, skill) values ($1, $2)`, id, s)
	}
	return id
}

// job is a job as a form opened now would know it.
type job struct {
	id, number string
	version    int
}

// addJob adds a job of one hour in a region, promised for the whole of a day.
func (o *office) addJob(region, day string, change ...func(*db.NewJob)) job {
	o.t.Helper()
	n := db.NewJob{
		Title: "Lay a floor", CustomerName: "Ida Berg", CustomerPhone: "555-0142", DurationMinutes: 60, Priority: "normal",
		Site:        db.Site{Address: "7 Test Lane", Postcode: "37401", RegionOverride: region},
		WindowStart: wallTime(o.t, day+"T08:00"), WindowEnd: wallTime(o.t, day+"T18:00"),
	}
	for _, c := range change {
		c(&n)
	}
	id, err := o.db.CreateJob(context.Background(), db.Command{By: db.Actor{Kind: events.ActorImport, AllRegions: true}}, n)
	if err != nil {
		o.t.Fatal(err)
	}
	return o.jobNow(id)
}

// jobNow reads a job anew, as opening its form does.
func (o *office) jobNow(id string) job {
	o.t.Helper()
	card := o.card(id)
	return job{id: id, number: "J-" + strconv.FormatInt(card.Number, 10), version: card.Version}
}

func (o *office) card(jobID string) db.Card {
	o.t.Helper()
	card, err := o.db.CardOf(context.Background(), jobID)
	if err != nil {
		o.t.Fatal(err)
	}
	return card
}

func wallTime(t testing.TB, s string) schedule.WallTime {
	t.Helper()
	w, err := schedule.ParseWallTime(s)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// person adds a member of staff and signs him in; forms are sent as htmx does.
func (o *office) person(role, name string, regions ...string) *browser {
	o.t.Helper()
	b := o.signedIn(o.userNamed(name, role, regions...))
	b.header.Set("HX-Request-Type", "partial")
	return b
}

// phone signs a contractor in by a link.
func (o *office) phone(contractorID string) *browser {
	o.t.Helper()
	token, _, err := o.db.CreateContractorLink(context.Background(), contractorID, time.Now())
	if err != nil {
		o.t.Fatal(err)
	}
	b := o.browser()
	wantStatus(o.t, b.post("/link/"+token, nil), http.StatusSeeOther)
	return b
}

// display enrols a wall display.
func (o *office) display(region string) *browser {
	o.t.Helper()
	code, err := o.db.CreateKioskCode(context.Background(), region, "Hall", time.Now())
	if err != nil {
		o.t.Fatal(err)
	}
	b := o.browser()
	wantStatus(o.t, b.enrol(code), http.StatusSeeOther)
	return b
}

// clone is the same session in another request at the same time.
func (b *browser) clone() *browser {
	c := *b
	c.cookies, c.header = maps.Clone(b.cookies), b.header.Clone()
	return &c
}

// fields are the fields of a form about a job: name, value, name, value, …
func (j job) fields(more ...string) url.Values {
	f := url.Values{"version": {strconv.Itoa(j.version)}}
	for i := 0; i+1 < len(more); i += 2 {
		f.Set(more[i], more[i+1])
	}
	return f
}

// assign posts the form that gives a job to a contractor.
func (b *browser) assign(j job, contractorID, start string, more ...string) *httptest.ResponseRecorder {
	return b.post("/jobs/"+j.id+"/assignments", j.fields(append([]string{"contractor_id", contractorID, "start", start}, more...)...))
}

// change posts to a form of the job's present assignment.
func (b *browser) change(o *office, jobID, form string, more ...string) *httptest.ResponseRecorder {
	card := o.card(jobID)
	return b.post("/assignments/"+card.AssignmentID+"/"+form, o.jobNow(jobID).fields(more...))
}

// logged counts the events of a kind, all if the kind is empty.
func (o *office) logged(kind events.Kind) int {
	o.t.Helper()
	return o.count(`select count(*) from event_log where $1 in ('', event_type)`, string(kind))
}

func (o *office) count(query string, args ...any) int {
	o.t.Helper()
	var n int
	if err := o.owner.QueryRowContext(context.Background(), query, args...).Scan(&n); err != nil {
		o.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// written counts everything that a command can write. A command that was
// refused or repeated leaves it as it was.
func (o *office) written() [5]int {
	o.t.Helper()
	return [5]int{
		o.count(`select count(*) from assignments`), o.count(`select coalesce(sum(version), 0) from assignments`),
		o.count(`select count(*) from audit_records`), o.count(`select count(*) from event_log where event_type <> 'TapRefused'`), // changes nothing
		o.count(`select coalesce(sum(version), 0) from jobs`),
	}
}

// sequence gives positions to all that is logged, where no relay does.
func (o *office) sequence() {
	o.t.Helper()
	for {
		given, err := o.db.Sequence(context.Background(), 500)
		if err != nil {
			o.t.Fatal(err)
		}
		if given == 0 {
			return
		}
	}
}

// soon is a date for which slots are free: well after today, and the same on
// every clock.
func soon() time.Time { return time.Now().AddDate(0, 0, 30) }

func soonDay() string { return soon().Format(time.DateOnly) }

// audit is the id of the newest decision about a job.
func (o *office) audit(jobID string) string {
	o.t.Helper()
	audits, err := o.db.AuditsOf(context.Background(), jobID)
	if err != nil || len(audits) == 0 {
		o.t.Fatalf("%d audit records of job %s: %v", len(audits), jobID, err)
	}
	return audits[len(audits)-1].ID
}
