package main

import (
	"context"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
)

// lookTime bounds each look of the relay at the log. The next one comes within
// a second, so what was missed is delivered soon after an outage.
const lookTime = 3 * time.Second

// relayLog is the log as the relay uses it. It keeps replays, which many
// readers may ask for at once, from waiting for the tail, which everybody waits
// for.
type relayLog struct {
	*db.DB
	replays *db.DB
	outage  *outage
}

// Sequence implements relay.Log.
func (l relayLog) Sequence(ctx context.Context, atMost int) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	return l.DB.Sequence(ctx, atMost)
}

// Head implements relay.Log. The relay asks it while rendering fails or takes
// long, when nothing else shows whether the log is there.
func (l relayLog) Head(ctx context.Context) (events.Position, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	head, err := l.DB.Head(ctx)
	if err == nil {
		l.outage.seen()
	}
	return head, err
}

// Confirm implements relay.Log.
func (l relayLog) Confirm(ctx context.Context, at events.Position, eventID string) (events.Position, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	return l.DB.Confirm(ctx, at, eventID)
}

// After implements relay.Log. Each round of the relay ends with it, so it shows
// whether changes can be seen.
func (l relayLog) After(ctx context.Context, pos int64, limit int) ([]events.Logged, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	logged, err := l.DB.After(ctx, pos, limit)
	if err == nil {
		l.outage.seen()
	}
	return logged, err
}

// Replay implements relay.Log on the pool for replays.
func (l relayLog) Replay(ctx context.Context, streams []events.Stream, after, upTo int64, limit int) ([]events.Logged, error) {
	return l.replays.Replay(ctx, streams, after, upTo, limit)
}

// NotifyRelays implements relay.Notifier.
func (l relayLog) NotifyRelays(ctx context.Context, channel, message string) error {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	return l.DB.NotifyRelays(ctx, channel, message)
}
