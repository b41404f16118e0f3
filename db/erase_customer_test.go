package db_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"smartscheduler/db"
	"smartscheduler/schedule"
)

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
