package broker_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smartscheduler/events"
	"smartscheduler/events/broker"
)

// memory is a client without a socket, for tests under a clock of their own.
type memory struct {
	header http.Header
	pipe   *io.PipeWriter
	wire   *wire
	cancel context.CancelFunc
	done   chan struct{}
}

func (m *memory) Header() http.Header                { return m.header }
func (m *memory) WriteHeader(int)                    {}
func (m *memory) Write(p []byte) (int, error)        { return m.pipe.Write(p) }
func (m *memory) Flush()                             {}
func (m *memory) SetWriteDeadline(t time.Time) error { return nil }

func attach(t *testing.T, b *broker.Broker, req broker.Request) *memory {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	m := &memory{header: http.Header{}, pipe: w, wire: newWire(r), cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(m.done)
		defer w.Close()
		if err := b.Serve(ctx, m, req); err != nil {
			t.Error(err)
		}
	}()
	if hello := m.wire.must(t); hello.name != "hello" {
		t.Fatalf("first frame = %q", hello)
	}
	return m
}

func (m *memory) leave() {
	m.cancel()
	<-m.done
}

var northern = broker.Request{Streams: []events.Stream{north}}

func TestHeartbeat(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		told := func() time.Time { return time.Now().Add(time.Hour) }
		b := broker.New(broker.Options{Log: quiet(), Clock: told})
		defer b.Close()
		b.SetHead(at(7))
		m := attach(t, b, northern)
		defer m.leave()
		begin := time.Now()
		for i := 1; i <= 4; i++ {
			beat := m.wire.wants(t, "hb", at(7+int64(i/2)))
			due := time.Duration(i) * 15 * time.Second
			if late := time.Since(begin) - due; late < 0 || late > time.Second {
				t.Errorf("beat %d came %v after %v", i, late, due)
			}
			var got struct {
				Time     time.Time
				Degraded bool
			}
			if err := json.Unmarshal([]byte(beat.data), &got); err != nil {
				t.Fatal(err)
			}
			if !got.Time.Equal(told()) || got.Time.Location() != time.UTC || got.Degraded {
				t.Errorf("beat %d = %s", i, beat.data)
			}
			if i%2 == 1 { // a quiet stream: the head moves by events of others
				b.SetHead(at(7 + int64(i/2) + 1))
			}
		}
	})
}

// TestDegraded: a change for the worse or the better is told at once, everything
// else at its time.
func TestDegraded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := broker.New(broker.Options{Log: quiet()})
		defer b.Close()
		b.SetHead(at(7))
		m := attach(t, b, northern)
		defer m.leave()
		begin := time.Now()
		says := func(degraded bool, due time.Duration) {
			t.Helper()
			beat := m.wire.wants(t, "hb", at(7))
			if want := fmt.Sprintf(`"degraded":%v`, degraded); !strings.Contains(beat.data, want) {
				t.Errorf("the beat says %s, want %s", beat.data, want)
			}
			if late := time.Since(begin) - due; late < 0 || late > time.Second {
				t.Errorf("a beat came %v after %v", late, due)
			}
		}
		b.SetDegraded(false)
		b.SetDegraded(true)
		says(true, 0)
		b.SetDegraded(true)
		says(true, 15*time.Second)
		late := attach(t, b, northern)
		if beat := late.wire.wants(t, "hb", at(7)); !strings.Contains(beat.data, `"degraded":true`) || time.Since(begin) > 17*time.Second {
			t.Errorf("who comes meanwhile is told %s after %v", beat.data, time.Since(begin))
		}
		late.leave()
		b.SetDegraded(false)
		says(false, 15*time.Second)
		says(false, 30*time.Second)
	})
}

// TestDelayedIsToldApart: that events are late is said beside that nothing can be
// saved, at once, and to who comes meanwhile.
func TestDelayedIsToldApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := broker.New(broker.Options{Log: quiet()})
		defer b.Close()
		b.SetHead(at(7))
		m := attach(t, b, northern)
		defer m.leave()
		for _, delayed := range []bool{true, false, true} {
			b.SetDelayed(delayed)
			beat := m.wire.wants(t, "hb", at(7))
			if strings.Contains(beat.data, `"delayed":true`) != delayed || !strings.Contains(beat.data, `"degraded":false`) {
				t.Errorf("delayed is %v, and the beat says %s", delayed, beat.data)
			}
		}
		late := attach(t, b, northern)
		defer late.leave()
		if beat := late.wire.wants(t, "hb", at(7)); !strings.Contains(beat.data, `"delayed":true`) {
			t.Errorf("who comes meanwhile is told %s", beat.data)
		}
	})
}

// TestDegradedIsSentAtOnce: a flusher learns of it now and not at the next tick,
// for which thirty changes would need twelve seconds.
func TestDegradedIsSentAtOnce(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{})
	w, _ := b.follow(t, "s=dispatch/north", "")
	begin := time.Now()
	for i := range 30 {
		b.SetDegraded(i%2 == 0)
		w.wants(t, "hb", at(0))
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("thirty changes were told after %v", took)
	}
}

// A beat must not send a client back that is ahead of what is live.
func TestHeartbeatNeverGoesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := broker.New(broker.Options{Log: quiet(), Replay: func(context.Context, []events.Stream, events.Position) (broker.Replayed, error) {
			return broker.Replayed{Events: []broker.Event{assigned(9, "x", north)}, UpTo: at(12)}, nil
		}})
		defer b.Close()
		b.SetHead(at(8))
		m := attach(t, b, northern)
		defer m.leave()
		m.wire.wants(t, "JobAssigned", at(9))
		m.wire.wants(t, "hb", at(12))
		for pos := int64(9); pos <= 13; pos++ {
			if _, err := b.Publish(assigned(pos, "x", north)); err != nil {
				t.Fatal(err)
			}
		}
		m.wire.wants(t, "JobAssigned", at(13))
	})
}

func TestLifetime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := broker.New(broker.Options{Log: quiet(), Lifetime: 10 * time.Minute, Heartbeat: time.Hour})
		defer b.Close()
		b.SetHead(at(1))
		begin := time.Now()
		spread := map[time.Duration]bool{}
		for range 20 {
			m := attach(t, b, northern)
			m.wire.wants(t, "bye", at(1))
			m.wire.wantsEnd(t)
			life := time.Since(begin)
			if life < 8*time.Minute || life > 10*time.Minute+2*time.Second {
				t.Errorf("lived %v, want 8 to 10 minutes", life)
			}
			spread[life] = true
			begin = time.Now()
			m.leave()
		}
		if len(spread) < 3 {
			t.Errorf("all lived %v", spread)
		}
	})
}

func TestDrainIsSpread(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := broker.New(broker.Options{Log: quiet(), DrainSpread: 10 * time.Second})
		defer b.Close()
		b.SetHead(at(1))
		begin := time.Now()
		ends := make(chan time.Duration, 11)
		for range 11 {
			m := attach(t, b, northern)
			defer m.leave()
			go func() {
				m.wire.wants(t, "bye", at(1))
				ends <- time.Since(begin)
			}()
		}
		if err := b.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took < 9*time.Second || took > 10*time.Second {
			t.Errorf("drain took %v, want nearly 10 s", took)
		}
		for i := range 11 {
			if got, want := <-ends, time.Duration(i)*10*time.Second/11; got < want || got > want+time.Second {
				t.Errorf("end %d after %v, want about %v", i, got, want)
			}
		}
	})
}

func TestDrainUnderALimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := broker.New(broker.Options{Log: quiet(), DrainSpread: time.Hour})
		defer b.Close()
		b.SetHead(at(1))
		first, second := attach(t, b, northern), attach(t, b, northern)
		defer first.leave()
		defer second.leave()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("drain = %v, want the deadline", err)
		}
		first.wire.wants(t, "bye", at(1))
		second.wire.wants(t, "bye", at(1))
	})
}

// A replay that hangs is given up, and the end of the process does not wait.
func TestReplayThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := broker.New(broker.Options{Log: quiet(), Replay: func(ctx context.Context, _ []events.Stream, _ events.Position) (broker.Replayed, error) {
			<-ctx.Done()
			return broker.Replayed{}, ctx.Err()
		}})
		b.SetHead(at(1))
		begin := time.Now()
		m := attach(t, b, northern)
		m.wire.wants(t, "unavailable", at(1))
		if took := time.Since(begin); took != 10*time.Second {
			t.Errorf("gave up after %v, want 10 s", took)
		}
		m.leave()
		m = attach(t, b, northern)
		synctest.Wait() // the replay hangs
		closed := make(chan struct{})
		begin = time.Now()
		go func() {
			defer close(closed)
			b.Close()
		}()
		m.wire.wants(t, "bye", at(1))
		<-closed
		if took := time.Since(begin); took != 0 {
			t.Errorf("close waited %v for the log", took)
		}
		m.leave()
	})
}

// A library that keeps the frame must not keep the publisher. (Without a clock
// of its own: the broker's mutex would stop that.)
func TestLibraryThatHangs(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{})
	stuck := make(chan struct{})
	broker.WrapLibrary(b.Broker, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(slow{w, stuck}, r) })
	})
	w, _ := b.follow(t, "s=dispatch/north", "")
	ev := assigned(1, "hang", north)
	if n, err := b.Publish(ev); n != 0 || err == nil {
		t.Errorf("publish = %d, %v, want an error", n, err)
	}
	close(stuck)
	b.publish(t, assigned(2, "x", north))
	w.wants(t, "JobAssigned", at(2))
}

type slow struct {
	http.ResponseWriter
	stuck chan struct{}
}

func (s slow) Flush() { s.ResponseWriter.(http.Flusher).Flush() }

func (s slow) Write(p []byte) (int, error) {
	if string(p) == "data: hang\n" {
		<-s.stuck
	}
	return s.ResponseWriter.Write(p)
}
