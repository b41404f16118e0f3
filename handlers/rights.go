package handlers

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
)

const (
	// lookAgain is the time between two looks at the rights of open streams.
	lookAgain = 2 * time.Second
	// unknownFor is how long streams live on while the database cannot say
	// whether they still may.
	unknownFor = time.Minute
)

// streamRights remembers with which rights the open streams were admitted.
type streamRights struct {
	mu       sync.Mutex
	admitted map[string]Principal // by session key
}

// admit notes the rights with which a stream was opened.
func (r *streamRights) admit(p Principal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.admitted == nil {
		r.admitted = make(map[string]Principal)
	}
	r.admitted[p.SessionKey] = p
}

// WatchRights looks after the open streams until ctx ends: who has lost his
// session is told so and cut off, who has other rights now is sent to connect
// again, and when the database cannot say for a minute all are told to stay
// away for a while.
func (h *Handlers) WatchRights(ctx context.Context) error {
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	known := h.now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		err := h.checkRights(ctx)
		switch {
		case err == nil:
			known = h.now()
		case ctx.Err() != nil:
			return nil
		case h.now().Sub(known) > unknownFor:
			h.log.ErrorContext(ctx, "streams ended: their rights cannot be checked", "err", err)
			for _, key := range h.broker.Keys() {
				h.broker.EndSession(key, events.ControlUnavailable)
			}
		}
	}
}

// checkRights compares what every open stream was admitted with to what its
// caller may now, with one query for all.
func (h *Handlers) checkRights(ctx context.Context) error {
	keys := h.broker.Keys()
	var accounts map[string]db.Account
	if len(keys) > 0 {
		var err error
		if accounts, err = h.db.ActiveKeys(ctx, keys, h.now()); err != nil {
			return fmt.Errorf("rights of open streams: %w", err)
		}
	}
	h.rights.mu.Lock()
	defer h.rights.mu.Unlock()
	open := make(map[string]Principal, len(keys))
	for _, key := range keys {
		was, noted := h.rights.admitted[key]
		account, active := accounts[key]
		switch {
		case !active:
			h.broker.EndSession(key, events.ControlSessionEnded)
		case noted && !reflect.DeepEqual(was, PrincipalOf(account)):
			h.broker.EndSession(key, events.ControlBye)
		case noted:
			open[key] = was
		}
	}
	h.rights.admitted = open
	return nil
}
