package static_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smartscheduler/static"
)

func get(t *testing.T, method, path, encoding string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	if encoding != "" {
		r.Header.Set("Accept-Encoding", encoding)
	}
	w := httptest.NewRecorder()
	static.Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r io.Reader) []byte {
	t.Helper()
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestVendor compares the scripts of others with the sums that were written
// down when they were fetched, and looks for each of them in the bundle.
func TestVendor(t *testing.T) {
	t.Parallel()
	sums, err := os.ReadFile("vendor/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	bundles := map[string][]byte{}
	for _, name := range []string{"app.js", "phone.js"} {
		if bundles[name], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	listed := map[string]bool{"SHA256SUMS": true}
	for line := range strings.Lines(string(sums)) {
		want, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		content, err := os.ReadFile(filepath.Join("vendor", name))
		if err != nil {
			t.Fatal(err)
		}
		listed[name] = true
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != want {
			t.Errorf("vendor/%s is not the file that was fetched", name)
		}
		for bundle, text := range bundles {
			if strings.HasSuffix(name, ".js") && !bytes.Contains(text, bytes.TrimSpace(content)) {
				t.Errorf("%s lacks vendor/%s: npm run build", bundle, name)
			}
		}
	}
	entries, err := os.ReadDir("vendor")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !listed[e.Name()] {
			t.Errorf("vendor/%s has no sum", e.Name())
		}
	}
}

// TestBundleIsFresh looks for our modules in each bundle, in order.
func TestBundleIsFresh(t *testing.T) {
	t.Parallel()
	for bundle, modules := range map[string][]string{
		"app.js":   {"page", "live", "content", "when", "board", "form", "kiosk"},
		"phone.js": {"page", "live", "content", "when", "notices", "kept", "tap_store", "taps", "tap_view", "phone"},
	} {
		rest, err := os.ReadFile(bundle)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range modules {
			source, err := os.ReadFile("src/" + name + ".js")
			if err != nil {
				t.Fatal(err)
			}
			at := bytes.Index(rest, bytes.TrimSpace(source))
			if at < 0 {
				t.Fatalf("%s lacks src/%s.js as it is now: npm run build", bundle, name)
			}
			rest = rest[at:]
		}
	}
}

// TestPhoneIsSparedTheDesk: what only a desk needs is not in the phone's bundle.
func TestPhoneIsSparedTheDesk(t *testing.T) {
	t.Parallel()
	bundle, err := os.ReadFile("phone.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"board", "form", "busy", "kiosk", "poll"} {
		if bytes.Contains(bundle, []byte("src/"+name+".js")) {
			t.Errorf("phone.js holds src/%s.js", name)
		}
	}
}

func TestHandler(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]string{"app.css": "text/css; charset=utf-8", "app.js": "text/javascript; charset=utf-8", "phone.js": "text/javascript; charset=utf-8", "sheet.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml", "icon-192.png": "image/png"} {
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		plain := get(t, http.MethodGet, static.URL(name), "br, gzip;q=0")
		if got := body(t, plain.Body); !bytes.Equal(got, want) || plain.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: not the file as it is", name)
		}
		if plain.Header.Get("Content-Type") != kind || !strings.Contains(plain.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: headers %v", name, plain.Header)
		}
		zipped := get(t, http.MethodGet, static.URL(name), "deflate, gzip, br")
		if zipped.Header.Get("Content-Encoding") != "gzip" || zipped.Header.Get("Vary") != "Accept-Encoding" {
			t.Fatalf("%s: not compressed: %v", name, zipped.Header)
		}
		reader, err := gzip.NewReader(zipped.Body)
		if err != nil {
			t.Fatal(err)
		}
		if got := body(t, reader); !bytes.Equal(got, want) {
			t.Errorf("%s: compressed to something else", name)
		}
		if head := get(t, http.MethodHead, static.URL(name), ""); len(body(t, head.Body)) != 0 || head.StatusCode != http.StatusOK {
			t.Errorf("%s: HEAD answered %d with a body", name, head.StatusCode)
		}
	}
}

func TestHandlerRefuses(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/static/", "/static/app.css", "/static/app.000000000000.css", "/static/../static.go", "/static/vendor/SHA256SUMS"} {
		if got := get(t, http.MethodGet, path, "").StatusCode; got != http.StatusNotFound {
			t.Errorf("%s answered %d, want 404: only the hashed names exist", path, got)
		}
	}
	if got := get(t, http.MethodPost, static.URL("app.css"), "").StatusCode; got != http.StatusMethodNotAllowed {
		t.Errorf("POST answered %d, want 405", got)
	}
}

func TestURLOfUnknownFile(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a name that is not embedded went through")
		}
	}()
	static.URL("app.txt")
}
