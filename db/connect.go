package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

// ioTimeout bounds each read and write on a connection to PostgreSQL. lib/pq
// does not end a query at its context's deadline when the network swallows
// packets, so the socket itself must give up; it is longer than
// statement_timeout, which ends slow statements properly.
const ioTimeout = 6 * time.Second

// settings are applied to every connection that names none of its own.
var settings = []struct{ key, value string }{
	{"connect_timeout", "3"},
	{"application_name", "smartscheduler"},
	{"statement_timeout", "5000"},
	{"lock_timeout", "2000"},
	{"idle_in_transaction_session_timeout", "10000"},
	{"sslmode", "prefer"},
}

// withSettings adds the default settings to a connection string or URL, without
// overriding what it says itself. Its errors don't repeat the string, which may
// hold a password.
func withSettings(dsn string) (string, error) {
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		u, err := url.Parse(dsn)
		if err != nil {
			return "", errors.New("DATABASE_URL is not a URL")
		}
		query := u.Query()
		for _, s := range settings {
			if !query.Has(s.key) {
				query.Set(s.key, s.value)
			}
		}
		u.RawQuery = query.Encode()
		return u.String(), nil
	}
	for _, s := range settings {
		if !strings.Contains(dsn, s.key+"=") {
			dsn += " " + s.key + "=" + s.value
		}
	}
	return strings.TrimSpace(dsn), nil
}

// deadlineDialer dials PostgreSQL with a deadline on each read and write.
type deadlineDialer struct{}

// Dial implements pq.Dialer.
func (d deadlineDialer) Dial(network, address string) (net.Conn, error) {
	return d.DialTimeout(network, address, 3*time.Second)
}

// DialTimeout implements pq.Dialer.
func (d deadlineDialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// DialContext implements pq.DialerContext.
func (deadlineDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{KeepAlive: 10 * time.Second}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return deadlineConn{conn}, nil
}

type deadlineConn struct{ net.Conn }

// Read implements net.Conn with a deadline.
func (c deadlineConn) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(ioTimeout)); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

// Write implements net.Conn with a deadline.
func (c deadlineConn) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(ioTimeout)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// roleConnector takes AppRole on each new connection, where the server has it.
type roleConnector struct {
	driver.Connector
	owner bool
}

// Connect implements driver.Connector.
func (c roleConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil || c.owner {
		return conn, err
	}
	exec, ok := conn.(driver.ExecerContext)
	if !ok {
		return conn, nil
	}
	const take = `select set_config('role', rolname, false) from pg_roles
	               where rolname = '` + AppRole + `' and pg_has_role(rolname, 'member')`
	if _, err := exec.ExecContext(ctx, take, nil); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("take role %s: %w", AppRole, err)
	}
	return conn, nil
}
