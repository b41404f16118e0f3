package handlers

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// newAssignment is the form to give a job, or a place of its crew, to a
// contractor. Of a job that has been given away meanwhile it is the form to give
// it to somebody else; of a crew that is complete, the job.
func (h *Handlers) newAssignment(c echo.Context) error {
	card, err := h.changeableCard(c)
	if err != nil {
		return err
	}
	if card.Filled() && card.Shared() {
		return h.gone(c, &db.Conflict{Kind: db.ConflictTaken, JobID: card.JobID})
	}
	f := views.AssignmentForm{FormContext: formContext(c, card.Version, nil)}
	if card.Filled() {
		f.AssignmentID = card.AssignmentID
	}
	if err := h.place(c, card, &f); err != nil {
		return err
	}
	return h.showAssignmentForm(c, http.StatusOK, card, f)
}

// assign gives the job to the contractor of the form.
func (h *Handlers) assign(c echo.Context) error {
	card, err := h.changeableCard(c)
	if err != nil {
		return err
	}
	f, err := form(c)
	if err != nil {
		return err
	}
	errs := views.Errors{}
	cmd := db.Assign{
		Command: command(c, f, errs), JobID: card.JobID, ContractorID: f.Get("contractor_id"),
		Visit: parseVisit(f, errs), At: typed(f).parse(errs, false),
	}
	if cmd.ContractorID == "" {
		errs["contractor_id"] = "Choose a contractor."
	}
	shown := assignmentForm(c, f, cmd.Version, errs)
	shown.Visit = cmd.Visit
	if len(errs) > 0 {
		return h.showAssignmentForm(c, http.StatusUnprocessableEntity, card, shown)
	}
	out, err := h.measured("assign", func() (db.Outcome, error) { return h.db.Assign(c.Request().Context(), cmd) })
	if err != nil {
		return h.assignmentRefused(c, card.JobID, shown, err)
	}
	return h.confirm(c, "Assigned", out)
}

// parseVisit reads which day of the job a form is about: 0, the first that needs
// somebody, where nothing is said.
func parseVisit(f Form, errs views.Errors) int {
	n, err := strconv.Atoi(cmp.Or(f.Get("visit"), "0"))
	if err != nil || n < 0 || n > db.MaxDays {
		errs[""] = "The form names a day that the job does not have: open it again."
		return 0
	}
	return n
}

// reassignForm is the form to give an assigned job to somebody else.
func (h *Handlers) reassignForm(c echo.Context) error {
	card, id, err := h.heldCard(c)
	if err != nil {
		return err
	}
	z, err := zonesOf(card)
	if err != nil {
		return err
	}
	f := views.AssignmentForm{FormContext: formContext(c, card.Version, nil), AssignmentID: id}
	if card.AssignmentID == id {
		f.Start = schedule.WallTimeIn(card.Start.Time, z.job).String()
		f.End = schedule.WallTimeIn(card.End.Time, z.job).String()
		f.StartOffset, f.EndOffset = schedule.OffsetIfRepeated(card.Start.Time, z.job), schedule.OffsetIfRepeated(card.End.Time, z.job)
		f.NeedsReason = schedule.NeedsReason(card.AssignmentStatus)
	}
	return h.showAssignmentForm(c, http.StatusOK, card, f)
}

// reassign takes the job from one contractor and gives it to another.
func (h *Handlers) reassign(c echo.Context) error {
	card, id, err := h.heldCard(c)
	if err != nil {
		return err
	}
	f, err := form(c)
	if err != nil {
		return err
	}
	errs := views.Errors{}
	cmd := db.Reassign{
		Command: command(c, f, errs), AssignmentID: id, ContractorID: f.Get("contractor_id"),
		At: typed(f).parse(errs, true),
	}
	if cmd.ContractorID == "" {
		errs["contractor_id"] = "Choose a contractor."
	}
	shown := assignmentForm(c, f, cmd.Version, errs)
	shown.AssignmentID = id
	if len(errs) > 0 {
		return h.showAssignmentForm(c, http.StatusUnprocessableEntity, card, shown)
	}
	out, err := h.measured("reassign", func() (db.Outcome, error) { return h.db.Reassign(c.Request().Context(), cmd) })
	if err != nil {
		return h.assignmentRefused(c, card.JobID, shown, err)
	}
	return h.confirm(c, "Reassigned", out)
}

// assignmentForm keeps what was typed.
func assignmentForm(c echo.Context, f Form, version int, errs views.Errors) views.AssignmentForm {
	t := typed(f)
	return views.AssignmentForm{
		FormContext: formContext(c, version, errs), ContractorID: f.Get("contractor_id"),
		Start: t.start, End: t.end, StartOffset: t.startOffset, EndOffset: t.endOffset,
		OverrideReason: f.Get("override_reason"), AuditID: f.Get("audit_id"),
	}
}

// assignmentRefused answers an assignment or reassignment that failed: bad
// input beside its field, a lost race with who won and what is free instead.
func (h *Handlers) assignmentRefused(c echo.Context, jobID string, shown views.AssignmentForm, err error) error {
	var invalid *db.Invalid
	var conflict *db.Conflict
	status := http.StatusUnprocessableEntity
	switch {
	case errors.As(err, &invalid):
		explainInvalid(invalid, &shown.FormContext, map[string]*[]views.OffsetChoice{
			"start": &shown.StartChoices, "end": &shown.EndChoices,
		})
		shown.NeedsReason = invalid.Field == "override_reason"
	case errors.As(err, &conflict):
		status = http.StatusConflict
	default:
		return err
	}
	card, err := h.cardToAssign(c, jobID, shown.AssignmentID)
	if err != nil {
		return err
	}
	if conflict != nil && conflict.Kind == db.ConflictTaken && card.Shared() {
		return h.gone(c, conflict)
	}
	if conflict != nil {
		if err := h.explainConflict(&shown, card, conflict); err != nil {
			return err
		}
	}
	return h.showAssignmentForm(c, status, card, shown)
}

// cardToAssign is the card of the assignment that is to go to somebody else, or
// that of the job when it is a new one.
func (h *Handlers) cardToAssign(c echo.Context, jobID, assignmentID string) (db.Card, error) {
	if assignmentID != "" {
		return h.db.CardOfAssignment(c.Request().Context(), assignmentID)
	}
	return h.db.CardOf(c.Request().Context(), jobID)
}

// explainConflict puts into the form who was faster. The form then stands for
// the job as it is now: what is sent next is meant against that.
func (h *Handlers) explainConflict(shown *views.AssignmentForm, card db.Card, conflict *db.Conflict) error {
	z, err := zonesOf(card)
	if err != nil {
		return err
	}
	shown.Version = card.Version
	if conflict.Kind == db.ConflictOverlap {
		shown.Conflict, err = overlapView(conflict, z)
		return err
	}
	if shown.AssignmentID != "" || card.Filled() {
		shown.AssignmentID = card.AssignmentID
	}
	if conflict.Kind == db.ConflictStale {
		shown.Stale = staleAssignment(*shown, card, z)
		return nil
	}
	shown.Conflict = &views.Conflict{Message: conflictSentence(conflict, card, z)}
	return nil
}

// staleAssignment compares what was typed with what the job is now. Each of a
// crew may come at a time of his own.
func staleAssignment(shown views.AssignmentForm, card db.Card, z zones) *views.Stale {
	rows := []views.StaleRow{
		{Label: "Start", Yours: wallLabel(shown.Start, shown.StartOffset, z.job), Now: startLabel(card, z)},
		{Label: "Status", Yours: "as when you opened the form", Now: jobStatus(card.Status).Label},
		{Label: "Held by", Yours: "as when you opened the form", Now: holder(card, z)},
	}
	if shown.AssignmentID == "" && card.Shared() {
		rows = []views.StaleRow{{Label: "Crew", Yours: "as when you opened the form", Now: bookedOf(card)}, rows[1]}
	}
	return &views.Stale{Rows: rows}
}

// showAssignmentForm draws the form with who can take the job and who cannot.
func (h *Handlers) showAssignmentForm(c echo.Context, status int, card db.Card, f views.AssignmentForm) error {
	z, err := zonesOf(card)
	if err != nil {
		return err
	}
	f.Job = jobSummary(card, z)
	crew := []db.Card{card}
	if card.Shared() {
		if crew, err = h.db.CrewOf(c.Request().Context(), card.JobID); err != nil {
			return err
		}
	}
	if f.AssignmentID != "" {
		f.Current = holder(card, z)
		card = card.Among(crew)
	} else {
		if card.Assigned() {
			f.Current = bookedOf(card) + ": " + holders(crew, z)
		}
		card = db.Vacancy(crew, f.Visit)
		f.Visit = card.Day
	}
	f.Day = dayOf(card)
	crew = slices.DeleteFunc(slices.Clone(crew), func(c db.Card) bool { return c.Day != card.Day })
	p, _ := principal(c)
	if f.Candidates, f.Refused, err = h.candidates(c.Request().Context(), p, card, crew, z); err != nil {
		return err
	}
	f.Candidates = offerPlaced(f)
	if f.Start == "" && f.Errors["start"] == "" && len(f.Candidates) > 0 {
		first := f.Candidates[0]
		f.Start, f.StartOffset = first.Start, first.Offset
	}
	return h.panel(c, status, "Assign "+f.Job.Number, views.AssignmentFormPanel(f))
}
