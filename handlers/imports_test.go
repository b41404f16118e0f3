package handlers_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"smartscheduler/handlers"
)

const jobColumns = "external_id,title,address,lat,lng,postcode,skills,duration_minutes,window_start,window_end,priority\n"

// upload sends a file as the form for imports does; other fields go before it.
func (b *browser) upload(name, content string, fields ...string) *httptest.ResponseRecorder {
	b.site.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			b.site.t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		b.site.t.Fatal(err)
	}
	if _, err := part.Write([]byte(content)); err != nil {
		b.site.t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		b.site.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/imports", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return b.do(r)
}

// checked uploads a file and returns the address of its page.
func (b *browser) checked(content string) string {
	b.site.t.Helper()
	got := b.upload("jobs.csv", content)
	wantStatus(b.site.t, got, http.StatusSeeOther)
	return got.Header().Get("Location")
}

// runImport runs the import that waits.
func (o *office) runImport() {
	o.t.Helper()
	if ran, err := o.db.RunImport(o.t.Context(), o.clock.Now); err != nil || !ran {
		o.t.Fatalf("ran %t, %v", ran, err)
	}
}

// TestImportPages takes a file through all its states by plain forms.
func TestImportPages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.exec(`update regions set postcodes = '{100}' where slug = 'north'`)
	ada := o.signedIn(o.user(handlers.RoleAdmin))
	page := ada.checked(jobColumns +
		"A-1,Fix it,1 Main St,,,100,,60,2027-03-08T09:00,2027-03-08T12:00,\n" +
		"A-2,=Fix,1 Main St,,,,,60,2027-03-08T09:00,2027-03-08T12:00,\n" +
		"A-3,<b>Fix,1 Main St,,,100,<i>magic,60,2027-03-08T09:00,2027-03-08T12:00,\n")
	shown := ada.get(page)
	wantText(t, shown.Body.String(), "2 ready (1 of them to unrouted, 1 neutralised), 1 blocked")
	wantText(t, shown.Body.String(), "&lt;i&gt;magic")
	wantText(t, ada.get("/imports").Body.String(), "Checked, not imported")
	if n := o.count(`select count(*) from jobs`); n != 0 {
		t.Fatalf("%d jobs before the confirmation", n)
	}
	// Without the version of the page nothing happens.
	wantStatus(t, ada.post(page+"/confirmation", nil), http.StatusUnprocessableEntity)
	fields := map[string][]string{"version": {"1"}, "rows": {"good"}}
	wantStatus(t, ada.post(page+"/confirmation", fields), http.StatusSeeOther)
	wantStatus(t, ada.post(page+"/confirmation", fields), http.StatusConflict)
	running := ada.get(page).Body.String()
	wantText(t, running, "0 of 2 rows")
	wantText(t, running, `hx-trigger="every 1s"`)
	o.runImport()
	wantText(t, ada.get(page).Body.String(), "Undo this import")
	if file := ada.get(page + "/bad-rows"); !strings.HasPrefix(file.Body.String(), "\ufeffexternal_id,") || !strings.Contains(file.Body.String(), "\r\nA-3,<b>Fix,") ||
		file.Header().Get("Content-Disposition") != `attachment; filename="bad-rows.csv"` {
		t.Errorf("bad rows: %v\n%s", file.Header(), file.Body)
	}
	wantStatus(t, ada.post(page+"/undo", map[string][]string{"version": {"3"}}), http.StatusSeeOther)
	o.runImport()
	wantText(t, ada.get(page).Body.String(), "Undone: 2 jobs removed.")
	wantText(t, ada.get("/imports").Body.String(), "2 jobs removed, 0 kept")
	if n := o.count(`select count(*) from jobs`); n != 0 {
		t.Errorf("%d jobs after undoing", n)
	}
}

// TestUndoOfAnImportEnds refuses the undoing of an import after ten minutes.
func TestUndoOfAnImportEnds(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ada := o.signedIn(o.user(handlers.RoleAdmin))
	page := ada.checked(jobColumns + "A-1,Fix it,1 Main St,,,,,60,2027-03-08T09:00,2027-03-08T12:00,\n")
	wantStatus(t, ada.post(page+"/confirmation", map[string][]string{"version": {"1"}, "rows": {"all"}}), http.StatusSeeOther)
	o.runImport()
	o.clock.advance(10*time.Minute + time.Second)
	wantText(t, ada.get(page).Body.String(), "It can no longer be undone")
	wantStatus(t, ada.post(page+"/undo", map[string][]string{"version": {"3"}}), http.StatusConflict)
	if n := o.count(`select count(*) from jobs`); n != 1 {
		t.Errorf("%d jobs", n)
	}
}

// TestUploadsThatAreNoTable are answered by the form, with the reason beside the
// field.
func TestUploadsThatAreNoTable(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.signedIn(o.user(handlers.RoleDispatcher, "north"))
	for _, tc := range []struct{ name, content, want string }{
		{"empty", " \n", "The file is empty, or none was chosen."},
		{"workbook", "PK\x03\x04...", "The file cannot be read: it is a workbook, save the sheet as"},
		{"other columns", "a,b\n", "The file cannot be read: line 1: there is no column"},
		{"too large", strings.Repeat("x", 16<<20+65<<10), "The file is larger than 16 MB."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := ann.clone().upload("jobs.csv", tc.content)
			wantStatus(t, got, http.StatusUnprocessableEntity)
			wantText(t, got.Body.String(), tc.want)
			wantText(t, got.Body.String(), `aria-invalid="true"`)
		})
	}
	t.Run("no file", func(t *testing.T) {
		t.Parallel()
		wantStatus(t, ann.clone().post("/imports", nil), http.StatusUnprocessableEntity)
		wantStatus(t, ann.clone().post("/imports", map[string][]string{"file": {"x"}}), http.StatusUnsupportedMediaType)
	})
}

// TestBadValuesArePaged shows a hundred bad values at a time.
func TestBadValuesArePaged(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.signedIn(o.user(handlers.RoleDispatcher, "north"))
	page := ann.checked(jobColumns + strings.Repeat("x\n", 150))
	first := ann.get(page).Body.String()
	wantText(t, first, "1–100 of 150 values")
	if n := strings.Count(first, `data-label="Column"`); n != 100 {
		t.Errorf("%d rows on the first page", n)
	}
	if n := strings.Count(ann.get(page+"?from=100").Body.String(), `data-label="Column"`); n != 50 {
		t.Errorf("%d rows on the second page", n)
	}
	for _, odd := range []string{"-1", "x", "99999999999999999999"} {
		wantStatus(t, ann.get(page+"?from="+odd), http.StatusOK)
	}
}

// TestContractorsAreImportedByAdministrators lets a dispatcher choose jobs only.
func TestContractorsAreImportedByAdministrators(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ada, ann := o.signedIn(o.user(handlers.RoleAdmin)), o.signedIn(o.user(handlers.RoleDispatcher, "north"))
	file := "external_id,name,home_region,served_regions,skills,hours,phone,email\nC-1,Rosa,north,,,,,\nC-2,Lee,nowhere,,,,,\n"
	if page := ann.get("/imports").Body.String(); strings.Contains(page, "Contractors</option>") {
		t.Error("a dispatcher is offered contractors")
	}
	refused := ann.upload("people.csv", file, "kind", "contractors")
	wantStatus(t, refused, http.StatusUnprocessableEntity)
	wantText(t, refused.Body.String(), "Choose what the file holds.")
	wantStatus(t, ada.upload("people.csv", file, "kind", "regions"), http.StatusUnprocessableEntity)
	wantText(t, ada.get("/imports").Body.String(), "Contractors</option>")
	got := ada.upload("people.csv", file, "kind", "contractors")
	wantStatus(t, got, http.StatusSeeOther)
	page := got.Header().Get("Location")
	wantText(t, ada.get(page).Body.String(), "1 ready, 1 blocked")
	wantStatus(t, ada.post(page+"/confirmation", map[string][]string{"version": {"1"}, "rows": {"good"}}), http.StatusSeeOther)
	o.runImport()
	wantText(t, ada.get(page).Body.String(), "New contractors")
	wantStatus(t, ada.post(page+"/undo", map[string][]string{"version": {"3"}}), http.StatusSeeOther)
	o.runImport()
	wantText(t, ada.get(page).Body.String(), "Undone: 1 contractor removed.")
}
