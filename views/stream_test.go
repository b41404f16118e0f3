package views_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/chromedp/chromedp"
)

// desk is a server with one live page and its stream, both in the hands of the
// test.
type desk struct {
	t      *testing.T
	url    string
	mu     sync.Mutex
	page   templ.Component
	reads  int
	status int
	// portal, if not "", answers everything with status in the desk's place.
	portal string
	// gate, if not nil, holds readings of the page back until it is closed.
	gate chan struct{}
	// opened gets the request of every stream that is opened.
	opened chan *http.Request
	frames chan string
	// signIns gets the query of every visit to the sign-in.
	signIns chan string
	// posts gets what is posted to a job. Without a reply /jobs/ says which
	// date was asked for.
	posts     chan url.Values
	reply     templ.Component
	replyCode int
}

// newDesk serves page at /desk and its stream at /streams/.
func newDesk(t *testing.T, page templ.Component) *desk {
	t.Helper()
	d := &desk{t: t, page: page, status: http.StatusOK, opened: make(chan *http.Request, 64), frames: make(chan string, 64), signIns: make(chan string, 8), posts: make(chan url.Values, 8)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /desk", d.servePage)
	mux.HandleFunc("GET /streams/", d.serveStream)
	mux.HandleFunc("GET /login", func(_ http.ResponseWriter, r *http.Request) { d.signIns <- r.URL.RawQuery })
	mux.HandleFunc("/jobs/", d.serveJob)
	d.url = newSite(t, mux).URL
	return d
}

func (d *desk) servePage(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	page, gate, portal, status := d.page, d.gate, d.portal, d.status
	d.reads++
	d.mu.Unlock()
	if portal != "" {
		answerAs(w, status, portal)
		return
	}
	if gate != nil {
		select {
		case <-gate:
		case <-r.Context().Done():
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := page.Render(r.Context(), w); err != nil {
		d.t.Error(err)
	}
}

func (d *desk) serveStream(w http.ResponseWriter, r *http.Request) {
	d.opened <- r
	d.mu.Lock()
	status, portal := d.status, d.portal
	d.mu.Unlock()
	if portal != "" {
		answerAs(w, status, portal)
		return
	}
	if status != http.StatusOK {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	for text := frame("1-10", "hello", `{"build":"b1"}`); ; {
		_, _ = w.Write([]byte(text))
		_ = http.NewResponseController(w).Flush()
		select {
		case text = <-d.frames:
			if text == "" {
				return
			}
		case <-r.Context().Done():
			return
		}
	}
}

func (d *desk) serveJob(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	reply, code := d.reply, d.replyCode
	d.mu.Unlock()
	if r.Method == http.MethodPost {
		if err := r.ParseForm(); err != nil {
			d.t.Error(err)
		}
		d.posts <- r.PostForm
	}
	if reply == nil {
		_, _ = fmt.Fprintf(w, `<p id="asked">%s</p>`, r.URL.Query().Get("date"))
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	if err := reply.Render(r.Context(), w); err != nil {
		d.t.Error(err)
	}
}

// jobsAnswer sets what /jobs/ says from now on.
func (d *desk) jobsAnswer(code int, reply templ.Component) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reply, d.replyCode = reply, code
}

// show changes what the page is when it is read again.
func (d *desk) show(page templ.Component) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.page = page
}

func (d *desk) answer(status int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.status = status
}

// foreign answers with a page that is not the desk's, until status is 0.
func (d *desk) foreign(status int, page string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.status, d.portal = status, page
	if status == 0 {
		d.status = http.StatusOK
	}
}

func answerAs(w http.ResponseWriter, status int, page string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(page)) // 204 has no body
}

// holdReadings keeps those who read the page now waiting until the channel is
// closed; later ones are answered at once.
func (d *desk) holdReadings() chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gate = make(chan struct{})
	return d.gate
}

// awaitReadings waits until the page has been asked for so many times.
func (d *desk) awaitReadings(n int) {
	d.t.Helper()
	deadline := time.After(pollTimeout)
	for d.readings() < n {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-deadline:
			d.t.Fatalf("the page was read %d times, not %d", d.readings(), n)
		}
	}
}

func (d *desk) readings() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.reads
}

func frame(id, event, data string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "id: %s\nevent: %s\n", id, event)
	for line := range strings.SplitSeq(data, "\n") {
		fmt.Fprintf(&out, "data: %s\n", line)
	}
	return out.String() + "\n"
}

// send puts a fragment on the stream.
func (d *desk) send(id, event string, fragment templ.Component) {
	var out bytes.Buffer
	if err := fragment.Render(context.Background(), &out); err != nil {
		d.t.Fatal(err)
	}
	d.frames <- frame(id, event, out.String())
}

// open loads the page and waits until it is live.
func (d *desk) open(ctx context.Context) *http.Request {
	d.t.Helper()
	do(d.t, ctx, look(1280, 800, "light"), chromedp.Navigate(d.url+"/desk"))
	await(d.t, ctx, `document.getElementById('state').dataset.state === 'live'`)
	return d.next()
}

// next waits for a stream to be opened.
func (d *desk) next() *http.Request {
	d.t.Helper()
	return within(d.t, d.opened, "no stream was opened")
}

// signIn waits for a visit to the sign-in and returns its query.
func (d *desk) signIn() string {
	d.t.Helper()
	return within(d.t, d.signIns, "nobody went to the sign-in")
}

func within[T any](t *testing.T, from <-chan T, failure string) T {
	t.Helper()
	select {
	case got := <-from:
		return got
	case <-time.After(pollTimeout):
		t.Fatal(failure)
		panic("unreachable")
	}
}

// await waits until a condition holds in the page, also in the one that takes its
// place meanwhile.
func await(t *testing.T, ctx context.Context, condition string) {
	t.Helper()
	for end := time.Now().Add(pollTimeout); ; {
		_, err := chromedp.Run(ctx, chromedp.Poll[chromedp.Void](condition, chromedp.WithPollingTimeout(time.Until(end))))
		if err == nil {
			return
		}
		if !strings.Contains(err.Error(), "Cannot find context") || time.Now().After(end) {
			t.Fatalf("%s never held: %v", condition, err)
		}
	}
}
