package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/views"
)

const (
	// maxReceipts bounds the receipts of one request, receiptsPerMinute the
	// requests of one contractor's devices together.
	maxReceipts       = 50
	receiptsPerMinute = 120
)

// receipts notes what a contractor's page says is on its screen or was seen. The
// same twice changes nothing, and so does what is not his: it is not told which.
func (h *Handlers) receipts(c echo.Context) error {
	p, _ := principal(c)
	if wait, _ := h.access.receipts.try(p.UserID); wait > 0 {
		return errTooMany
	}
	f, err := form(c)
	if err != nil {
		return err
	}
	lines := f.All("receipt")
	if len(lines) == 0 || len(lines) > maxReceipts {
		return &db.Invalid{Field: "receipt", Message: fmt.Sprintf("send 1 to %d", maxReceipts)}
	}
	said := make([]db.Receipt, len(lines))
	for i, line := range lines {
		if said[i], err = parseReceipt(line); err != nil {
			return err
		}
	}
	if err := h.db.Receive(c.Request().Context(), actor(p), p.ContractorID, said); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// parseReceipt reads an assignment, the number of its news, on-screen or seen,
// and the phone's clock in milliseconds since 1970, which may be left out. What
// is acknowledged is never said in passing.
func parseReceipt(line string) (db.Receipt, error) {
	invalid := &db.Invalid{Field: "receipt", Message: "a receipt is ASSIGNMENT:NUMBER:on-screen|seen:MILLISECONDS"}
	part := strings.Split(line, ":")
	if len(part) != 4 {
		return db.Receipt{}, invalid
	}
	id, err := uuid.Parse(part[0])
	news, notNumber := strconv.Atoi(part[1])
	rung := events.Rung(part[2])
	if err != nil || notNumber != nil || news < 0 || news > 1<<30 || rung != events.RungOnScreen && rung != events.RungSeen {
		return db.Receipt{}, invalid
	}
	r := db.Receipt{AssignmentID: id.String(), News: news, Rung: rung}
	if part[3] != "" {
		millis, err := strconv.ParseInt(part[3], 10, 64)
		if err != nil || millis < 0 || millis > 1<<43 {
			return db.Receipt{}, invalid
		}
		r.ClientAt = time.UnixMilli(millis)
	}
	return r, nil
}

// acknowledge notes that a contractor knows of a change of his list. It answers
// with what his phone shows of the job now.
func (h *Handlers) acknowledge(c echo.Context) error {
	p, _ := principal(c)
	id, err := pathID(c, "assignmentID")
	if err != nil {
		return err
	}
	f, err := form(c)
	if err != nil {
		return err
	}
	news, err := strconv.Atoi(f.Get("news"))
	if err != nil || news < 1 || news > 1<<30 {
		return &db.Invalid{Field: "news", Message: "the number of the change is missing"}
	}
	held, err := h.db.HeldBy(c.Request().Context(), id, p.ContractorID)
	if err != nil {
		return err
	}
	known := db.Receipt{AssignmentID: id, News: news, Rung: events.RungAcknowledged}
	if at, err := time.Parse(time.RFC3339, f.Get("client_at")); err == nil {
		known.ClientAt = at // one that makes no sense is as good as none
	}
	err = h.db.Acknowledge(c.Request().Context(), actor(p), p.ContractorID, known)
	var newer *db.Conflict
	switch {
	case errors.As(err, &newer):
		return h.tapRefused(c, http.StatusConflict, held, id, numberOf(held.Number)+" changed once more: look at it again.")
	case err != nil:
		return err
	case !isPartial(c):
		return c.Redirect(http.StatusSeeOther, "/contractor")
	}
	fragment, err := h.phoneFragment(c.Request().Context(), p.ContractorID, held.JobID)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Contractor(fragment))
}
