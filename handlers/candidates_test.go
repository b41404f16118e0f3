package handlers_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"smartscheduler/handlers"
)

var candidateLabel = regexp.MustCompile(`(?s)<label class="candidate".*?</label>`)

// candidatesOf are the contractors that a form offers, in its order.
func candidatesOf(got *httptest.ResponseRecorder) (labels []string) {
	for _, label := range candidateLabel.FindAllString(got.Body.String(), -1) {
		labels = append(labels, html.UnescapeString(label))
	}
	return labels
}

// TestOverdueJob: a job that was not done in time still finds somebody.
func TestOverdueJob(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	lee := o.addContractor("north", "Lee")
	past := time.Now().AddDate(0, 0, -40).Format(time.DateOnly)
	j, other := o.addJob("north", past), o.addJob("north", soonDay())
	form := ann.get("/jobs/" + j.id + "/assignments/new")
	if got := candidatesOf(form); len(got) != 1 {
		t.Fatalf("the form offers %q", got)
	}
	wantSaid(t, form, http.StatusOK, "Lee", "not free in the promised window")
	at := soonDay() + "T09:00"
	wantStatus(t, ann.assign(other, lee, at), http.StatusOK)
	if slots := slotsOf(ann.assign(j, lee, at)); len(slots) != 3 {
		t.Errorf("a lost race offers %q", slots)
	}
}
