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
	// lateAfter is how long a committed event may wait to be published before the
	// pages say so, and lateEvery the time between two checks of that.
	lateAfter = 4 * time.Second
	lateEvery = time.Second
)

// outage knows when the log was last seen.
type outage struct {
	last atomic.Pointer[time.Time]
	// late and every are lateAfter and lateEvery, but in tests.
	late, every time.Duration
}

func newOutage() *outage {
	o := &outage{late: lateAfter, every: lateEvery}
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

// lateness tells the streams when events are committed and not published, and when
// they are again, until ctx ends. Such a look shows, too, that the database is
// there, whatever the relay does.
func (o *outage) lateness(ctx context.Context, b *broker.Broker, log *db.DB) error {
	tick := time.NewTicker(o.every)
	defer tick.Stop()
	looks, late := 0, false // how many looks in a row found something that waits too long
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		look, cancel := context.WithTimeout(ctx, lookTime)
		age, err := log.OldestAfter(look, b.Head())
		cancel()
		if err != nil {
			continue // then the database is away, which is said elsewhere
		}
		o.seen()
		if looks++; age <= o.late {
			looks = 0
		}
		// An event is as old as its transaction, and that may have been a long one.
		now := looks > 1
		if now == late {
			continue
		}
		late = now
		b.SetDelayed(late)
		if late {
			slog.WarnContext(ctx, "live updates are delayed", "by", age.Round(time.Second))
		} else {
			slog.InfoContext(ctx, "live updates are in time again")
		}
	}
}
