package broker

import (
	"errors"
	"net/http"
	"sync"
	"time"
)

// output writes to one client under a deadline.
type output struct {
	w       http.ResponseWriter
	rc      *http.ResponseController
	timeout time.Duration
	// until is the write deadline that stands on the socket.
	until time.Time
	// clears tells that a deadline must not stand while nothing is written:
	// HTTP/2 resets the stream when it passes, HTTP/1 only fails a write.
	clears bool
}

func newOutput(w http.ResponseWriter, timeout time.Duration) *output {
	return &output{w: w, rc: http.NewResponseController(w), timeout: timeout, clears: !isHTTP1(w)}
}

// isHTTP1 looks at the writer of net/http itself, under those of a framework:
// only that of HTTP/1 can be hijacked.
func isHTTP1(w http.ResponseWriter) bool {
	for {
		inner, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			break
		}
		w = inner.Unwrap()
	}
	_, ok := w.(http.Hijacker)
	return ok
}

// header implements writer.
func (o *output) header() {
	streamHeader(o.w.Header())
	o.w.WriteHeader(http.StatusOK)
}

func streamHeader(h http.Header) {
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would hold frames back
}

// close implements writer: the response ends when its handler returns.
func (o *output) close() {}

// write writes and flushes once. Setting a deadline costs as much as a tenth
// of the write, so one that has at least the timeout left is kept: a write may
// take up to one and a half times the timeout.
func (o *output) write(body []byte) error {
	now := time.Now()
	if o.clears || o.until.Sub(now) < o.timeout {
		o.until = now.Add(o.timeout + o.timeout/2)
		if err := o.deadline(o.until); err != nil {
			return err
		}
	}
	if _, err := o.w.Write(body); err != nil {
		return err
	}
	if err := o.rc.Flush(); err != nil {
		return err
	}
	if o.clears {
		return o.deadline(time.Time{})
	}
	return nil
}

func (o *output) deadline(t time.Time) error {
	err := o.rc.SetWriteDeadline(t)
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}

// scratch lends buffers in which frames are joined to one write.
type scratch struct{ pool sync.Pool }

// maxScratch is the largest buffer that is kept.
const maxScratch = 128 << 10

func (s *scratch) take() *[]byte {
	if b, ok := s.pool.Get().(*[]byte); ok {
		return b
	}
	return new([]byte)
}

func (s *scratch) give(b *[]byte) {
	if cap(*b) > maxScratch {
		return
	}
	*b = (*b)[:0]
	s.pool.Put(b)
}
