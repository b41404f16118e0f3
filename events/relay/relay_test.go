package relay_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smartscheduler/events"
	"smartscheduler/events/broker"
	"smartscheduler/events/relay"
)

const (
	north      = events.Stream("dispatch/north")
	northKiosk = events.Stream("kiosk/north")
	annsPhone  = events.Stream("contractor/" + ann)
)

// What was numbered before the start is left to replays; what was not is news.
func TestRunBeginsAtTheHead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.log.commit(numbered(3)...)
		w.log.set(func(l *fakeLog) { l.number(2) })
		w.run(t)
		got := w.within(t, 0, 1)
		if len(got) != 1 || got[0].Position != at(3) {
			t.Errorf("published %v, want 3 only", got)
		}
		if want := []events.Position{at(2), at(3)}; !slices.Equal(w.broker.heads, want) {
			t.Errorf("heads %v, want %v", w.broker.heads, want)
		}
		if err := w.end(); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// A wake is answered at once; without one, the poll finds the event.
func TestRunWakesAndPolls(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, w *world) {
		w.log.commit(numbered(1200)...) // several batches
		w.within(t, 0, 1200)
		w.log.set(func(l *fakeLog) { l.committed = append(l.committed, event("silent", "north")) })
		start := time.Now()
		w.within(t, time.Second, 1201)
		if took := time.Since(start); took < 100*time.Millisecond {
			t.Errorf("the poll came after %s already", took)
		}
		if head := w.broker.head(); head != at(1201) {
			t.Errorf("head is %s", head)
		}
		if w.counts.delivered != 1201 || w.counts.received != 2402 {
			t.Errorf("counted %d events, %d receivers", w.counts.delivered, w.counts.received)
		}
	})
}

func TestDeliverShowsEachStreamItsOwn(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, w *world) {
		w.broker.unwanted["dispatch/south"] = true
		w.log.commit(event("a", "north"), event("a", "north"), event("b", "south", "dispatch/south", "dispatch/south"), event("", "north", north))
		got := w.within(t, 0, 4)
		both := map[events.Stream]string{north: "dispatch/north a", northKiosk: "kiosk/north a", annsPhone: "contractor/" + ann + " a"}
		wantParts(t, got[0], both)
		wantParts(t, got[1], both)
		wantParts(t, got[2], map[events.Stream]string{"dispatch/south": "-", "kiosk/south": "kiosk/south b"})
		wantParts(t, got[3], map[events.Stream]string{north: "dispatch/north ", northKiosk: "kiosk/north "})
		want := []string{"dispatch/north a", "kiosk/north a", "contractor/" + ann + " a", "kiosk/south b", "dispatch/north ", "kiosk/north "}
		if len(w.fragments.calls) != 1 || !slices.Equal(w.fragments.calls[0], want) {
			t.Errorf("rendered %v, want once %v", w.fragments.calls, want)
		}
		for _, p := range got[1].Parts {
			json := string(p.JSON)
			if !strings.HasPrefix(json, `{"seq":2,`) || strings.Contains(json, "secret") != p.Stream.IsDispatch() {
				t.Errorf("%s gets %s", p.Stream, json)
			}
		}
	})
}

// Nothing to show is not the same as not rendered.
func TestDeliverPublishesEmptyFragments(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, w *world) {
		w.fragments.bad["a"] = "nil"
		w.log.commit(event("a", "north", annsPhone))
		wantParts(t, w.within(t, 0, 1)[0], map[events.Stream]string{annsPhone: "empty"})
	})
}

// While the database is away, nothing is dropped and it is not asked in a hurry.
func TestRunOutlastsTheDatabase(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, w *world) {
		away := func(is bool) {
			w.log.set(func(l *fakeLog) { l.away = is })
			w.fragments.mu.Lock()
			defer w.fragments.mu.Unlock()
			w.fragments.away = is
		}
		// The database goes away between the read and the rendering.
		w.fragments.before = func() { away(true) }
		w.log.commit(numbered(700)...)
		synctest.Wait()
		w.fragments.mu.Lock()
		w.fragments.before = nil
		w.fragments.mu.Unlock()
		for range 300 {
			time.Sleep(100 * time.Millisecond) // bubble time: the outage
			w.log.commit()
		}
		if got := w.broker.events(t); len(got) != 0 {
			t.Fatalf("%d events published while the database was away", len(got))
		}
		if asked := w.log.asked; asked > 100 {
			t.Errorf("asked %d times in 30 s", asked)
		}
		away(false)
		for _, e := range w.within(t, time.Second, 700) {
			if want := fmt.Sprintf("dispatch/north job-%d", e.Position.Pos); string(e.Parts[0].HTML) != want {
				t.Fatalf("event %d shows %q", e.Position.Pos, e.Parts[0].HTML)
			}
		}
	})
}

// One job that cannot be rendered is left to the log, and no other is.
func TestRunGoesOnAfterPoison(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"broken", "panic", "short", "slow"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, w *world) {
				w.fragments.bad["job-77"] = how
				w.log.commit(numbered(100)...)
				for i, e := range w.within(t, time.Minute, 100) {
					for _, p := range e.Parts {
						if (p.HTML == nil) != (i == 76) || p.JSON == nil {
							t.Errorf("event %d shows %q and %q on %s", i+1, p.HTML, p.JSON, p.Stream)
						}
					}
				}
				time.Sleep(time.Second) // bubble time: the notes are written
				synctest.Wait()
				w.log.mu.Lock()
				defer w.log.mu.Unlock()
				for _, p := range w.log.recorded {
					if (p.Error != "") != (p.Pos == 77) || p.Instance != "this" || p.Receivers != 2 {
						t.Errorf("noted %+v", p)
					}
				}
				if len(w.log.recorded) != 100 {
					t.Errorf("%d notes, want 100", len(w.log.recorded))
				}
			})
		})
	}
}

// A failure that passes leaves no trace in what is published.
func TestRunRetriesRendering(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, w *world) {
		w.fragments.bad["job-1"] = "for a moment"
		w.log.commit(numbered(2)...)
		time.Sleep(firstPause) // bubble time
		w.fragments.mu.Lock()
		clear(w.fragments.bad)
		w.fragments.mu.Unlock()
		if got := w.within(t, time.Second, 2); got[0].Parts[0].HTML == nil {
			t.Error("the first event was not rendered again")
		}
	})
}

const firstPause = 20 * time.Millisecond

// Positions that another process is giving are not waited for until the poll.
func TestRunAsksAgainWhenAnotherIsBusy(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, w *world) {
		w.log.set(func(l *fakeLog) { l.busy = 3 })
		w.log.commit(event("a", "north"))
		w.within(t, 100*time.Millisecond, 1)
	})
}

// A relay that cannot write publishes what others number.
func TestRunTailsWithoutSequencing(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, w *world) {
		w.log.set(func(l *fakeLog) { l.noWrite = true })
		w.log.commit(event("a", "north"))
		w.log.set(func(l *fakeLog) { l.number(1) })
		w.within(t, time.Second, 1)
		if w.counts.failures("sequence") == 0 {
			t.Error("the failure was not counted")
		}
	})
}

// What the broker could not give to all is offered once, noted with those who
// got it, and the rest goes on.
func TestRunGoesOnWhenTheBrokerFails(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, w *world) {
		w.broker.refuse[2] = "no frame"
		w.log.commit(numbered(3)...)
		w.within(t, 0, 3)
		if w.counts.failures("publish") != 1 || w.counts.received != 5 {
			t.Errorf("counted %v and %d receivers, want 5", w.counts.failed, w.counts.received)
		}
		time.Sleep(time.Second) // bubble time: the notes are written
		w.log.set(func(l *fakeLog) {
			if len(l.recorded) != 3 || l.recorded[1].Receivers != 1 || l.recorded[1].Error != "no frame" {
				t.Errorf("noted %+v", l.recorded)
			}
		})
	})
}

func TestRunSurvivesPanics(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, w *world) {
		w.log.set(func(l *fakeLog) { l.panics = 3 })
		w.log.commit(numbered(5)...)
		w.within(t, 5*time.Second, 5)
		if w.counts.failures("panic") != 3 {
			t.Errorf("counted %v", w.counts.failed)
		}
	})
}

// A second Run goes on where the first one stopped.
func TestRunContinues(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.run(t)
		if err := w.relay.Run(t.Context()); err == nil {
			t.Error("a second Run at the same time was allowed")
		}
		w.log.commit(numbered(2)...)
		w.within(t, 0, 2)
		if err := w.end(); err != nil {
			t.Fatal(err)
		}
		w.log.commit(numbered(2)...)
		w.log.set(func(l *fakeLog) { l.number(1) })
		w.run(t)
		w.within(t, 0, 4)
		if err := w.end(); err != nil {
			t.Fatal(err)
		}
	})
}

// A relay goes on in a log that was replaced by a restored backup: what is new
// there is published under another epoch, and the broker hears of it first.
func TestP06RelayGoesOnInARestoredLog(t *testing.T) {
	t.Parallel()
	for name, restore := range map[string]func(*fakeLog){
		"Epoch":   func(l *fakeLog) { l.epoch++ },
		"Shorter": func(l *fakeLog) { l.log = l.log[:1] },
		"Emptied": func(l *fakeLog) { l.log = nil },
		// Somebody else went on from a shorter one before we looked again.
		"Longer": func(l *fakeLog) {
			l.log = l.log[:1]
			l.committed = append(numbered(5)[3:], numbered(3)...)
			l.number(5)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, w *world) {
				w.log.commit(numbered(3)...)
				w.within(t, 0, 3)
				var head int64
				w.log.set(func(l *fakeLog) { restore(l); head = int64(len(l.log)) })
				w.broker.forget()
				w.log.commit(event("lost", "north"))
				time.Sleep(2 * time.Second) // bubble time
				synctest.Wait()
				w.log.commit(event("new", "north"))
				got := w.within(t, time.Second, 1)
				if p := got[0].Position; p.Epoch != epoch+1 || p.Pos <= head {
					t.Errorf("went on at %s, the log was at %d", p, head)
				}
				if last := got[len(got)-1]; parts(last)[events.DispatchStream("north")] != "dispatch/north new" {
					t.Errorf("the new event shows %v", parts(last))
				}
				if first := w.broker.heads[0]; first.Epoch != epoch+1 || first.Pos >= got[0].Position.Pos {
					t.Errorf("the broker heard first of %s, and then got %s", first, got[0].Position)
				}
				old, err := w.relay.Replay(t.Context(), []events.Stream{events.DispatchStream("north")}, at(2))
				if err != nil || old.Resync != relay.ResyncEpoch || old.UpTo.Epoch != epoch+1 {
					t.Errorf("an old position: %+v, %v", old, err)
				}
				time.Sleep(time.Second) // bubble time: the notes are written
				w.log.set(func(l *fakeLog) {
					if len(l.recorded) != len(got) {
						t.Errorf("noted %+v, want the %d events of the new log", l.recorded, len(got))
					}
				})
			})
		})
	}
}

// Bookkeeping that hangs or fails delays no delivery, and ends with Run.
func TestRunDoesNotWaitForPublications(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, w *world) {
		w.log.set(func(l *fakeLog) { l.slow = time.Hour })
		for range 12 {
			w.log.commit(numbered(500)...)
			synctest.Wait()
		}
		w.within(t, 0, 6000)
		if w.counts.failures("record") == 0 {
			t.Error("what is left out was not counted")
		}
		w.log.set(func(l *fakeLog) { l.slow = 0 })
	})
}

// What was published last is noted when the relay stops.
func TestRunNotesTheLastEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.broker.receive = func(broker.Event) {
			w.stop()
			time.Sleep(time.Second) // bubble time: whoever waits for the stop has noticed
		}
		w.run(t)
		w.log.commit(numbered(3)...)
		if err := <-w.ended; err != nil {
			t.Fatal(err)
		}
		if len(w.log.recorded) != 3 { // also those that were published after the stop
			t.Errorf("noted %v, want 3", w.log.recorded)
		}
	})
}

// Other processes are called at most every 10 ms, and only when there is news.
func TestRunCallsOthersSparingly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		opts := relay.Options{Log: w.log, Fragments: w.fragments, Broker: w.broker, Wake: w.log.wake, Notifier: w.log, Instance: "me"}
		w.relay = relay.New(opts)
		w.run(t)
		for range 1000 {
			w.log.commit(event("a", "north"))
			time.Sleep(time.Millisecond) // bubble time: a commit each millisecond
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		w.log.mu.Lock()
		calls := slices.Clone(w.log.notified)
		w.log.mu.Unlock()
		if len(calls) < 50 || len(calls) > 101 {
			t.Errorf("%d calls for 1,000 commits in a second", len(calls))
		}
		// Not its name, which two processes may have by mistake: they would be deaf
		// to each other.
		if len(calls) > 0 && (!strings.HasPrefix(calls[0], relay.Channel+" ") || strings.Contains(calls[0], " me")) {
			t.Errorf("the call is %q", calls[0])
		}
		if err := w.end(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRunStartsAndStops(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		times int
		dsn   string
	}{
		"Alone": {100, ""},
		// Nobody listens there: the connection is tried again and again.
		"Unreachable": {10, "host=127.0.0.1 port=1 user=nobody sslmode=disable connect_timeout=1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(func(o *relay.Options) { o.ListenDSN = c.dsn })
			for range c.times {
				ctx, stop := context.WithCancel(t.Context())
				go func() { w.ended <- w.relay.Run(ctx) }()
				stop()
				if err := <-w.ended; err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
