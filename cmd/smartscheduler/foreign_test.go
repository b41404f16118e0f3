package main

import (
	"bufio"
	"net/http"
	"os/exec"
	"slices"
	"testing"

	"github.com/launchdarkly/eventsource"
)

// positions are those of the log after one and up to another that a board of
// north and the unrouted queue must get.
func (w *world) positions(after, upTo int64) []int64 {
	w.t.Helper()
	rows, err := w.owner.QueryContext(w.t.Context(), `select pos from event_log where pos > $1 and pos <= $2
	  and published_to && '{dispatch/north,dispatch/unrouted}' and event_type <> 'AwarenessChanged' order by pos`, after, upTo)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var list []int64
	for rows.Next() {
		var pos int64
		if err := rows.Scan(&pos); err != nil {
			w.t.Fatal(err)
		}
		list = append(list, pos)
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	return list
}

// shuffle makes n changes to a job of north.
func (c *client) shuffle(j job, n int) {
	c.t.Helper()
	for i := range n {
		switch i % 4 {
		case 0:
			c.assign(j, "Rosa", "09:00")
		case 1:
			c.move(j, "10:30")
		case 2:
			c.reassign(j, "Maya")
		case 3:
			c.unassign(j)
		}
	}
}

// curl reads a stream with curl until stop is called.
func (c *client) curl(path string, header ...string) (l *listener, stop func()) {
	c.t.Helper()
	program, err := exec.LookPath("curl")
	if err != nil {
		c.t.Fatalf("this test needs curl (apt-get install -y curl): %v", err)
	}
	args := []string{"-N", "-sS", "-H", "Cookie: " + c.cookies()}
	for i := 0; i < len(header); i += 2 {
		args = append(args, "-H", header[i]+": "+header[i+1])
	}
	cmd := exec.Command(program, append(args, c.base+path)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	l = &listener{t: c.t, name: "curl " + path, grown: make(chan struct{})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.read(bufio.NewReader(out))
	}()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		_ = cmd.Process.Kill()
		<-done
		_ = cmd.Wait() // it was killed
	}
	c.t.Cleanup(stop)
	l.until("hello", func(f frame) bool { return f.event == "hello" })
	return l, stop
}

// TestStreamIsForEverybody reads a board's stream with curl, which is killed
// and started again, and with a client library that is not ours, whose
// connections are cut. Both get every event once and in order.
func TestStreamIsForEverybody(t *testing.T) {
	t.Parallel()
	const path = "/streams/dispatch/north+unrouted"
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	ada := w.staff(app.base, "Ada")
	j := w.job("north", "Tile the hall")
	start := w.fence().last
	t.Run("Curl", func(t *testing.T) {
		ann := w.staff(app.base, "Ann")
		first, kill := ann.curl(path)
		ada.shuffle(j, 12)
		first.passed(w.head())
		kill()
		got := first.facts(start, 1<<62)
		ada.shuffle(j, 12)
		second, kill := ann.curl(path, "Last-Event-ID", got[len(got)-1].id)
		ada.shuffle(j, 12)
		end := w.fence().first
		second.passed(end)
		kill()
		got = append(got, second.facts(start, end+1)...)
		var read []int64
		for _, f := range got {
			read = append(read, f.pos())
		}
		if want := w.positions(start, end); !slices.Equal(read, want) {
			t.Errorf("curl read %v, not %v", read, want)
		}
		t.Logf("curl read %d events, %d of them after it was killed", len(read), len(second.facts(start, end+1)))
	})
	t.Run("Library", func(t *testing.T) {
		box := newMiddlebox(t, app.base)
		ann := w.staff(app.base, "Ann")
		ann.base = box.base
		r := ann.request(http.MethodGet, path, nil)
		r.Header.Set("Cookie", ann.cookies())
		from := w.head()
		stream, err := eventsource.SubscribeWithRequestAndOptions(r,
			eventsource.StreamOptionHTTPClient(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}),
			eventsource.StreamOptionErrorHandler(func(error) eventsource.StreamErrorHandlerResult {
				return eventsource.StreamErrorHandlerResult{}
			}))
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Close()
		ada.shuffle(j, 8)
		box.cut(true)
		ada.shuffle(j, 8)
		// The library waits as long as hello told it to: some seconds.
		upTo := w.fence().first
		var read []int64
		for len(read) == 0 || read[len(read)-1] < upTo {
			e := <-stream.Events
			f := frame{id: e.Id(), event: e.Event(), data: e.Data()}
			if f.fact() {
				read = append(read, f.pos())
			}
		}
		if want := w.positions(from, upTo); !slices.Equal(read, want) {
			t.Errorf("the library read %v, not %v", read, want)
		}
		asked := box.requests()
		if len(asked) < 2 || asked[0] != "" || asked[len(asked)-1] == "" {
			t.Errorf("the library asked with the ids %q", asked)
		}
	})
}
