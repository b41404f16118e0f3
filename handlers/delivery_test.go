package handlers_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/events/relay"
	"smartscheduler/handlers"
)

// TestFault05PostDoesNotWait: an assignment is answered although nothing can
// be delivered, and is delivered when it can be.
func TestFault05PostDoesNotWait(t *testing.T) {
	t.Parallel()
	t.Run("NoRelay", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		ann := o.person(handlers.RoleDispatcher, "Ann", "north")
		j, lee := o.addJob("north", soonDay()), o.addContractor("north", "Lee")
		wantStatus(t, ann.assign(j, lee, soonDay()+"T09:00"), http.StatusOK)
		if n := o.count(`select count(*) from event_log where pos is null and event_type = 'JobAssigned'`); n != 1 {
			t.Errorf("%d events wait, want 1", n)
		}
		// What was logged while nothing ran reaches who asks for it afterwards.
		zero := events.Position{Epoch: int64(o.count(`select epoch from event_head`))}
		address := o.live()
		f := o.follow(address, ann, "/streams/dispatch/north?after="+zero.String())
		wantKinds(t, f, []events.Kind{events.KindJobCreated, events.KindJobAssigned})
	})
	t.Run("BlockedRendering", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		g := &blocked{fragments: handlers.Fragments{DB: o.replayDB}, entered: make(chan struct{}, 100), open: make(chan struct{})}
		o.relay = relay.New(relay.Options{Log: o.relayDB, Fragments: g, Broker: o.broker, Wake: o.db.Wake(), RenderTimeout: time.Hour})
		address := o.live()
		ann := o.person(handlers.RoleDispatcher, "Ann", "north")
		f := o.follow(address, ann, "/streams/dispatch/north")
		lee := o.addContractor("north", "Lee")
		first := o.addJob("north", soonDay())
		<-g.entered // the relay is stuck from here on
		wantStatus(t, ann.assign(first, lee, soonDay()+"T09:00"), http.StatusOK)
		wantStatus(t, ann.change(o, first.id, "removal"), http.StatusOK)
		close(g.open)
		wantKinds(t, f, []events.Kind{events.KindJobCreated, events.KindJobAssigned, events.KindJobUnassigned})
	})
	t.Run("FrozenReader", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		address := o.live()
		ann := o.person(handlers.RoleDispatcher, "Ann", "north")
		o.freeze(address, ann, "/streams/dispatch/north")
		f := o.follow(address, ann, "/streams/dispatch/north")
		lee := o.addContractor("north", "Lee")
		j := o.addJob("north", soonDay(), func(n *db.NewJob) { n.Notes = strings.Repeat("x", 1000) })
		kinds := []events.Kind{events.KindJobCreated}
		for range 30 {
			wantStatus(t, ann.assign(o.jobNow(j.id), lee, soonDay()+"T09:00"), http.StatusOK)
			wantStatus(t, ann.change(o, j.id, "removal"), http.StatusOK)
			kinds = append(kinds, events.KindJobAssigned, events.KindJobUnassigned)
		}
		wantKinds(t, f, kinds)
	})
}

// blocked renders nothing before it is opened.
type blocked struct {
	fragments relay.Fragments
	entered   chan struct{}
	open      chan struct{}
}

func (g *blocked) Fragments(ctx context.Context, wants []relay.Want) ([][]byte, error) {
	g.entered <- struct{}{}
	select {
	case <-g.open:
		return g.fragments.Fragments(ctx, wants)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
