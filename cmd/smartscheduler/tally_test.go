package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"smartscheduler/events/relay"
)

const northStream = "/streams/dispatch/north"

// tally reads a stream and keeps the positions of its events only.
type tally struct {
	upTo, bytes atomic.Int64
	said        chan struct{} // closed after hello
	done        chan struct{} // closed when the stream has ended

	mu   sync.Mutex
	last string // the last id
	got  []int64
}

// count reads from a stream until it ends.
func count(from io.ReadCloser) *tally {
	a := &tally{said: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(a.done)
		defer func() { _ = from.Close() }()
		readFrames(bufio.NewReader(from), a.take)
	}()
	return a
}

func (a *tally) take(f frame) {
	a.mu.Lock()
	a.last = f.id
	if f.fact() {
		a.got = append(a.got, f.pos())
	}
	a.mu.Unlock()
	if f.event == "hello" {
		close(a.said)
	}
	a.bytes.Add(int64(len(f.data)))
	a.upTo.Store(f.pos())
}

// events are the positions of the events so far, and the last id of any frame.
func (a *tally) events() (got []int64, last string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.got), a.last
}

// ask opens the stream of the north, after a position if there is one.
func (c *client) ask(after string) io.ReadCloser {
	c.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	c.t.Cleanup(cancel)
	body, err := c.open(ctx, after)
	if err != nil {
		c.t.Fatal(err)
	}
	return body
}

// open is ask for a goroutine that is not the test's.
func (c *client) open(ctx context.Context, after string) (io.ReadCloser, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+northStream, nil)
	if err != nil {
		return nil, err
	}
	if after != "" {
		r.Header.Set("Last-Event-ID", after)
	}
	resp, err := c.http.Do(r)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = errors.Join(fmt.Errorf("the stream is %s", resp.Status), resp.Body.Close())
	}
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}

// heavy is an open job whose card has some 60 kB.
func (w *world) heavy() job {
	w.t.Helper()
	j := w.job("north", "Tile everything")
	w.exec(`insert into skills (slug, name) select 'rare-' || n, repeat('rarely asked for ', 10) || n from generate_series(1, 140) n`)
	w.exec(`update jobs set skills = (select array_agg(slug) from skills where slug like 'rare-%') where id = $1`, j.id)
	return j
}

// touch logs n events for the board of the north that show a job as it is, and
// returns the position of the last one.
func (w *world) touch(j job, n int) (last int64) {
	w.t.Helper()
	batch := ask[int64](w, `
with n as materialized (select nextval('event_log_id_seq') as id, gen_random_uuid() as event from generate_series(1, $2)),
made as (
  insert into event_log (id, batch, event_id, event_type, schema_version, region, job_id, payload, published_to, actor_kind)
  select n.id, min(n.id) over (), n.event, 'JobUpdated', 1, 'north', $1::uuid,
    jsonb_build_object('type', 'JobUpdated', 'schemaVersion', 1, 'eventId', n.event, 'jobId', $1::uuid, 'region', 'north', 'changed', '[]'::jsonb),
    array['dispatch/north'], 'system'
  from n returning batch)
select min(batch) from made`, j.id, n)
	w.exec(`select pg_notify($1, 'a test')`, relay.Channel)
	eventually(w.t, "the events get their positions", func() bool {
		last = ask[int64](w, `select coalesce(max(pos), 0) from event_log where batch = $1`, batch)
		return last > 0
	})
	return last
}

// logged are the positions of the events for the north after one of them, without
// how far phones got, which no reader counts (frame.fact).
func (w *world) logged(after int64) []int64 {
	w.t.Helper()
	return w.positionsOf("dispatch/north", after, math.MaxInt64)
}

// metric is the sum of a metric over its labels.
func (p *process) metric(w *world, name string) (sum float64) {
	p.t.Helper()
	text := w.client("http://" + p.metricsAt()).get("/metrics")
	for _, found := range regexp.MustCompile(`(?m)^`+name+`(?:\{[^\n]*\})? (\S+)$`).FindAllStringSubmatch(text, -1) {
		value, err := strconv.ParseFloat(found[1], 64)
		if err != nil {
			p.t.Fatal(err)
		}
		sum += value
	}
	return sum
}

// plainly serves a world over HTTP/1.1 and signs clients in.
func plainly(w *world) (p *process, sign func() *client) {
	w.t.Helper()
	p = serveWith(w.t, map[string]string{"DATABASE_URL": w.dsn})
	var base string
	eventually(w.t, "it says where it is", func() bool {
		base = regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(p.stdout.String())
		return base != ""
	})
	return p, func() *client { return w.staff(base, "Ann") }
}
