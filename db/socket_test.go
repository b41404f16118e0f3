package db_test

import (
	"context"
	"database/sql/driver"
	"fmt"
	"io"
	"net"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
)

// hole leads to the shared database until it is closed, and swallows all
// answers from then on.
type hole struct {
	dsn    string
	closed atomic.Bool
}

func newHole(t *testing.T) *hole {
	t.Helper()
	dsn := dbtest.DSN(t)
	at := regexp.MustCompile(`^host='?([^ ']+)'? port='?(\d+)'? `).FindStringSubmatch(dsn)
	if at == nil {
		t.Fatalf("the DSN %q does not begin with a directory and a port", dsn)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	h := &hole{dsn: fmt.Sprintf("host=127.0.0.1 port=%s %s", port, dsn[len(at[0]):])}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { h.carry(near, at[1]+"/.s.PGSQL."+at[2]) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		all.Wait()
	})
	return h
}

// carry passes on what both ends say until the near one hangs up.
func (h *hole) carry(near net.Conn, socket string) {
	defer func() { _ = near.Close() }()
	far, err := (&net.Dialer{}).DialContext(context.Background(), "unix", socket)
	if err != nil {
		return
	}
	var answers sync.WaitGroup
	answers.Go(func() {
		_, _ = io.Copy(h.outlet(near), far)
		_ = near.Close()
	})
	_, _ = io.Copy(far, near)
	_ = far.Close()
	answers.Wait()
}

// writer is a function that is an io.Writer.
type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

func (h *hole) outlet(near net.Conn) io.Writer {
	return writer(func(b []byte) (int, error) {
		if h.closed.Load() {
			return len(b), nil
		}
		return near.Write(b)
	})
}

// A connection that the pool opened on nobody's behalf gives up at the deadline
// of whoever uses it first, when the network swallows the answer.
func TestFirstUserOfAConnectionHasHisDeadline(t *testing.T) {
	t.Parallel()
	uses := map[string]func(context.Context, driver.Conn) error{
		"Query": func(ctx context.Context, c driver.Conn) error {
			_, err := c.(driver.QueryerContext).QueryContext(ctx, `select 1`, nil)
			return err
		},
		"Exec": func(ctx context.Context, c driver.Conn) error {
			_, err := c.(driver.ExecerContext).ExecContext(ctx, `select 1`, nil)
			return err
		},
		"Begin": func(ctx context.Context, c driver.Conn) error {
			_, err := c.(driver.ConnBeginTx).BeginTx(ctx, driver.TxOptions{})
			return err
		},
		"Ping": func(ctx context.Context, c driver.Conn) error { return c.(driver.Pinger).Ping(ctx) },
	}
	for name, use := range uses {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHole(t)
			connector, err := db.NewConnector(h.dsn)
			if err != nil {
				t.Fatal(err)
			}
			conn, err := connector.Connect(context.Background()) // as the pool does for those who wait
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			h.closed.Store(true)
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			begin := time.Now()
			if err := use(ctx, conn); err == nil {
				t.Error("an answer came through the hole")
			}
			// Without his deadline it takes the 6 s of everybody.
			if took := time.Since(begin); took > 4*time.Second {
				t.Errorf("gave up after %v, want about half a second", took)
			}
		})
	}
}
