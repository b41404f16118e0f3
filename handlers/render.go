package handlers

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// render answers with a component. It is drawn to memory first, so that an
// error while drawing gives an error page and not half of a page. Drawing
// waits for nothing, so it goes on when the time for the request is over.
func render(c echo.Context, status int, component templ.Component) error {
	page, err := draw(context.WithoutCancel(c.Request().Context()), component)
	if err != nil {
		return err
	}
	if c.Request().Method == http.MethodHead {
		return c.NoContent(status)
	}
	return c.HTMLBlob(status, page)
}

// draw returns the bytes of a component.
func draw(ctx context.Context, component templ.Component) ([]byte, error) {
	var b bytes.Buffer
	if err := component.Render(ctx, &b); err != nil {
		return nil, fmt.Errorf("render: %w", err)
	}
	return b.Bytes(), nil
}

// isPartial tells whether htmx asks for a fragment, not for a page.
func isPartial(c echo.Context) bool {
	return c.Request().Header.Get("HX-Request-Type") == "partial"
}
