package main

import (
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// TestPhoneLoadsLittle loads the phone page with ten jobs as a browser does for
// the first time, over the wire: all of it is to be at most 60 KB.
func TestPhoneLoadsLittle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	ada := w.staff(app.base, "Ada")
	for i, j := range w.jobs("north", 10) {
		ada.assign(j, "Rosa", clockOf(7+i, 0))
	}
	rosa := w.phone(app.base, "Rosa")
	total := 0
	load := func(path string) string {
		r := rosa.request(http.MethodGet, path, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		status, header, body := rosa.do(r)
		if status != http.StatusOK {
			t.Fatalf("GET %s is %d", path, status)
		}
		total += len(body)
		t.Logf("%s: %d bytes, encoded as %q", path, len(body), header.Get("Content-Encoding"))
		if header.Get("Content-Encoding") != "gzip" {
			if strings.HasPrefix(path, "/static/") {
				t.Errorf("%s is not compressed", path)
			}
			return body // pages hold secrets beside what readers typed, so they are not compressed
		}
		plain, err := gzip.NewReader(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(plain)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	page := load("/contractor")
	if strings.Count(page, `id="card-`) != 10 {
		t.Error("the page does not have ten cards")
	}
	assets := regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`).FindAllStringSubmatch(page, -1)
	if len(assets) < 3 {
		t.Errorf("the page has %d assets", len(assets))
	}
	for _, asset := range assets {
		load(asset[1])
	}
	if t.Logf("all: %d bytes", total); total > 60<<10 {
		t.Errorf("the phone's first load is %d bytes, more than 60 KB", total)
	}
}
