package main

import (
	"io"
	"net"
	"sync/atomic"
	"time"
)

// gate holds a reader back until it is opened: wholly, or down to so many bytes
// a second.
type gate struct {
	rate   int // 0 is frozen
	shut   atomic.Bool
	opened chan struct{}
}

func newGate(rate int) *gate { return &gate{rate: rate, opened: make(chan struct{})} }

// through reads as the gate allows.
func (g *gate) through(from io.Reader) io.Reader { return gatedReader{from, g} }

type gatedReader struct {
	io.Reader
	*gate
}

// Read implements io.Reader.
func (r gatedReader) Read(p []byte) (int, error) {
	if !r.shut.Load() {
		return r.Reader.Read(p)
	}
	if r.rate == 0 {
		<-r.opened
		return r.Reader.Read(p)
	}
	n, err := r.Reader.Read(p[:min(len(p), r.rate)])
	select {
	case <-r.opened:
	case <-time.After(time.Second):
	}
	return n, err
}

// gatedConn is a connection that is read through a gate.
type gatedConn struct {
	net.Conn
	gate *gate
}

// Read implements net.Conn.
func (c gatedConn) Read(p []byte) (int, error) { return c.gate.through(c.Conn).Read(p) }
