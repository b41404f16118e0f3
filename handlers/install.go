package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"smartscheduler/static"
)

// workerPath is at the top, or the worker could not serve the page /contractor.
// The worker retires when this answers 404 or 410.
const (
	workerPath   = "/sw.js"
	manifestPath = "/manifest.webmanifest"
)

// worker is the phone's service worker. Browsers look for a new one themselves.
func (h *Handlers) worker(c echo.Context) error {
	return c.Blob(http.StatusOK, "text/javascript; charset=utf-8", static.Worker(h.build))
}

// manifest lets a phone install the contractor's page. Browsers ask for it
// without saying who they are.
func (h *Handlers) manifest(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-cache")
	return c.Blob(http.StatusOK, "application/manifest+json", static.Manifest())
}
