package relay

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"smartscheduler/events"
	"smartscheduler/events/broker"
)

// The reasons for a resync. A client that gets one reloads its content.
const (
	// ResyncEpoch: the position is of another history, a restored backup's.
	ResyncEpoch = "epoch"
	// ResyncFuture: the log has not come so far.
	ResyncFuture = "future"
	// ResyncTooOld: the streams missed more than 1,000 events.
	ResyncTooOld = "too-old"
	// ResyncMalformed: the position could not be read at all.
	ResyncMalformed = "malformed"
	// ResyncRender: an event that was missed cannot be rendered.
	ResyncRender = "render"
)

const (
	// replayLimit bounds the events of one replay.
	replayLimit = 1000
	// replayReach bounds how far back a replay of dispatchers looks at all,
	// because it may have to read all events since then.
	replayReach = 100_000
)

// Replay returns what streams missed after a position, rendered as it is now.
// It is a broker.ReplayFunc: its answer is complete up to at least what had
// been published when it was called. Callers who ask the same share an answer.
// It waits for the first Run to have found the head of the log.
func (r *Relay) Replay(ctx context.Context, streams []events.Stream, after events.Position) (broker.Replayed, error) {
	select {
	case <-r.started:
	case <-ctx.Done():
		return broker.Replayed{}, fmt.Errorf("replay after %s: relay has not started: %w", after, ctx.Err())
	}
	// From memory, and read by each caller after it subscribed: what is after
	// claimed will be published live, what is not can be read.
	upTo := *r.claimed.Load()
	answer, decided := judge(streams, after, upTo)
	if !decided {
		var err error
		if answer, err = r.find(ctx, streams, after, upTo); err != nil {
			return broker.Replayed{}, fmt.Errorf("replay after %s: %w", after, err)
		}
	}
	if answer.Resync != "" {
		r.opts.Metrics.Resynced(answer.Resync)
	}
	return answer, nil
}

// judge answers what needs no look at the log.
func judge(streams []events.Stream, after, upTo events.Position) (answer broker.Replayed, decided bool) {
	resync := func(reason string) (broker.Replayed, bool) {
		return broker.Replayed{Resync: reason, UpTo: upTo}, true
	}
	switch {
	case after.Epoch == 0:
		return resync(ResyncMalformed)
	case after.Epoch != upTo.Epoch:
		return resync(ResyncEpoch)
	case after.Pos == upTo.Pos:
		return broker.Replayed{UpTo: upTo}, true
	case upTo.Pos-after.Pos > replayReach && !onlyContractors(streams):
		return resync(ResyncTooOld)
	}
	return broker.Replayed{}, false
}

// find answers from the log. For those who are ahead of us it does not matter
// what they follow, so that they share more.
func (r *Relay) find(ctx context.Context, streams []events.Stream, after, upTo events.Position) (broker.Replayed, error) {
	if after.Pos > upTo.Pos {
		return r.replays.do(ctx, replayKey{after: after.Pos, upTo: upTo}, func(ctx context.Context) (broker.Replayed, error) {
			return r.ahead(ctx, after, upTo)
		})
	}
	return r.replays.do(ctx, replayKey{joined(streams), after.Pos, upTo}, func(ctx context.Context) (broker.Replayed, error) {
		return r.read(ctx, streams, after.Pos, upTo)
	})
}

// ahead answers who is after upTo: a page that was read a moment ago may be ahead
// of what we published.
func (r *Relay) ahead(ctx context.Context, after, upTo events.Position) (broker.Replayed, error) {
	head, err := r.opts.Log.Head(ctx)
	switch {
	case err != nil:
		return broker.Replayed{}, err
	case after.Pos > head.Pos || after.Epoch != head.Epoch:
		return broker.Replayed{Resync: ResyncFuture, UpTo: upTo}, nil
	}
	return broker.Replayed{UpTo: after}, nil
}

func onlyContractors(streams []events.Stream) bool {
	return !slices.ContainsFunc(streams, func(s events.Stream) bool { return s.ContractorID() == "" })
}

// read reads and renders the events of streams in (after, upTo].
func (r *Relay) read(ctx context.Context, streams []events.Stream, after int64, upTo events.Position) (broker.Replayed, error) {
	evs, err := r.opts.Log.Replay(ctx, streams, after, upTo.Pos, replayLimit+1)
	if err != nil {
		return broker.Replayed{}, err
	}
	r.opts.Metrics.Replayed(len(evs))
	if len(evs) > replayLimit {
		return broker.Replayed{Resync: ResyncTooOld, UpTo: upTo}, nil
	}
	asked := func(s events.Stream) bool { return slices.Contains(streams, s) }
	batch := newSheet()
	for _, e := range evs {
		for _, s := range streamsOf(e) {
			if asked(s) {
				batch.add(s, e)
			}
		}
	}
	if err := r.render(ctx, batch); err != nil {
		return broker.Replayed{}, err
	}
	answer := broker.Replayed{UpTo: upTo}
	for _, e := range evs {
		event, problem := r.compose(ctx, batch, e, asked)
		if problem != nil {
			return broker.Replayed{Resync: ResyncRender, UpTo: upTo}, nil
		}
		event.Parts = slices.DeleteFunc(event.Parts, func(p broker.Part) bool { return !asked(p.Stream) })
		answer.Events = append(answer.Events, event)
	}
	return answer, nil
}

// joined names a set of streams, whatever their order.
func joined(streams []events.Stream) string {
	names := make([]string, len(streams))
	for i, s := range streams {
		names[i] = string(s)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}
