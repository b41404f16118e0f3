package broker

import (
	"bytes"
	"context"
	"sync"

	"smartscheduler/events"
)

// replayBytes is how much of a replay is written at once.
const replayBytes = 64 << 10

// reasonMalformed is the reason of a resync when the client's position could
// not be read; the others come from the log.
const reasonMalformed = "malformed"

// replay sends what the log has after the client's position. It returns why
// the stream has to end, if it has.
func (s *stream) replay() End {
	got, err := s.missed()
	if s.conn.ended() {
		return "" // next tells why
	}
	if err != nil {
		s.broker.opts.Log.Warn("replay not possible", "after", s.last.String(), "error", err)
		return EndUnavailable
	}
	if s.malformed {
		got.Resync = reasonMalformed
		s.malformed = false
	}
	if got.Resync != "" {
		return s.resync(got)
	}
	if why := s.sendMissed(got.Events); why != "" {
		return why
	}
	if got.UpTo.Epoch == s.last.Epoch && got.UpTo.Pos > s.last.Pos {
		s.last = got.UpTo
	}
	return ""
}

// missed reads the log under a time limit that the end of the connection cuts.
func (s *stream) missed() (Replayed, error) {
	ctx, cancel := context.WithTimeout(s.ctx, s.broker.opts.ReplayTimeout)
	defer cancel()
	s.conn.abortWith(cancel)
	defer s.conn.abortWith(nil)
	return s.broker.opts.Replay(ctx, s.conn.topic.streams, s.last)
}

// resync tells the client to reload; it is complete again from there on.
func (s *stream) resync(got Replayed) End {
	s.last = got.UpTo
	body, err := s.broker.control(events.ControlResync, s.last, reasonData{got.Resync}, 0)
	if err != nil || s.send(body, 1) != nil {
		return EndWrite
	}
	s.broker.opts.Metrics.Resynced(got.Resync)
	return ""
}

// sendMissed frames and writes the events after the client's position.
func (s *stream) sendMissed(missed []Event) End {
	joined := s.broker.scratch.take()
	defer s.broker.scratch.give(joined)
	sent, held := 0, 0
	for i := range missed {
		ev := &missed[i]
		if ev.Position.Epoch != s.last.Epoch || ev.Position.Pos <= s.last.Pos {
			continue
		}
		f, err := s.broker.replays.frame(s.conn.topic, ev)
		if err != nil {
			s.broker.opts.Log.Error("frame of a replay", "position", ev.Position.String(), "error", err)
			if s.sendJoined(joined, &held) != nil {
				return EndWrite
			}
			return EndUnavailable
		}
		*joined = append(*joined, f.bytes...)
		s.last = ev.Position
		sent, held = sent+1, held+1
		if len(*joined) < replayBytes {
			continue
		}
		if s.sendJoined(joined, &held) != nil {
			return EndWrite
		}
		if s.conn.ended() {
			return "" // next tells why
		}
	}
	if s.sendJoined(joined, &held) != nil {
		return EndWrite
	}
	s.broker.opts.Metrics.Replayed(sent)
	return ""
}

// sendJoined writes what is held, if anything, and empties it.
func (s *stream) sendJoined(joined *[]byte, held *int) error {
	if *held == 0 {
		return nil
	}
	err := s.send(*joined, *held)
	*joined, *held = (*joined)[:0], 0
	return err
}

// noHistory stands for a log when there is none.
func (b *Broker) noHistory(_ context.Context, _ []events.Stream, after events.Position) (Replayed, error) {
	head := b.Head()
	if after == head && head.Epoch != 0 {
		return Replayed{UpTo: head}, nil
	}
	return Replayed{UpTo: head, Resync: "history"}, nil
}

// maxReplayFrames bounds the frames that replays share.
const maxReplayFrames = 1024

// replayFrames keeps frames made for replays, because after a restart
// thousands of clients ask for the same few events. They are framed by the
// stream of their topic, like live ones, so that the bytes are the same.
type replayFrames struct {
	mu   sync.Mutex
	made map[replayKey]madeFrame
}

type replayKey struct {
	topic    string
	position events.Position
}

type madeFrame struct {
	kind  events.Kind
	data  []byte
	frame *frame
}

// frame returns the frame of an event from the log. What a fragment shows may
// have changed since the last time, so the data decides whether a frame fits.
func (r *replayFrames) frame(t *topic, ev *Event) (*frame, error) {
	data, _ := t.data(ev.Parts)
	key := replayKey{t.name, ev.Position}
	r.mu.Lock()
	made, ok := r.made[key]
	r.mu.Unlock()
	if ok && made.kind == ev.Kind && bytes.Equal(made.data, data) {
		return made.frame, nil
	}
	f, err := t.frame(ev, data)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.made == nil || len(r.made) >= maxReplayFrames {
		r.made = map[replayKey]madeFrame{}
	}
	r.made[key] = madeFrame{ev.Kind, data, f}
	return f, nil
}
