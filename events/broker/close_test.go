package broker_test

import (
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"smartscheduler/events/broker"
)

// After hundreds of connections on many topics have gone, and after Close, no
// goroutine is left; goleak in TestMain says the same for every other test.
func TestGoroutinesComeBackToBaseline(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 3 {
		b := broker.New(broker.Options{Log: quiet()})
		b.SetHead(at(1))
		for i := range 50 {
			req := northern
			if i%2 == 0 {
				req.Format = broker.JSON
			}
			m := attach(t, b, req)
			defer m.leave()
			go io.Copy(io.Discard, m.wire.r)
			if i%5 == 0 {
				m.leave()
			}
		}
		if _, err := b.Publish(assigned(2, "x", north)); err != nil {
			t.Fatal(err)
		}
		if n := b.Streams(); n != 40 {
			t.Errorf("streams = %d, want 40", n)
		}
		go b.Close()
		b.Close()
		if n := b.Streams(); n != 0 {
			t.Errorf("streams = %d after Close", n)
		}
	}
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("goroutines = %d, want %d", runtime.NumGoroutine(), before)
		}
	}
}

func TestServeWhileDraining(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{})
	if err := b.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	w, err := b.connect(t.Context(), "s=dispatch/north", at(0).String())
	if err != nil {
		t.Fatal(err)
	}
	w.wants(t, "bye", at(0))
	w.wantsEnd(t)
}

// After Close there is nobody who makes frames; the answer must still be one
// after which a browser comes back.
func TestServeAfterClose(t *testing.T) {
	t.Parallel()
	b := broker.New(broker.Options{Log: quiet()})
	b.Close()
	rec := httptest.NewRecorder()
	if err := b.Serve(t.Context(), rec, northern); err != nil {
		t.Fatal(err)
	}
	if rec.Code != 200 || rec.Header().Get("Content-Type") != "text/event-stream; charset=utf-8" || rec.Body.String() != "retry: 2000\n\n" {
		t.Fatalf("answer = %d %q %q", rec.Code, rec.Header(), rec.Body)
	}
	if n, err := b.Publish(assigned(1, "x", north)); n != 0 || err != nil {
		t.Errorf("publish = %d, %v", n, err)
	}
}

func TestDrainSaysByeAfterWhatIsQueued(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{})
	w, _ := b.follow(t, "s=dispatch/north", "")
	for pos := int64(1); pos <= 50; pos++ {
		b.publish(t, assigned(pos, "x", north))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	drained := make(chan error, 1)
	go func() { drained <- b.Drain(ctx) }()
	for pos := int64(1); pos <= 50; pos++ {
		w.wants(t, "JobAssigned", at(pos))
	}
	w.wants(t, "bye", at(50))
	w.wantsEnd(t)
	if err := <-drained; err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	b.ends(t, broker.EndBye)
}
