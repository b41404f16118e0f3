package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// job shows a job with its story, or in the workbench of a board.
func (h *Handlers) job(c echo.Context) error {
	card, err := h.visibleCard(c)
	if err != nil {
		return err
	}
	panel, err := h.jobPanel(c, card)
	if err != nil {
		return err
	}
	if isPartial(c) {
		return render(c, http.StatusOK, views.JobInPanel(panel))
	}
	story, err := h.story(c, card)
	if err != nil {
		return err
	}
	page, err := h.page(c, panel.Number, "")
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.JobPage(page, panel, story))
}

// visibleCard is the job of the address, if the caller may see it: the
// dispatchers of its region, those of the home of the contractor who has it,
// and whoever may see everything.
func (h *Handlers) visibleCard(c echo.Context) (db.Card, error) {
	p, _ := principal(c)
	id, err := pathID(c, "jobID")
	if err != nil {
		return db.Card{}, err
	}
	card, err := h.db.CardOf(c.Request().Context(), id)
	if err != nil {
		return db.Card{}, err
	}
	if !p.MaySee(card.Region) && !(card.Assigned() && p.MaySee(card.ContractorHome)) {
		return db.Card{}, db.ErrNotFound
	}
	return card, nil
}

// changeableCard is the job of the address, if the caller may change it.
func (h *Handlers) changeableCard(c echo.Context) (db.Card, error) {
	card, err := h.visibleCard(c)
	if err != nil {
		return db.Card{}, err
	}
	if p, _ := principal(c); !p.MayDispatch(card.Region) {
		return db.Card{}, db.ErrNotFound
	}
	return card, nil
}

// heldCard is the job of the assignment of the address, if the caller may
// change it. The assignment may have ended by now: the command will say so.
func (h *Handlers) heldCard(c echo.Context) (db.Card, string, error) {
	p, _ := principal(c)
	id, err := pathID(c, "assignmentID")
	if err != nil {
		return db.Card{}, "", err
	}
	card, err := h.db.CardOfAssignment(c.Request().Context(), id)
	if err != nil {
		return db.Card{}, "", err
	}
	if !p.MayDispatch(card.Region) {
		return db.Card{}, "", db.ErrNotFound
	}
	return card, id, nil
}

// jobPanel is a job with what the caller may do about it now. The way back to
// the board comes from the query or the form.
func (h *Handlers) jobPanel(c echo.Context, card db.Card) (views.JobPanel, error) {
	z, err := zonesOf(card)
	if err != nil {
		return views.JobPanel{}, err
	}
	p, _ := principal(c)
	mine := p.MayDispatch(card.Region)
	panel := views.JobPanel{
		JobSummary: jobSummary(card, z), Phone: card.CustomerPhone, Address: placeOf(card),
		RegionName: card.RegionName, RegionWhy: regionWhy(card.RegionReason), Status: jobStatus(card.Status),
		AccessNotes: card.AccessNotes, Notes: card.Notes,
		CanAssign: mine && !card.Assigned() && schedule.CanAssign(card.Status) == nil, CanEdit: mine && schedule.CanCorrect(card.Status) == nil,
	}
	panel.CanCopy = mine
	panel.CanHold = mine && schedule.CanHold(card.Status) == nil
	panel.CanRelease = mine && schedule.CanRelease(card.Status) == nil
	panel.CanCancel = mine && schedule.CanCancel(card.Status) == nil && card.AssignmentStatus != schedule.Completed
	panel.Board, panel.Date = wayBack(c)
	if panel.Notices, err = h.jobNotices(c.Request().Context(), p, card, z); err != nil {
		return views.JobPanel{}, err
	}
	if card.Assigned() {
		panel.Assignment = &views.JobAssignment{
			AssignmentID: card.AssignmentID, Contractor: card.ContractorName,
			Time: dayRange(card.At(), z.job, z.region), Status: assignmentStatus(card.AssignmentStatus),
			CanReassign: mine && schedule.CanReassign(card.AssignmentStatus) == nil,
			CanMove:     mine && schedule.CanMove(card.AssignmentStatus) == nil,
			CanRemove:   mine && schedule.CanUnassign(card.AssignmentStatus) == nil,
		}
	}
	return panel, nil
}

// wayBack returns the board and date that a form or panel was opened from,
// checked, because they become part of links.
func wayBack(c echo.Context) (board, date string) {
	board, date = c.QueryParam("board"), c.QueryParam("date")
	if f, ok := c.Get(formKey).(Form); ok {
		board, date = f.Get("board"), f.Get("date")
	}
	if !isSlug(board) {
		return "", ""
	}
	if !isDate(date) {
		date = ""
	}
	return board, date
}
