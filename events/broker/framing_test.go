package broker_test

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"smartscheduler/events"
	"smartscheduler/events/broker"
)

// pieces are what a forged frame is made of.
var pieces = []string{"\r", "\n", "\r\n", "\r\r", "\n\n", "id: 9", "id:", "event: JobUnassigned", "data: x", "data:", "retry: 1", ":", ": c", " ", "\x00", "\ufeff", "é", "<li>", "\u2028", "\x85"}

func payload(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(9) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

// asSeen is what a client must see of a payload: every line end is LF, and what
// is empty is a space.
func asSeen(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	if s == "" {
		return " "
	}
	return s
}

func TestNoPayloadForgesAFrame(t *testing.T) {
	t.Parallel()
	const total, window = 20_000, 100
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	b := serve(t, broker.Options{Heartbeat: time.Hour}) // on a busy machine the test lasts longer than the usual one
	w, _ := b.follow(t, "s=dispatch/north", "")
	pos := int64(0)
	for range total / window {
		var sent [window]string
		for i := range sent {
			pos++
			sent[i] = payload(r)
			ev := assigned(pos, sent[i], north)
			if _, err := b.Publish(ev); err != nil {
				t.Fatal(err)
			}
		}
		for i, s := range sent {
			m := w.wants(t, "JobAssigned", at(pos-window+1+int64(i)))
			if m.data != asSeen(s) || m.retry != "" {
				t.Fatalf("payload %q came as %q", s, m)
			}
		}
	}
}

// The control: the library alone lets some of the same payloads through.
func TestLibraryAloneLetsPayloadsForge(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	forged := 0
	for range 300 {
		s := payload(r)
		if s == "" {
			continue
		}
		w := newWire(library(t, ours, "", event("1", s)).Body)
		m, err := w.next()
		if err != nil || m.id != "1" || m.name != "" || m.data != asSeen(s) {
			forged++
		}
	}
	if forged == 0 {
		t.Fatal("no payload forged anything: the property test proves nothing")
	}
}

// A kind of a newer build has no name that this build may write.
func TestUnknownKindHasNoName(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{})
	w, _ := b.follow(t, "s=dispatch/north", "")
	ev := assigned(1, "x", north)
	ev.Kind = "JobForged\nid: 9"
	b.publish(t, ev)
	if m := w.wants(t, "", at(1)); m.data != "x" {
		t.Fatalf("data = %q", m.data)
	}
}

// armed makes the library panic inside a tap at the next write.
type armed struct {
	http.ResponseWriter
	now *atomic.Bool
}

func (a armed) Flush() { a.ResponseWriter.(http.Flusher).Flush() }

func (a armed) Write(p []byte) (int, error) {
	if a.now.CompareAndSwap(true, false) {
		panic("broken library")
	}
	return a.ResponseWriter.Write(p)
}

func TestPanicInTheLibrary(t *testing.T) {
	t.Parallel()
	var now atomic.Bool
	b := serve(t, broker.Options{})
	broker.WrapLibrary(b.Broker, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(armed{w, &now}, r) })
	})
	w, _ := b.follow(t, "s=dispatch/north", "")
	b.publish(t, assigned(1, "x", north))
	w.wants(t, "JobAssigned", at(1))

	now.Store(true)
	ev := assigned(2, "y", north)
	b.journal.append(ev)
	if n, err := b.Publish(ev); err == nil || n != 0 {
		t.Fatalf("publish = %d, %v, want an error", n, err)
	}
	w.wants(t, "JobAssigned", at(2)) // from the log
	b.publish(t, assigned(3, "z", north))
	w.wants(t, "JobAssigned", at(3))
}

func TestPublishRefusesTheWrongOrder(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{})
	b.publish(t, assigned(5, "x", north))
	for _, p := range []events.Position{at(5), at(4), at(0), {Epoch: epoch, Pos: -1}, {Pos: 6}, {Epoch: -1, Pos: 6}} {
		ev := assigned(1, "x", north)
		ev.Position = p
		if _, err := b.Publish(ev); !errors.Is(err, broker.ErrOrder) {
			t.Errorf("publish %s = %v, want ErrOrder", p, err)
		}
	}
}
