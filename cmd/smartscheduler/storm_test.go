package main

import (
	"io"
	"slices"
	"testing"

	"golang.org/x/sync/errgroup"
)

const (
	stormClients = 100
	stormMissed  = 100
	// stormReads is what a storm may read of the log: one read for all, and a few
	// more for those who come when something newer was published meanwhile.
	stormReads = 10
)

// TestP10SharedReplays shows that 100 clients who come back together after a
// restart, 100 events behind, get each of them once and in order, and that the
// log is read a few times for all of them, not once for each.
func TestP10SharedReplays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.job("north", "Tile the hall")
	first, sign := plainly(w)
	a := count(sign().ask(""))
	<-a.said
	start := w.touch(j, 1)
	eventually(t, "the stream has passed", func() bool { return a.upTo.Load() >= start })
	if code := first.stop(); code != 0 {
		t.Fatalf("ended with %d", code)
	}
	<-a.done
	_, last := a.events()

	second, sign := plainly(w)
	end := w.touch(j, stormMissed)
	signed := make([]*client, stormClients/perClient)
	for i := range signed {
		signed[i] = sign()
	}
	before := second.metric(w, "smartscheduler_relay_replay_reads_total")
	came := make([]*tally, stormClients)
	var all errgroup.Group
	for i := range came {
		all.Go(func() error {
			body, err := signed[i/perClient].open(t.Context(), last)
			if err == nil {
				came[i] = count(body)
			}
			return err
		})
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	want := w.logged(start)
	if len(want) != stormMissed {
		t.Fatalf("%d events were missed, not %d", len(want), stormMissed)
	}
	for i, c := range came {
		eventually(t, "a client has what it missed", func() bool { return c.upTo.Load() >= end })
		if got, _ := c.events(); !slices.Equal(got, want) {
			t.Errorf("client %d got %d events, not the %d that it missed, each once and in order", i, len(got), len(want))
		}
	}
	if reads := second.metric(w, "smartscheduler_relay_replay_reads_total") - before; reads < 1 || reads > stormReads {
		t.Errorf("the log was read %v times for %d clients, not at most %d times", reads, stormClients, stormReads)
	}
}

// TestP09StreamsLeaveNothing shows that an idle stream costs at most five
// goroutines and that all of them are gone when the streams are.
func TestP09StreamsLeaveNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := startChild(t, w.dsn)
	server := &process{t: t, stdout: p.stdout, log: p.log}
	signed := make([]*client, 5)
	for i := range signed {
		signed[i] = w.staff(p.base, "Ann")
	}
	before := server.metric(w, "go_goroutines")
	streams := make([]io.ReadCloser, len(signed)*perClient)
	for i := range streams {
		streams[i] = signed[i/perClient].ask("")
		<-count(streams[i]).said
	}
	more := server.metric(w, "go_goroutines") - before
	if most := 5 * len(streams); more > float64(most) {
		t.Errorf("%d streams cost %v goroutines, more than %d", len(streams), more, most)
	}
	for _, s := range streams {
		_ = s.Close()
	}
	for _, c := range signed {
		c.http.CloseIdleConnections()
	}
	eventually(t, "the goroutines are gone", func() bool { return server.metric(w, "go_goroutines") <= before+10 })
}
