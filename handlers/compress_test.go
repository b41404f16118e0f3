package handlers_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"testing"

	"smartscheduler/handlers"
)

// TestPagesAreCompressed gets the same page with and without compression, and
// streams and small answers always as they are.
func TestPagesAreCompressed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.addContractor("north", "Rosa Díaz")
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	plain := ann.get("/jobs/new")
	wantStatus(t, plain, http.StatusOK)
	ann.header.Set("Accept-Encoding", "gzip")
	packed := ann.get("/jobs/new")
	wantStatus(t, packed, http.StatusOK)
	if got := packed.Header().Get("Content-Encoding"); got != "gzip" {
		t.Fatalf("Content-Encoding %q", got)
	}
	if packed.Body.Len() > plain.Body.Len()/2 {
		t.Errorf("%d bytes of %d", packed.Body.Len(), plain.Body.Len())
	}
	unpacked, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(unpacked)
	if err != nil || len(page) != plain.Body.Len() {
		t.Errorf("%d bytes came, not %d: %v", len(page), plain.Body.Len(), err)
	}
	for _, target := range []string{"/healthz", "/", "/dispatch/nowhere", "/streams/dispatch/south"} {
		if got := ann.get(target); got.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s is compressed", target)
		}
	}
}
