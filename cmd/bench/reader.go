package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// reader is one stream of one client, over all its connections. Only its own
// goroutine touches it while it reads.
type reader struct {
	crowd  *crowd
	number int
	// place is the position of the last whole frame, as it came; last is the
	// number of the last event.
	place string
	last  int64
	// retry is how long the server asked to stay away.
	retry    time.Duration
	arrivals []arrival
	// caught is called when the event of number target comes, if it is set.
	target int64
	caught func()
}

// arrival is when an event came.
type arrival struct {
	pos int64
	at  time.Time
}

// frame is what is kept of an SSE frame that is being read.
type frame struct {
	id, event string
	retry     time.Duration
	size      int
}

// errRefused: the server answered with something else than a stream.
var errRefused = errors.New("no stream")

// begin reads up to the hello frame, which says that the stream is open.
func (r *reader) begin(lines *bufio.Reader, status bool) error {
	if status {
		line, err := lines.ReadString('\n')
		if err != nil {
			return err
		}
		if !strings.Contains(line, " 200 ") {
			return fmt.Errorf("answer %q: %w", strings.TrimSpace(line), errRefused)
		}
	}
	hello, err := next(lines) // passes over the rest of the header as well
	if err != nil {
		return err
	}
	r.keep(hello)
	if hello.event != "hello" {
		return fmt.Errorf("frame %q instead of hello: %w", hello.event, errRefused)
	}
	if r.last == 0 {
		r.last = number(hello.id)
	}
	return nil
}

// follow notes each event until the stream ends, and returns why it did.
func (r *reader) follow(lines *bufio.Reader) error {
	for {
		f, err := next(lines)
		if err != nil {
			return err
		}
		switch {
		case strings.HasPrefix(f.event, "Job"):
			r.event(f)
		case f.event == "resync" && r.last == 0: // it came before the server knew where the log is
			r.last = number(f.id)
		case f.event == "resync":
			r.crowd.fault(fmt.Errorf("reader %d: resync at %s", r.number, f.id))
		}
		r.keep(f)
	}
}

// event checks that an event is the one after the last, and counts it.
func (r *reader) event(f frame) {
	pos := number(f.id)
	if pos != r.last+1 {
		r.crowd.fault(fmt.Errorf("reader %d: event %d after %d", r.number, pos, r.last))
	}
	r.last = pos
	if pos == r.target && r.caught != nil {
		r.caught()
	}
	r.arrivals = append(r.arrivals, arrival{pos, time.Now()})
	r.crowd.bytes.Add(int64(f.size))
	r.crowd.delivered.Add(1)
}

func (r *reader) keep(f frame) {
	if f.id != "" {
		r.place = f.id
	}
	if f.retry > 0 {
		r.retry = f.retry
	}
}

// number is the part of a position that counts events.
func number(position string) int64 {
	_, after, _ := strings.Cut(position, "-")
	n, _ := strconv.ParseInt(after, 10, 64) // 0 is no event's
	return n
}

// next reads one frame. Sizes of HTTP chunks may stand between the lines; they
// have no colon and are passed over.
func next(lines *bufio.Reader) (f frame, err error) {
	for {
		line, err := lines.ReadSlice('\n')
		f.size += len(line)
		if errors.Is(err, bufio.ErrBufferFull) {
			n, err := rest(lines)
			f.size += n
			if err != nil {
				return f, err
			}
			continue
		}
		if err != nil {
			return f, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			if f != (frame{size: f.size}) {
				return f, nil
			}
			continue
		}
		f.field(line)
	}
}

// rest reads to the end of a long line, which holds nothing that is kept.
func rest(lines *bufio.Reader) (size int, err error) {
	for {
		more, err := lines.ReadSlice('\n')
		size += len(more)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return size, err
		}
	}
}

func (f *frame) field(line []byte) {
	name, value, ok := bytes.Cut(line, []byte(": "))
	if !ok {
		return
	}
	switch string(name) {
	case "id":
		f.id = string(value)
	case "event":
		f.event = string(value)
	case "retry":
		ms, _ := strconv.Atoi(string(value))
		f.retry = time.Duration(ms) * time.Millisecond
	}
}
