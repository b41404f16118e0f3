package views_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"smartscheduler/static"
)

// policy is the Content-Security-Policy that the pages must live with.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"font-src 'self'; form-action 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"

// newSite serves the canned pages under their names, with the real script and
// stylesheet; other requests go to more.
func newSite(t *testing.T, more http.Handler) *httptest.Server {
	t.Helper()
	pages := cannedPages()
	mux := http.NewServeMux()
	mux.Handle(static.Prefix, static.Handler())
	mux.HandleFunc("GET /page/{name}", func(w http.ResponseWriter, r *http.Request) {
		page, ok := pages[r.PathValue("name")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := page.Render(r.Context(), w); err != nil {
			t.Errorf("render %s: %v", r.PathValue("name"), err)
		}
	})
	if more != nil {
		mux.Handle("/", more)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server
}

// process is the one Chromium of these tests, in which each has a profile of its
// own: starting another takes a second of a core. It runs while it has users.
var process struct {
	mu    sync.Mutex
	users int
	ctx   context.Context
	stop  func()
}

// chromium starts the process if it does not run.
func chromium(t *testing.T) context.Context {
	t.Helper()
	process.mu.Lock()
	defer process.mu.Unlock()
	if process.users == 0 {
		allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
			chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true))...)
		ctx, stop := chromedp.NewContext(allocator)
		process.ctx, process.stop = ctx, func() { stop(); stopAllocator() }
		if err := chromedp.Do(ctx); err != nil {
			process.stop()
			t.Fatalf("start Chromium (apt-get install chromium): %v", err)
		}
	}
	process.users++
	t.Cleanup(func() {
		process.mu.Lock()
		defer process.mu.Unlock()
		if process.users--; process.users == 0 {
			process.stop()
		}
	})
	return process.ctx
}

// newBrowser opens a page in a new profile.
func newBrowser(t *testing.T) context.Context {
	t.Helper()
	return newBrowserFor(t, 4*time.Minute)
}

// newBrowserFor opens a page in a new profile, for no longer than a time.
func newBrowserFor(t *testing.T, limit time.Duration) context.Context {
	t.Helper()
	ctx, stop := chromedp.NewContext(chromium(t), chromedp.WithNewBrowserContext())
	t.Cleanup(stop)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a page: %v", err)
	}
	limited, stopTimer := context.WithTimeout(ctx, limit)
	t.Cleanup(stopTimer)
	return limited
}

// look sets the size of the window and the colour scheme.
func look(width, height int64, scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Steps(
		chromedp.EmulateViewport(width, height),
		chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
			}})
			return err
		}),
	)
}

// onLoad runs a script in every page before its own.
func onLoad(script string) func(context.Context, *chromedp.Target) error {
	return func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return err
	}
}

// evaluate runs a script in the page, waits for a promise, and returns its
// value.
func evaluate[T any](t *testing.T, ctx context.Context, script string) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("evaluate %.80s: %v", script, err)
	}
	return value
}

// do runs steps and stops the test when one fails.
func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// quietStream is a stream on which nothing happens.
func quietStream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	_, _ = w.Write([]byte("id: 1-10\nevent: hello\ndata: {\"build\":\"b1\"}\n\n"))
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

// TestAccessibility runs axe-core over every canned page, wide and narrow,
// light and dark. With SCREENSHOTS set to a directory it also takes pictures.
func TestAccessibility(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile("../static/testdata/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	site := newSite(t, http.HandlerFunc(quietStream))
	// The window is so tall that no choice lies half beneath the submit row, which
	// sticks to the bottom: axe would take the visible half for the whole target.
	looks := []struct {
		name          string
		width, height int64
		scheme        string
	}{{"1280-light", 1280, 1600, "light"}, {"360-dark", 360, 740, "dark"}}
	if os.Getenv("SCREENSHOTS") != "" {
		looks = append(looks, looks[0], looks[1])
		looks[2].name, looks[2].scheme = "1280-dark", "dark"
		looks[3].name, looks[3].scheme = "360-light", "light"
	}
	for _, l := range looks {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			ctx := newBrowser(t)
			do(t, ctx, look(l.width, l.height, l.scheme))
			for name := range cannedPages() {
				if only := os.Getenv("ONLY"); only != "" && !strings.Contains(","+only+",", ","+name+",") {
					continue
				}
				checkPage(t, ctx, site.URL+"/page/"+name, name+"-"+l.name, string(axe))
			}
		})
	}
}

// axeRun asks axe for what is wrong, one line for each rule. The wall must
// have a contrast of 7:1, the other pages 4.5:1.
const axeRun = `axe.run(document, {resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
		rules: {'color-contrast-enhanced': {enabled: document.documentElement.classList.contains('kiosk')}}})
	.then(r => r.violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' ' + n.failureSummary).join(' | ')))`

// tooSmall lists what a thumb would miss on the contractor's page.
const tooSmall = `[...document.querySelectorAll('.phone a, .phone button, .phone summary')].filter(el => el.checkVisibility({contentVisibilityAuto: true}) && el.getBoundingClientRect().height < 44).map(el => el.textContent)`

// tooWide names the elements that reach beyond the window.
const tooWide = `[...document.querySelectorAll('body *')].filter(el => el.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map(el => el.tagName + '.' + el.className + ' ' + el.textContent.trim().slice(0, 40))`

func checkPage(t *testing.T, ctx context.Context, url, name, axe string) {
	t.Helper()
	do(t, ctx, chromedp.Navigate(url), chromedp.Evaluate[chromedp.Void](axe+";0"))
	for _, violation := range evaluate[[]string](t, ctx, axeRun) {
		t.Errorf("%s: %s", name, violation)
	}
	if evaluate[bool](t, ctx, `document.documentElement.scrollWidth > document.documentElement.clientWidth`) {
		t.Errorf("%s scrolls sideways, as far as %q", name, evaluate[[]string](t, ctx, tooWide))
	}
	if small := evaluate[[]string](t, ctx, tooSmall); len(small) > 0 {
		t.Errorf("%s has targets under 44 px on a phone: %v", name, small)
	}
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o600); err != nil {
		t.Fatal(err)
	}
}
