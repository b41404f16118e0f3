package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

const (
	healthyTallies = 20
	perClient      = 10 // a session may have 12
	touches        = 10 // at once: less than the queue of a reader that is a little late
	// noGap is less than a write may wait for a reader.
	noGap = 4500 * time.Millisecond
)

// hurtNobody pushes more than 8 MiB to 20 readers and one that the gate holds
// back: the 20 get every event at once, the one is ended, and when the gate
// opens it comes back and gets every event once.
func hurtNobody(t *testing.T, w *world, p *process, sign func() *client, g *gate, held func(*client) io.ReadCloser) {
	t.Helper()
	j := w.heavy()
	start := w.fence().last
	stuck := sign()
	slow := count(held(stuck))
	var healthy []*tally
	for range healthyTallies / perClient {
		c := sign()
		for range perClient {
			a := count(c.ask(""))
			<-a.said
			healthy = append(healthy, a)
		}
	}
	eventually(t, "all streams are open", func() bool { return p.metric(w, "smartscheduler_streams") == healthyTallies+1 })
	var longest time.Duration
	var end int64
	for healthy[0].bytes.Load() < 9<<20 {
		began := time.Now()
		end = w.touch(j, touches)
		eventually(t, "the healthy have position "+str(end), func() bool {
			return !slices.ContainsFunc(healthy, func(a *tally) bool { return a.upTo.Load() < end })
		})
		longest = max(longest, time.Since(began))
	}
	t.Logf("longest wait of a healthy reader: %v", longest)
	if longest > noGap {
		t.Errorf("a healthy reader waited %v: it waited for the other one", longest)
	}
	eventually(t, "the reader that does not read is ended", func() bool {
		return p.metric(w, "smartscheduler_streams") == healthyTallies && p.metric(w, `smartscheduler_streams_ended_total\{audience="dispatcher",reason="(?:write|evicted)"\}`) == 1
	})
	close(g.opened)
	<-slow.done
	got, last := slow.events()
	if len(got) == len(w.logged(start)) {
		t.Fatal("the reader that does not read got everything: the test proves nothing")
	}
	back := count(stuck.ask(last))
	eventually(t, "it has what it missed", func() bool { return back.upTo.Load() >= end })
	rest, _ := back.events()
	want := w.logged(start)
	// A new stream begins where its process is, which may not have come to the
	// fence yet.
	before := func(pos int64) bool { return pos <= start }
	if got = slices.DeleteFunc(append(got, rest...), before); !slices.Equal(got, want) {
		t.Errorf("the reader that came back got %d events, %d were logged: not each once, in order", len(got), len(want))
	}
	for i, a := range healthy {
		if got, _ := a.events(); !slices.Equal(slices.DeleteFunc(got, before), want) {
			t.Errorf("healthy reader %d got %d events, %d were logged: not each once, in order", i, len(got), len(want))
		}
	}
}

// TestP07FrozenConsumer shows that a reader that stops reading hurts none of 20
// others on connections of HTTP/1.1, is ended, and gets all it missed when it
// comes back.
func TestP07FrozenConsumer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, sign := plainly(w)
	g := &gate{opened: make(chan struct{})}
	hurtNobody(t, w, p, sign, g, func(c *client) io.ReadCloser { return c.askRaw(g) })
}

// TestP07SlowReader shows that a reader at 1 KB/s hurts nobody either, while it
// is sent more than it can read, and gets all it missed when it comes back.
func TestP07SlowReader(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, sign := plainly(w)
	g := &gate{rate: 1 << 10, opened: make(chan struct{})}
	hurtNobody(t, w, p, sign, g, func(c *client) io.ReadCloser { return c.askRaw(g) })
}

// TestP07FrozenConsumerHTTP2 shows the same of one stream that is not read among
// healthy ones on the same connection of HTTP/2, and of a connection of which
// nothing is read.
func TestP07FrozenConsumerHTTP2(t *testing.T) {
	t.Parallel()
	t.Run("Stream", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		p, base, _ := secured(t, w.dsn)
		shared := func(tr *http.Transport) { tr.HTTP2 = &http.HTTP2Config{MaxReceiveBufferPerStream: 64 << 10} }
		first := w.client(base).overTLS(shared).signIn("Ann")
		g := &gate{opened: make(chan struct{})}
		signed := []*client{first, first} // the stuck one and the first ten share a connection
		sign := func() *client {
			if len(signed) == 0 {
				return w.client(base).overTLS(shared).signIn("Ann")
			}
			c := signed[0]
			signed = signed[1:]
			return c
		}
		hurtNobody(t, w, p, sign, g, func(c *client) io.ReadCloser { return g.through(c.ask("")) })
	})
	t.Run("Connection", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		p, base, _ := secured(t, w.dsn)
		g := &gate{opened: make(chan struct{})}
		hurtNobody(t, w, p, func() *client { return w.client(base).overTLS().signIn("Ann") }, g, func(c *client) io.ReadCloser {
			var shut atomic.Bool
			alone := w.client(base).overTLS(func(tr *http.Transport) {
				tr.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
					conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
					return &shutConn{conn, g, &shut}, err
				}
			})
			alone.http.Jar = c.http.Jar
			body := alone.ask("")
			shut.Store(true)
			return body
		})
	})
}
