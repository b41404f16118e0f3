package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"smartscheduler/db"
	"smartscheduler/handlers"
)

// TestX2ExportInTheBrowser: a dispatcher gets what is of his regions, and who
// took it away is noted.
func TestX2ExportInTheBrowser(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	rosa := o.addContractor("north", "Rosa")
	j := o.addJob("north", soonDay(), func(n *db.NewJob) { n.CustomerName, n.Notes = "=HYPERLINK(1)", "Ring twice" })
	o.addJob("south", soonDay(), func(n *db.NewJob) { n.CustomerName = "Southerner" })
	user := o.user(handlers.RoleDispatcher, "north")
	ann := o.signedIn(user)
	wantStatus(t, ann.assign(j, rosa, soonDay()+"T09:00"), http.StatusSeeOther)

	page := ann.get("/exports")
	wantStatus(t, page, http.StatusOK)
	for _, want := range []string{`formaction="/exports/jobs.csv"`, `formaction="/exports/contractors.jsonl"`, `value="north"`} {
		if !strings.Contains(page.Body.String(), want) {
			t.Errorf("the page has no %s", want)
		}
	}
	for _, hidden := range []string{"/exports/events", "/exports/regions", `value="south"`} {
		if strings.Contains(page.Body.String(), hidden) {
			t.Errorf("the page offers %s", hidden)
		}
	}
	got := ann.get("/exports/jobs.csv?region=north&from=" + soonDay() + "&to=")
	wantStatus(t, got, http.StatusOK)
	text := got.Body.String()
	if !strings.HasPrefix(text, "\ufeffnumber,external_id,") || !strings.Contains(text, ",'=HYPERLINK(1),") || strings.Contains(text, "Southerner") {
		t.Errorf("got %s", text)
	}
	for header, want := range map[string]string{
		"Content-Type": "text/csv; charset=utf-8", "Cache-Control": "no-store",
		"Content-Disposition": `attachment; filename="jobs-` + o.clock.Now().UTC().Format("2006-01-02") + `.csv"`,
	} {
		if is := got.Header().Get(header); is != want {
			t.Errorf("%s is %q, want %q", header, is, want)
		}
	}
	if log := o.log.String(); !strings.Contains(log, "msg=export ") || !strings.Contains(log, "user_id="+user.ID+" role=dispatcher kind=jobs format=csv region=north from="+soonDay()) || !strings.Contains(log, "rows=1") {
		t.Error("nobody noted who took what away")
	}
	if text := ann.get("/exports/assignments.jsonl").Body.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, `"contractor_name":"Rosa"`) {
		t.Errorf("assignments: %s", text)
	}
}

// What cannot be is said beside its field, with what was typed.
func TestExportFormErrors(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.signedIn(o.user(handlers.RoleDispatcher, "north"))
	for query, want := range map[string]string{
		"region=south":                  `id="export-region-error"`,
		"region=%00":                    `id="export-region-error"`,
		"from=yesterday":                `id="export-from-error"`,
		"to=2027-02-30":                 `id="export-to-error"`,
		"from=2027-03-09&to=2027-03-08": `The last day is before the first.`,
	} {
		got := ann.get("/exports/jobs.csv?" + query)
		if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), want) {
			t.Errorf("%s: %d", query, got.Code)
		}
	}
}
