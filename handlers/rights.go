package handlers

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"smartscheduler/events"
)

const (
	// lookAgain is the longest time between two looks at the rights of open
	// streams, lookPause the shortest.
	lookAgain = 2 * time.Second
	lookPause = 100 * time.Millisecond
	// lookTime bounds one look.
	lookTime = 5 * time.Second
	// unknownFor is how long streams live on while the database cannot say
	// whether they still may.
	unknownFor = time.Minute
)

// streamRights remembers with which rights each open stream was admitted. The
// streams of a session may have been admitted with different ones.
type streamRights struct {
	// changed is signalled when somebody's rights may have changed.
	changed chan struct{}

	mu       sync.Mutex
	admitted map[*Principal]struct{}
}

// admit notes the rights with which a stream is opened, until the stream has
// ended and calls leave.
func (r *streamRights) admit(p Principal) (leave func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.admitted == nil {
		r.admitted = make(map[*Principal]struct{})
	}
	r.admitted[&p] = struct{}{}
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.admitted, &p)
	}
}

// bySession lists what is noted, by session key.
func (r *streamRights) bySession() map[string][]Principal {
	r.mu.Lock()
	defer r.mu.Unlock()
	noted := make(map[string][]Principal)
	for p := range r.admitted {
		noted[p.SessionKey] = append(noted[p.SessionKey], *p)
	}
	return noted
}

// RightsChanged makes WatchRights look at once. It never blocks; many calls may
// bring one look.
func (h *Handlers) RightsChanged() {
	select {
	case h.rights.changed <- struct{}{}:
	default:
	}
}

// WatchRights looks after the open streams until ctx ends, when rights have
// changed and every two seconds: who has lost his session is told so and cut
// off, who has other rights now is sent to connect again, and when the database
// cannot say for a minute all are told to stay away for a while.
func (h *Handlers) WatchRights(ctx context.Context) error {
	tick := time.NewTicker(h.lookAgain)
	defer tick.Stop()
	known := h.now()
	for h.lookDue(ctx, tick.C) {
		err := h.checkRights(ctx)
		switch {
		case err == nil:
			known = h.now()
		case ctx.Err() == nil && h.now().Sub(known) > unknownFor:
			h.log.ErrorContext(ctx, "streams ended: their rights cannot be checked", "err", err)
			for _, key := range h.broker.Keys() {
				h.broker.Suspend(key)
			}
		}
	}
	return nil
}

// lookDue waits until it is time for a look; it returns false when ctx ends.
// However many changes there are, they bring ten looks in a second.
func (h *Handlers) lookDue(ctx context.Context, tick <-chan time.Time) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(lookPause):
	}
	because := "called"
	select {
	case <-ctx.Done():
		return false
	case <-h.rights.changed:
	case <-tick:
		because = "time"
	}
	h.metrics.looks.WithLabelValues(because).Inc()
	return true
}

// checkRights compares what every open stream was admitted with to what its
// caller may now, with one query for all. Where that differs for one stream,
// all of its session are sent to connect again.
func (h *Handlers) checkRights(ctx context.Context) error {
	noted := h.rights.bySession()
	if len(noted) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	active, lost, err := h.db.ActiveKeys(ctx, slices.Collect(maps.Keys(noted)), h.now())
	if err != nil {
		return fmt.Errorf("rights of open streams: %w", err)
	}
	for key, admitted := range noted {
		account, stands := active[key]
		now := PrincipalOf(account)
		switch {
		case !stands:
			h.broker.EndSession(key, cmp.Or(lost[key], events.LossSignedOut))
		case slices.ContainsFunc(admitted, func(was Principal) bool { return !reflect.DeepEqual(was, now) }):
			h.broker.EndSession(key, events.LossRights)
		}
	}
	return nil
}
