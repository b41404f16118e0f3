// Package static holds the stylesheet, the script bundle and the icons of the
// pages, embedded in the binary and served under URLs that carry a hash of the
// content, so that browsers may keep them for ever.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed app.css app.js phone.js sheet.css icon.svg icon-192.png icon-512.png icon-maskable-512.png icon-apple-180.png
var files embed.FS

// Prefix is the path under which Handler expects its requests.
const Prefix = "/static/"

// hashLength is how many hex digits of the SHA-256 stand in a URL.
const hashLength = 12

// asset is one file, ready to be written to a response.
type asset struct {
	url, contentType string
	plain, zipped    []byte
}

// catalogue is every asset, by its name and by its URL.
type catalogue struct {
	byName, byURL map[string]asset
}

// assets reads and compresses the embedded files once, when first asked.
var assets = sync.OnceValue(readAssets)

// URL returns the address of the named file with the hash of its content, such
// as /static/app.0123456789ab.css. It panics for a name that is not embedded:
// names are constants of the program.
func URL(name string) string {
	a, ok := assets().byName[name]
	if !ok {
		panic(fmt.Sprintf("static: no file %q", name))
	}
	return a.url
}

// Handler serves the files under Prefix, for ever cacheable, and 404 for
// anything else, so that an old hash never gets new content.
func Handler() http.Handler {
	return http.HandlerFunc(serve)
}

func serve(w http.ResponseWriter, r *http.Request) {
	a, ok := assets().byURL[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	body := a.plain
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		body = a.zipped
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the reader went away; there is nobody to tell
	}
}

// acceptsGzip says whether an Accept-Encoding header admits gzip.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, weight, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		weight = strings.ReplaceAll(weight, " ", "")
		return strings.Trim(strings.TrimPrefix(weight, "q="), "0.") != "" || weight == ""
	}
	return false
}

// readAssets panics when the embedded files cannot be read: the binary would
// be broken.
func readAssets() catalogue {
	c := catalogue{byName: map[string]asset{}, byURL: map[string]asset{}}
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(fmt.Sprintf("static: read embedded files: %v", err))
	}
	for _, entry := range entries {
		name := entry.Name()
		content, err := files.ReadFile(name)
		if err != nil {
			panic(fmt.Sprintf("static: read %s: %v", name, err))
		}
		sum := sha256.Sum256(content)
		ext := path.Ext(name)
		url := Prefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:])[:hashLength] + ext
		a := asset{url: url, contentType: contentType(ext), plain: content, zipped: zip(content)}
		c.byName[name], c.byURL[url] = a, a
	}
	return c
}

// contentType does not ask the machine's MIME table: it differs between hosts.
func contentType(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".png":
		return "image/png"
	case ".svg":
		return "image/svg+xml"
	default:
		return "application/octet-stream"
	}
}

func zip(content []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(fmt.Sprintf("static: compress: %v", err))
	}
	return out.Bytes()
}
