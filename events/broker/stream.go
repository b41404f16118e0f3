package broker

import (
	"bytes"
	"context"

	"smartscheduler/events"
)

// writer writes to one client.
type writer interface {
	// header prepares the response; the first write sends it.
	header()
	// write returns when the client's side has taken all, or with an error.
	write(body []byte) error
	// hurry bounds what is being written and all that will be: the stream has to
	// end. Any goroutine may call it, also after close.
	hurry()
	// close ends the connection, if it is ours to end.
	close()
}

// stream is the writing side of one connection. The goroutine of the
// connection owns it, and a flusher while that sleeps.
type stream struct {
	broker *Broker
	conn   *conn
	ctx    context.Context // of the stream, which is this struct's whole life
	out    writer
	// last is the position up to which the client is complete.
	last      events.Position
	malformed bool
	// rest is what the socket did not take at once; it goes before all else. The
	// frame that was begun ends after the first so many bytes of it.
	rest  []byte
	begun int
}

// open sends the headers and hello at once, so that the client knows that it
// is connected and from where it continues.
func (s *stream) open(after string) error {
	s.out.header()
	s.last, s.malformed = s.broker.asked(after)
	hello, err := s.broker.control(events.ControlHello, s.last,
		helloData{s.broker.opts.Build, s.conn.topic.streams, s.broker.opts.Clock().UTC()}, reconnectTime())
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
		if err := s.sendRest(why); err != nil {
			return EndWrite
		}
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
	joined := s.broker.scratch.take()
	defer s.broker.scratch.give(joined)
	body, n := s.join(joined, batch)
	if n == 0 {
		return nil
	}
	return s.send(body, n)
}

// join returns the bytes of the frames of a batch that the client does not
// have, and how many they are. One frame, by far the most common, is not
// copied.
func (s *stream) join(joined *[]byte, batch []*frame) (body []byte, frames int) {
	if len(batch) == 1 {
		body = s.fresh(batch[0])
		return body, min(len(body), 1)
	}
	for _, f := range batch {
		if one := s.fresh(f); len(one) > 0 {
			*joined = append(*joined, one...)
			frames++
		}
	}
	return *joined, frames
}

// try writes a batch as far as the socket takes it at once. It tells whether
// that was all; if not, the goroutine has to write the rest.
func (s *stream) try(batch []*frame, t *tally) (whole bool) {
	joined := s.broker.scratch.take()
	defer s.broker.scratch.give(joined)
	body, frames := s.join(joined, batch)
	if frames == 0 {
		return true
	}
	took := s.conn.socket.try(body)
	t.writes, t.frames, t.bytes = t.writes+1, t.frames+frames, t.bytes+took
	if took < len(body) {
		s.rest, s.begun = bytes.Clone(body[took:]), begun(body, took)
	}
	return took == len(body)
}

// begun is how much of a frame is left when so many bytes of whole frames are
// taken. Each ends with the only empty line in it.
func begun(body []byte, took int) int {
	end := []byte("\n\n")
	if took == 0 || bytes.HasSuffix(body[:took], end) {
		return 0
	}
	return bytes.Index(body[took-1:], end) + len(end) - 1
}

// sendRest writes what a flusher could not: all of it, or, when the stream ends
// for want of rights, only the frame that was begun, or nothing when nobody will
// read it.
func (s *stream) sendRest(why End) error {
	rest := s.rest
	s.rest = nil
	switch why {
	case "", EndBye:
	case EndClient, EndEvicted:
		return nil
	default:
		rest = rest[:min(len(rest), s.begun)]
	}
	if len(rest) == 0 {
		return nil
	}
	return s.send(rest, 0)
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
	case EndClient, EndWrite, EndEvicted:
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
	s.broker.opts.Metrics.Written(1, frames, len(body))
	return nil
}
