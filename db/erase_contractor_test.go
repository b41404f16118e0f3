package db_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"smartscheduler/db"
)

// TestErasedContractorIsNowhere erases a contractor who has left, with his
// account. His assignments, audit and events stay by id; nobody can change him
// any more.
func TestErasedContractorIsNowhere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada, leo := d.admin(), d.contractor("south", "Leonidas Quill")
	texts := []string{"Leonidas Quill", "555-0188-44", "leo.q@example.com", "CRM-LEO", "0.9876", "hernia", "hiccups", "his mother"}
	d.exec(`update contractors set phone = '555-0188-44', email = 'leo.q@example.com', external_id = 'CRM-LEO', base_lat = 0.9876, base_lng = 0.9876 where id = $1`, leo)
	one, two := d.job("north"), d.job("north")
	d.must(d.assign(one, leo, tuesday+"T09:00", ""))
	d.must(d.assign(two, leo, tuesday+"T13:00", ""))
	d.must(d.unassign(one, "he has hiccups"))
	d.must(d.reassign(two, d.contractor("north", "Maya"), "", "", "his mother called"))
	d.must(d.assign(one, leo, tuesday+"T09:00", ""))
	d.must(d.db.CancelJob(t.Context(), db.JobCommand{Command: d.withReason(two, "Water damage"), JobID: two}, "customer"))
	d.exec(`insert into contractor_exceptions (contractor_id, day, note) values ($1, $2, 'hernia')`, leo, tuesday)
	d.exec(`insert into idempotency_keys (actor_id, key, request_hash, result)
	  select $1, 'k', 'h', jsonb_build_object('assignmentId', id, 'warnings', '["off: hernia"]'::jsonb) from assignments where contractor_id = $2 limit 1`, d.ann.UserID, leo)
	d.upload("contractors", "done", "Leonidas Quill")
	d.exec(`update import_batches set kept = jsonb_build_array(jsonb_build_object('reason', 'given a job since', 'examples', jsonb_build_array(jsonb_build_object('id', $1::text, 'name', 'CRM-LEO'))))`, leo)
	token, _, err := d.db.CreateContractorLink(t.Context(), leo, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	user, err := d.db.ConsumeContractorLink(t.Context(), token, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	d.exec(`insert into sessions (token_hash, data, expiry, user_id) values ('s', 'x', now() + interval '1 day', $1)`, user.ID)
	d.wantEverywhere(texts...)

	erase := func(now time.Time) error {
		return d.db.EraseContractor(t.Context(), db.Erase{By: ada, ID: leo, Version: d.record(leo).Version, Reason: "Left in May", Now: now})
	}
	invalidAt(t, erase(after(t)), "")
	d.exec(`update contractors set active = false, version = version + 1 where id = $1`, leo)
	var todo *db.Clashes
	if err := erase(before(t)); !errors.As(err, &todo) {
		t.Errorf("with a job to do: %v", err)
	}
	refusedBy(t, d.db.EraseContractor(t.Context(), db.Erase{By: ada, ID: leo, Version: 1, Reason: "Left", Now: after(t)}), db.ConflictStale)
	upTo := d.events()
	history := d.history(upTo)
	if err := erase(after(t)); err != nil {
		t.Fatal(err)
	}
	d.wantNowhere(append(texts, "Leonidas", "Quill")...)
	if got := d.history(upTo); got != history {
		t.Errorf("the history is\n%s, it was\n%s", got, history)
	}
	kind, to, _ := d.lastEvent()
	if kind != "AvailabilityChanged" || !slices.Equal(sorted(to...), sorted("dispatch/south", "dispatch/north", "contractor/"+leo)) {
		t.Errorf("told by %s to %s", kind, to)
	}
	r := d.record(leo)
	if r.Name != "Former contractor "+leo[:4] || !r.Erased || len(r.Hours)+len(r.Skills)+len(r.Exceptions) != 0 {
		t.Errorf("left is %+v", r)
	}
	if n := d.countRows(`select count(*) from audit_records where override_reason = 'Water damage'`); n != 1 {
		t.Error("a reason that is not about him is gone")
	}
	refusedBy(t, d.change(ada, leo, func(cmd *db.ChangeContractor) { cmd.Fields.Name, cmd.Fields.Active = "Leo", true }), db.ConflictStale)
	if n := d.countRows(`select count(*) from sessions`) + d.countRows(`select count(*) from contractor_links`); n != 0 {
		t.Errorf("%d sessions and links are left", n)
	}
	if err := erase(after(t)); err != nil || d.countRows(`select count(*) from erasures`) != 1 {
		t.Errorf("erased twice: %v", err)
	}
}
