package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/lib/pq"
)

// settings are applied to every connection that names none of its own.
var settings = []struct{ key, value string }{
	{"connect_timeout", "3"},
	{"application_name", "smartscheduler"},
	{"statement_timeout", "5000"},
	{"lock_timeout", "2000"},
	{"idle_in_transaction_session_timeout", "10000"},
	// No statement of ours takes as long as compiling it would.
	{"jit", "off"},
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

// connector opens connections whose sockets keep to the deadline of whoever
// uses them, and takes AppRole on each where the server has it.
type connector struct {
	*pq.Connector
	owner bool
	// silent is called when a connection that had been opened does not answer.
	silent func()
}

func newConnector(dsn string, owner bool) (*connector, error) {
	plain, err := pq.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	plain.Dialer(dialer{})
	return &connector{Connector: plain, owner: owner}, nil
}

// Connect implements driver.Connector.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	var s *socket
	opened, err := c.Connector.Connect(context.WithValue(ctx, dialled{}, &s))
	if err != nil {
		return nil, err
	}
	conn := &boundConn{opened.(pqConn), s}
	s.silent = c.silent
	s.bind(ctx)
	if c.owner {
		return conn, nil
	}
	const take = `select set_config('role', rolname, false) from pg_roles
	               where rolname = '` + AppRole + `' and pg_has_role(rolname, 'member')`
	if _, err := conn.ExecContext(ctx, take, nil); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("take role %s: %w", AppRole, err)
	}
	return conn, nil
}
