package handlers

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
)

// health is what readyz knows beside the database.
type health struct{ draining atomic.Bool }

// Drain makes readyz fail from now on, so that a balancer sends nobody new.
func (h *Handlers) Drain() { h.health.draining.Store(true) }

// healthz says that the process lives. It does not ask the database: a restart
// would not bring that back.
func (h *Handlers) healthz(c echo.Context) error {
	return c.String(http.StatusOK, "ok\n")
}

// readyz says whether requests can be served.
func (h *Handlers) readyz(c echo.Context) error {
	if h.health.draining.Load() {
		return c.String(http.StatusServiceUnavailable, "draining\n")
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), 2*time.Second)
	defer cancel()
	if err := h.db.Ping(ctx); err != nil {
		c.Response().Header().Set("Retry-After", "5")
		return c.String(http.StatusServiceUnavailable, "database unavailable\n")
	}
	return c.String(http.StatusOK, "ready\n")
}
