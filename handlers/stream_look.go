package handlers

import (
	"context"
	"fmt"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
)

const (
	// streamsOpening bounds the streams that open at once. After a restart
	// thousands come back together; those who wait here take no turn of a
	// processor from forms and from new connections.
	streamsOpening = 256
	// streamTurn bounds the wait, streamLookTime each look at the database after
	// it. Such requests have no deadline, and the client can come back.
	streamTurn     = 20 * time.Second
	streamLookTime = 3 * time.Second
)

// boundedAccount is account; for a stream it waits its turn, and is bounded.
func (h *Handlers) boundedAccount(c echo.Context) (db.Account, error) {
	if !isStream(c) {
		return h.account(c)
	}
	r := c.Request()
	wait, cancel := context.WithTimeout(r.Context(), streamTurn)
	defer cancel()
	select {
	case h.access.opening <- struct{}{}:
		defer func() { <-h.access.opening }()
	case <-wait.Done():
		return db.Account{}, fmt.Errorf("wait to open a stream: %w", wait.Err())
	}
	ctx, cancel := context.WithTimeout(r.Context(), streamLookTime)
	defer cancel()
	c.SetRequest(r.WithContext(ctx))
	defer c.SetRequest(r)
	return h.account(c)
}
