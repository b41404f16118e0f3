package broker_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"smartscheduler/events"
	"smartscheduler/events/broker"
)

// traveller reads a stream with random disconnects, each time from where it
// was, and fails at the first gap, duplicate or disorder.
type traveller struct {
	bench *bench
	query string
	last  int64
	lives int
}

// live is one connection: it reads at most n events.
func (v *traveller) live(ctx context.Context, n int, connected func()) error {
	w, err := v.bench.connect(ctx, v.query, at(v.last).String())
	if err != nil {
		return err
	}
	defer w.closer.Close()
	connected()
	v.lives++
	for range n {
		m, err := w.next()
		if err != nil || m.name == "bye" { // ended by the broker: come again
			return nil
		}
		if err := v.see(m); err != nil {
			return err
		}
	}
	return nil
}

// see checks that m is what comes next.
func (v *traveller) see(m message) error {
	switch m.name {
	case "resync", "unavailable":
		return fmt.Errorf("got %s", m.name)
	case "hb", "hello":
		if p, err := events.ParsePosition(m.id); err != nil || p.Pos > v.last {
			return fmt.Errorf("%s claims %s at %d", m.name, m.id, v.last)
		}
		return nil
	}
	want := v.last + 1
	if m.id != at(want).String() || m.data != "event "+strconv.FormatInt(want, 10) {
		return fmt.Errorf("got %q after %d", m, v.last)
	}
	v.last = want
	return nil
}

func TestHandOverHasNoGapAndNoDuplicate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		opts   broker.Options
		events int64
	}{
		{"Queue256", broker.Options{}, 1000},
		{"Queue2", broker.Options{QueueFrames: 2}, 500}, // overflows, goes back to the log, is ended
		{"QueueBytes", broker.Options{QueueBytes: 150}, 500},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			handOver(t, tt.opts, 20, tt.events)
		})
	}
}

func handOver(t *testing.T, opts broker.Options, readers int, total int64) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	opts.Heartbeat = 15 * time.Millisecond // the beats take part
	j := &journal{}
	opts.Replay = func(ctx context.Context, s []events.Stream, after events.Position) (broker.Replayed, error) {
		<-time.After(time.Millisecond) // a database takes a moment, in which events come
		return j.replay(ctx, s, after)
	}
	b := serve(t, opts)
	b.journal = j
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	tokens := make(chan struct{}, 1<<16)
	failed := make(chan error, readers)
	travellers := make([]*traveller, readers)
	var all sync.WaitGroup
	for i := range travellers {
		v := &traveller{bench: b, query: "s=dispatch/north"}
		travellers[i] = v
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		all.Go(func() {
			for v.last < total {
				if err := v.live(ctx, r.IntN(40), func() { tokens <- struct{}{} }); err != nil {
					failed <- fmt.Errorf("reader %d: %w", i, err)
					cancel()
					return
				}
			}
		})
	}
	b.feed(ctx, t, total, tokens)
	all.Wait()
	close(failed)
	for err := range failed {
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	lives := 0
	for _, v := range travellers {
		lives += v.lives
	}
	t.Logf("%d connections, %d reads of the log", lives, b.journal.reads)
}

// Without subscribing first there is a gap: the same check must see it.
func TestHandOverCheckSeesAGap(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{Replay: func(_ context.Context, _ []events.Stream, after events.Position) (broker.Replayed, error) {
		return broker.Replayed{UpTo: after}, nil // a log that forgets
	}})
	b.publish(t, assigned(1, "event 1", north))
	v := &traveller{bench: b, query: "s=dispatch/north"}
	err := v.live(t.Context(), 2, func() { b.publish(t, assigned(2, "event 2", north)) })
	if err == nil {
		t.Fatal("a reader that missed an event found nothing wrong")
	}
}

// What was published while the log was read comes once, and after it.
func TestEventsDuringAReplay(t *testing.T) {
	t.Parallel()
	j := &journal{}
	reading, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	b := serve(t, broker.Options{Replay: func(ctx context.Context, s []events.Stream, after events.Position) (broker.Replayed, error) {
		once.Do(func() {
			close(reading)
			<-release
		})
		return j.replay(ctx, s, after)
	}})
	for pos := int64(1); pos <= 3; pos++ {
		j.append(assigned(pos, "x", north))
	}
	w, _ := b.follow(t, "s=dispatch/north", at(0).String())
	<-reading
	for pos := int64(2); pos <= 6; pos++ {
		if pos > 3 {
			j.append(assigned(pos, "x", north))
		}
		if pos == 5 {
			close(release)
		}
		if n, err := b.Publish(assigned(pos, "x", north)); n != 1 || err != nil {
			t.Fatalf("publish %d = %d, %v", pos, n, err)
		}
	}
	b.publish(t, assigned(7, "x", north))
	for pos := int64(1); pos <= 7; pos++ {
		w.wants(t, "JobAssigned", at(pos))
	}
}

// feed publishes events as fast as readers come.
func (b *bench) feed(ctx context.Context, t *testing.T, total int64, tokens <-chan struct{}) {
	t.Helper()
	for pos := int64(1); pos <= total && ctx.Err() == nil; pos++ {
		if pos%2 == 0 { // the readers come and go as fast as the events
			select {
			case <-tokens:
			case <-ctx.Done():
			}
		}
		b.publish(t, assigned(pos, "event "+strconv.FormatInt(pos, 10), north))
	}
}
