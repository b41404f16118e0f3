package handlers_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"smartscheduler/events"
)

// frame is one event of a stream as it came over the wire.
type frame struct{ id, event, data string }

// follower reads a stream.
type follower struct {
	t      testing.TB
	target string
	r      *bufio.Reader
	// seen is everything that came.
	seen strings.Builder
}

// streamTime bounds how long a test waits for what must come.
const streamTime = 60 * time.Second

// follow opens a stream over a real connection and reads up to its hello.
func (o *office) follow(address string, b *browser, target string) *follower {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), streamTime)
	o.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+target, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	got, err := transport.RoundTrip(r)
	if err != nil {
		o.t.Fatalf("%s: %v", target, err)
	}
	o.t.Cleanup(func() { cancel(); _ = got.Body.Close() })
	if got.StatusCode != http.StatusOK {
		o.t.Fatalf("%s: %d", target, got.StatusCode)
	}
	f := &follower{t: o.t, target: target}
	f.r = bufio.NewReader(io.TeeReader(got.Body, &f.seen))
	if first := f.next(); first.event != string(events.ControlHello) {
		o.t.Fatalf("%s begins with %q", target, first)
	}
	return f
}

// next returns the next frame that has data.
func (f *follower) next() (got frame) {
	f.t.Helper()
	var data []string
	for {
		line, err := f.r.ReadString('\n')
		if err != nil {
			f.t.Fatalf("%s: %v after %.2000s", f.target, err, f.seen.String())
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch name {
		case "id":
			got.id = value
		case "event":
			got.event = value
		case "data":
			data = append(data, value)
		case "":
			if data != nil {
				got.data = strings.Join(data, "\n")
				return got
			}
		}
	}
}

// domain returns the next n frames that are no heartbeats.
func (f *follower) domain(n int) (frames []frame) {
	f.t.Helper()
	for len(frames) < n {
		if got := f.next(); got.event != string(events.ControlHeartbeat) {
			frames = append(frames, got)
		}
	}
	return frames
}

// one returns the next frame, which must be of that kind.
func (f *follower) one(kind events.Kind) frame {
	f.t.Helper()
	got := f.domain(1)[0]
	if got.event != string(kind) {
		f.t.Fatalf("%s: got %q, want %s", f.target, got, kind)
	}
	return got
}

// cardIn returns the element of a job's first card, "" if there is none.
func cardIn(html, jobID string) string {
	at := regexp.MustCompile(`<li id="card-[^>]* data-job="` + jobID + `"`).FindStringIndex(html)
	if at == nil {
		return ""
	}
	start, depth := at[0], 0
	for i := start; i < len(html); i++ {
		switch {
		case strings.HasPrefix(html[i:], "<li"):
			depth++
		case strings.HasPrefix(html[i:], "</li>"):
			depth--
			if depth == 0 {
				return html[start : i+len("</li>")]
			}
		}
	}
	return ""
}

// sameCard wants the card in a frame to be the card in a page, byte for byte.
func sameCard(t *testing.T, where, data string, b *browser, target, jobID string) {
	t.Helper()
	reading := b.clone()
	reading.header.Del("HX-Request-Type")
	live, fresh := cardIn(data, jobID), cardIn(reading.get(target).Body.String(), jobID)
	if fresh == "" || live != fresh {
		t.Errorf("%s: the stream has\n%s\nand the page has\n%s", where, live, fresh)
	}
}

// today is the date on which phone, wall and board all show a job.
func (o *office) today() string {
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		o.t.Fatal(err)
	}
	return o.clock.Now().In(loc).Format(time.DateOnly)
}

// positionOn reads the position of a page, as its stream would be asked for.
func positionOn(t testing.TB, b *browser) string {
	t.Helper()
	_, after, ok := strings.Cut(b.get("/contractor").Body.String(), "?after=")
	if !ok {
		t.Fatal("the page names no position")
	}
	return after[:strings.IndexByte(after, '"')]
}

func wantKinds(t *testing.T, f *follower, want []events.Kind) []frame {
	t.Helper()
	frames := f.domain(len(want))
	for i, got := range frames {
		if got.event != string(want[i]) {
			t.Fatalf("%s: frame %d is %q, want %s", f.target, i, got, want[i])
		}
	}
	return frames
}

// freeze opens a stream and never reads it.
func (o *office) freeze(address string, b *browser, target string) {
	o.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		o.t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { _ = conn.Close() })
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetReadBuffer(1)
	}
	cookies := make([]string, 0, len(b.cookies))
	for _, c := range b.cookies {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	slices.Sort(cookies)
	_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\n\r\n", target, u.Host, strings.Join(cookies, "; "))
	if err != nil {
		o.t.Fatal(err)
	}
}
