package main

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"smartscheduler/db"
	"smartscheduler/events/broker"
)

const (
	// awayAfter is how long the log may not have been seen before the pages say
	// so. The relay looks at least once a second.
	awayAfter = 5 * time.Second
	// watchEvery is the time between two checks of that.
	watchEvery = 250 * time.Millisecond
)

// outage knows when the log was last seen.
type outage struct{ last atomic.Pointer[time.Time] }

func newOutage() *outage {
	o := &outage{}
	o.seen()
	return o
}

// seen notes that the log was read just now.
func (o *outage) seen() {
	now := time.Now()
	o.last.Store(&now)
}

// watch tells the streams when the log cannot be seen, and when it can again,
// until ctx ends. Pools forget their idle connections meanwhile, because those
// may be dead and hang whoever takes them first.
func (o *outage) watch(ctx context.Context, b *broker.Broker, pools ...*db.DB) error {
	o.seen()
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	away := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		since := time.Since(*o.last.Load())
		if (since > awayAfter) == away {
			continue
		}
		away = !away
		b.SetDegraded(away)
		if !away {
			slog.InfoContext(ctx, "the database is back")
			continue
		}
		slog.WarnContext(ctx, "the database is away", "since", since.Round(time.Second))
		for _, pool := range pools {
			pool.DropIdle()
		}
	}
}
