package broker

import (
	"context"

	"smartscheduler/events"
)

// Format is what a connection gets as the data of an event.
type Format int

// The two formats. Ids and order are the same in both.
const (
	HTML Format = iota
	JSON
)

// Part is what one stream shows of one event, in both formats. Empty bytes
// mean that there is nothing to show; the frame is sent all the same, because
// ids must be the same everywhere. In Publish a nil field means "not rendered,
// because Wanted said no": connections of the stream that came since then are
// sent back to the log.
type Part struct {
	Stream     events.Stream
	HTML, JSON []byte
}

// Event is one event of the log with what each of its streams shows of it.
type Event struct {
	Position events.Position
	Kind     events.Kind
	Parts    []Part
}

// Replayed is the answer of a ReplayFunc.
type Replayed struct {
	// Events are those of the streams asked for after the position, in order.
	Events []Event
	// UpTo is the position up to which Events is complete. It may be ahead of
	// what was published live; what follows live is compared with it.
	UpTo events.Position
	// Resync, if not empty, is the reason why the log cannot continue from the
	// position: Events is ignored and the client reloads from UpTo on.
	Resync string
}

// ReplayFunc reads from the log what the streams missed after a position. It
// must read after it was called: an answer that was read before may lack what
// was published between. A position that is of another epoch (0 stands for one
// that could not be parsed), ahead of the log or too old is no error but a
// Resync. An error means that the log cannot be read now. The Parts of the
// answer are only read, so that one answer may serve several callers.
type ReplayFunc func(ctx context.Context, streams []events.Stream, after events.Position) (Replayed, error)
