package main

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/launchdarkly/eventsource"
)

// load is several dispatchers who assign and unassign a job each, as fast as
// they can, until end is called. A form without a clear answer is sent again
// with its idempotency key, as pages do.
type load struct {
	acknowledged, retried atomic.Int64

	stop    chan struct{}
	running sync.WaitGroup
}

// startLoad lets each client work on a job of its own, at the bases in turn.
func startLoad(clients []*client, jobs []job, bases ...string) *load {
	l := &load{stop: make(chan struct{})}
	for i, c := range clients {
		l.running.Go(func() { l.work(c, jobs[i], clockOf(6+i, 0), bases) })
	}
	return l
}

// end waits until every form is acknowledged.
func (l *load) end() {
	close(l.stop)
	l.running.Wait()
}

func (l *load) work(c *client, j job, clock string, bases []string) {
	for turn := 0; ; turn++ {
		select {
		case <-l.stop:
			return
		default:
		}
		path, fields := "/jobs/"+j.id+"/assignments", url.Values{"contractor_id": {c.w.people["Rosa"]}, "start": {c.w.today + "T" + clock}}
		if turn%2 == 1 {
			path, fields = c.w.held(j)+"/removal", nil
		}
		fields = c.form(j, fields)
		fields.Set("idempotency_key", uuid.NewString())
		if !l.send(c, path, fields, bases) {
			return
		}
	}
}

// send posts a form until it gets a clear answer.
func (l *load) send(c *client, path string, fields url.Values, bases []string) bool {
	for try := 0; ; try++ {
		if len(bases) > 0 {
			c.base = bases[try%len(bases)]
		}
		resp, err := c.http.Do(c.request(http.MethodPost, path, fields))
		if err == nil {
			body, _ := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			switch {
			case resp.StatusCode == http.StatusSeeOther:
				l.acknowledged.Add(1)
				return true
			case resp.StatusCode < 500:
				c.t.Errorf("POST %s is %d: %s", path, resp.StatusCode, words(string(body)))
				return false
			}
		}
		if c.t.Context().Err() != nil {
			return false
		}
		l.retried.Add(1)
	}
}

// follower is a stream that is read by a library that is not ours, which comes
// back by itself.
type follower struct {
	stream *eventsource.Stream
	ids    chan []frame
	upTo   atomic.Int64
}

// follow starts to read; the client's transport says how.
func (c *client) follow(path string) *follower {
	c.t.Helper()
	r := c.request(http.MethodGet, path, nil)
	r.Header.Set("Cookie", c.cookies())
	stream, err := eventsource.SubscribeWithRequestAndOptions(r,
		eventsource.StreamOptionHTTPClient(&http.Client{Transport: c.http.Transport}),
		eventsource.StreamOptionCanRetryFirstConnection(patience),
		eventsource.StreamOptionErrorHandler(func(error) eventsource.StreamErrorHandlerResult { return eventsource.StreamErrorHandlerResult{} }))
	if err != nil {
		c.t.Fatal(err)
	}
	f := &follower{stream: stream, ids: make(chan []frame, 1)}
	f.upTo.Store(-1)
	go func() {
		var all []frame
		for e := range stream.Events {
			all = append(all, frame{id: e.Id(), event: e.Event(), data: e.Data()})
			f.upTo.Store(all[len(all)-1].pos())
		}
		f.ids <- all
	}()
	eventually(c.t, "the library reads", func() bool { return f.upTo.Load() >= 0 })
	return f
}

// wantAll waits for a position, and checks that every event up to it came once
// and in order.
func (f *follower) wantAll(t testing.TB, w *world, after, upTo int64) {
	t.Helper()
	eventually(t, "the library has got position "+str(upTo), func() bool { return f.upTo.Load() >= upTo })
	f.stream.Close()
	var got []int64
	resyncs := 0
	for _, e := range <-f.ids {
		switch {
		case e.event == "resync":
			resyncs++
		case e.fact() && e.pos() > after && e.pos() <= upTo:
			got = append(got, e.pos())
		}
	}
	if want := w.positions(after, upTo); !slices.Equal(got, want) || resyncs > 0 {
		t.Errorf("the library got %d events and %d resyncs, want %d events; ascending and once: %v", len(got), resyncs, len(want),
			slices.IsSorted(got) && len(slices.Compact(slices.Clone(got))) == len(got))
	}
}
