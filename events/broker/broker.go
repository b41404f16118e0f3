// Package broker fans events out to open SSE streams.
//
// Every event is framed once for each group of like connections (see topic) by
// r3labs/sse, which never sees a socket: its only subscriber is a writer in
// memory. The framed bytes are offered to the bounded queue of each
// connection, and the goroutine that net/http runs for the connection is the
// only one that writes to it. So a reader that stops reading costs its own
// connection and nothing else.
package broker

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

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

// Options configure a Broker. The zero value of each field is usable.
type Options struct {
	// QueueFrames and QueueBytes bound what waits for one connection; 0 means
	// 256 frames and 1 MiB.
	QueueFrames, QueueBytes int
	// WriteTimeout ends a connection whose write makes no end; 0 means 5 s.
	WriteTimeout time.Duration
	// Heartbeat is the time between two hb frames; 0 means 15 s.
	Heartbeat time.Duration
	// Lifetime ends a connection with bye after a random 0.8 to 1.0 of it, so
	// that reconnects are spread; 0 means never.
	Lifetime time.Duration
	// DrainSpread is the time over which Drain spreads the ends of the
	// connections; 0 means all at once.
	DrainSpread time.Duration
	// ReplayTimeout bounds one call of Replay; 0 means 10 s.
	ReplayTimeout time.Duration
	// MaxStreams and MaxPerKey bound the open connections, of all and of one
	// Request.Key; 0 means no bound. What exceeds them is answered by Refuse.
	MaxStreams, MaxPerKey int
	// Build names the running build to the pages, which reload when it changes.
	Build string
	// Replay reads the log; nil means that there is no history, so that every
	// position but the head is answered by a resync.
	Replay ReplayFunc
	// Now tells the time; nil means time.Now.
	Now func() time.Time
	// Log gets what went wrong; nil means slog.Default.
	Log *slog.Logger
	// Metrics gets counts; nil means nobody counts.
	Metrics Metrics
}

// Metrics counts what the broker does. Its methods are called from many
// goroutines and must not block.
type Metrics interface {
	// StreamOpened and StreamClosed count connections by Request.Audience.
	StreamOpened(audience string)
	StreamClosed(audience string, why End)
	// Lagged counts queues that overflowed or missed an event, so that the
	// connection went back to the log.
	Lagged(audience string)
	// Resynced counts resync frames by reason.
	Resynced(reason string)
	// Replayed counts events that were sent from the log.
	Replayed(events int)
	// Written counts one write of several frames to a connection.
	Written(frames, bytes int)
}

// End says why a connection ended.
type End string

// The reasons of StreamClosed.
const (
	EndClient      End = "client"        // the client went away
	EndWrite       End = "write"         // a write failed or made no end in time
	EndEvicted     End = "evicted"       // overflowed again before it had caught up
	EndBye         End = "bye"           // drained or too old
	EndSession     End = "session-ended" // by EndSession
	EndUnavailable End = "unavailable"   // the log could not be read, or by EndSession
	EndRefused     End = "refused"       // over a bound of Options
)

// Request is one client's wish to follow streams. Whether it may is decided
// before.
type Request struct {
	// Streams are the streams to follow, at least one, in any order.
	Streams []events.Stream
	Format  Format
	// After is the raw Last-Event-ID or ?after=; empty means from now on.
	After string
	// Key groups connections for EndSession and MaxPerKey; empty means none.
	Key string
	// Audience is the label for Metrics: dispatcher, contractor, kiosk.
	Audience string
}

// ErrNoStreams is returned by Serve before anything is written.
var ErrNoStreams = errors.New("no streams asked for")

// ErrOrder is returned by Publish for a position at or before the last one.
var ErrOrder = errors.New("event is not after the last one published")

// Broker holds the open connections. Use New.
type Broker struct{ mu sync.Mutex }

// New starts a broker; end it with Close.
func New(Options) *Broker { return nil }

// Wanted tells whether any connection shows s.
func (b *Broker) Wanted(events.Stream) bool { return false }

// Publish offers an event to every connection that shows one of its parts and
// returns how many that are. It never waits for a socket.
func (b *Broker) Publish(Event) (int, error) { return 0, nil }

// SetHead tells the position up to which everything was published.
func (b *Broker) SetHead(events.Position) {}

// Head is the position up to which everything was published.
func (b *Broker) Head() events.Position { return events.Position{} }

// SetDegraded sets what heartbeats tell about the health of the service.
func (b *Broker) SetDegraded(bool) {}

// Serve answers one stream request and returns when the stream ends.
func (b *Broker) Serve(ctx context.Context, w http.ResponseWriter, req Request) error { return nil }

// Refuse answers a stream request with `unavailable` and a time to stay away.
func (b *Broker) Refuse(w http.ResponseWriter, req Request, retry time.Duration) error { return nil }

// EndSession ends the connections of a key with a control frame and returns
// how many that were.
func (b *Broker) EndSession(key string, c events.Control) int { return 0 }

// Keys lists the keys that have open connections.
func (b *Broker) Keys() []string { return nil }

// Streams is the number of open connections.
func (b *Broker) Streams() int { return 0 }

// Drain ends every connection with bye and refuses new ones.
func (b *Broker) Drain(ctx context.Context) error { return nil }

// Close drains at once, waits, and ends the broker's goroutines.
func (b *Broker) Close() {}
