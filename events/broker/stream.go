package broker

import (
	"context"

	"smartscheduler/events"
)

// stream is the writing side of one connection; only the goroutine of its
// request touches it.
type stream struct {
	broker *Broker
	conn   *conn
	ctx    context.Context // of the request, which is this struct's whole life
	out    output
	// last is the position up to which the client is complete.
	last      events.Position
	malformed bool
}

// open sends the headers and hello at once, so that the client knows that it
// is connected and from where it continues.
func (s *stream) open(after string) error {
	s.out.header()
	s.last, s.malformed = s.broker.asked(after)
	hello, err := s.broker.control(events.ControlHello, s.last,
		helloData{Build: s.broker.opts.Build, Streams: s.conn.topic.streams}, reconnectTime())
	if err != nil {
		return err
	}
	return s.send(hello, 1)
}

// run reads what the client missed, then passes on what comes.
func (s *stream) run() End {
	if why := s.replay(); why != "" {
		return s.finish(why)
	}
	for {
		batch, lagged, why := s.conn.next()
		switch {
		case why == EndBye:
			if err := s.pass(batch); err != nil {
				return EndWrite
			}
			return s.finish(why)
		case why != "":
			return s.finish(why)
		case lagged:
			if why := s.replay(); why != "" {
				return s.finish(why)
			}
		default:
			if err := s.pass(batch); err != nil {
				return EndWrite
			}
		}
		clear(batch) // an idle connection holds no frame
	}
}

// pass writes all frames of a batch that the client does not have, at once.
func (s *stream) pass(batch []*frame) error {
	if len(batch) == 1 { // by far the most common: no copy
		if body := s.fresh(batch[0]); len(body) > 0 {
			return s.send(body, 1)
		}
		return nil
	}
	joined := s.broker.scratch.take()
	defer s.broker.scratch.give(joined)
	n := 0
	for _, f := range batch {
		if body := s.fresh(f); len(body) > 0 {
			*joined = append(*joined, body...)
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return s.send(*joined, n)
}

// fresh returns what to write for a frame, nothing if the client has it, and
// moves the position. The bytes are shared.
func (s *stream) fresh(f *frame) []byte {
	if f.position.Epoch == s.last.Epoch && f.position.Pos > s.last.Pos {
		s.last = f.position
		return f.bytes
	}
	if f.beat == nil {
		return nil
	}
	if f.position == s.last {
		return f.bytes
	}
	// The log gave this client more than was published live: a position of the
	// broker would send it back.
	body, err := s.broker.control(events.ControlHeartbeat, s.last, f.beat, 0)
	if err != nil {
		return nil
	}
	return body
}

// finish says why the stream ends, if the client can be told.
func (s *stream) finish(why End) End {
	var body []byte
	var err error
	switch why {
	case EndBye:
		body, err = s.broker.control(events.ControlBye, s.last, reasonData{"reconnect"}, 0)
	case EndUnavailable:
		body, err = s.broker.control(events.ControlUnavailable, s.last, reasonData{"database"}, awayTime())
	case EndClient, EndWrite, EndEvicted, EndRefused:
		return why
	default: // by EndSession
		body, err = s.broker.lost(events.Loss(why), s.last)
	}
	if err != nil || s.send(body, 1) != nil {
		return EndWrite
	}
	return why
}

// send is one write and one flush under one deadline.
func (s *stream) send(body []byte, frames int) error {
	if err := s.out.write(body); err != nil {
		return err
	}
	s.broker.opts.Metrics.Written(frames, len(body))
	return nil
}
