package handlers_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/handlers"
)

func newRequest(target string) *http.Request { return httptest.NewRequest(http.MethodGet, target, nil) }

// listen serves a site on a port of its own until the test ends.
func listen(t testing.TB, s *site) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := handlers.NewServer("", s.echo)
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		<-done
	})
	return l.Addr().String()
}

func TestServerLimits(t *testing.T) {
	t.Parallel()
	got := handlers.NewServer("127.0.0.1:1", http.NotFoundHandler())
	if got.Addr != "127.0.0.1:1" || got.ReadHeaderTimeout != 5*time.Second || got.ReadTimeout != 15*time.Second ||
		got.IdleTimeout != 75*time.Second || got.WriteTimeout != 0 || got.MaxHeaderBytes != 16<<10 {
		t.Errorf("limits are %+v", got)
	}
}

func TestLargeHeader(t *testing.T) {
	t.Parallel()
	address := listen(t, newSite(t))
	for size, want := range map[int]int{8 << 10: http.StatusOK, 40 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		transport := &http.Transport{DisableKeepAlives: true}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Long", strings.Repeat("x", size))
		answer, err := transport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("header of %d bytes: %d, want %d", size, answer.StatusCode, want)
		}
	}
}

// A reader that has stopped may cost the server little memory: what it writes
// soon waits for the reader.
func TestSendBufferIsBounded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	written := make(chan int, 1)
	s.echo.GET("/streams/test", func(c echo.Context) error {
		chunk := make([]byte, 32<<10)
		control := http.NewResponseController(c.Response())
		total := 0
		for total < 64<<20 {
			_ = control.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
			n, err := c.Response().Write(chunk)
			total += n
			if err != nil {
				break
			}
		}
		written <- total
		return nil
	})
	conn, err := net.Dial("tcp", listen(t, s))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "GET /streams/test HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if total := <-written; total > 1<<20 {
		t.Errorf("%d bytes were taken for a reader that never read", total)
	}
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.echo.GET("/test", func(c echo.Context) error {
		deadline, ok := c.Request().Context().Deadline()
		return c.String(http.StatusOK, fmt.Sprint(ok && time.Until(deadline) <= 10*time.Second))
	})
	s.echo.GET("/streams/test", func(c echo.Context) error {
		_, ok := c.Request().Context().Deadline()
		return c.String(http.StatusOK, fmt.Sprint(ok))
	})
	if got := s.browser().get("/test").Body.String(); got != "true" {
		t.Errorf("an ordinary request has a deadline within 10 s: %s", got)
	}
	if got := s.browser().get("/streams/test").Body.String(); got != "false" {
		t.Errorf("a stream has a deadline: %s", got)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.metrics.WatchPool("requests", s.db)
	s.metrics.Assigned("assign", "done", 20*time.Millisecond)
	s.metrics.Relay().Delivered(3, 40, 5*time.Millisecond)
	s.metrics.Relay().Failed("listen")
	s.metrics.Broker().StreamOpened("dispatch")
	s.metrics.Broker().StreamOpened("dispatch")
	s.metrics.Broker().StreamClosed("dispatch", "evicted")
	s.metrics.Broker().Resynced("foreign")
	s.browser().get("/login?next=/x")
	s.browser().get("/link/secret-token")
	b := s.browser()
	r := newRequest("/login")
	r.Method = "BREW"
	b.do(r)

	rec := httptest.NewRecorder()
	s.metrics.Handler().ServeHTTP(rec, newRequest("/metrics"))
	text := rec.Body.String()
	for _, want := range []string{
		`smartscheduler_assign_total{act="assign",outcome="done"} 1`,
		`smartscheduler_relay_events_total 3`,
		`smartscheduler_relay_receivers_total 40`,
		`smartscheduler_relay_last_lag_seconds 0.005`,
		`smartscheduler_relay_failures_total{act="listen"} 1`,
		`smartscheduler_streams{audience="dispatch"} 1`,
		`smartscheduler_streams_ended_total{audience="dispatch",reason="evicted"} 1`,
		`smartscheduler_stream_resyncs_total{reason="foreign"} 1`,
		`smartscheduler_http_requests_total{method="GET",route="/login",status="200"} 1`,
		`smartscheduler_http_requests_total{method="GET",route="/link/:token",status="410"} 1`,
		`smartscheduler_http_requests_total{method="other",route="/login",status="405"} 1`,
		`smartscheduler_db_connections{pool="requests"}`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(text, "secret-token") {
		t.Error("the metrics hold a token")
	}
	if got := s.browser().get("/metrics"); got.Code != http.StatusNotFound {
		t.Errorf("/metrics on the public listener: %d", got.Code)
	}
}
