package views_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"testing"

	"smartscheduler/static"
)

// TestPhoneWeighsLittle holds C1: all that a phone loads at first, compressed,
// is at most 60 KB.
func TestPhoneWeighsLittle(t *testing.T) {
	t.Parallel()
	var page bytes.Buffer
	w := gzip.NewWriter(&page)
	if _, err := w.Write(render(t, cannedPages()["contractor"])); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	total := page.Len()
	for _, name := range []string{"app.css", "phone.js", "icon.svg"} {
		r := httptest.NewRequest(http.MethodGet, static.URL(name), nil)
		r.Header.Set("Accept-Encoding", "gzip")
		answer := httptest.NewRecorder()
		static.Handler().ServeHTTP(answer, r)
		if answer.Code != http.StatusOK {
			t.Fatalf("%s answered %d", name, answer.Code)
		}
		total += answer.Body.Len()
	}
	if total > 60<<10 {
		t.Errorf("the first load is %d bytes, want at most %d", total, 60<<10)
	}
	t.Logf("first load: %d bytes", total)
}
