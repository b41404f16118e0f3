package relay

import (
	"context"
	"fmt"
	"slices"

	"smartscheduler/events"
	"smartscheduler/events/broker"
)

// tail publishes what has a position after the cursor, in order. It returns
// false when the log or the database behind Fragments cannot be read, or when the
// log was replaced; the cursor then stands where it will go on.
func (r *Relay) tail(ctx context.Context) bool {
	for ctx.Err() == nil {
		evs, err := r.next(ctx)
		r.failing.note(ctx, "tail", err)
		if err != nil {
			return false
		}
		if len(evs) == 0 {
			return true
		}
		err = r.deliver(ctx, evs)
		r.failing.note(ctx, "render", err)
		if err != nil {
			return false
		}
		if len(evs) < batchSize {
			return true
		}
	}
	return true
}

// next reads the events after the cursor. It reads the last one that was
// published with them, so that a log which was replaced is noticed before
// anything of it is published at a position that readers know already.
func (r *Relay) next(ctx context.Context) ([]events.Logged, error) {
	if r.cursor.Pos == 0 {
		evs, err := r.opts.Log.After(ctx, 0, batchSize)
		if err == nil && len(evs) > 0 && evs[0].Position.Epoch != r.cursor.Epoch {
			return nil, errReplaced
		}
		return evs, err
	}
	evs, err := r.opts.Log.After(ctx, r.cursor.Pos-1, batchSize+1)
	switch {
	case err != nil:
		return nil, err
	case len(evs) == 0 || evs[0].Position != r.cursor || r.cursorEvent != "" && evs[0].EventID != r.cursorEvent:
		return nil, errReplaced
	}
	r.cursorEvent = evs[0].EventID
	return evs[1:], nil
}

// deliver renders and publishes a batch. An error means that nothing of it was
// published.
func (r *Relay) deliver(ctx context.Context, evs []events.Logged) error {
	last := evs[len(evs)-1].Position
	r.claim(last) // before anybody is asked for Wanted
	wanted := map[events.Stream]bool{}
	batch := newSheet()
	for _, e := range evs {
		for _, s := range streamsOf(e) {
			if _, known := wanted[s]; !known {
				wanted[s] = r.opts.Broker.Wanted(s)
			}
			if wanted[s] {
				batch.add(s, e)
			}
		}
	}
	if err := r.render(ctx, batch); err != nil {
		return err
	}
	receivers := 0
	for _, e := range evs {
		event, problem := r.compose(ctx, batch, e, func(s events.Stream) bool { return wanted[s] })
		receivers += r.publish(ctx, event, problem)
		r.cursor, r.cursorEvent = e.Position, e.EventID
	}
	r.opts.Broker.SetHead(last)
	r.opts.Metrics.Delivered(len(evs), receivers, r.opts.Now().Sub(evs[0].CreatedAt))
	return nil
}

// streamsOf returns the streams that an event belongs on: those it was logged
// for, each dispatch stream followed by its kiosk stream.
func streamsOf(e events.Logged) []events.Stream {
	streams := make([]events.Stream, 0, 2*len(e.PublishedTo))
	for _, s := range e.PublishedTo {
		if slices.Contains(streams, s) {
			continue
		}
		streams = append(streams, s)
		if s.IsDispatch() {
			streams = append(streams, events.KioskStream(s.Region()))
		}
	}
	return streams
}

// compose builds what the broker gets of one event. A part stays nil when
// nobody wanted it, and when it could not be rendered: the broker sends those
// who want it now back to the log, and Replay tells them to reload if it still
// cannot be rendered. So nobody keeps an old card without knowing.
func (r *Relay) compose(ctx context.Context, rendered *sheet, e events.Logged, want func(events.Stream) bool) (event broker.Event, problem error) {
	event = broker.Event{Position: e.Position, Kind: e.Kind}
	payloads := map[bool][]byte{}
	for _, s := range streamsOf(e) {
		part := broker.Part{Stream: s}
		if want(s) {
			var err error
			if part.HTML, err = rendered.get(s, e); err != nil {
				problem = err
			}
			if part.JSON, err = payload(payloads, s, e); err != nil {
				problem = err
			}
		}
		event.Parts = append(event.Parts, part)
	}
	if problem != nil {
		r.opts.Metrics.Failed("render")
		r.opts.Trouble("event", fmt.Errorf("event %d cannot be rendered: %w", e.Position.Pos, problem))
		r.opts.Logger.ErrorContext(ctx, "relay: an event cannot be rendered, its readers are told to reload",
			"pos", e.Position.Pos, "event_id", e.EventID, "job_id", e.JobID, "error", problem)
	}
	return event, problem
}

// payload returns the JSON that s may see of e. Dispatchers see one form, all
// others another, so two are made of one event at most.
func payload(made map[bool][]byte, s events.Stream, e events.Logged) ([]byte, error) {
	if json, ok := made[s.IsDispatch()]; ok {
		return json, nil
	}
	json, err := e.JSON(s)
	if err != nil {
		return nil, err
	}
	made[s.IsDispatch()] = json
	return json, nil
}

// publish hands one event to the broker and notes it. Who misses it because of an
// error has been sent back to the log by the broker.
func (r *Relay) publish(ctx context.Context, event broker.Event, problem error) (receivers int) {
	receivers, err := r.opts.Broker.Publish(event)
	if err != nil {
		r.opts.Metrics.Failed("publish")
		r.opts.Trouble("publish", err)
		r.opts.Logger.ErrorContext(ctx, "relay: the broker could not publish an event to all", "pos", event.Position.Pos, "error", err)
		problem = err
	}
	r.note(event.Position, receivers, problem)
	return receivers
}
