package relay

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"smartscheduler/events"
)

// renderTries bounds the attempts at a whole batch before the part that cannot
// be rendered is looked for.
const renderTries = 3

// errNotRendered means that a fragment was never asked for.
var errNotRendered = errors.New("not rendered")

// sheet collects what is to be rendered for a batch of events, each thing
// once, and then holds the results.
type sheet struct {
	wants []Want
	html  [][]byte
	errs  []error
	index map[sheetKey]int
}

// sheetKey is the stream and the job, or the event if it is about no job.
type sheetKey struct {
	stream events.Stream
	thing  string
}

func newSheet() *sheet { return &sheet{index: map[sheetKey]int{}} }

func keyOf(s events.Stream, e events.Logged) sheetKey {
	if e.JobID == "" {
		return sheetKey{s, e.EventID}
	}
	return sheetKey{s, e.JobID}
}

// add asks for what s shows of e. Of several events of a job the last is kept.
func (s *sheet) add(stream events.Stream, e events.Logged) {
	key := keyOf(stream, e)
	if i, ok := s.index[key]; ok {
		s.wants[i].Event = e
		return
	}
	s.index[key] = len(s.wants)
	s.wants = append(s.wants, Want{Stream: stream, Event: e})
}

// get returns the fragment, never nil without an error.
func (s *sheet) get(stream events.Stream, e events.Logged) ([]byte, error) {
	i, ok := s.index[keyOf(stream, e)]
	switch {
	case !ok || i >= len(s.html):
		return nil, errNotRendered
	case s.errs[i] != nil:
		return nil, fmt.Errorf("%s: %w", stream, s.errs[i])
	case s.html[i] == nil:
		return []byte{}, nil
	}
	return s.html[i], nil
}

// render fills the sheet. It returns an error only when the database is away,
// or ctx has ended; a fragment that fails again and again while the database
// answers gets an error of its own in the sheet, and the others are rendered.
func (r *Relay) render(ctx context.Context, s *sheet) error {
	s.html, s.errs = make([][]byte, len(s.wants)), make([]error, len(s.wants))
	if len(s.wants) == 0 {
		return nil
	}
	for try := range renderTries {
		html, err := r.fragments(ctx, s.wants, r.opts.RenderTimeout)
		if err == nil {
			s.html = html
			return nil
		}
		r.opts.Metrics.Failed("render")
		if !r.answers(ctx) {
			return err
		}
		if err := sleep(ctx, firstPause<<try); err != nil {
			return err
		}
	}
	return r.isolate(ctx, s.wants, s.html, s.errs)
}

// isolate renders by halves, until what fails stands alone.
func (r *Relay) isolate(ctx context.Context, wants []Want, html [][]byte, errs []error) error {
	got, err := r.fragments(ctx, wants, r.opts.RenderTimeout/4)
	switch {
	case err == nil:
		copy(html, got)
		return nil
	case !r.answers(ctx):
		return err
	case len(wants) == 1:
		errs[0] = err
		return nil
	}
	half := len(wants) / 2
	if err := r.isolate(ctx, wants[:half], html[:half], errs[:half]); err != nil {
		return err
	}
	return r.isolate(ctx, wants[half:], html[half:], errs[half:])
}

// answers tells whether the database does, so that a failure to render must be
// the fault of what is rendered.
func (r *Relay) answers(ctx context.Context) bool {
	_, err := r.opts.Log.Head(ctx)
	return err == nil
}

// fragments calls Fragments, bounded in time; a panic there is an error.
func (r *Relay) fragments(ctx context.Context, wants []Want, limit time.Duration) (html [][]byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			r.opts.Logger.ErrorContext(ctx, "relay: panic while rendering", "panic", p, "stack", string(debug.Stack()))
			html, err = nil, fmt.Errorf("panic while rendering: %v", p)
		}
	}()
	html, err = r.opts.Fragments.Fragments(ctx, wants)
	if err != nil {
		return nil, fmt.Errorf("render %d fragments: %w", len(wants), err)
	}
	if len(html) != len(wants) {
		return nil, fmt.Errorf("render %d fragments: got %d", len(wants), len(html))
	}
	return html, nil
}

// sleep waits, or returns the error of ctx when that ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
