package relay_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"smartscheduler/events"
	"smartscheduler/events/broker"
	"smartscheduler/events/relay"
)

// old returns n events that were published in the past.
func (w *world) old(t *testing.T, evs ...events.Logged) {
	t.Helper()
	w.log.commit(evs...)
	synctest.Wait()
}

func TestReplayJudgesPositions(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, w *world) {
		w.old(t, numbered(1500)...)
		w.old(t, event("last", "south"))
		for name, c := range map[string]struct {
			streams []events.Stream
			after   events.Position
			resync  string
			events  int
		}{
			"AtTheHead":     {[]events.Stream{north}, at(1501), "", 0},
			"Behind":        {[]events.Stream{north}, at(1490), "", 10},
			"AsFarAsItGoes": {[]events.Stream{north}, at(500), "", 1000},
			"OneTooFar":     {[]events.Stream{north}, at(499), relay.ResyncTooOld, 0},
			"QuietStream":   {[]events.Stream{"kiosk/south"}, at(0), "", 1},
			"Epoch":         {[]events.Stream{north}, events.Position{Epoch: epoch + 1, Pos: 5}, relay.ResyncEpoch, 0},
			"Malformed":     {[]events.Stream{north}, events.Position{}, relay.ResyncMalformed, 0},
			"Future":        {[]events.Stream{north}, at(1502), relay.ResyncFuture, 0},
		} {
			got, err := w.relay.Replay(t.Context(), c.streams, c.after)
			if err != nil || got.Resync != c.resync || len(got.Events) != c.events || got.UpTo != at(1501) {
				t.Errorf("%s: resync %q, %d events up to %s, error %v; want %q, %d events", name, got.Resync, len(got.Events), got.UpTo, err, c.resync, c.events)
			}
		}
	})
}

// Far back, dispatchers reload at once, and a contractor's own part is read.
func TestReplayReach(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.log.commit(event("first", "north", annsPhone))
		w.log.commit(slices.Repeat([]events.Logged{event("x", "south", "dispatch/south")}, 100_001)...)
		w.log.set(func(l *fakeLog) { l.number(200_000) })
		w.run(t)
		got, err := w.relay.Replay(t.Context(), []events.Stream{north}, at(0))
		if err != nil || got.Resync != relay.ResyncTooOld || w.log.replays != 0 {
			t.Errorf("dispatcher: %q, %v, %d reads", got.Resync, err, w.log.replays)
		}
		got, err = w.relay.Replay(t.Context(), []events.Stream{annsPhone}, at(0))
		if err != nil || got.Resync != "" || len(got.Events) != 1 {
			t.Errorf("contractor: %q, %d events, %v", got.Resync, len(got.Events), err)
		}
		if err := w.end(); err != nil {
			t.Fatal(err)
		}
	})
}

// Each event has a part for each stream that was asked for and shows it.
func TestReplayRendersThePresent(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, w *world) {
		w.old(t, event("a", "north"), event("b", "south"), event("c", "west"), event("a", "north"))
		w.fragments.calls = nil
		got, err := w.relay.Replay(t.Context(), []events.Stream{"dispatch/south", annsPhone}, at(1))
		if err != nil {
			t.Fatal(err)
		}
		phone := "contractor/" + ann
		want := []map[events.Stream]string{
			{"dispatch/south": "dispatch/south b", annsPhone: phone + " b"}, {annsPhone: phone + " c"}, {annsPhone: phone + " a"},
		}
		if len(got.Events) != len(want) {
			t.Fatalf("%d events, want %d", len(got.Events), len(want))
		}
		for i, e := range got.Events {
			wantParts(t, e, want[i])
			if e.Position != at(int64(i+2)) || e.Kind != events.KindJobAssigned || e.Parts[0].JSON == nil {
				t.Errorf("event %d is %+v", i, e)
			}
		}
		if len(w.fragments.calls) != 1 {
			t.Errorf("rendered in %d calls", len(w.fragments.calls))
		}
	})
}

// A page may have been read after a commit that is not published yet.
func TestReplayAheadOfTheRelay(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, w *world) {
		w.old(t, numbered(3)...)
		w.log.set(func(l *fakeLog) {
			l.committed = numbered(2)
			l.number(2)
		})
		got, err := w.relay.Replay(t.Context(), []events.Stream{north}, at(5))
		if err != nil || got.Resync != "" || got.UpTo != at(5) || len(got.Events) != 0 {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

// Those who come back ahead of the relay, as after a restart of another process,
// share a look at the log, whatever they follow.
func TestReplayAheadIsShared(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, w *world) {
		w.old(t, numbered(3)...)
		w.log.set(func(l *fakeLog) {
			l.committed = numbered(2)
			l.number(2)
			l.asked = 0
		})
		var g sync.WaitGroup
		for i := range 500 {
			g.Go(func() {
				streams := []events.Stream{[]events.Stream{north, annsPhone}[i%2]}
				after := at(int64(4 + i%3))
				got, err := w.relay.Replay(t.Context(), streams, after)
				if err != nil || (got.Resync == relay.ResyncFuture) != (after.Pos == 6) {
					t.Errorf("after %s: %+v, %v", after, got, err)
				}
			})
		}
		g.Wait()
		w.log.set(func(l *fakeLog) {
			if l.asked != 3 {
				t.Errorf("the log was asked %d times for 3 positions", l.asked)
			}
		})
	})
}

func TestReplayWaitsForTheStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if _, err := w.relay.Replay(ctx, []events.Stream{north}, at(0)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("before the start: %v", err)
		}
		answered := make(chan broker.Replayed, 1)
		go func() {
			got, err := w.relay.Replay(t.Context(), []events.Stream{north}, at(0))
			if err != nil {
				t.Error(err)
			}
			answered <- got
		}()
		synctest.Wait()
		w.run(t)
		if got := <-answered; got.UpTo != at(0) {
			t.Errorf("up to %s", got.UpTo)
		}
		if err := w.end(); err != nil {
			t.Fatal(err)
		}
	})
}

// Those who ask the same share an answer for a second, until there is news.
func TestReplayIsShared(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, w *world) {
		w.old(t, numbered(10)...)
		ask := func(want int, streams ...events.Stream) {
			t.Helper()
			var g sync.WaitGroup
			for range 500 {
				g.Go(func() {
					if got, err := w.relay.Replay(t.Context(), streams, at(3)); err != nil || got.Events[0].Position != at(4) {
						t.Errorf("got %+v, %v", got, err)
					}
				})
			}
			g.Wait()
			if w.counts.replay != want {
				t.Fatalf("%d reads of the log, want %d", w.counts.replay, want)
			}
		}
		ask(1, north, annsPhone)
		ask(1, annsPhone, north)
		ask(2, annsPhone)
		w.old(t, event("news", "north"))
		ask(3, north, annsPhone)
		time.Sleep(2 * time.Second) // bubble time: the answers are forgotten
		ask(4, north, annsPhone)
	})
}

// Who goes away neither waits nor spoils it for the others.
func TestReplayCallerLeaves(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, w *world) {
		w.old(t, numbered(10)...)
		w.fragments.before = func() { time.Sleep(time.Second) } // bubble time
		ctx, leave := context.WithCancel(t.Context())
		var g sync.WaitGroup
		g.Go(func() {
			if _, err := w.relay.Replay(ctx, []events.Stream{north}, at(3)); !errors.Is(err, context.Canceled) {
				t.Errorf("the one who left got %v", err)
			}
		})
		synctest.Wait()
		g.Go(func() {
			if got, err := w.relay.Replay(t.Context(), []events.Stream{north}, at(3)); err != nil || len(got.Events) != 7 {
				t.Errorf("the one who stayed got %+v, %v", got, err)
			}
		})
		synctest.Wait()
		leave()
		g.Wait()
	})
}

// A storm of different replays is read a few at a time, and nobody waits for
// ever.
func TestReplayStorm(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, w *world) {
		w.old(t, numbered(100)...)
		var mu sync.Mutex
		reading, most := 0, 0
		w.fragments.before = func() {
			mu.Lock()
			reading++
			most = max(most, reading)
			mu.Unlock()
			time.Sleep(time.Second) // bubble time
			mu.Lock()
			reading--
			mu.Unlock()
		}
		answered, refused := 0, 0
		var g sync.WaitGroup
		for i := range 80 {
			g.Go(func() {
				_, err := w.relay.Replay(t.Context(), []events.Stream{north}, at(int64(i)))
				mu.Lock()
				defer mu.Unlock()
				if errors.Is(err, context.DeadlineExceeded) {
					refused++
				} else if err == nil {
					answered++
				}
			})
		}
		g.Wait()
		if most != 4 || answered < 36 || answered+refused != 80 {
			t.Errorf("%d at a time, %d answered, %d refused", most, answered, refused)
		}
	})
}

// A failure is not kept; what cannot be rendered means a reload.
func TestReplayFailures(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, w *world) {
		w.old(t, numbered(10)...)
		away := func(is bool) { w.log.set(func(l *fakeLog) { l.away = is }) }
		away(true)
		for _, after := range []events.Position{at(3), at(11)} {
			if _, err := w.relay.Replay(t.Context(), []events.Stream{north}, after); !errors.Is(err, errAway) {
				t.Errorf("after %s: %v", after, err)
			}
		}
		away(false)
		if got, err := w.relay.Replay(t.Context(), []events.Stream{north}, at(3)); err != nil || len(got.Events) != 7 {
			t.Errorf("afterwards: %+v, %v", got, err)
		}
		w.fragments.bad["job-9"] = "panic"
		got, err := w.relay.Replay(t.Context(), []events.Stream{north}, at(4))
		if err != nil || got.Resync != relay.ResyncRender || got.UpTo != at(10) {
			t.Errorf("poison: %+v, %v", got, err)
		}
	})
}

// Whoever subscribes just after Wanted said no finds the event by replay.
func TestReplayCoversWhatWasNotWanted(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, w *world) {
		w.broker.unwanted[north] = true
		var got broker.Replayed
		var err error
		w.broker.asked = func() { got, err = w.relay.Replay(t.Context(), []events.Stream{north}, at(0)) }
		w.log.commit(numbered(2)...)
		w.within(t, 0, 2)
		if err != nil || len(got.Events) != 2 || got.UpTo != at(2) {
			t.Errorf("replay gave %d events up to %s, %v", len(got.Events), got.UpTo, err)
		}
	})
}

// Whoever subscribes at any moment, reads the log and then takes what comes
// live gets each event once, in order.
func TestReplayLeavesNoGap(t *testing.T) {
	t.Parallel()
	const total, readers = 3000, 200
	w := newWorld(func(o *relay.Options) { o.Poll = 20 * time.Millisecond })
	hub := &hub{}
	w.broker.receive = hub.publish
	// Nothing is rendered for a stream without readers, as in the real broker.
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	r := relay.New(relay.Options{Log: w.log, Fragments: w.fragments, Broker: hubBroker{w.broker, hub}, Wake: w.log.wake, ReplayTTL: time.Minute})
	go func() { w.ended <- r.Run(ctx) }()
	var g sync.WaitGroup
	g.Go(func() {
		for range total {
			w.log.commit(event("j", "north", north))
			if rand.IntN(50) == 0 {
				<-time.After(time.Duration(rand.IntN(1000)) * time.Microsecond) // the load comes in bursts
			}
		}
	})
	for range readers {
		g.Go(func() {
			after := at(0)
			for after.Pos < total {
				got, err := hub.follow(t.Context(), r, after, rand.IntN(20))
				if err != nil {
					t.Error(err)
					return
				}
				for _, pos := range got {
					if pos != after.Pos+1 {
						t.Errorf("%d came after %d", pos, after.Pos)
						return
					}
					after.Pos = pos
				}
			}
		})
	}
	g.Wait()
	stop()
	if err := <-w.ended; err != nil {
		t.Fatal(err)
	}
}

// hub is the part of a broker that matters here: who subscribes sees what is
// published afterwards, and parts that were not rendered are not seen.
type hub struct {
	mu   sync.Mutex
	subs map[chan int64]bool
}

type hubBroker struct {
	*fakeBroker
	hub *hub
}

func (b hubBroker) Wanted(events.Stream) bool {
	b.hub.mu.Lock()
	defer b.hub.mu.Unlock()
	return len(b.hub.subs) > 0
}

func (h *hub) publish(e broker.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.subs {
		if e.Parts[0].HTML == nil {
			continue // only the log can help this one
		}
		select {
		case c <- e.Position.Pos:
		default:
			delete(h.subs, c)
			close(c)
		}
	}
}

// follow subscribes, replays, takes up to n live events, and leaves.
func (h *hub) follow(ctx context.Context, r *relay.Relay, after events.Position, n int) (got []int64, err error) {
	c := make(chan int64, 64)
	h.mu.Lock()
	if h.subs == nil {
		h.subs = map[chan int64]bool{}
	}
	h.subs[c] = true
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subs, c)
	}()
	missed, err := r.Replay(ctx, []events.Stream{north}, after)
	if err != nil {
		return nil, err
	}
	if missed.Resync == relay.ResyncTooOld { // reload: all up to there is known
		for pos := after.Pos + 1; pos <= missed.UpTo.Pos; pos++ {
			got = append(got, pos)
		}
	}
	for _, e := range missed.Events {
		got = append(got, e.Position.Pos)
	}
	last := max(missed.UpTo.Pos, after.Pos)
	for range n {
		select {
		case pos, ok := <-c:
			if !ok {
				return got, nil
			}
			if pos > last {
				got = append(got, pos)
			}
		case <-time.After(10 * time.Millisecond):
			return got, nil
		}
	}
	return got, nil
}
