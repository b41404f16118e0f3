package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"smartscheduler/db"
	"smartscheduler/handlers"
)

// entered are the fields of the form that edits a job, opened now, with some of
// them typed anew: name, value, name, value, …
func (o *office) entered(jobID string, more ...string) url.Values {
	o.t.Helper()
	card := o.card(jobID)
	n, err := card.Entered()
	if err != nil {
		o.t.Fatal(err)
	}
	f := o.jobNow(jobID).fields(
		"title", n.Title, "customer_name", n.CustomerName, "customer_phone", n.CustomerPhone,
		"address", n.Site.Address, "postcode", n.Site.Postcode, "access_notes", n.Site.AccessNotes,
		"region_override", n.Site.RegionOverride, "notes", n.Notes, "priority", n.Priority,
		"duration_minutes", strconv.Itoa(n.DurationMinutes),
		"window_start", n.WindowStart.String(), "window_start_offset", n.WindowStartOffset,
		"window_end", n.WindowEnd.String(), "window_end_offset", n.WindowEndOffset)
	f["skills"] = n.Skills
	for i := 0; i+1 < len(more); i += 2 {
		f.Set(more[i], more[i+1])
	}
	return f
}

// edit sends the form that edits a job.
func (b *browser) edit(o *office, jobID string, more ...string) *httptest.ResponseRecorder {
	return b.post("/jobs/"+jobID+"/details", o.entered(jobID, more...))
}

// TestEditForm fills the form with what the job is, keeps what was typed when it
// is refused, and saves it.
func TestEditForm(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	lee := o.addContractor("north", "Lee", "gas", "tile")
	o.exec(`delete from contractor_skills where contractor_id = $1 and skill = 'gas'`, lee)
	j := o.addJob("north", "2027-11-07", func(n *db.NewJob) {
		n.Skills, n.Site.AccessNotes, n.Notes = []string{"tile"}, "Key under the mat", "Mind the dog"
		n.WindowStart, n.WindowStartOffset = wallTime(t, "2027-11-07T01:30"), "-05:00"
	})
	wantStatus(t, ann.assign(j, lee, "2027-11-07T09:00"), http.StatusOK)
	wantSaid(t, ann.get("/jobs/"+j.id+"/details"), http.StatusOK, `value="Lay a floor"`, `value="Ida Berg"`, `value="555-0142"`,
		`value="7 Test Lane"`, `value="37401"`, "Key under the mat", "Mind the dog", `value="2027-11-07T01:30"`, `value="-05:00"`,
		`value="2027-11-07T18:00"`, `value="tile" checked`, "In Eastern time", "Lee, Sun 7 Nov 09:00–10:00", `value="north" selected`)
	o.unchanged(func() {
		for _, c := range []struct{ field, value, says string }{
			{"title", "", "Say what is to be done."},
			{"address", "", "Say where the job is."},
			{"customer_name", "", "Say who the customer is."},
			{"duration_minutes", "0", "Minutes, from 1 to 10080 (a week)."},
			{"priority", "urgent", "Choose normal, high or rush."},
			{"lat", "95", "Degrees from -90 to 90"},
			{"window_start", "2027-03-14T02:30", "02:30 does not exist that night; 01:59 or 03:00?"},
			{"window_start_offset", "", "01:30 happens twice that night"},
			{"window_end", "2027-11-06T18:00", "The window must end after it starts."},
			{"skills", "gas", "Lee can't take this job"},
			{"region_override", "nowhere", "Choose a region from the list."},
			{"notes", "Mind the dog", "Nothing differs from what is saved."},
			{"version", "", "The form lacks the version of the job"},
		} {
			more := []string{c.field, c.value}
			if c.field == "lat" {
				more = append(more, "lng", "0")
			}
			wantSaid(t, ann.edit(o, j.id, more...), http.StatusUnprocessableEntity, c.says, "Key under the mat", `id="job"`)
		}
	})
	wantSaid(t, ann.edit(o, j.id, "window_start_offset", ""), http.StatusUnprocessableEntity,
		`name="window_start_offset" value="-04:00"`, `name="window_start_offset" value="-05:00"`)
	saved := ann.edit(o, j.id, "title", "Sand a floor", "priority", "rush", "board", "north", "date", "2027-11-07")
	wantSaid(t, saved, http.StatusOK, "Saved: "+j.number+", Lee", "Sand a floor", ` data-job="`+j.id)
	story := ann.clone().plain().get("/jobs/" + j.id)
	wantSaid(t, story, http.StatusOK, "Changed: title; priority was normal, now rush", "Ann")
	// Without script the answer is a way back.
	plain := ann.clone().plain()
	wantLocation(t, plain.edit(o, j.id, "title", "Oil a floor", "board", "north", "date", "2027-11-07"), "/dispatch/north?date=2027-11-07")
	o.exec(`update jobs set status = 'completed' where id = $1`, j.id)
	o.unchanged(func() {
		wantSaid(t, ann.edit(o, j.id, "title", "Wax a floor"), http.StatusConflict, "This job cannot be changed: it is completed")
	})
}

// TestEditWithoutCustomer: a job that was imported without a customer can be
// edited without inventing one.
func TestEditWithoutCustomer(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	j := o.addJob("north", soonDay(), func(n *db.NewJob) { n.CustomerName, n.CustomerPhone = "", "" })
	wantStatus(t, ann.edit(o, j.id, "title", "Sand a floor"), http.StatusOK)
	if card := o.card(j.id); card.Title != "Sand a floor" || card.CustomerName != "" {
		t.Errorf("saved is %q for %q", card.Title, card.CustomerName)
	}
}

// TestImportedJobCanBeEdited imports what spreadsheets put into cells, opens the
// form and saves it with another title: nothing else is refused or changed.
func TestImportedJobCanBeEdited(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ada := o.signedIn(o.user(handlers.RoleAdmin))
	notes := "Ring\ttwice\rthen wait.\n" + strings.Repeat("é", 4900)
	page := ada.checked(strings.TrimSuffix(jobColumns, "\n") + ",customer_name,notes\n" +
		"A-1,Fix it,\"12 Main St\r\nUnit 4\",,,,,60,2027-03-08T09:00,2027-03-08T12:00,,Pia,\"" + notes + "\"\n")
	wantStatus(t, ada.post(page+"/confirmation", url.Values{"version": {"1"}, "rows": {"all"}}), http.StatusSeeOther)
	o.runImport()
	var id string
	if err := o.owner.QueryRowContext(t.Context(), `select id from jobs where external_id = 'A-1'`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	wantSaid(t, ada.get("/jobs/"+id+"/details"), http.StatusOK, `value="12 Main St, Unit 4"`, "Ring twice\nthen wait.", `maxlength="5000"`)
	before := o.card(id)
	wantStatus(t, ada.edit(o, id, "title", "Mend it"), http.StatusSeeOther)
	after := o.card(id)
	if after.Title != "Mend it" || after.Address != before.Address || after.Notes != before.Notes || len(after.Notes) < 4900 {
		t.Errorf("saved is %q at %q with %d bytes of notes", after.Title, after.Address, len(after.Notes))
	}
	// What an import before took.
	o.exec(`update sites set address = E'12 Main St\nUnit 4'`)
	o.exec(`update jobs set notes = E'Ring\ttwice'`)
	wantSaid(t, ada.get("/jobs/"+id+"/details"), http.StatusOK, `value="12 Main St, Unit 4"`, "Ring twice<")
}
