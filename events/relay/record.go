package relay

import (
	"context"
	"time"
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

// note queues the note of one published event. What nobody received and went
// well needs none.
func (r *Relay) note(pos int64, receivers int, problem error) {
	if receivers == 0 && problem == nil {
		return
	}
	p := Publication{Pos: pos, Instance: r.opts.Instance, PublishedAt: r.opts.Now(), Receivers: receivers}
	if problem != nil {
		p.Error = shortened(problem.Error())
	}
	select {
	case r.publications <- p:
	default:
		r.opts.Metrics.Failed("record")
	}
}

// forgetNotes drops what is queued: a restored log has other events there.
func (r *Relay) forgetNotes() {
	for {
		select {
		case <-r.publications:
		default:
			return
		}
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

// flush writes all that is queued, after first. A failure is only counted.
func (r *Relay) flush(ctx context.Context, first ...Publication) {
	queued := first
	for len(r.publications) > 0 {
		queued = append(queued, <-r.publications)
	}
	if len(queued) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, recordTimeout)
	defer cancel()
	r.failing.note(ctx, "record", r.opts.Log.RecordPublications(ctx, queued))
}
