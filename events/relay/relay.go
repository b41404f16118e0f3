// Package relay carries events from the log to the broker: it has committed
// events numbered, reads them in that order, asks for what each stream shows of
// them now, and publishes. It also answers what a stream missed. It is the only
// publisher, and nothing that it does can reach back to a transaction.
package relay

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"smartscheduler/events"
	"smartscheduler/events/broker"
)

// Log is the event log, as *db.DB reads it.
type Log interface {
	// Sequence gives positions to about atMost committed events and returns how
	// many it gave, or -1 when another process is doing it at this moment.
	Sequence(ctx context.Context, atMost int) (given int, err error)
	// Head is the last position that was given.
	Head(ctx context.Context) (events.Position, error)
	// Confirm is Head of a log that gets a new epoch first unless the event
	// eventID, or any if that is empty, has the position at in it.
	Confirm(ctx context.Context, at events.Position, eventID string) (events.Position, error)
	// After returns the next events after pos, in order.
	After(ctx context.Context, pos int64, limit int) ([]events.Logged, error)
	// Replay returns the first events of streams in (after, upTo], in order.
	Replay(ctx context.Context, streams []events.Stream, after, upTo int64, limit int) ([]events.Logged, error)
	// RecordPublications notes what was queued to connections.
	RecordPublications(ctx context.Context, publications []Publication) error
}

// Publication is what one process queued of one event.
type Publication = events.Publication

// Want asks for what a stream shows, now, of the job of an event.
type Want struct {
	Stream events.Stream
	Event  events.Logged
}

// Fragments renders. The answer has one element per want, in order; it shows
// the present, so one answer serves all events of a job in a batch, and never
// more than the audience of the stream may know. Empty means nothing to show.
type Fragments interface {
	Fragments(ctx context.Context, wants []Want) ([][]byte, error)
}

// Publisher is the part of *broker.Broker that the relay needs.
type Publisher interface {
	Wanted(events.Stream) bool
	// Publish answers an error when it has sent back to the log whoever missed
	// the event; nobody offers it again.
	Publish(broker.Event) (receivers int, err error)
	SetHead(events.Position)
}

// Notifier tells the relays of other processes that there is something new.
type Notifier interface {
	NotifyRelays(ctx context.Context, channel, message string) error
}

// Metrics counts what the relay does. Its methods are called from several
// goroutines and must not block.
type Metrics interface {
	// Delivered counts a batch: its events, the connections they were queued
	// to, and the age of its oldest event when it was published.
	Delivered(events, receivers int, lag time.Duration)
	// Failed counts failures by what was tried: head, sequence, tail, render,
	// publish, record, notify, listen, panic.
	Failed(act string)
	// Replayed counts reads of the log for replays, and their events.
	Replayed(events int)
	// Resynced counts replays refused, by reason.
	Resynced(reason string)
}

// Options configure a Relay. Log, Fragments and Broker are needed; the zero
// value of every other field is usable.
type Options struct {
	Log       Log
	Fragments Fragments
	Broker    Publisher
	// Wake is signalled after commits of this process that logged events.
	Wake <-chan struct{}
	// ListenDSN is where to listen for the calls of other processes; empty
	// means nowhere, so that their events wait for the poll. It must not lead
	// through a pooler.
	ListenDSN string
	// Calls are made when their channel is called, and when such a call may have
	// been lost; they must not block. One connection listens for all channels.
	Calls map[string]func()
	// Notifier calls other processes; nil means that they wait for their poll.
	Notifier Notifier
	// Poll is the longest time between two looks at the log when nobody wakes
	// the relay; each is a random part of it, at least a quarter. 0 means 1 s.
	Poll time.Duration
	// RenderTimeout bounds one call of Fragments, and a quarter of it a call
	// that looks for what cannot be rendered; 0 means 3 s.
	RenderTimeout time.Duration
	// ReplayTTL is how long an answer of Replay may serve others who ask the
	// same before anything new is published; 0 means 1 s.
	ReplayTTL time.Duration
	// Instance names the process in publications; empty means a random name.
	Instance string
	// Trouble is told what went wrong, by what was tried, as Metrics.Failed: the
	// first of a row of equal failures, and with a nil error its end; each panic
	// and each event that the broker refused; and as "event" each that could not
	// be rendered. It must not block; nil means that nobody is told.
	Trouble func(act string, err error)
	// Now tells the time; nil means time.Now.
	Now func() time.Time
	// Logger gets what went wrong; nil means slog.Default.
	Logger *slog.Logger
	// Metrics gets counts; nil means nobody counts.
	Metrics Metrics
}

// errReplaced: the log is not the one that was read last, because a backup was
// restored.
var errReplaced = errors.New("the event log is another one")

// errRunning is returned by a second Run at the same time.
var errRunning = errors.New("relay runs already")

// Relay publishes the log. Use New.
type Relay struct {
	opts Options

	running atomic.Bool
	// cursor is the last event that was published; only Run uses it. It outlives
	// Run, so that a second Run continues and leaves out nothing.
	cursor events.Position
	// cursorEvent is the id of the event at the cursor, empty while not known. A
	// restored log has another one there, or none.
	cursorEvent string
	// claimed is the position up to which events were published or are just
	// being published. It moves before the broker is asked who wants them: so
	// whoever subscribed too late for a live event finds it at or before
	// claimed, and gets it by replay.
	claimed atomic.Pointer[events.Position]
	// started is closed when claimed is first set.
	started   chan struct{}
	startOnce sync.Once

	// sequenced asks for a call to other processes.
	sequenced chan struct{}
	// sender tells our own calls from those of others, who may bear the same
	// name by mistake.
	sender       string
	publications chan noted
	replays      shared
	failing      failures
}

// New makes a Relay that does nothing yet; see Run.
func New(opts Options) *Relay {
	if opts.Poll <= 0 {
		opts.Poll = time.Second
	}
	if opts.RenderTimeout <= 0 {
		opts.RenderTimeout = 3 * time.Second
	}
	if opts.ReplayTTL <= 0 {
		opts.ReplayTTL = time.Second
	}
	sender := rand.Text()[:12]
	opts.Instance = cmp.Or(opts.Instance, sender)
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Logger == nil {
		opts.Logger = slog.Default()
	}
	if opts.Metrics == nil {
		opts.Metrics = uncounted{}
	}
	if opts.Trouble == nil {
		opts.Trouble = func(string, error) {}
	}
	return &Relay{
		opts:         opts,
		started:      make(chan struct{}),
		sequenced:    make(chan struct{}, 1),
		sender:       sender,
		publications: make(chan noted, maxQueuedPublications),
		replays:      shared{ttl: opts.ReplayTTL, slots: make(chan struct{}, maxReading), calls: map[replayKey]*call{}},
		failing:      failures{log: opts.Logger, metrics: opts.Metrics, trouble: opts.Trouble, since: map[string]time.Time{}, now: opts.Now},
	}
}

// uncounted is Metrics for nobody.
type uncounted struct{}

func (uncounted) Delivered(int, int, time.Duration) {}
func (uncounted) Failed(string)                     {}
func (uncounted) Replayed(int)                      {}
func (uncounted) Resynced(string)                   {}

// failures logs the first of a row of equal failures, and its end.
type failures struct {
	log     *slog.Logger
	metrics Metrics
	trouble func(act string, err error)
	now     func() time.Time
	mu      sync.Mutex
	since   map[string]time.Time
}

// note takes the result of one attempt at an act.
func (f *failures) note(ctx context.Context, act string, err error) {
	if err != nil && ctx.Err() != nil {
		return // we are stopping
	}
	if err != nil {
		f.metrics.Failed(act)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	since, failing := f.since[act]
	switch {
	case err != nil && !failing:
		f.since[act] = f.now()
		f.trouble(act, err)
		f.log.WarnContext(ctx, "relay: "+act+" fails, will try again", "error", err)
	case err == nil && failing:
		delete(f.since, act)
		f.trouble(act, nil)
		f.log.InfoContext(ctx, "relay: "+act+" works again", "after", f.now().Sub(since))
	}
}
