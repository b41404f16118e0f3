package broker_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"smartscheduler/events"
	"smartscheduler/events/broker"
)

const (
	frozenFrames = 150
	frozenData   = 64 << 10 // 150 of them are more than 8 MiB
)

// healthy reads frames without keeping them and tells each one it has seen.
func healthy(w *wire, seen chan<- struct{}) error {
	for {
		line, err := w.r.ReadSlice('\n')
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return err
		case bytes.HasPrefix(line, []byte("event: JobAssigned")):
			seen <- struct{}{}
		}
	}
}

// TestP07FrozenReaderHurtsNobody shows that with one reader of 100 that never
// reads the others get every event at once, Publish does not wait, the frozen one
// is ended, and what it missed it gets when it comes back.
func TestP07FrozenReaderHurtsNobody(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{WriteTimeout: 2 * time.Second})
	stuck := frozen(t, strings.TrimPrefix(b.url, "http://"), "/?s=dispatch/north")
	seen := make(chan struct{}, 1000)
	failed := make(chan error, 100)
	for range 99 {
		w, _ := b.follow(t, "s=dispatch/north", "")
		go func() { failed <- healthy(w, seen) }()
	}
	data := strings.Repeat("x", frozenData)
	var slowest, longest time.Duration
	for pos := int64(1); pos <= frozenFrames; pos++ {
		begin := time.Now()
		b.publish(t, assigned(pos, data, north))
		slowest = max(slowest, time.Since(begin))
		allSee(t, pos, seen, failed)
		longest = max(longest, time.Since(begin))
	}
	t.Logf("slowest publish %v, longest gap %v", slowest, longest)
	// A publisher that waits for the frozen reader waits for its write timeout.
	if slowest > time.Second || longest > 1500*time.Millisecond {
		t.Errorf("slowest publish %v, longest gap %v: the frozen reader was waited for", slowest, longest)
	}
	b.ends(t, broker.EndWrite)
	resumeFrozen(t, b, stuck, data)
	b.Close()
	for range 99 {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
}

// allSee waits until each of the 99 healthy readers has seen an event.
func allSee(t *testing.T, pos int64, seen <-chan struct{}, failed <-chan error) {
	t.Helper()
	for range 99 {
		select {
		case <-seen:
		case err := <-failed:
			t.Fatalf("a healthy reader ended: %v", err)
		case <-time.After(20 * time.Second):
			t.Fatalf("event %d did not reach the healthy readers", pos)
		}
	}
}

// resumeFrozen reads what the frozen reader still gets from its socket, comes
// back with that position and wants all the rest, once and in order.
func resumeFrozen(t *testing.T, b *bench, stuck *net.TCPConn, data string) {
	t.Helper()
	if err := stuck.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	w := newWire(stuck)
	last := int64(0)
	for {
		m, err := w.next() // chunk sizes stand between the lines, but in no field we look at
		if err != nil {
			break
		}
		if m.name == "JobAssigned" {
			p, err := events.ParsePosition(m.id)
			if err != nil || p.Pos != last+1 {
				t.Fatalf("frozen reader got %s after %d", m.id, last)
			}
			last = p.Pos
		}
	}
	if last >= frozenFrames {
		t.Fatal("the frozen reader got everything: the test proves nothing")
	}
	back, _ := b.follow(t, "s=dispatch/north", at(last).String())
	for pos := last + 1; pos <= frozenFrames; pos++ {
		if m := back.wants(t, "JobAssigned", at(pos)); m.data != data {
			t.Fatalf("event %d is not whole", pos)
		}
	}
}

// A reader that is only slow goes back to the log, and is ended when it falls
// behind again before it has caught up.
func TestSlowReaderIsEvicted(t *testing.T) {
	t.Parallel()
	j := &journal{}
	replaying, release := make(chan struct{}, 8), make(chan struct{})
	b := serve(t, broker.Options{QueueFrames: 4, Replay: held(j, replaying, release)})
	w, _ := b.follow(t, "s=dispatch/north", "")
	<-replaying
	pos := int64(0)
	publish := func(n int) {
		for range n {
			pos++
			ev := assigned(pos, "x", north)
			j.append(ev)
			if _, err := b.Publish(ev); err != nil {
				t.Fatal(err)
			}
		}
	}
	publish(5)            // overflows while the first replay hangs
	release <- struct{}{} // it ends, with all five
	<-replaying           // back to the log, because of the overflow
	publish(5)            // and overflows again
	release <- struct{}{} // the second replay ends
	b.ends(t, broker.EndEvicted)
	got := int64(0)
	for {
		m, err := w.domain()
		if err != nil {
			break
		}
		got++
		if m.id != at(got).String() {
			t.Fatalf("got %s as number %d", m.id, got)
		}
	}
	if got != 5 && got != 10 {
		t.Errorf("got %d events before the end", got)
	}
}

// held is the log of j, which says that it is asked and waits to be let go.
func held(j *journal, asked chan<- struct{}, release <-chan struct{}) broker.ReplayFunc {
	return func(ctx context.Context, streams []events.Stream, after events.Position) (broker.Replayed, error) {
		asked <- struct{}{}
		select {
		case <-release:
		case <-ctx.Done():
		}
		return j.replay(ctx, streams, after)
	}
}

// A frame that is larger than the queue comes from the log. Whoever gets the
// next one before he is wholly up to date is ended, and has it when he comes back.
func TestFrameLargerThanTheQueue(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{QueueBytes: 1000})
	w, _ := b.follow(t, "s=dispatch/north", "")
	for pos := int64(1); pos <= 3; pos++ { // none fits the queue
		b.publish(t, assigned(pos, strings.Repeat("x", 2000), north))
		m, err := w.domain()
		if errors.Is(err, io.EOF) {
			b.ends(t, broker.EndEvicted)
			w, _ = b.follow(t, "s=dispatch/north", at(pos-1).String())
			m, err = w.domain()
		}
		if err != nil || m.id != at(pos).String() {
			t.Fatalf("got %q, %v, want %s", m, err, at(pos))
		}
	}
}
