package main

import (
	"bufio"
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// frame is one frame of a stream as it came over the wire.
type frame struct {
	id, event, data string
}

// pos is the number in the frame's id.
func (f frame) pos() int64 {
	_, digits, _ := strings.Cut(f.id, "-")
	n, _ := strconv.ParseInt(digits, 10, 64)
	return n
}

// fact tells whether the frame is of the log and tells of a change; the others are
// control frames, and what phones say of what they show, which comes by itself.
func (f frame) fact() bool {
	switch f.event {
	case "hello", "hb", "resync", "session-ended", "unavailable", "bye", "AwarenessChanged":
		return false
	}
	return true
}

// listener reads one stream, the way any program can.
type listener struct {
	t    testing.TB
	name string

	mu     sync.Mutex
	frames []frame
	// grown is closed and replaced whenever there is a new frame.
	grown chan struct{}
	ended bool
}

// listen opens a stream and reads it until the test ends. It returns when the
// stream has said hello.
func (c *client) listen(path string, header ...string) *listener {
	c.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := c.request(http.MethodGet, path, nil).WithContext(ctx)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := c.http.Do(r)
	if err != nil {
		cancel()
		c.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		cancel()
		c.t.Fatalf("GET %s is %d", path, resp.StatusCode)
	}
	l := &listener{t: c.t, name: path, grown: make(chan struct{})}
	done := make(chan struct{})
	c.t.Cleanup(func() {
		cancel()
		<-done
	})
	go func() {
		defer close(done)
		defer func() { _ = resp.Body.Close() }()
		l.read(bufio.NewReader(resp.Body))
	}()
	l.until("hello", func(f frame) bool { return f.event == "hello" })
	return l
}

func (l *listener) read(r *bufio.Reader) {
	readFrames(r, func(f frame) { l.add(&f) })
	l.add(nil)
}

// readFrames reads a stream to its end; what was torn is no frame.
func readFrames(r *bufio.Reader, got func(frame)) {
	var f frame
	var data []string
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSuffix(line, "\n")
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "":
			if line == "" && (f.event != "" || data != nil) {
				f.data = strings.Join(data, "\n")
				got(f)
			}
			f, data = frame{}, nil
		case "id":
			f.id = value
		case "event":
			f.event = value
		case "data":
			data = append(data, value)
		}
	}
}

func (l *listener) add(f *frame) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f == nil {
		l.ended = true
	} else {
		l.frames = append(l.frames, *f)
	}
	close(l.grown)
	l.grown = make(chan struct{})
}

// until waits for a frame and returns it.
func (l *listener) until(what string, match func(frame) bool) frame {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for seen := 0; ; {
		l.mu.Lock()
		fresh, grown, ended := l.frames[seen:], l.grown, l.ended
		l.mu.Unlock()
		seen += len(fresh)
		for _, f := range fresh {
			if match(f) {
				return f
			}
		}
		if ended {
			l.t.Fatalf("%s ended before %s", l.name, what)
		}
		select {
		case <-grown:
		case <-ctx.Done():
			l.t.Fatalf("%s: never came: %s", l.name, what)
		}
	}
}

// passed waits until everything up to a position has come.
func (l *listener) passed(pos int64) {
	l.t.Helper()
	l.until("position "+str(pos), func(f frame) bool { return f.pos() >= pos })
}

// facts are the frames of the log between two positions, both left out.
func (l *listener) facts(after, before int64) []frame {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []frame
	for _, f := range l.frames {
		if f.fact() && f.pos() > after && f.pos() < before {
			list = append(list, f)
		}
	}
	return list
}
