package handlers

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// job shows a job with its story, or in the workbench of a board.
func (h *Handlers) job(c echo.Context) error {
	cards, err := h.visibleCards(c)
	if err != nil {
		return err
	}
	panel, err := h.jobPanel(c, cards)
	if err != nil {
		return err
	}
	if isPartial(c) {
		return render(c, http.StatusOK, views.JobInPanel(panel))
	}
	story, err := h.story(c, cards[0])
	if err != nil {
		return err
	}
	page, err := h.page(c, panel.Number, "")
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.JobPage(page, panel, story))
}

// visibleCards are the cards of the job of the address, at least one, if the
// caller may see it: the dispatchers of its region, those of the home of a
// contractor who has it, and whoever may see everything.
func (h *Handlers) visibleCards(c echo.Context) ([]db.Card, error) {
	p, _ := principal(c)
	id, err := pathID(c, "jobID")
	if err != nil {
		return nil, err
	}
	cards, err := h.db.CrewOf(c.Request().Context(), id)
	if err != nil {
		return nil, err
	}
	atHome := func(card db.Card) bool { return card.Assigned() && p.MaySee(card.ContractorHome) }
	if !p.MaySee(cards[0].Region) && !slices.ContainsFunc(cards, atHome) {
		return nil, db.ErrNotFound
	}
	return cards, nil
}

// changeableCards are the cards of the job of the address, if the caller may
// change it.
func (h *Handlers) changeableCards(c echo.Context) ([]db.Card, error) {
	cards, err := h.visibleCards(c)
	if err != nil {
		return nil, err
	}
	if p, _ := principal(c); !p.MayDispatch(cards[0].Region) {
		return nil, db.ErrNotFound
	}
	return cards, nil
}

// changeableCard is the first of them.
func (h *Handlers) changeableCard(c echo.Context) (db.Card, error) {
	cards, err := h.changeableCards(c)
	if err != nil {
		return db.Card{}, err
	}
	return cards[0], nil
}

// heldCard is the card of the assignment of the address, if the caller may
// change it. It may have ended by now: the command will say so.
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

// jobPanel is the job of the cards with what the caller may do about it now. The
// way back to the board comes from the query or the form.
func (h *Handlers) jobPanel(c echo.Context, cards []db.Card) (views.JobPanel, error) {
	card := cards[0]
	z, err := zonesOf(card)
	if err != nil {
		return views.JobPanel{}, err
	}
	p, _ := principal(c)
	mine := p.MayDispatch(card.Region)
	panel := views.JobPanel{
		JobSummary: jobSummary(card, z), Version: card.Version, Phone: card.CustomerPhone, Address: placeOf(card),
		RegionName: card.RegionName, RegionWhy: regionWhy(card.RegionReason), Status: jobStatus(card.Status),
		AccessNotes: card.AccessNotes, Notes: card.Notes,
		CanAssign: mine && !card.Filled() && schedule.CanAssign(card.Status) == nil, CanEdit: mine && schedule.CanCorrect(card.Status) == nil,
	}
	panel.CanCopy = mine
	panel.CanHold = mine && schedule.CanHold(card.Status) == nil
	panel.CanRelease = mine && schedule.CanRelease(card.Status) == nil
	unfinished := func(card db.Card) bool { return card.AssignmentStatus != schedule.Completed }
	panel.CanCancel = mine && schedule.CanCancel(card.Status) == nil &&
		(slices.ContainsFunc(cards, unfinished) || card.Days > 1 && !card.Filled())
	panel.Board, panel.Date = wayBack(c)
	if mine {
		if panel.Undo, err = h.undoAct(c, card); err != nil {
			return views.JobPanel{}, err
		}
	}
	if panel.Notices, err = h.jobNotices(c.Request().Context(), p, cards); err != nil {
		return views.JobPanel{}, err
	}
	if card.Shared() {
		panel.Booked = bookedOf(card)
	}
	former, err := h.db.FormerHolders(c.Request().Context(), card.JobID)
	if err != nil {
		return views.JobPanel{}, err
	}
	for _, f := range former {
		line := awarenessOf(f.ContractorName, f.Awareness, z.job)
		line.Detail = "Taken off " + line.Detail
		panel.Former = append(panel.Former, line)
	}
	for _, card := range cards {
		if card.Assigned() {
			panel.Crew = append(panel.Crew, jobAssignment(card, z, mine))
		}
	}
	return panel, nil
}

// jobAssignment is one who has the job; mine says whether the caller may change
// that.
func jobAssignment(card db.Card, z zones, mine bool) views.JobAssignment {
	may := func(act schedule.Act) bool {
		_, err := schedule.Next(act, card.AssignmentStatus)
		return mine && err == nil
	}
	return views.JobAssignment{
		CanAccept: may(schedule.ActAccept), CanComplete: may(schedule.ActComplete),
		AssignmentID: card.AssignmentID, Contractor: card.ContractorName, Day: dayOf(card),
		Time: dayRange(card.At(), z.job, z.region), Status: assignmentStatus(card.AssignmentStatus), Awareness: cardAwareness(card, z.job),
		CanReassign: mine && schedule.CanReassign(card.AssignmentStatus) == nil,
		CanMove:     mine && schedule.CanMove(card.AssignmentStatus) == nil,
		CanRemove:   mine && schedule.CanUnassign(card.AssignmentStatus) == nil,
	}
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
