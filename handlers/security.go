package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"smartscheduler/static"
)

// The keys of values that middleware leaves in the echo context.
const (
	principalKey = "principal"
	unknownKey   = "rights unknown"
	lostKey      = "rights lost"
	requestIDKey = "request id"
)

// streamPrefix begins the paths of all streams. Deadlines do not apply to them,
// and they answer trouble with a bare status.
const streamPrefix = "/streams/"

// newEcho returns an echo with the middleware that every request passes, the
// outermost first.
func (h *Handlers) newEcho() *echo.Echo {
	e := echo.New()
	e.HideBanner = true
	e.HTTPErrorHandler = h.answerError
	e.IPExtractor = echo.ExtractIPDirect()
	if h.behindProxy {
		e.IPExtractor = echo.ExtractIPFromXFFHeader()
	}
	e.Use(h.observe, h.headers, compressed(), h.catchPanics, h.sameOrigin, limitBody, deadlines, h.authenticate)
	return e
}

// compressed gzips pages and fragments that are worth it. Streams are left
// alone, because an open one would hold a compressor, and files, which have
// their own.
func compressed() echo.MiddlewareFunc {
	return middleware.GzipWithConfig(middleware.GzipConfig{
		MinLength: 1400, // less fits into one packet as it is
		Skipper: func(c echo.Context) bool {
			return isStream(c) || strings.HasPrefix(c.Request().URL.Path, static.Prefix)
		},
	})
}

// observe names the request, answers its error, and then logs and counts it.
func (h *Handlers) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		id := uuid.NewString()
		c.Set(requestIDKey, id)
		c.Response().Header().Set("X-Request-Id", id)
		if err := next(c); err != nil {
			c.Error(err)
		}
		took := time.Since(start)
		h.metrics.request(c.Request().Method, c.Path(), c.Response().Status, took, isStream(c))
		h.logRequest(c, took)
		return nil
	}
}

// logRequest writes the access log. It names no query, since people mistype
// secrets into addresses, and no token.
func (h *Handlers) logRequest(c echo.Context, took time.Duration) {
	level := slog.LevelInfo
	if isPlumbing(c) {
		level = slog.LevelDebug
	}
	attrs := []slog.Attr{
		slog.String("request_id", requestID(c)),
		slog.String("method", c.Request().Method),
		slog.String("path", loggedPath(c.Request().URL.Path)),
		slog.Int("status", c.Response().Status),
		slog.Int64("bytes", c.Response().Size),
		slog.Duration("took", took),
		slog.String("address", c.RealIP()),
	}
	if p, ok := principal(c); ok {
		attrs = append(attrs, slog.String("role", p.Role), slog.String("user_id", p.UserID), slog.String("kiosk_id", p.KioskID))
	}
	h.log.LogAttrs(context.WithoutCancel(c.Request().Context()), level, "request", attrs...)
}

func loggedPath(path string) string {
	if prefix := secretPrefix(path); prefix != "" {
		return prefix + "[token]"
	}
	return path
}

// requestID returns the id that the access log and the answer carry, a UUID.
func requestID(c echo.Context) string {
	id, _ := c.Get(requestIDKey).(string)
	return id
}

// isPlumbing tells whether nobody cares who asks.
func isPlumbing(c echo.Context) bool {
	path := c.Request().URL.Path
	return path == "/healthz" || path == "/readyz" || path == workerPath || path == manifestPath || strings.HasPrefix(path, "/static/")
}

func isStream(c echo.Context) bool {
	return strings.HasPrefix(c.Request().URL.Path, streamPrefix)
}

const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; font-src 'self'; form-action 'self'; manifest-src 'self'; worker-src 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'; object-src 'none'"

// headers sets what every answer carries. Files that browsers may keep replace
// Cache-Control themselves.
func (h *Handlers) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		header := c.Response().Header()
		header.Set("Content-Security-Policy", contentSecurityPolicy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		header.Set("Referrer-Policy", "same-origin")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		header.Set("Cache-Control", "no-store")
		header.Set("Vary", "HX-Request-Type")
		if secretPrefix(c.Request().URL.Path) != "" {
			header.Set("Referrer-Policy", "no-referrer")
		}
		if h.secure {
			header.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		return next(c)
	}
}

// catchPanics turns a panic into an error, which is answered with 500 and
// logged with the stack.
func (h *Handlers) catchPanics(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			switch r := recover(); r {
			case nil:
			case http.ErrAbortHandler:
				panic(r)
			default:
				err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
			}
		}()
		return next(c)
	}
}

// sameOrigin refuses unsafe requests that a browser says another site made.
// Programs that are no browsers send neither header and pass.
func (h *Handlers) sameOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	return func(c echo.Context) error {
		if err := protection.Check(c.Request()); err != nil {
			return fmt.Errorf("%v: %w", err, errCrossSite)
		}
		return next(c)
	}
}
