package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// floorCommand makes this program the floor: the least work that a server can
// do for a fan-out, one write of a prebuilt frame to each connection.
const floorCommand = "floor"

// runFloor listens, says where, and for each line "COUNT BYTES EVERY" writes
// COUNT frames of BYTES to every connection, one frame each EVERY.
func runFloor(in io.Reader, out io.Writer) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	accepted := make(chan net.Conn, 1<<14) // all come before the first order
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	if _, err := fmt.Fprintln(out, listener.Addr()); err != nil {
		return err
	}
	var conns []net.Conn
	orders := bufio.NewScanner(in)
	for orders.Scan() {
		var count, size, want int
		var every time.Duration
		var text string
		if _, err := fmt.Sscan(orders.Text(), &want, &count, &size, &text); err != nil {
			return err
		}
		if every, err = time.ParseDuration(text); err != nil {
			return err
		}
		for len(conns) < want {
			conns = append(conns, <-accepted)
		}
		if err := spread(conns, bytes.Repeat([]byte("x"), size), count, every); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, "done"); err != nil {
			return err
		}
	}
	return orders.Err()
}

func spread(conns []net.Conn, frame []byte, count int, every time.Duration) error {
	pace := time.NewTicker(max(every, time.Nanosecond))
	defer pace.Stop()
	for range count {
		if every > 0 {
			<-pace.C
		}
		for _, conn := range conns {
			if _, err := conn.Write(frame); err != nil {
				return err
			}
		}
	}
	return nil
}

// measureFloor returns the floor's CPU per delivery in microseconds, for few
// and for many events.
func measureFloor(ctx context.Context, of load, frame int) (sparse, loaded float64, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, 0, err
	}
	p, err := start(exec.CommandContext(ctx, self, floorCommand))
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = p.stop() }()
	if !p.out.Scan() {
		return 0, 0, fmt.Errorf("the floor did not say where it is: %w", p.out.Err())
	}
	address := p.out.Text()
	for range of.streams {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return 0, 0, err
		}
		defer func() { _ = conn.Close() }()
		go func() { _, _ = io.Copy(io.Discard, conn) }()
	}
	if sparse, err = floorPhase(p, of.streams, of.sparse, frame, of.every); err != nil {
		return 0, 0, err
	}
	loaded, err = floorPhase(p, of.streams, of.many, frame, 0)
	return sparse, loaded, err
}

func floorPhase(p *process, streams, events, frame int, every time.Duration) (float64, error) {
	before, err := p.cpu()
	if err != nil {
		return 0, err
	}
	order := strings.Join([]string{strconv.Itoa(streams), strconv.Itoa(events), strconv.Itoa(frame), every.String()}, " ")
	if _, err := fmt.Fprintln(p.in, order); err != nil {
		return 0, err
	}
	if !p.out.Scan() || p.out.Text() != "done" {
		return 0, fmt.Errorf("the floor did not finish: %w", p.out.Err())
	}
	after, err := p.cpu()
	return perDelivery(after-before, events, streams), err
}
