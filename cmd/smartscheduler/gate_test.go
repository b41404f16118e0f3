package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// askRaw is ask over a connection of its own with a tiny receive buffer, of
// which only what is read through the gate leaves the kernel.
func (c *client) askRaw(g *gate) io.ReadCloser {
	c.t.Helper()
	host := strings.TrimPrefix(c.base, "http://")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = conn.Close() })
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		c.t.Fatal(err)
	}
	request := "GET " + northStream + " HTTP/1.1\r\nHost: " + host + "\r\nCookie: " + c.cookies() + "\r\n\r\n"
	if _, err := io.WriteString(conn, request); err != nil {
		c.t.Fatal(err)
	}
	return &unwrapped{in: bufio.NewReader(g.through(conn)), conn: conn}
}

// unwrapped is the body of a response, whose header is read when the body is.
type unwrapped struct {
	in   *bufio.Reader
	conn io.Closer
	body io.Reader
}

// Read implements io.Reader.
func (u *unwrapped) Read(p []byte) (int, error) {
	if u.body == nil {
		resp, err := http.ReadResponse(u.in, nil)
		if err != nil {
			return 0, err
		}
		u.body = resp.Body
	}
	return u.body.Read(p)
}

// Close implements io.Closer.
func (u *unwrapped) Close() error { return u.conn.Close() }

// gate lets a reader have nothing, or so many bytes a second, until it opens.
type gate struct {
	rate   int
	opened chan struct{}
}

func (g *gate) through(from io.ReadCloser) io.ReadCloser { return gated{from, g} }

type gated struct {
	io.ReadCloser
	*gate
}

// Read implements io.Reader.
func (r gated) Read(p []byte) (int, error) {
	if r.rate == 0 {
		<-r.opened
		return r.ReadCloser.Read(p)
	}
	select {
	case <-r.opened:
		return r.ReadCloser.Read(p)
	case <-time.After(time.Second):
		return r.ReadCloser.Read(p[:min(len(p), r.rate)])
	}
}

// shutConn is a connection of which nothing is read while it is shut and its
// gate is not open.
type shutConn struct {
	net.Conn
	gate *gate
	shut *atomic.Bool
}

// Read implements net.Conn.
func (c *shutConn) Read(p []byte) (int, error) {
	if c.shut.Load() {
		<-c.gate.opened
	}
	return c.Conn.Read(p)
}
