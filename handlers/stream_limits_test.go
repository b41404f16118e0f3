package handlers_test

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"

	"smartscheduler/events"
	"smartscheduler/events/broker"
	"smartscheduler/handlers"
)

// askStream asks for a stream as b over a real connection, from behind a proxy
// that names the address.
func askStream(t *testing.T, server string, b *browser, path, address string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+server+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	if address != "" {
		r.Header.Set("X-Forwarded-For", address)
	}
	transport := &http.Transport{}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = resp.Body.Close()
		transport.CloseIdleConnections()
	})
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s is %d", path, resp.StatusCode)
	}
	return resp
}

// wantHello reads the first frame of a stream.
func wantHello(t *testing.T, resp *http.Response) {
	t.Helper()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() && lines.Text() != "" {
		if lines.Text() == "event: hello" {
			return
		}
	}
	t.Error("the stream did not say hello first")
}

// wantUnavailable reads a stream to its end.
func wantUnavailable(t *testing.T, resp *http.Response, retry string) {
	t.Helper()
	text, err := io.ReadAll(resp.Body)
	if err != nil || !strings.Contains(string(text), "event: unavailable\n") || !strings.Contains(string(text), "retry: "+retry+"\n") {
		t.Errorf("got %q, %v", text, err)
	}
}

// TestStreamsOfOneAddress: the bound is of the client's address, not of the
// proxy's, and not of this machine, where a proxy may be that nobody declared.
func TestStreamsOfOneAddress(t *testing.T) {
	t.Parallel()
	b := broker.New(broker.Options{MaxPerAddress: 1})
	t.Cleanup(b.Close)
	b.SetHead(events.Position{Epoch: 1})
	s := newSite(t, func(o *handlers.Options) { o.Broker, o.BehindProxy = b, true })
	server := listen(t, s)
	ann, bo := s.signedIn(s.user(handlers.RoleAdmin)), s.signedIn(s.user(handlers.RoleAdmin))
	path := "/streams/dispatch/" + s.region()
	wantHello(t, askStream(t, server, ann, path, "198.51.100.7"))
	wantUnavailable(t, askStream(t, server, bo, path, "198.51.100.7"), "30000")
	wantHello(t, askStream(t, server, bo, path, "198.51.100.8"))
	for range 2 {
		wantHello(t, askStream(t, server, bo, path, ""))
	}
}
