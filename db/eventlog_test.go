package db_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
	"smartscheduler/events"
)

// nothing is the part of a transaction that a test leaves out.
func nothing(*sqlx.Tx) error { return nil }

// logEvents logs events in one transaction.
func logEvents(t testing.TB, d *db.DB, evs ...events.Event) {
	t.Helper()
	if err := d.LogInTx(t.Context(), nothing, nothing, func() []events.Event { return evs }); err != nil {
		t.Fatalf("log events: %v", err)
	}
}

// sequenceAll gives positions to all that is committed.
func sequenceAll(t testing.TB, d *db.DB) {
	t.Helper()
	for {
		given, err := d.Sequence(t.Context(), 500)
		if err != nil {
			t.Fatal(err)
		}
		if given == 0 {
			return
		}
	}
}

// assigned is a JobAssigned as the commands log it.
func assigned(job, contractor, region string) events.Event {
	return events.Event{
		ID: uuid.NewString(), OccurredAt: time.Now(), Actor: events.Actor{Kind: events.ActorDispatcher, ID: uuid.NewString()},
		CorrelationID: uuid.NewString(), Region: region, JobID: job, ContractorID: contractor,
		PublishedTo: []events.Stream{events.DispatchStream(region), events.ContractorStream(contractor)},
		Fact: events.JobAssigned{JobID: job, ContractorID: contractor, AssignmentID: uuid.NewString(), Region: region,
			Source: events.SourceManual, AuditID: uuid.NewString(), TimeZone: "America/New_York", AssignmentVersion: 1},
	}
}

// unassigned is the JobUnassigned of a reassignment.
func unassigned(job, contractor, region string) events.Event {
	e := assigned(job, contractor, region)
	e.Fact = events.JobUnassigned{JobID: job, ContractorID: contractor, AssignmentID: uuid.NewString(), Region: region,
		Reason: events.ReasonReassigned, AuditID: uuid.NewString()}
	return e
}

func TestAppendEvents(t *testing.T) {
	t.Parallel()
	app, _ := dbtest.Isolated(t)
	first := unassigned(uuid.NewString(), uuid.NewString(), "north")
	second := assigned(first.JobID, uuid.NewString(), `we "odd", {name}`)
	third := events.Event{ID: uuid.NewString(), Actor: events.Actor{Kind: events.ActorImport}, Region: "south",
		PublishedTo: []events.Stream{events.DispatchStream("south")}, Fact: events.ImportCompleted{BatchID: "b", Region: "south"}}
	logEvents(t, app, first, second, third)
	sequenceAll(t, app)

	got, err := app.After(t.Context(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 {
		t.Fatalf("%d events, want 3", len(got))
	}
	for i, want := range []events.Event{first, second, third} {
		l := got[i]
		if l.EventID != want.ID || l.Position.Pos != int64(i+1) || l.Kind != want.Fact.EventKind() || l.Region != want.Region ||
			l.JobID != want.JobID || l.ContractorID != want.ContractorID || !slices.Equal(l.PublishedTo, want.PublishedTo) {
			t.Errorf("event %d is %+v, want %+v", i, l, want)
		}
		payload, err := want.Payload()
		if err != nil {
			t.Fatal(err)
		}
		if !sameJSON(t, payload, l.Payload) {
			t.Errorf("payload %d is %s, want %s", i, l.Payload, payload)
		}
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := errors.Join(json.Unmarshal(a, &x), json.Unmarshal(b, &y)); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(x) == fmt.Sprint(y)
}

func TestAppendEventsRefuses(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	job, contractor := uuid.NewString(), uuid.NewString()
	for name, spoil := range map[string]func(*events.Event){
		"NoFact":        func(e *events.Event) { e.Fact = nil },
		"NoStream":      func(e *events.Event) { e.PublishedTo = nil },
		"KioskStream":   func(e *events.Event) { e.PublishedTo = append(e.PublishedTo, events.KioskStream("north")) },
		"NamelessGroup": func(e *events.Event) { e.PublishedTo = append(e.PublishedTo, events.ContractorStream("")) },
		"NoAudit":       func(e *events.Event) { e.Fact = events.JobAssigned{JobID: job} },
		"TooLarge": func(e *events.Event) {
			e.Fact = events.JobUpdated{JobID: job, Changed: slices.Repeat([]string{"window"}, 300)}
		},
		"UnknownKind": func(e *events.Event) { e.Fact = oddFact{} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := assigned(job, contractor, "north")
			spoil(&e)
			good := assigned(job, contractor, "north")
			err := d.LogInTx(t.Context(), nothing, nothing, func() []events.Event { return []events.Event{good, e} })
			if !errors.Is(err, db.ErrBadEvent) {
				t.Errorf("error is %v, want %v", err, db.ErrBadEvent)
			}
			var n int
			if err := d.Scan(t.Context(), `select count(*) from event_log where event_id = '`+good.ID+`'`, &n); err != nil || n != 0 {
				t.Errorf("%d events of a refused transaction are in the log (%v)", n, err)
			}
		})
	}
}

// oddFact is of a kind that is not in the catalogue.
type oddFact struct{}

func (oddFact) EventKind() events.Kind { return "JobVanished\nevent: forged" }

// The table itself refuses a large payload, whoever writes it.
func TestEventLogRefusesLargePayload(t *testing.T) {
	t.Parallel()
	insert := func(bytes int) error {
		return dbtest.Open(t).Exec(t.Context(), insertRaw, `{"x":"`+strings.Repeat("y", bytes)+`"}`)
	}
	if err := insert(2000); err != nil {
		t.Errorf("2,000 bytes: %v", err)
	}
	if err := insert(2048); db.SQLState(err) != "23514" { // check_violation
		t.Errorf("more than 2 KB: %v", err)
	}
}

const insertRaw = `insert into event_log (batch, event_id, event_type, schema_version, region, payload, published_to, actor_kind)
	values (0, gen_random_uuid(), 'JobUpdated', 1, 'raw', $1, '{dispatch/raw}', 'system')`

// Nobody changes what is logged; the application may not even try.
func TestEventLogIsAppendOnly(t *testing.T) {
	t.Parallel()
	app, owner := dbtest.Isolated(t)
	logEvents(t, app, assigned(uuid.NewString(), uuid.NewString(), "north"))
	sequenceAll(t, app)
	logEvents(t, app, assigned(uuid.NewString(), uuid.NewString(), "north")) // without a position
	before := logDigest(t, owner)

	statements := map[string]string{
		"Update":        `update event_log set region = 'south'`,
		"UpdatePos":     `update event_log set pos = 99 where pos = 1`,
		"UpdateBoth":    `update event_log set pos = 99, region = 'south' where pos is null`,
		"Delete":        `delete from event_log`,
		"Truncate":      `truncate event_log`,
		"InsertWithPos": strings.Replace(strings.Replace(insertRaw, "(batch", "(pos, batch", 1), "(0", "(99, 0", 1),
	}
	onlyOwner := map[string]string{
		"SetPos":         `update event_log set pos = 99 where pos is null`,
		"Drop":           `drop table event_log`,
		"Alter":          `alter table event_log disable trigger all`,
		"DropTrigger":    `drop trigger event_log_no_change on event_log`,
		"Head":           `update event_head set pos = 99`,
		"Epoch":          `update event_head set epoch = 1`,
		"Publications":   `update event_publications set receivers = 1`,
		"Audit":          `update audit_records set source = 'auto'`,
		"DropFunction":   `drop function event_log_sequence(integer)`,
		"ReplaceTrigger": `create or replace function event_log_immutable() returns trigger language plpgsql as 'begin return new; end'`,
	}
	try := func(who string, d *db.DB, set map[string]string) {
		for name, statement := range set {
			args := []any{`{}`}[:strings.Count(statement, "$1")]
			// 42501 is insufficient_privilege, by right or by trigger.
			if err := d.Exec(t.Context(), statement, args...); db.SQLState(err) != "42501" {
				t.Errorf("%s: %s was not refused: %v", who, name, err)
			}
		}
	}
	try("application", app, statements)
	try("application", app, onlyOwner)
	try("owner", owner, statements)
	if after := logDigest(t, owner); after != before {
		t.Errorf("the log changed from %s to %s", before, after)
	}
}

func logDigest(t *testing.T, d *db.DB) (digest string) {
	t.Helper()
	err := d.Scan(t.Context(), `select md5(string_agg(to_jsonb(e)::text, ',' order by id)) || (select h::text from event_head h) from event_log e`, &digest)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

// A batch that is larger than what is asked for is not parted, and an older
// transaction that commits meanwhile comes after it.
func TestSequenceKeepsTransactionsTogether(t *testing.T) {
	t.Parallel()
	app, _ := dbtest.Isolated(t)
	job := uuid.NewString()
	pair := []events.Event{unassigned(job, uuid.NewString(), "north"), assigned(job, uuid.NewString(), "north")}
	late := assigned(uuid.NewString(), uuid.NewString(), "north")
	// late draws its id first and commits when the pair has half been asked for.
	err := app.LogInTx(t.Context(), nothing, func(*sqlx.Tx) error {
		logEvents(t, app, pair...)
		given, err := app.Sequence(t.Context(), 1)
		if err == nil && given != 2 {
			err = fmt.Errorf("gave %d positions, want 2", given)
		}
		return err
	}, func() []events.Event { return []events.Event{late} })
	if err != nil {
		t.Fatal(err)
	}
	sequenceAll(t, app)
	var ids []string
	got, err := app.After(t.Context(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range got {
		ids = append(ids, e.EventID)
	}
	if want := []string{pair[0].ID, pair[1].ID, late.ID}; !slices.Equal(ids, want) {
		t.Errorf("order is %v, want %v", ids, want)
	}
}

func TestSequenceLeavesTheWorkToOthers(t *testing.T) {
	t.Parallel()
	app, owner := dbtest.Isolated(t)
	logEvents(t, app, assigned(uuid.NewString(), uuid.NewString(), "north"))
	err := owner.LogInTx(t.Context(), func(tx *sqlx.Tx) error {
		if _, err := tx.Exec(`select pg_advisory_xact_lock(77)`); err != nil {
			return err
		}
		if given, err := app.Sequence(t.Context(), 10); given != -1 || err != nil {
			t.Errorf("Sequence is (%d, %v) while another holds the lock, want -1", given, err)
		}
		return nil
	}, nothing, func() []events.Event { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if given, err := app.Sequence(t.Context(), 10); given != 1 || err != nil {
		t.Errorf("Sequence is (%d, %v) afterwards, want 1", given, err)
	}
}

func TestReplay(t *testing.T) {
	t.Parallel()
	app, _ := dbtest.Isolated(t)
	ann, bob := uuid.NewString(), uuid.NewString()
	logEvents(t, app, assigned(uuid.NewString(), ann, "north"))                                             // 1
	logEvents(t, app, assigned(uuid.NewString(), bob, "south"))                                             // 2
	logEvents(t, app, unassigned(uuid.NewString(), ann, "south"), assigned(uuid.NewString(), bob, "south")) // 3, 4
	aboutAnn := assigned(uuid.NewString(), ann, "north")
	aboutAnn.PublishedTo = aboutAnn.PublishedTo[:1]
	logEvents(t, app, aboutAnn) // 5: about her, but not on her stream
	aboutBoth := assigned(uuid.NewString(), ann, "north")
	aboutBoth.PublishedTo, aboutBoth.ContractorID = append(aboutBoth.PublishedTo, events.ContractorStream(bob)), ""
	logEvents(t, app, aboutBoth) // 6: about both, so it names neither
	sequenceAll(t, app)

	north, south := events.DispatchStream("north"), events.DispatchStream("south")
	for name, c := range map[string]struct {
		streams     []events.Stream
		after, upTo int64
		limit       int
		want        []int64
	}{
		"Dispatch":        {[]events.Stream{north}, 0, 5, 10, []int64{1, 5}},
		"Kiosk":           {[]events.Stream{events.KioskStream("south")}, 0, 5, 10, []int64{2, 3, 4}},
		"SeveralRegions":  {[]events.Stream{north, south}, 1, 4, 10, []int64{2, 3, 4}},
		"Contractor":      {[]events.Stream{events.ContractorStream(ann)}, 0, 5, 10, []int64{1, 3}},
		"OfSeveral":       {[]events.Stream{events.ContractorStream(bob)}, 2, 6, 10, []int64{4, 6}},
		"OfBoth":          {[]events.Stream{events.ContractorStream(ann), events.ContractorStream(bob)}, 3, 6, 2, []int64{4, 6}},
		"TwoContractors":  {[]events.Stream{events.ContractorStream(ann), events.ContractorStream(bob)}, 1, 5, 10, []int64{2, 3, 4}},
		"NoUUID":          {[]events.Stream{events.ContractorStream("'; drop")}, 0, 5, 10, nil},
		"BothSorts":       {[]events.Stream{events.ContractorStream(bob), north}, 0, 5, 10, []int64{1, 2, 4, 5}},
		"Limit":           {[]events.Stream{north, south}, 0, 5, 2, []int64{1, 2}},
		"NothingThere":    {[]events.Stream{events.DispatchStream("west")}, 0, 5, 10, nil},
		"NothingNewer":    {[]events.Stream{north}, 5, 5, 10, nil},
		"NobodyIsNamed":   {nil, 0, 5, 10, nil},
		"OnlyHisUpToHead": {[]events.Stream{events.ContractorStream(bob)}, 3, 4, 10, []int64{4}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := app.Replay(t.Context(), c.streams, c.after, c.upTo, c.limit)
			if err != nil {
				t.Fatal(err)
			}
			var pos []int64
			for _, e := range got {
				pos = append(pos, e.Position.Pos)
			}
			if !slices.Equal(pos, c.want) {
				t.Errorf("positions %v, want %v", pos, c.want)
			}
		})
	}
}

func TestRecordPublications(t *testing.T) {
	t.Parallel()
	app, _ := dbtest.Isolated(t)
	at := time.Date(2027, 3, 1, 12, 0, 0, 123456000, time.UTC)
	want := []events.Publication{
		{Pos: 1, Instance: "a", PublishedAt: at, Receivers: 3},
		{Pos: 1, Instance: "b", PublishedAt: at.Add(time.Second), Error: `it "broke"`},
	}
	for range 2 { // the second time changes nothing
		if err := app.RecordPublications(t.Context(), want); err != nil {
			t.Fatal(err)
		}
	}
	got, err := app.Publications(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		got[i].PublishedAt = got[i].PublishedAt.UTC()
	}
	if !slices.Equal(got, want) {
		t.Errorf("publications %+v, want %+v", got, want)
	}
	if none, err := app.Publications(t.Context(), 2); err != nil || len(none) != 0 {
		t.Errorf("publications of another event: %v, %v", none, err)
	}
}

// A database that is away is known as such.
func TestEventLogUnavailable(t *testing.T) {
	t.Parallel()
	app, _ := dbtest.Isolated(t)
	ctx, cancel := context.WithTimeout(t.Context(), -time.Second)
	defer cancel()
	_, sequence := app.Sequence(ctx, 1)
	_, head := app.Head(ctx)
	_, after := app.After(ctx, 0, 1)
	_, replay := app.Replay(ctx, []events.Stream{"dispatch/north"}, 0, 1, 1)
	for act, err := range map[string]error{"sequence": sequence, "head": head, "after": after, "replay": replay,
		"record": app.RecordPublications(ctx, nil), "notify": app.NotifyRelays(ctx, "c", "m")} {
		if !errors.Is(err, db.ErrUnavailable) {
			t.Errorf("%s: %v is not ErrUnavailable", act, err)
		}
	}
}
