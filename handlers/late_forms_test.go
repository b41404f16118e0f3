package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"smartscheduler/handlers"
)

var versionField = regexp.MustCompile(`name="version" value="(\d+)"`)

// versionOf is the version that a form carries.
func versionOf(t testing.TB, got *httptest.ResponseRecorder) int {
	t.Helper()
	m := versionField.FindStringSubmatch(got.Body.String())
	if m == nil {
		t.Fatalf("the answer has no form: %.1000s", got.Body)
	}
	v, err := strconv.Atoi(m[1])
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestStaleForm: a form that was opened before somebody else's change saves
// nothing, shows both versions, and keeps what was typed.
func TestStaleForm(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann, bo := o.person(handlers.RoleDispatcher, "Ann", "north"), o.person(handlers.RoleDispatcher, "Bo", "north")
	lee, maya := o.addContractor("north", "Lee"), o.addContractor("north", "Maya")
	day := soonDay()
	// corrected changes the job behind an open form.
	corrected := func(jobID string) {
		t.Helper()
		wantStatus(t, bo.edit(o, jobID, "address", "9 New Road"), http.StatusOK)
	}
	again := func(b *browser, target string, refused *httptest.ResponseRecorder, fields url.Values) {
		t.Helper()
		fields.Set("version", strconv.Itoa(versionOf(t, refused)))
		wantStatus(t, b.post(target, fields), http.StatusOK)
	}
	t.Run("Assign", func(t *testing.T) {
		j := o.addJob("north", day)
		if v := versionOf(t, ann.get("/jobs/"+j.id+"/assignments/new")); v != j.version {
			t.Fatalf("the form carries version %d, want %d", v, j.version)
		}
		fields := j.fields("contractor_id", lee, "start", day+"T09:45", "end", day+"T10:50", "override_reason", "he knows the dog")
		target := "/jobs/" + j.id + "/assignments"
		corrected(j.id)
		var got *httptest.ResponseRecorder
		o.unchanged(func() {
			got = ann.post(target, fields)
			wantSaid(t, got, http.StatusConflict, "Yours", "Now", day+"T09:45", day+"T10:50", "he knows the dog", `value="`+lee+`" required checked`)
		})
		again(ann, target, got, fields)
	})
	t.Run("Times", func(t *testing.T) {
		j := o.addJob("north", day)
		wantStatus(t, ann.assign(j, lee, day+"T12:00"), http.StatusOK)
		fields, target := o.jobNow(j.id).fields("start", day+"T13:00"), "/assignments/"+o.card(j.id).AssignmentID+"/times"
		wantStatus(t, bo.change(o, j.id, "times", "start", day+"T12:15"), http.StatusOK)
		var got *httptest.ResponseRecorder
		o.unchanged(func() {
			got = ann.post(target, fields)
			wantSaid(t, got, http.StatusConflict, "Yours", "Now", "13:00", "12:15", day+"T13:00")
		})
		again(ann, target, got, fields)
	})
	t.Run("Removal", func(t *testing.T) {
		j := o.addJob("north", day)
		wantStatus(t, ann.assign(j, maya, day+"T09:00"), http.StatusOK)
		fields, target := o.jobNow(j.id).fields("reason", "the customer called"), "/assignments/"+o.card(j.id).AssignmentID+"/removal"
		corrected(j.id)
		var got *httptest.ResponseRecorder
		o.unchanged(func() {
			got = ann.post(target, fields)
			wantSaid(t, got, http.StatusConflict, "Yours", "Now", "Maya", "the customer called")
		})
		again(ann, target, got, fields)
	})
	t.Run("Reassign", func(t *testing.T) {
		j := o.addJob("north", day)
		wantStatus(t, ann.assign(j, maya, day+"T14:00"), http.StatusOK)
		fields, target := o.jobNow(j.id).fields("contractor_id", lee), "/assignments/"+o.card(j.id).AssignmentID+"/contractor"
		corrected(j.id)
		var got *httptest.ResponseRecorder
		o.unchanged(func() {
			got = ann.post(target, fields)
			wantSaid(t, got, http.StatusConflict, "Yours", "Now", "Maya")
		})
		again(ann, target, got, fields)
	})
	t.Run("Details", func(t *testing.T) {
		j := o.addJob("north", day)
		fields, target := o.entered(j.id, "address", "10 My Road", "title", "Sand a floor"), "/jobs/"+j.id+"/details"
		corrected(j.id)
		var got *httptest.ResponseRecorder
		o.unchanged(func() {
			got = ann.post(target, fields)
			wantSaid(t, got, http.StatusConflict, "Yours", "Now", "10 My Road", "9 New Road", "Sand a floor", "Lay a floor")
			if strings.Contains(got.Body.String(), "Window start</th>") {
				t.Error("fields are compared that do not differ")
			}
		})
		again(ann, target, got, fields)
	})
}

// TestTooLate: an assignment that is over, or too far on, is changed no more.
func TestTooLate(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	lee, maya := o.addContractor("north", "Lee"), o.addContractor("north", "Maya")
	day := soonDay()
	forms := map[string][]string{"contractor": {"contractor_id", maya}, "times": {"start", day + "T14:00"}, "removal": nil}
	for status, words := range map[string]string{
		"on_site": "the contractor is on site", "in_progress": "the work is in progress", "paused": "paused just now", "completed": "it is completed",
	} {
		j := o.addJob("north", day)
		wantStatus(t, ann.assign(j, lee, day+"T09:00"), http.StatusOK)
		o.exec(`update assignments set status = $2 where job_id = $1 and active`, j.id, status)
		for form, fields := range forms {
			o.unchanged(func() { wantSaid(t, ann.change(o, j.id, form, fields...), http.StatusConflict, words) })
		}
		o.exec(`update assignments set status = 'cancelled' where job_id = $1`, j.id)
	}
	t.Run("Over", func(t *testing.T) {
		j := o.addJob("north", day)
		wantStatus(t, ann.assign(j, lee, day+"T09:00"), http.StatusOK)
		old, version := o.card(j.id).AssignmentID, o.jobNow(j.id)
		wantStatus(t, ann.change(o, j.id, "contractor", "contractor_id", maya), http.StatusOK)
		for form, fields := range forms {
			o.unchanged(func() {
				got := ann.post("/assignments/"+old+"/"+form, version.fields(fields...))
				wantSaid(t, got, http.StatusConflict, j.number+" was just given to Maya,", "by Ann")
			})
		}
	})
}

// TestOnTheWay: who is on his way is taken off only with a reason.
func TestOnTheWay(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	lee, maya := o.addContractor("north", "Lee"), o.addContractor("south", "Maya")
	day := soonDay()
	j := o.addJob("north", day)
	wantStatus(t, ann.assign(j, lee, day+"T09:00"), http.StatusOK)
	o.exec(`update assignments set status = 'en_route' where job_id = $1 and active`, j.id)
	o.unchanged(func() {
		wantSaid(t, ann.change(o, j.id, "removal"), http.StatusUnprocessableEntity, "on the way: say why")
		wantSaid(t, ann.change(o, j.id, "contractor", "contractor_id", maya), http.StatusUnprocessableEntity, "on the way: say why")
		wantSaid(t, ann.change(o, j.id, "times", "start", day+"T12:00"), http.StatusConflict, "the contractor is on the way")
	})
	wantStatus(t, ann.change(o, j.id, "contractor", "contractor_id", maya, "override_reason", "Lee broke down"), http.StatusOK)
	o.exec(`update assignments set status = 'en_route' where job_id = $1 and active`, j.id)
	wantStatus(t, ann.change(o, j.id, "removal", "reason", "nobody at home"), http.StatusOK)
	wantSaid(t, ann.clone().plain().get("/jobs/"+j.id), http.StatusOK, "Lee broke down", "nobody at home")
}

// TestReassignClash: when the next contractor is booked, nothing at all changes
// for the present one.
func TestReassignClash(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	lee, maya := o.addContractor("north", "Lee"), o.addContractor("south", "Maya")
	day := soonDay()
	j, other := o.addJob("north", day), o.addJob("north", day)
	wantStatus(t, ann.assign(j, lee, day+"T09:00"), http.StatusOK)
	wantStatus(t, ann.assign(other, maya, day+"T09:30"), http.StatusOK)
	var got *httptest.ResponseRecorder
	o.unchanged(func() {
		got = ann.change(o, j.id, "contractor", "contractor_id", maya)
		wantSaid(t, got, http.StatusConflict, "Maya was just booked", other.number+" by Ann")
	})
	slots := slotsOf(got)
	if len(slots) != 3 {
		t.Fatalf("offered are %q", slots)
	}
	wantStatus(t, ann.change(o, j.id, "contractor", "contractor_id", maya, "slot", slots[0]), http.StatusOK)
}
