package handlers

import (
	"context"
	"fmt"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
)

const (
	// streamLookTime bounds each look at the database before a stream opens. Such
	// requests have no deadline, and the client can come back.
	streamLookTime = 3 * time.Second
	// streamLooks bounds the looks at once. It is less than half of the pool, so
	// that thousands of streams that come back after a restart leave connections
	// to the forms.
	streamLooks = 8
	// streamLookWait bounds the wait for a turn. It is longer than thousands of
	// others take, and shorter than people wait.
	streamLookWait = 10 * time.Second
)

// boundedAccount is account; for a stream it waits its turn.
func (h *Handlers) boundedAccount(c echo.Context) (a db.Account, err error) {
	if !isStream(c) {
		return h.account(c)
	}
	r := c.Request()
	defer c.SetRequest(r)
	err = h.look(r.Context(), func(ctx context.Context) error {
		c.SetRequest(r.WithContext(ctx))
		a, err = h.account(c)
		return err
	})
	return a, err
}

// look asks the database for a stream, when it is its turn and within
// streamLookTime.
func (h *Handlers) look(ctx context.Context, ask func(context.Context) error) error {
	wait, cancel := context.WithTimeout(ctx, streamLookWait)
	defer cancel()
	select {
	case h.access.looking <- struct{}{}:
		defer func() { <-h.access.looking }()
	case <-wait.Done():
		return fmt.Errorf("wait for a look at the database: %w", wait.Err())
	}
	ctx, cancel = context.WithTimeout(ctx, streamLookTime)
	defer cancel()
	return ask(ctx)
}
