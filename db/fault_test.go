package db_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

// The tests of this file are the faults of an earlier implementation, by their
// numbers in the project's list of faults.

// TestFault01Overlap: the database itself holds that nobody is in two places
// at once, whoever writes and however.
func TestFault01Overlap(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rosa := d.contractor("north", "Rosa Díaz")
	first, second := d.job("north"), d.job("south")
	out := d.must(d.assign(first, rosa, tuesday+"T10:00", tuesday+"T12:00"))

	insert := func(from, to, status string) error {
		return d.db.Exec(t.Context(), `insert into assignments (visit_id, job_id, contractor_id, during, status, source, audit_id)
		  select v.id, v.job_id, $2, tstzrange($3::timestamp at time zone 'America/New_York', $4::timestamp at time zone 'America/New_York'),
		         $5, 'manual', $6 from visits v where v.job_id = $1`,
			second, rosa, tuesday+"T"+from, tuesday+"T"+to, status, out.AuditID)
	}
	const exclusionViolation, uniqueViolation = "23P01", "23505"
	for _, span := range [][2]string{{"10:00", "12:00"}, {"11:59", "13:00"}, {"09:00", "10:01"}, {"10:30", "11:00"}, {"09:00", "13:00"}} {
		if err := insert(span[0], span[1], "assigned"); db.SQLState(err) != exclusionViolation {
			t.Errorf("%s–%s over 10:00–12:00: %v, want an exclusion violation", span[0], span[1], err)
		}
	}
	if err := insert("10:00", "12:00", "unassigned"); err != nil {
		t.Errorf("an assignment that is over takes no time: %v", err)
	}
	if err := insert("12:00", "14:00", "assigned"); err != nil {
		t.Errorf("touching ranges: %v", err)
	}
	if err := insert("15:00", "16:00", "assigned"); db.SQLState(err) != uniqueViolation {
		t.Errorf("a second assignment of one visit: %v, want a unique violation", err)
	}
	err := d.db.Exec(t.Context(), `update assignments set during = tstzrange(lower(during) - interval '1 minute', upper(during))
	  where job_id = $1 and active`, second)
	if db.SQLState(err) != exclusionViolation {
		t.Errorf("a move over a neighbour: %v, want an exclusion violation", err)
	}
}

// TestFault02OwnTime: a move may overlap the time that the assignment has
// now, and nobody else's.
func TestFault02OwnTime(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rosa := d.contractor("north", "Rosa Díaz")
	first, second := d.job("north"), d.job("north")
	d.must(d.assign(first, rosa, tuesday+"T10:00", tuesday+"T12:00"))
	d.must(d.assign(second, rosa, tuesday+"T14:00", tuesday+"T16:00"))

	d.must(d.move(first, tuesday+"T11:00", ""))
	if got := d.card(first).At(); !got.Start.Equal(eastern(t, tuesday+"T11:00")) || got.Duration() != 2*time.Hour {
		t.Errorf("moved to %v", got)
	}
	before := d.state()
	_, err := d.move(first, tuesday+"T13:00", "")
	c := refusedBy(t, err, db.ConflictOverlap)
	if c.Winner == nil || c.Winner.JobID != second || c.Winner.ContractorName != "Rosa Díaz" || c.Winner.By != "Ann" {
		t.Errorf("winner is %+v, want the second job", c.Winner)
	}
	if d.state() != before {
		t.Error("a refused move changed something")
	}
}

func eastern(t testing.TB, local string) time.Time { return instantIn(t, local, "America/New_York") }

// instantIn is the instant of a wall time, found without our own rules.
func instantIn(t testing.TB, local, zone string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02T15:04", local, loc)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestFault03Region: the region of every event is that of the job's location.
func TestFault03Region(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	kofi := d.contractor("south", "Kofi")
	for _, region := range []string{"north", "south", "west"} {
		t.Run(region, func(t *testing.T) {
			lee, begin := d.contractor(region, "Lee"), len(d.log())
			job := d.job(region)
			d.must(d.assign(job, lee, tuesday+"T10:00", ""))
			d.must(d.move(job, tuesday+"T11:00", ""))
			d.must(d.reassign(job, kofi, "", "", ""))
			d.must(d.unassign(job, ""))
			if err := d.db.CorrectSite(t.Context(), db.CorrectSite{By: d.ann, JobID: job, Version: d.card(job).Version, Site: inside(region)}); err != nil {
				t.Fatal(err)
			}
			rows := d.log()[begin:]
			want := []events.Kind{events.KindJobCreated, events.KindJobAssigned, events.KindJobRescheduled,
				events.KindJobUnassigned, events.KindJobAssigned, events.KindJobUnassigned, events.KindJobUpdated}
			if len(rows) != len(want) {
				t.Fatalf("%d events, want %d", len(rows), len(want))
			}
			for i, e := range rows {
				if e.Kind != want[i] || e.Region != region || e.Fields.Region != region {
					t.Errorf("event %d: %s in %q, payload %q; want %s in %q", i, e.Kind, e.Region, e.Fields.Region, want[i], region)
				}
				if !strings.HasPrefix(e.PublishedTo, "dispatch/"+region) {
					t.Errorf("%s is published to %q, want first to dispatch/%s", e.Kind, e.PublishedTo, region)
				}
			}
		})
	}
	t.Run("Outside", func(t *testing.T) {
		d.job("north", func(n *db.NewJob) { n.Site.Point = &schedule.Point{Lat: 50, Lng: 50} })
		if e := d.last(); e.Region != events.Unrouted || e.PublishedTo != "dispatch/unrouted" {
			t.Errorf("a job outside every region is logged in %q for %q", e.Region, e.PublishedTo)
		}
	})
}

// TestFault04LogOrNothing: a change without its event does not happen, and an
// event without its change neither.
func TestFault04LogOrNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee, maya := d.contractor("north", "Lee"), d.contractor("south", "Maya")
	held, open := d.job("north"), d.job("north")
	d.must(d.assign(held, lee, tuesday+"T10:00", ""))

	commands := map[string]func(key string) error{
		"Assign": func(key string) error {
			cmd := db.Assign{Command: d.command(open), JobID: open, ContractorID: maya, At: d.times(tuesday+"T10:00", "")}
			cmd.Key, cmd.RequestHash = key, "h"
			_, err := d.db.Assign(t.Context(), cmd)
			return err
		},
		"Reassign": func(key string) error {
			cmd := db.Reassign{Command: d.command(held), AssignmentID: d.card(held).AssignmentID, ContractorID: maya}
			cmd.Key, cmd.RequestHash = key, "h"
			_, err := d.db.Reassign(t.Context(), cmd)
			return err
		},
		"Move": func(key string) error {
			cmd := db.Move{Command: d.command(held), AssignmentID: d.card(held).AssignmentID, At: d.times(tuesday+"T13:00", "")}
			cmd.Key, cmd.RequestHash = key, "h"
			_, err := d.db.Move(t.Context(), cmd)
			return err
		},
		"Unassign": func(key string) error {
			cmd := db.Unassign{Command: d.command(held), AssignmentID: d.card(held).AssignmentID}
			cmd.Key, cmd.RequestHash = key, "h"
			_, err := d.db.Unassign(t.Context(), cmd)
			return err
		},
	}
	refused := func(t *testing.T, key string) {
		for name, run := range commands {
			before := d.state()
			if err := run(key); err == nil {
				t.Errorf("%s succeeded", name)
			}
			if d.state() != before {
				t.Errorf("%s was refused and changed something", name)
			}
		}
	}
	t.Run("LogCannotBeWritten", func(t *testing.T) {
		d.exec(`revoke insert on event_log from smartscheduler_app`)
		defer d.exec(`grant insert on event_log to smartscheduler_app`)
		refused(t, "")
	})
	t.Run("AuditCannotBeWritten", func(t *testing.T) {
		d.exec(`revoke insert on audit_records from smartscheduler_app`)
		defer d.exec(`grant insert on audit_records to smartscheduler_app`)
		refused(t, "")
	})
	t.Run("RolledBackAfterTheEvent", func(t *testing.T) {
		d.exec(`revoke insert on idempotency_keys from smartscheduler_app`)
		defer d.exec(`grant insert on idempotency_keys to smartscheduler_app`)
		refused(t, uuid.NewString())
	})
	t.Run("Cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		before := d.state()
		cmd := db.Assign{Command: d.command(open), JobID: open, ContractorID: maya, At: d.times(tuesday+"T10:00", "")}
		if _, err := d.db.Assign(ctx, cmd); err == nil || d.state() != before {
			t.Errorf("a cancelled command: %v", err)
		}
	})
	t.Run("Control", func(t *testing.T) {
		before := len(d.log())
		if err := commands["Assign"](uuid.NewString()); err != nil {
			t.Fatal(err)
		}
		if n := len(d.log()) - before; n != 1 {
			t.Errorf("%d events, want 1", n)
		}
	})
}

// TestFault07AuditID: every event of an assignment names an audit record that
// exists, and the source is spelled as the contract spells it.
func TestFault07AuditID(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee, maya := d.contractor("north", "Lee"), d.contractor("south", "Maya")
	job := d.job("north")
	outcomes := []db.Outcome{
		d.must(d.assign(job, lee, tuesday+"T10:00", "")),
		d.must(d.move(job, tuesday+"T11:00", "")),
		d.must(d.reassign(job, maya, "", "", "Lee is ill")),
		d.must(d.unassign(job, "the customer called")),
	}
	rows := d.log()[1:] // after JobCreated
	byOutcome := map[string]db.Outcome{}
	for _, out := range outcomes {
		for _, id := range out.EventIDs {
			byOutcome[id] = out
		}
	}
	for _, e := range rows {
		out, ok := byOutcome[e.Fields.EventID]
		if !ok || e.Fields.AuditID == "" || e.Fields.AuditID != out.AuditID {
			t.Errorf("%s has audit id %q, its command %q", e.Kind, e.Fields.AuditID, out.AuditID)
			continue
		}
		var found struct{ Action, Source, Actor, Reason string }
		d.scan(&found, `select action, source, actor_id::text as actor, override_reason as reason from audit_records where id = $1`, e.Fields.AuditID)
		if found.Source != "manual" || found.Actor != d.ann.UserID {
			t.Errorf("the audit record of %s is %+v", e.Kind, found)
		}
		if e.Kind == events.KindJobAssigned && e.Fields.Source != "manual" {
			t.Errorf("source is %q, want manual", e.Fields.Source)
		}
	}
	audits, err := d.db.AuditsOf(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	var actions, reasons []string
	for _, a := range audits {
		actions, reasons = append(actions, a.Action), append(reasons, a.OverrideReason)
	}
	if got := strings.Join(actions, " "); got != "assign move reassign unassign" {
		t.Errorf("audit records are %q", got)
	}
	if got := strings.Join(reasons, "|"); got != "||Lee is ill|the customer called" {
		t.Errorf("reasons are %q", got)
	}
}

// TestFault08Frees: taking a job off a contractor, for nobody or for somebody
// else, frees his time.
func TestFault08Frees(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee, maya := d.contractor("north", "Lee"), d.contractor("north", "Maya")
	job, other := d.job("north"), d.job("north")
	first := d.must(d.assign(job, lee, tuesday+"T10:00", ""))

	second := d.must(d.reassign(job, maya, "", "", ""))
	if card := d.card(job); card.ContractorID != maya || card.AssignmentID != second.AssignmentID || card.Status != schedule.JobAssigned {
		t.Errorf("after the reassignment the card is %+v", card)
	}
	d.must(d.assign(other, lee, tuesday+"T10:00", ""))

	d.must(d.unassign(job, ""))
	if card := d.card(job); card.Assigned() || !card.Open() {
		t.Errorf("after the unassignment the card is %+v", card)
	}
	third := d.job("north")
	d.must(d.assign(third, maya, tuesday+"T10:00", ""))

	var replaces string
	d.scan(&replaces, `select coalesce(replaces_id::text, '') from assignments where id = $1`, second.AssignmentID)
	if replaces != first.AssignmentID {
		t.Errorf("the new assignment replaces %q, want %s", replaces, first.AssignmentID)
	}
}

// TestFault09Rescheduled: JobRescheduled tells the times of the assignment,
// which are not those of the promised window.
func TestFault09Rescheduled(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee := d.contractor("north", "Lee")
	job := d.job("north")
	out := d.must(d.assign(job, lee, tuesday+"T10:00", tuesday+"T11:30"))
	moved := d.must(d.move(job, tuesday+"T13:00", ""))
	e := d.last()
	if e.Kind != events.KindJobRescheduled || e.Fields.AssignmentID != out.AssignmentID || moved.AssignmentID != out.AssignmentID {
		t.Fatalf("logged %s of assignment %s", e.Kind, e.Fields.AssignmentID)
	}
	for name, pair := range map[string][2]time.Time{
		"previousStartUtc": {e.Fields.PreviousStartUTC, eastern(t, tuesday+"T10:00")},
		"previousEndUtc":   {e.Fields.PreviousEndUTC, eastern(t, tuesday+"T11:30")},
		"startUtc":         {e.Fields.StartUTC, eastern(t, tuesday+"T13:00")},
		"endUtc":           {e.Fields.EndUTC, eastern(t, tuesday+"T14:30")},
	} {
		if !pair[0].Equal(pair[1]) {
			t.Errorf("%s is %s, want %s", name, pair[0], pair[1])
		}
	}
	if e.Fields.AssignmentVersion != 2 || e.Fields.StartLocal != tuesday+"T13:00" || e.Fields.EndLocal != tuesday+"T14:30" {
		t.Errorf("payload is %s", e.Payload)
	}
}

// TestFault11WallTime: 09:00 on a form is 09:00 on the clock at the site.
func TestFault11WallTime(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.region("kolkata", "Asia/Kolkata", 10)
	d.ann.Regions = append(d.ann.Regions, "kolkata")
	for region, zone := range map[string]string{"north": "America/New_York", "west": "America/Chicago", "kolkata": "Asia/Kolkata"} {
		for _, day := range []string{"2032-01-13", "2032-07-13"} {
			lee := d.contractor(region, "Lee")
			job := d.job(region, func(n *db.NewJob) {
				n.Site.RegionOverride = region
				n.WindowStart, n.WindowEnd = wall(t, day+"T08:00"), wall(t, day+"T12:00")
			})
			d.must(d.assign(job, lee, day+"T09:00", ""))
			want := instantIn(t, day+"T09:00", zone)
			card, e := d.card(job), d.last()
			if !card.Start.Time.Equal(want) || !card.End.Time.Equal(want.Add(2*time.Hour)) {
				t.Errorf("%s %s: booked %s–%s, want from %s", region, day, card.Start.Time, card.End.Time, want)
			}
			if !card.WindowStart.Equal(instantIn(t, day+"T08:00", zone)) {
				t.Errorf("%s %s: window from %s", region, day, card.WindowStart)
			}
			if !e.Fields.StartUTC.Equal(want) || e.Fields.TimeZone != zone || e.Fields.StartLocal != day+"T09:00" || e.Fields.EndLocal != day+"T11:00" {
				t.Errorf("%s %s: payload is %s", region, day, e.Payload)
			}
			if !strings.Contains(string(e.Payload), `"`+want.UTC().Format(time.RFC3339)+`"`) {
				t.Errorf("%s %s: startUtc is not written in UTC: %s", region, day, e.Payload)
			}
		}
	}
}
