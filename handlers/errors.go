package handlers

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/views"
)

// Errors of requests that never reach a command.
var (
	errNotSignedIn = errors.New("not signed in")
	errCrossSite   = errors.New("request of another site")
	errTooLarge    = errors.New("body too large")
	errNotAForm    = errors.New("body is not a form")
	errMalformed   = errors.New("form cannot be read")
	errTooMany     = errors.New("too many requests")
)

// failure is how an error is answered. An empty text leaves the usual words of
// the status.
type failure struct {
	err    error
	status int
	text   string
	// retry is the value of Retry-After; 0 sends none.
	retry time.Duration
}

// failures is the table of errors that have an answer; the first match counts.
// An error may be several at once: one that is ErrUnavailable may have been
// caused by anything, so that comes first.
func failures() []failure {
	return []failure{
		{db.ErrNoRoom, http.StatusInsufficientStorage, "", time.Minute},
		{db.ErrUnavailable, http.StatusServiceUnavailable, "", 5 * time.Second},
		{db.ErrNotFound, http.StatusNotFound, "", 0},
		{db.ErrDuplicate, http.StatusConflict, "There is one with that name already. Nothing was saved.", 0},
		{db.ErrKeyReused, http.StatusUnprocessableEntity, "This form was sent before with other content. Open it again. Nothing was saved.", 0},
		{db.ErrPassword, http.StatusUnprocessableEntity, "That password is not good enough.", 0},
		{db.ErrSpent, http.StatusGone, "That link or code was used already or is too old.", 0},
		{errNotSignedIn, http.StatusUnauthorized, "", 0},
		{errCrossSite, http.StatusForbidden, "The request came from another site. Nothing was changed.", 0},
		{errTooLarge, http.StatusRequestEntityTooLarge, "", 0},
		{errNotAForm, http.StatusUnsupportedMediaType, "Send a form as a browser does. Nothing was saved.", 0},
		{errMalformed, http.StatusBadRequest, "", 0},
		{errTooMany, http.StatusTooManyRequests, "", 30 * time.Second},
	}
}

// failureOf finds the answer to err; everything unknown is our own fault.
func failureOf(err error) failure {
	for _, f := range failures() {
		if errors.Is(err, f.err) {
			return f
		}
	}
	var (
		large   *http.MaxBytesError
		invalid *db.Invalid
		status  *echo.HTTPError
	)
	switch {
	case errors.As(err, &large):
		return failure{err: err, status: http.StatusRequestEntityTooLarge}
	case errors.As(err, &invalid):
		return failure{err: err, status: http.StatusUnprocessableEntity, text: invalidText(invalid)}
	case errors.As(err, &status) && status.Code < http.StatusInternalServerError:
		return failure{err: err, status: status.Code}
	}
	return failure{err: err, status: http.StatusInternalServerError}
}

func invalidText(e *db.Invalid) string {
	if e.Field == "" {
		return "Nothing was saved: " + e.Message + "."
	}
	return "Nothing was saved: " + e.Field + ": " + e.Message + "."
}

// answerError is the echo.HTTPErrorHandler: a fragment for htmx, a bare status
// for streams, a page for everybody else. Our own faults are logged here and
// nowhere else.
func (h *Handlers) answerError(err error, c echo.Context) {
	ctx := context.WithoutCancel(c.Request().Context())
	f := failureOf(err)
	gone := errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil
	if f.status == http.StatusInternalServerError && !gone {
		h.log.ErrorContext(ctx, "request failed", "request_id", requestID(c), "route", c.Path(), "err", err)
	}
	if f.retry > 0 {
		h.log.WarnContext(ctx, "request refused", "request_id", requestID(c), "route", c.Path(), "err", err)
	}
	if c.Response().Committed {
		return
	}
	if f.retry > 0 {
		c.Response().Header().Set("Retry-After", strconv.Itoa(int(f.retry.Seconds())))
	}
	if err := h.sendFailure(c, f); err != nil {
		h.log.ErrorContext(ctx, "error page failed", "request_id", requestID(c), "err", err)
	}
}

func (h *Handlers) sendFailure(c echo.Context, f failure) error {
	if isStream(c) {
		return c.NoContent(f.status)
	}
	// Only our own faults name the request: of what is forbidden and what does
	// not exist, the answers must be the same.
	id := ""
	if f.status >= http.StatusInternalServerError {
		id = requestID(c)
	}
	words := views.FailureFor(f.status, id)
	if f.text != "" {
		words.Text = f.text
	}
	if isPartial(c) {
		return render(c, f.status, views.FailurePanel(words))
	}
	return render(c, f.status, views.FailurePage(h.plainPage(c, words.Title), words))
}

// plainPage is the frame of a page that needs nothing from the database.
func (h *Handlers) plainPage(c echo.Context, title string) views.Page {
	page := views.Page{Title: title}
	if p, ok := principal(c); ok && p.Role != RoleKiosk {
		page.User = &views.User{Name: p.Name, Role: p.Role}
	}
	return page
}
