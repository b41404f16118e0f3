package broker

import (
	"cmp"
	"log/slog"
	"time"
)

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
	// MaxStreams, MaxPerKey and MaxPerAddress bound the open connections, of all,
	// of one Request.Key and of one Request.Address; 0 means no bound. What exceeds them is answered by Refuse.
	MaxStreams, MaxPerKey, MaxPerAddress int
	// Build names the running build to the pages, which reload when it changes.
	Build string
	// Replay reads the log; nil means that there is no history, so that every
	// position but the head is answered by a resync.
	Replay ReplayFunc
	// Now tells the time; nil means time.Now.
	Now func() time.Time
	// Clock is the time that hello and hb tell to clients whose own may be wrong;
	// nil means Now.
	Clock func() time.Time
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
	// StreamRefused counts requests that were answered without opening a stream.
	StreamRefused(audience string, why End)
	// Lagged counts queues that overflowed or missed an event, so that the
	// connection went back to the log.
	Lagged(audience string)
	// Resynced counts resync frames by reason.
	Resynced(reason string)
	// Replayed counts events that were sent from the log.
	Replayed(events int)
	// Written counts writes to connections, the frames in them and their bytes.
	Written(writes, frames, bytes int)
}

// End says why a connection ended.
type End string

// The reasons of StreamClosed, beside every events.Loss given to EndSession.
const (
	EndClient      End = "client"      // the client went away
	EndWrite       End = "write"       // a write failed or made no end in time
	EndEvicted     End = "evicted"     // overflowed again before it had caught up
	EndBye         End = "bye"         // drained or too old
	EndUnavailable End = "unavailable" // the log could not be read, or by Suspend
	EndRefused     End = "refused"     // over a bound of Options
)

// withDefaults fills in what was left zero.
func (o Options) withDefaults() Options {
	o.QueueFrames = cmp.Or(o.QueueFrames, 256)
	o.QueueBytes = cmp.Or(o.QueueBytes, 1<<20)
	o.WriteTimeout = cmp.Or(o.WriteTimeout, 5*time.Second)
	o.Heartbeat = cmp.Or(o.Heartbeat, 15*time.Second)
	o.ReplayTimeout = cmp.Or(o.ReplayTimeout, 10*time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Clock == nil {
		o.Clock = o.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Metrics == nil {
		o.Metrics = uncounted{}
	}
	return o
}

type uncounted struct{}

func (uncounted) StreamOpened(string)       {}
func (uncounted) StreamClosed(string, End)  {}
func (uncounted) StreamRefused(string, End) {}
func (uncounted) Lagged(string)             {}
func (uncounted) Resynced(string)           {}
func (uncounted) Replayed(int)              {}
func (uncounted) Written(int, int, int)     {}
