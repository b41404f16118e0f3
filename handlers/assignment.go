package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// command is what the forms that change an assignment have in common.
func command(c echo.Context, f Form, errs views.Errors) db.Command {
	p, _ := principal(c)
	if len([]rune(f.Get("idempotency_key"))) > maxKey {
		errs[""] = "The key of the form is too long: open it again."
	}
	return db.Command{
		By: actor(p), Version: parseVersion(f, errs), Key: f.Get("idempotency_key"), RequestHash: requestHash(c, f),
		AuditID: f.Get("audit_id"), OverrideReason: f.Get("override_reason"),
	}
}

// maxKey bounds an idempotency key, in characters.
const maxKey = 200

// requestHash tells one request from another under the same idempotency key. When
// a phone sends the same tap again it is the same request.
func requestHash(c echo.Context, f Form) string {
	fields := make([]string, 0, len(f))
	for name, value := range f {
		if name != "idempotency_key" && name != "board" && name != "date" && name != "client_at" {
			fields = append(fields, strconv.Quote(name)+"="+strconv.Quote(value))
		}
	}
	slices.Sort(fields)
	sum := sha256.Sum256([]byte(c.Request().URL.Path + "\n" + strings.Join(fields, "\n")))
	return hex.EncodeToString(sum[:])
}

func parseVersion(f Form, errs views.Errors) int {
	v, err := strconv.Atoi(f.Get("version"))
	if err != nil || v < 1 {
		errs[""] = "The form lacks the version of the job: open it again."
	}
	return v
}

// typedTimes are the fields of a form about when.
type typedTimes struct{ start, end, startOffset, endOffset string }

// typed returns the times of a form. The button of a free slot stands for a
// start, and then for no end.
func typed(f Form) typedTimes {
	t := typedTimes{f.Get("start"), f.Get("end"), f.Get("start_offset"), f.Get("end_offset")}
	const wall = len("2006-01-02T15:04")
	if slot := f.Get("slot"); len(slot) >= wall {
		t = typedTimes{start: slot[:wall], startOffset: slot[wall:]}
	}
	return t
}

// parse reads the times; optional says that no start keeps the old times.
func (t typedTimes) parse(errs views.Errors, optional bool) db.Times {
	times := db.Times{StartOffset: t.startOffset, EndOffset: t.endOffset}
	if t.start == "" && t.end == "" && optional {
		return db.Times{}
	}
	var err error
	if times.Start, err = schedule.ParseWallTime(t.start); err != nil {
		errs["start"] = "Give a date and a time."
	}
	if t.end == "" {
		return times
	}
	if times.End, err = schedule.ParseWallTime(t.end); err != nil {
		errs["end"] = "Give a date and a time, or leave it empty."
	}
	return times
}

// measured counts how a command ended and how long it took.
func (h *Handlers) measured(act string, run func() (db.Outcome, error)) (db.Outcome, error) {
	began := time.Now()
	out, err := run()
	var conflict *db.Conflict
	var invalid *db.Invalid
	outcome := "done"
	switch {
	case errors.As(err, &conflict):
		outcome = "conflict"
	case errors.As(err, &invalid):
		outcome = "invalid"
	case errors.Is(err, db.ErrUnavailable):
		outcome = "unavailable"
	case err != nil:
		outcome = "failed"
	}
	h.metrics.Assigned(act, outcome, time.Since(began))
	return out, err
}

// panel answers with a form or panel: alone for htmx, else on a page.
func (h *Handlers) panel(c echo.Context, status int, title string, panel templ.Component) error {
	if isPartial(c) {
		return render(c, status, panel)
	}
	page, err := h.page(c, title, "")
	if err != nil {
		return err
	}
	return render(c, status, views.PanelPage(page, panel))
}

// confirm answers a command that was carried out: for htmx with the job as it
// is now and its cards, so that a stream that is down hides nothing; without
// script by going back to where the form was opened.
func (h *Handlers) confirm(c echo.Context, what string, out db.Outcome) error {
	board, date := wayBack(c)
	if !isPartial(c) {
		return c.Redirect(http.StatusSeeOther, backURL(out.JobID, board, date))
	}
	cards, err := h.db.CrewOf(c.Request().Context(), out.JobID)
	if err != nil {
		return err
	}
	panel, err := h.jobPanel(c, cards)
	if err != nil {
		return err
	}
	answer := views.Confirmation{Message: confirmation(what, panel, out), Undo: panel.Undo, Panel: panel}
	answer.Panel.Undo = nil // once is enough
	if board != "" {
		fragment, err := dispatchFragment(cards, board)
		if err != nil {
			return err
		}
		answer.Board = &fragment
	}
	return render(c, http.StatusOK, views.Confirmed(answer))
}

// confirmation says what was done, to whose assignment, and which soft rules that
// broke.
func confirmation(what string, panel views.JobPanel, out db.Outcome) string {
	said := what + ": " + panel.Number
	for _, a := range panel.Crew {
		if a.AssignmentID == out.AssignmentID {
			said += ", " + a.Contractor + ", " + a.Time
		}
	}
	if panel.Booked != "" {
		said += ", " + panel.Booked
	}
	if len(out.Warnings) > 0 {
		said += " (" + strings.Join(out.Warnings, ", ") + ")"
	}
	return said
}

func backURL(jobID, board, date string) string {
	switch {
	case board == "":
		return "/jobs/" + jobID
	case date == "":
		return "/dispatch/" + board
	}
	return "/dispatch/" + board + "?date=" + date
}

// formContext is what a form of the workbench carries along.
func formContext(c echo.Context, version int, errs views.Errors) views.FormContext {
	board, date := wayBack(c)
	return views.FormContext{Board: board, Date: date, Version: version, IdempotencyKey: uuid.NewString(), Errors: errs}
}

// holders says who has the job of the cards and when.
func holders(cards []db.Card, z zones) string {
	said := make([]string, len(cards))
	for i, card := range cards {
		said[i] = holder(card, z)
	}
	return strings.Join(said, "; ")
}

// holder says who has an assignment and when.
func holder(card db.Card, z zones) string {
	if !card.Assigned() {
		return "Nobody has it"
	}
	return card.ContractorName + ", " + dayRange(card.At(), z.job, z.region)
}
