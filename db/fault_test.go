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
			d.must(d.edit(job, func(n *db.NewJob) { n.Site.Address = "8 Other Lane" }))
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
