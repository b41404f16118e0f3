package relay

import (
	"context"
	"time"

	"smartscheduler/events"
)

const (
	// maxQueuedPublications bounds what waits to be noted; more is left out,
	// because delivery must not wait for its own bookkeeping.
	maxQueuedPublications = 4096
	// recordEvery is how long publications are collected for one statement.
	recordEvery = 250 * time.Millisecond
	// recordTimeout bounds one statement, also the last one when we stop.
	recordTimeout = 3 * time.Second
)

// noted is a publication with the epoch of its event.
type noted struct {
	Publication
	epoch int64
}

// note queues the note of one published event. What nobody received and went
// well needs none.
func (r *Relay) note(at events.Position, receivers int, problem error) {
	if receivers == 0 && problem == nil {
		return
	}
	p := Publication{Pos: at.Pos, Instance: r.opts.Instance, PublishedAt: r.opts.Now(), Receivers: receivers}
	if problem != nil {
		p.Error = shortened(problem.Error())
	}
	select {
	case r.publications <- noted{p, at.Epoch}:
	default:
		r.opts.Metrics.Failed("record")
	}
}

// maxError bounds the stored text of an error, in bytes.
const maxError = 300

func shortened(s string) string {
	if len(s) > maxError {
		s = s[:maxError]
	}
	return s
}

// record writes queued notes until ctx ends, and then what is left of them.
func (r *Relay) record(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			r.flush(context.WithoutCancel(ctx))
			return
		case p := <-r.publications:
			_ = sleep(ctx, recordEvery) // more come meanwhile
			r.flush(context.WithoutCancel(ctx), p)
		}
	}
}

// flush writes all that is queued, after first, except for what was published of
// a log that was replaced since: the present one has other events there. A
// failure is only counted.
func (r *Relay) flush(ctx context.Context, first ...noted) {
	queued := first
	for len(r.publications) > 0 { // nobody else takes any
		queued = append(queued, <-r.publications)
	}
	present := r.claimed.Load()
	var publications []Publication
	for _, n := range queued {
		if n.epoch == present.Epoch {
			publications = append(publications, n.Publication)
		}
	}
	if len(publications) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, recordTimeout)
	defer cancel()
	r.failing.note(ctx, "record", r.opts.Log.RecordPublications(ctx, publications))
}
