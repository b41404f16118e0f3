package broker

import (
	"errors"
	"net/http"
	"sync"
	"time"
)

// output writes to one client through the ResponseWriter of its request.
type output struct {
	w  http.ResponseWriter
	rc *http.ResponseController
	patience

	mu     sync.Mutex
	closed bool // the handler returns, and with it ends what w may be used for
}

func newOutput(w http.ResponseWriter, timeout time.Duration) *output {
	return &output{w: w, rc: http.NewResponseController(w), patience: patience{timeout: timeout}}
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

// write implements writer. No deadline is left behind: HTTP/2 resets the stream
// when one passes, also if nothing is being written.
func (o *output) write(body []byte) error {
	if err := o.set(o.deadline); err != nil {
		return err
	}
	if _, err := o.w.Write(body); err != nil {
		return err
	}
	if err := o.rc.Flush(); err != nil {
		return err
	}
	return o.deadline(time.Time{})
}

// hurry implements writer.
func (o *output) hurry() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	o.last()
	_ = o.set(o.deadline) // the write fails by itself
}

// close implements writer: the response ends when its handler returns.
func (o *output) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
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
