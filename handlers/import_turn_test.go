package handlers_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"smartscheduler/handlers"
)

// slowUpload begins an upload and returns when its body is being read; finish
// ends it.
func (b *browser) slowUpload() (finish func()) {
	b.site.t.Helper()
	body, content := io.Pipe()
	r := httptest.NewRequest(http.MethodPost, "/imports", body)
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.do(r)
		_ = body.Close()
	}()
	if _, err := io.WriteString(content, "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nexternal_id,"); err != nil {
		b.site.t.Fatal(err)
	}
	return func() {
		_ = content.Close()
		<-done
	}
}

// TestSlowUploads tells who cannot upload meanwhile why: the second file of one
// person waits for the first, whose slowness is not in the way of others, and
// when two people are slow a third is told so within seconds.
func TestSlowUploads(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.signedIn(o.user(handlers.RoleDispatcher, "north"))
	bo := o.signedIn(o.user(handlers.RoleDispatcher, "north"))
	cy := o.signedIn(o.user(handlers.RoleDispatcher, "north"))
	annEnds := ann.clone().slowUpload()
	got := ann.upload("jobs.csv", jobColumns)
	wantStatus(t, got, http.StatusTooManyRequests)
	wantText(t, got.Body.String(), "Another file of yours is being read.")
	wantStatus(t, cy.upload("jobs.csv", jobColumns), http.StatusSeeOther)
	boEnds := bo.slowUpload()
	got = cy.upload("jobs.csv", jobColumns)
	wantStatus(t, got, http.StatusServiceUnavailable)
	wantText(t, got.Body.String(), "Files of other people are being read.")
	annEnds()
	boEnds()
	wantStatus(t, ann.upload("jobs.csv", jobColumns), http.StatusSeeOther)
}

// TestImportOfAnother shows an administrator a dispatcher's file without the
// button, and refuses a confirmation that he sends all the same.
func TestImportOfAnother(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.exec(`update regions set postcodes = '{100}' where slug = 'north'`)
	ann, ada := o.signedIn(o.user(handlers.RoleDispatcher, "north")), o.signedIn(o.user(handlers.RoleAdmin))
	page := ann.checked(jobColumns + "A-1,Fix it,1 Main St,,,100,,60,2027-03-08T09:00,2027-03-08T12:00,\n")
	wantText(t, ann.get(page).Body.String(), page+"/confirmation")
	seen := ada.get(page).Body.String()
	wantText(t, seen, "Only who uploaded a file can import it")
	if strings.Contains(seen, "/confirmation") {
		t.Error("the administrator is offered the import")
	}
	got := ada.post(page+"/confirmation", map[string][]string{"version": {"1"}, "rows": {"all"}})
	wantStatus(t, got, http.StatusForbidden)
	wantText(t, got.Body.String(), "Nothing was imported")
}
