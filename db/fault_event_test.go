package db_test

import (
	"strings"
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

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
