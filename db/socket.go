package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"
)

const (
	// ioTimeout bounds each read and write on a connection to PostgreSQL. It is
	// longer than statement_timeout, which ends slow statements properly.
	ioTimeout = 6 * time.Second
	// cancelTime is what a socket waits after the deadline of its user, so that
	// lib/pq can have the server cancel the statement.
	cancelTime = 200 * time.Millisecond
)

// socket is a connection to PostgreSQL that gives up. When the network swallows
// packets, lib/pq does not end a query at the deadline of its context, and
// neither does the kernel for many minutes.
type socket struct {
	net.Conn
	// until is when its present user has no time left, in Unix nanoseconds; 0
	// means that only ioTimeout holds.
	until atomic.Int64
	// silent is called when nothing came until the deadline.
	silent func()
}

// bind takes over the deadline of a new user.
func (s *socket) bind(ctx context.Context) {
	at, ok := ctx.Deadline()
	if !ok {
		s.until.Store(0)
		return
	}
	s.until.Store(at.Add(cancelTime).UnixNano())
}

func (s *socket) deadline() time.Time {
	at := time.Now().Add(ioTimeout)
	if until := s.until.Load(); until != 0 && until < at.UnixNano() {
		return time.Unix(0, until)
	}
	return at
}

// Read implements net.Conn with a deadline.
func (s *socket) Read(b []byte) (int, error) {
	if err := s.SetReadDeadline(s.deadline()); err != nil {
		return 0, err
	}
	n, err := s.Conn.Read(b)
	if s.silent != nil && errors.Is(err, os.ErrDeadlineExceeded) {
		s.silent()
	}
	return n, err
}

// Write implements net.Conn with a deadline.
func (s *socket) Write(b []byte) (int, error) {
	if err := s.SetWriteDeadline(s.deadline()); err != nil {
		return 0, err
	}
	return s.Conn.Write(b)
}

// dialled is the key of the **socket in a context that is told what was dialled.
type dialled struct{}

// dialer dials sockets, for lib/pq.
type dialer struct{}

// Dial implements pq.Dialer.
func (d dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialTimeout(network, address, ioTimeout)
}

// DialTimeout implements pq.Dialer.
func (d dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// DialContext implements pq.DialerContext. The context that lib/pq gives it ends
// after connect_timeout, which so holds for the whole exchange of greetings.
func (dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	plain := net.Dialer{KeepAlive: 10 * time.Second}
	conn, err := plain.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	s := &socket{Conn: conn}
	s.bind(ctx)
	if tell, ok := ctx.Value(dialled{}).(**socket); ok {
		*tell = s
	}
	return s, nil
}

// pqConn is what a connection of lib/pq can do.
type pqConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// boundConn is a connection whose socket has the deadline of its user. He is
// taken over when the pool lends him the connection, and again with each
// statement: the pool does not say whose a connection is that it opened for
// somebody who waits.
type boundConn struct {
	pqConn
	socket *socket
}

// ResetSession implements driver.SessionResetter.
func (c *boundConn) ResetSession(ctx context.Context) error {
	c.socket.bind(ctx)
	return c.pqConn.ResetSession(ctx)
}

// BeginTx implements driver.ConnBeginTx.
func (c *boundConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	c.socket.bind(ctx)
	return c.pqConn.BeginTx(ctx, opts)
}

// ExecContext implements driver.ExecerContext.
func (c *boundConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.socket.bind(ctx)
	return c.pqConn.ExecContext(ctx, query, args)
}

// QueryContext implements driver.QueryerContext.
func (c *boundConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.socket.bind(ctx)
	return c.pqConn.QueryContext(ctx, query, args)
}

// Ping implements driver.Pinger.
func (c *boundConn) Ping(ctx context.Context) error {
	c.socket.bind(ctx)
	return c.pqConn.Ping(ctx)
}
