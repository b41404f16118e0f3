package main

import (
	"context"
	"time"
)

// sight is what was seen of a process while it served slow readers.
type sight struct {
	ended  int     // streams that were ended for being too slow
	memory float64 // the most that the process grew, in bytes
	// begun, full and gone are when the watch began, when the queues of all slow
	// readers had overflowed and when all were ended; zero when they were not.
	begun, full, gone time.Time
}

// wait is the time from full queues to the end of the last slow reader. Who was
// ended before his queue was full did not wait; if that is not known, all the
// time since the beginning counts.
func (s sight) wait() time.Duration {
	switch {
	case s.gone.IsZero():
		return time.Since(s.begun)
	case s.full.IsZero():
		return s.gone.Sub(s.begun)
	}
	return max(0, s.gone.Sub(s.full))
}

// watcher looks at a process again and again.
type watcher struct {
	cancel context.CancelFunc
	done   chan struct{}
	seen   sight
	err    error
}

// watch begins to look; so many readers are expected to be too slow.
func watch(ctx context.Context, p *process, tooSlow int) (*watcher, error) {
	before, err := p.metrics(ctx)
	if err != nil {
		return nil, err
	}
	resident, err := p.resident()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	w := &watcher{cancel: cancel, done: make(chan struct{}), seen: sight{begun: time.Now()}}
	go func() {
		defer close(w.done)
		for w.err == nil {
			w.err = w.look(p, before, float64(resident), tooSlow)
			if pause(ctx, 100*time.Millisecond) != nil {
				return
			}
		}
	}()
	return w, nil
}

func (w *watcher) look(p *process, before metrics, resident float64, tooSlow int) error {
	m, err := p.metrics(context.Background())
	if err != nil {
		return err
	}
	now, err := p.resident()
	if err != nil {
		return err
	}
	const lagged = namespace + "streams_lagged_total"
	w.seen.memory = max(w.seen.memory, float64(now)-resident)
	w.seen.ended = m.evicted() - before.evicted()
	if w.seen.full.IsZero() && int(m.sum(lagged)-before.sum(lagged)) >= tooSlow {
		w.seen.full = time.Now()
	}
	if w.seen.gone.IsZero() && w.seen.ended >= tooSlow {
		w.seen.gone = time.Now()
	}
	return nil
}

// stop ends the watch and returns what was seen.
func (w *watcher) stop() (sight, error) {
	w.cancel()
	<-w.done
	return w.seen, w.err
}
