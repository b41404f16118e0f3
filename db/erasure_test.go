package db_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"smartscheduler/db"
	"smartscheduler/schedule"
)

// whereabouts lists the columns of the whole database that hold one of the
// texts, in any spelling of capitals: as text, inside JSON, as bytes.
func (d *desk) whereabouts(texts ...string) (found []string) {
	d.t.Helper()
	var columns []struct {
		Table  string `db:"table_name"`
		Column string `db:"column_name"`
		Type   string `db:"data_type"`
	}
	err := d.owner.Select(&columns, `select quote_ident(c.table_schema) || '.' || quote_ident(c.table_name) as table_name,
	    quote_ident(c.column_name) as column_name, c.data_type
	  from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
	 where t.table_type = 'BASE TABLE' and c.table_schema not in ('pg_catalog', 'information_schema') order by 1, 2`)
	if err != nil || len(columns) < 100 {
		d.t.Fatalf("%d columns, %v", len(columns), err)
	}
	for _, c := range columns {
		there := `position(lower(x) in lower(to_jsonb(` + c.Column + `)::text)) > 0`
		if c.Type == "bytea" {
			there = `position(convert_to(x, 'UTF8') in ` + c.Column + `) > 0`
		}
		var held []string
		err := d.owner.Select(&held, `select x from unnest($1::text[]) x where exists (select from `+c.Table+` where `+there+`)`, pq.Array(texts))
		if err != nil {
			d.t.Fatal(err)
		}
		for _, text := range held {
			found = append(found, text+" in "+c.Table+"."+c.Column)
		}
	}
	return found
}

// wantEverywhere is the control of wantNowhere: each text can be found.
func (d *desk) wantEverywhere(texts ...string) {
	d.t.Helper()
	found := d.whereabouts(texts...)
	for _, text := range texts {
		if !slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, text+" in ") }) {
			d.t.Fatalf("%q is nowhere before anybody was erased", text)
		}
	}
}

func (d *desk) wantNowhere(texts ...string) {
	d.t.Helper()
	if found := d.whereabouts(texts...); len(found) > 0 {
		d.t.Errorf("still there:\n%s", strings.Join(found, "\n"))
	}
}

// history is what must outlive everybody: all of the log up to now, and the
// audit records, assignments and jobs without their words.
func (d *desk) history(upTo int) (s string) {
	d.t.Helper()
	d.scan(&s, `select concat_ws('|',
	  (select md5(string_agg(e::text, ';' order by e.id)) from event_log e where e.id <= $1),
	  (select md5(string_agg((to_jsonb(a) - 'override_reason')::text, ';' order by a.id)) from audit_records a),
	  (select md5(string_agg(a::text, ';' order by a.id)) from assignments a),
	  (select md5(string_agg(concat_ws(' ', id, number, region, zone, window_start, window_end, duration_minutes, skills, status), ';' order by id)) from jobs))`, upTo)
	return s
}

func (d *desk) events() int { return d.countRows(`select coalesce(max(id), 0) from event_log`) }

// after is an instant at which the day of most tests is over.
func after(t testing.TB) time.Time { return before(t).AddDate(0, 0, 5) }

// upload is a file that is kept for its hour.
func (d *desk) upload(kind, state, content string) (id string) {
	d.t.Helper()
	id = uuid.NewString()
	d.exec(`insert into import_batches (id, kind, file_name, user_id, state, content, uploaded_at, expires_at)
	  values ($1, $2, $3, $4, $5, $6, now(), now() + interval '1 hour')`, id, kind, "list of "+content, d.ann.UserID, state, []byte(content))
	d.exec(`insert into import_errors (batch_id, place, line, column_name, value, reason) values ($1, 1, 2, 'title', $2, 'too long')`, id, content)
	return id
}

// idaTexts are what is known of Ida.
func idaTexts() []string {
	return []string{"Ida Zwetschge", "555-0177-33", "ida.z@example.com", "17 Plum Alley", "PL-1707", "Ida's bathroom", "Brutus", "gnome", "wept", "0.4321"}
}

// ida adds a customer with one job that was done and one that was cancelled, all
// with words, and returns her id and those of the jobs.
func (d *desk) ida(rosa string) (id string, jobs []string) {
	d.t.Helper()
	for range 2 {
		jobs = append(jobs, d.job("north", func(n *db.NewJob) {
			n.Title, n.CustomerName, n.CustomerPhone, n.Notes = "Ida's bathroom", "Ida Zwetschge", "555-0177-33", "Dog called Brutus"
			n.Site.Address, n.Site.Postcode, n.Site.AccessNotes = "17 Plum Alley", "PL-1707", "Key under the gnome"
			n.Site.Point = &schedule.Point{Lat: 0.4321, Lng: 0.4321}
		}))
	}
	d.must(d.assign(jobs[0], rosa, tuesday+"T09:00", ""))
	d.must(d.assign(jobs[1], rosa, tuesday+"T13:00", ""))
	d.must(d.unassign(jobs[1], "Ida wept"))
	d.must(d.db.CancelJob(context.Background(), db.JobCommand{Command: d.withReason(jobs[1], "She wept again"), JobID: jobs[1]}, "customer"))
	d.exec(`update customers set email = 'ida.z@example.com' where name = 'Ida Zwetschge'`)
	d.scan(&id, `select id from customers where name = 'Ida Zwetschge'`)
	return id, jobs
}

func (d *desk) withReason(jobID, reason string) db.Command {
	cmd := d.command(jobID)
	cmd.OverrideReason = reason
	return cmd
}

// eraseIda sends the page as it is now.
func (d *desk) eraseIda(by db.Actor, id string, change ...func(*db.Erase)) error {
	d.t.Helper()
	r, err := d.db.CustomerRecord(context.Background(), id)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		d.t.Fatal(err)
	}
	cmd := db.Erase{By: by, ID: id, Confirmed: r.Digest(), Reason: "Asked by letter of 3 March", Now: after(d.t)}
	for _, c := range change {
		c(&cmd)
	}
	return d.db.EraseCustomer(context.Background(), cmd)
}

// TestErasedCustomerIsNowhere erases a customer with jobs, sites, reasons in the
// audit and an uploaded file. No column of any table holds a word of her; jobs,
// audit and log keep their rows, and each job has one JobUpdated more.
func TestErasedCustomerIsNowhere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada, rosa := d.admin(), d.contractor("south", "Rosa")
	other := d.job("north", func(n *db.NewJob) { n.CustomerName, n.Notes = "Otto Other", "Mind the step" })
	d.must(d.assign(other, rosa, tuesday+"T15:00", ""))
	ida, jobs := d.ida(rosa)
	d.upload("jobs", "done", "Ida Zwetschge")
	checked := d.upload("jobs", "checked", "Ida Zwetschge")
	d.exec(`update import_batches set expires_at = '2033-01-01'`)
	d.wantEverywhere(idaTexts()...)
	upTo := d.events()
	history := d.history(upTo)

	if err := d.eraseIda(ada, ida); err != nil {
		t.Fatal(err)
	}
	d.wantNowhere(append(idaTexts(), "Zwetschge")...)
	if got := d.history(upTo); got != history {
		t.Errorf("the history is\n%s, it was\n%s", got, history)
	}
	d.wantErasedJobs(ada, jobs, upTo)
	if c := d.card(other); c.CustomerName != "Otto Other" || c.Notes != "Mind the step" || c.Address != "7 Test Lane" {
		t.Errorf("another customer has %+v", c)
	}
	if n := d.countRows(`select count(*) from import_batches where id = $1 and (content is not null or expires_at > $2)`, checked, after(t)); n != 0 {
		t.Error("the upload can be confirmed still")
	}
	// Their address is the same word now, which is no place.
	d.exec(`update jobs set status = 'completed' where id = $1`, jobs[1])
	if n, err := d.db.JobNotices(t.Context(), []db.Card{d.card(jobs[0])}); err != nil || len(n.SameAddress) != 0 {
		t.Errorf("neighbours of an erased job are %+v, %v", n.SameAddress, err)
	}
	e, err := d.db.ErasureOf(t.Context(), ida)
	if err != nil || e.Kind != db.ErasedCustomer || e.By != "Ada" || e.Reason != "Asked by letter of 3 March" {
		t.Errorf("the note is %+v, %v", e, err)
	}

	state := d.state()
	if err := d.eraseIda(ada, ida); err != nil {
		t.Errorf("erased twice: %v", err)
	}
	if d.state() != state || d.countRows(`select count(*) from erasures`) != 1 {
		t.Error("the second time changed something")
	}
}

// wantErasedJobs looks at the cards and at the events of erased jobs.
func (d *desk) wantErasedJobs(by db.Actor, jobs []string, upTo int) {
	d.t.Helper()
	for _, id := range jobs {
		c := d.card(id)
		if c.Title != "Erased" || c.Notes != "Erased" || c.Address != "Erased" || c.AccessNotes != "Erased" || c.CustomerName != "" || c.Lat.Valid || c.Region != "north" {
			d.t.Errorf("the job is %+v", c)
		}
	}
	told := make(map[string]string)
	for _, row := range d.log() {
		if int(row.ID) > upTo {
			told[row.JobID] += string(row.Kind) + " to " + row.PublishedTo
			if row.ActorID != by.UserID || !slices.Equal(row.Fields.Changed, []string{"title", "site", "customer", "notes", "access_notes"}) {
				d.t.Errorf("the event is %s", row.Payload)
			}
		}
	}
	held := d.card(jobs[0])
	want := map[string]string{
		jobs[0]: "JobUpdated to dispatch/north dispatch/south contractor/" + held.ContractorID,
		jobs[1]: "JobUpdated to dispatch/north",
	}
	if fmt.Sprint(told) != fmt.Sprint(want) {
		d.t.Errorf("told were %v, want %v", told, want)
	}
}

// TestErasingIsRefused changes nothing when the page is old, when the reason
// names her, while somebody has to go to her, while an import waits, and for
// anybody but an administrator.
func TestErasingIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada := d.admin()
	ida, jobs := d.ida(d.contractor("north", "Rosa"))
	seen, err := d.db.CustomerRecord(t.Context(), ida)
	if err != nil {
		t.Fatal(err)
	}
	d.must(d.edit(jobs[0], func(n *db.NewJob) { n.Notes = "Dog called Brutus, bites" }))
	state := d.state()
	refusedBy(t, d.eraseIda(ada, ida, func(cmd *db.Erase) { cmd.Confirmed = seen.Digest() }), db.ConflictStale)
	for _, reason := range []string{"", " ", "Frau zwetschge wrote", "see 555-0177-33", "the one at 17 plum alley", strings.Repeat("x", 501)} {
		invalidAt(t, d.eraseIda(ada, ida, func(cmd *db.Erase) { cmd.Reason = reason }), "reason")
	}
	if err := d.eraseIda(d.ann, ida); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("a dispatcher: %v", err)
	}
	if err := d.eraseIda(ada, uuid.NewString()); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
	var todo *db.Clashes
	if err := d.eraseIda(ada, ida, func(cmd *db.Erase) { cmd.Now = before(t) }); !errors.As(err, &todo) || len(todo.Cards) != 1 || todo.Cards[0].JobID != jobs[0] {
		t.Errorf("with a job to do: %v", err)
	}
	waiting := d.upload("jobs", "queued", "Ida Zwetschge")
	if err := d.eraseIda(ada, ida); !errors.Is(err, db.ErrImportRunning) {
		t.Errorf("while an import waits: %v", err)
	}
	if d.state() != state {
		t.Error("a refusal changed something")
	}
	d.exec(`update import_batches set state = 'done' where id = $1`, waiting)
	if err := d.eraseIda(ada, ida); err != nil {
		t.Error(err)
	}
}

// TestJobForWhoIsBeingErased adds a job for a customer who is erased while it is
// saved: it gets a customer of its own.
func TestJobForWhoIsBeingErased(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.exec(`insert into customers (name) values ('Ida Berg')`)
	tx := d.begin()
	tx.exec(`delete from customers where name = 'Ida Berg'`)
	done := make(chan error, 1)
	go func() {
		_, err := d.db.CreateJob(context.Background(), db.Command{By: d.ann}, db.NewJob{
			Title: "Lay a floor", CustomerName: "Ida Berg", DurationMinutes: 60, Priority: "normal", Site: inside("north"),
			WindowStart: wall(t, tuesday+"T08:00"), WindowEnd: wall(t, tuesday+"T18:00"),
		})
		done <- err
	}()
	d.waiting(done, 1)
	tx.commit()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n := d.countRows(`select count(*) from sites s join customers k on k.id = s.customer_id where k.name = 'Ida Berg'`); n != 1 {
		t.Errorf("%d sites of the customer, want 1", n)
	}
}

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

// TestErasedUserIsNowhere erases a member of staff who was locked out. What he
// did stays, under his id; nobody can sign in as him again.
func TestErasedUserIsNowhere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada := d.admin()
	u, err := d.db.CreateUser(t.Context(), db.NewUser{Email: "gustav.f@example.com", Name: "Gustav Fips", Role: "dispatcher",
		Password: "seven quiet herons", Regions: []string{"north"}})
	if err != nil {
		t.Fatal(err)
	}
	d.ann = db.Actor{UserID: u.ID, Kind: "dispatcher", Regions: []string{"north"}}
	d.must(d.assign(d.job("north"), d.contractor("north", "Rosa"), tuesday+"T09:00", ""))
	err = d.db.RecordRefusal(t.Context(), db.Refusal{Caller: "s:x", Role: "dispatcher", UserID: u.ID, Path: "/streams/kiosk/north", Address: "203.0.113.77"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	d.exec(`insert into user_links (token_hash, user_id, epoch, expires_at) values ('l', $1, 1, now())`, u.ID)
	texts := []string{"Gustav Fips", "gustav.f@example.com", "203.0.113.77"}
	d.wantEverywhere(texts...)
	erase := func() error {
		p, err := d.db.PersonByID(t.Context(), u.ID)
		if err != nil {
			t.Fatal(err)
		}
		return d.db.EraseUser(t.Context(), db.Erase{By: ada, ID: u.ID, Version: p.Version, Reason: "Left in May"})
	}
	invalidAt(t, erase(), "")
	if err := d.db.LockUser(t.Context(), d.changing(ada, u.ID), true); err != nil {
		t.Fatal(err)
	}
	upTo := d.events()
	history := d.history(upTo)
	if err := erase(); err != nil {
		t.Fatal(err)
	}
	d.wantNowhere(append(texts, "Gustav", "Fips")...)
	if got := d.history(upTo); got != history || d.events() != upTo {
		t.Errorf("the history is\n%s, it was\n%s", got, history)
	}
	p, err := d.db.PersonByID(t.Context(), u.ID)
	if err != nil || p.Name != "Former user "+u.ID[:4] || !p.Erased || !p.Disabled || p.PasswordHash.Valid || len(p.Regions) != 0 {
		t.Errorf("left is %+v, %v", p, err)
	}
	refusedBy(t, d.db.LockUser(t.Context(), d.changing(ada, u.ID), false), db.ConflictStale)
	if _, err := d.owner.Exec(`update users set disabled_at = null where id = $1`, u.ID); err == nil {
		t.Error("the database lets somebody in who was erased")
	}
	if _, err := d.db.CreateUser(t.Context(), db.NewUser{Email: "gustav.f@example.com", Name: "Gustav", Role: "auditor"}); err != nil {
		t.Errorf("the address is not free: %v", err)
	}
	if err := erase(); err != nil || d.countRows(`select count(*) from erasures`) != 1 {
		t.Errorf("erased twice: %v", err)
	}
}

// TestHistoryForgetsOnlyForAnErasure: the words of the audit go only in the
// transaction that notes why, and nothing else of it ever.
func TestHistoryForgetsOnlyForAnErasure(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada := d.admin()
	j := d.job("north")
	d.must(d.assign(j, d.contractor("north", "Rosa"), tuesday+"T09:00", ""))
	d.must(d.unassign(j, "She is ill"))
	if err := d.db.Exec(t.Context(), `select erase_words(array(select id from jobs), null, null)`); db.SQLState(err) != "42501" {
		t.Errorf("without an erasure: %v", err)
	}
	for _, statement := range []string{`update audit_records set override_reason = 'Erased' where override_reason <> ''`,
		`update erasures set reason = 'x'`, `delete from erasures`} {
		if err := d.db.Exec(t.Context(), statement); db.SQLState(err) != "42501" {
			t.Errorf("the application may %s: %v", statement, err)
		}
	}
	for _, change := range []string{`override_reason = 'Something else'`, `override_reason = 'Erased', source = 'auto'`, `override_reason = ''`} {
		tx := d.begin()
		tx.exec(`insert into erasures (kind, subject_id, actor_id, reason) values ('user', gen_random_uuid(), $1, 'x')`, ada.UserID)
		_, err := tx.tx.ExecContext(t.Context(), `update audit_records set `+change+` where override_reason <> ''`)
		if db.SQLState(err) != "42501" {
			t.Errorf("the owner may set %s: %v", change, err)
		}
		_ = tx.tx.Rollback()
	}
	if n := d.countRows(`select count(*) from audit_records where override_reason = 'She is ill'`); n != 1 {
		t.Errorf("%d reasons are left, want 1", n)
	}
}
