package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// tinyBuffer is what the kernel receives for a frozen reader, in bytes.
const tinyBuffer = 4096

// slowRate is that of the slow reader, in bytes a second.
const slowRate = 1024

// sluggards are readers that stop reading, or nearly so, until they are let go.
type sluggards struct {
	*crowd
	healthy *crowd // whose connections some share
	gates   []*gate
	target  int64
	caught  chan int // the numbers of those that have all
}

// newSluggards opens so many frozen streams and one that is slow. They are to
// read up to the event of number target.
func newSluggards(ctx context.Context, healthy *crowd, frozen int, target int64) (*sluggards, error) {
	s := &sluggards{
		crowd: newCrowd(healthy.world, healthy.server), healthy: healthy, target: target, caught: make(chan int, frozen+1),
	}
	if healthy.shared != nil {
		s.overHTTP2(perShared)
	}
	for i := range frozen + 1 {
		rate := 0
		if i == frozen {
			rate = slowRate
		}
		s.gates = append(s.gates, newGate(rate))
	}
	// The streams outlive the context of their opening.
	err := s.add(ctx, frozen+1, func(_ context.Context, r *reader) error {
		r.target, r.caught = target, func() { s.caught <- r.number }
		return s.begin(ctx, r, s.gates[r.number])
	})
	if err != nil {
		s.release()
		s.close()
		return nil, err
	}
	return s, nil
}

// begin opens one stream that is held back from its first byte on, over HTTP/2
// from the first after the header.
func (s *sluggards) begin(ctx context.Context, r *reader, g *gate) error {
	var conn io.Closer
	var in io.Reader
	var err error
	if s.shared != nil {
		conn, in, err = s.hold2(ctx, r, g)
	} else {
		conn, in, err = s.hold1(ctx, r, g)
	}
	if err != nil {
		return err
	}
	g.shut.Store(true)
	s.reading.Go(func() { s.live(ctx, r, g, conn, in) })
	return nil
}

func (s *sluggards) hold1(ctx context.Context, r *reader, g *gate) (io.Closer, io.Reader, error) {
	dialer := &net.Dialer{Timeout: dialTime, Control: func(_, _ string, c syscall.RawConn) error {
		var err error
		return errors.Join(c.Control(func(fd uintptr) {
			err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, tinyBuffer)
		}), err)
	}}
	conn, err := r.dial(ctx, dialer)
	if err != nil {
		return nil, nil, err
	}
	return conn, g.through(conn), nil
}

// hold2 freezes a connection of its own for each frozen reader but the first,
// which is one stream among healthy ones on their connection, as is the slow one.
func (s *sluggards) hold2(ctx context.Context, r *reader, g *gate) (io.Closer, io.Reader, error) {
	over := s.healthy.shared[0]
	among := r.number == 0 || g.rate > 0
	if !among {
		over = transport()
		over.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{Timeout: dialTime}).DialContext(ctx, network, address)
			return gatedConn{conn, g}, err
		}
	}
	body, err := r.askShared(ctx, over)
	if err != nil || !among {
		return body, body, err
	}
	return body, g.through(body), nil
}

// live reads what comes through the gate and, when the server has ended that
// stream, comes back for the rest once the gate is open.
func (s *sluggards) live(ctx context.Context, r *reader, g *gate, conn io.Closer, in io.Reader) {
	lines := bufio.NewReader(in)
	if r.begin(lines, s.shared == nil) == nil {
		_ = r.follow(lines)
	}
	_ = s.drop(conn)
	<-g.opened
	for ctx.Err() == nil && r.last < s.target {
		conn, lines, err := r.connect(ctx)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			_ = r.follow(lines)
			_ = s.drop(conn)
		}
		_ = pause(ctx, 100*time.Millisecond)
	}
}

// release opens the gates.
func (s *sluggards) release() {
	for _, g := range s.gates {
		select {
		case <-g.opened:
		default:
			close(g.opened)
		}
	}
}

// complete waits until all have everything, and is nil when they got it once
// and in order.
func (s *sluggards) complete(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for i := range s.readers {
		select {
		case <-s.caught:
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("%d of %d caught up: %w", i, len(s.readers), ctx.Err()), s.sound())
		}
	}
	return s.sound()
}
