package handlers

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/views"
)

// editJobForm is the form to change a job.
func (h *Handlers) editJobForm(c echo.Context) error {
	cards, err := h.changeableCards(c)
	if err != nil {
		return err
	}
	f, err := enteredForm(c, cards[0])
	if err != nil {
		return err
	}
	return h.showEditForm(c, http.StatusOK, cards, f)
}

// editJob saves it; the job may move to another region.
func (h *Handlers) editJob(c echo.Context) error {
	cards, err := h.changeableCards(c)
	if err != nil {
		return err
	}
	card := cards[0]
	f, err := form(c)
	if err != nil {
		return err
	}
	job, errs := parseJob(f)
	if card.CustomerName == "" && f.Get("customer_name") == "" {
		delete(errs, "customer_name") // an imported job may have none
	}
	if f.Get("headcount") == "" {
		job.Headcount = card.Headcount
	}
	if f.Get("days") == "" {
		job.Days = card.Days
	}
	cmd := db.EditJob{Command: command(c, f, errs), JobID: card.JobID, Job: job}
	shown := jobFormOf(f)
	shown.FormContext = formContext(c, cmd.Version, errs)
	if len(errs) > 0 {
		return h.showEditForm(c, http.StatusUnprocessableEntity, cards, shown)
	}
	out, err := h.measured("edit", func() (db.Outcome, error) { return h.db.EditJob(c.Request().Context(), cmd) })
	var invalid *db.Invalid
	var conflict *db.Conflict
	switch {
	case errors.As(err, &invalid):
		explainInvalid(invalid, &shown.FormContext, windowChoices(&shown))
		return h.showEditForm(c, http.StatusUnprocessableEntity, cards, shown)
	case errors.As(err, &conflict):
		return h.editTooLate(c, card.JobID, shown, conflict)
	case err != nil:
		return err
	}
	return h.confirm(c, "Saved", out)
}

// editTooLate answers an edit that came too late: with both versions, or with
// the job as it is when it may not be changed any more.
func (h *Handlers) editTooLate(c echo.Context, jobID string, shown views.JobForm, conflict *db.Conflict) error {
	if conflict.Kind != db.ConflictStale {
		return h.gone(c, conflict)
	}
	cards, err := h.db.CrewOf(c.Request().Context(), jobID)
	if err != nil {
		return err
	}
	card := cards[0]
	now, err := enteredForm(c, card)
	if err != nil {
		return err
	}
	z, err := zonesOf(card)
	if err != nil {
		return err
	}
	regions, err := h.regionNames(c)
	if err != nil {
		return err
	}
	skills, err := h.db.SkillNames(c.Request().Context())
	if err != nil {
		return err
	}
	shown.Version = card.Version
	rows := append(comparedRows(shown, now, z.job),
		views.StaleRow{Label: "Skills", Yours: chosenSkills(shown, skills), Now: chosenSkills(now, skills)},
		views.StaleRow{Label: "Region", Yours: regionChosen(shown, regions), Now: regionChosen(now, regions)},
	)
	rows = slices.DeleteFunc(rows, func(r views.StaleRow) bool { return r.Yours == r.Now })
	shown.Stale = &views.Stale{Rows: append(rows, views.StaleRow{
		Label: "Status", Yours: "as when you opened the form", Now: jobStatus(card.Status).Label,
	})}
	return h.showEditForm(c, http.StatusConflict, cards, shown)
}

// comparedRows compares two forms of a job, field by field, but for what has a name
// of its own; loc is the zone of the windows.
func comparedRows(yours, now views.JobForm, loc *time.Location) []views.StaleRow {
	return []views.StaleRow{
		{Label: "Title", Yours: yours.Title, Now: now.Title},
		{Label: "Duration", Yours: yours.DurationMinutes + " min", Now: now.DurationMinutes + " min"},
		{Label: "Contractors needed", Yours: yours.Headcount, Now: now.Headcount},
		{Label: "Days", Yours: yours.Days, Now: now.Days},
		{Label: "Priority", Yours: yours.Priority, Now: now.Priority},
		{Label: "Window start", Yours: wallLabel(yours.WindowStart, yours.WindowStartOffset, loc), Now: wallLabel(now.WindowStart, now.WindowStartOffset, loc)},
		{Label: "Window end", Yours: wallLabel(yours.WindowEnd, yours.WindowEndOffset, loc), Now: wallLabel(now.WindowEnd, now.WindowEndOffset, loc)},
		{Label: "Customer", Yours: yours.CustomerName, Now: now.CustomerName},
		{Label: "Phone", Yours: yours.CustomerPhone, Now: now.CustomerPhone},
		{Label: "Address", Yours: yours.Address, Now: now.Address},
		{Label: "Postcode", Yours: yours.Postcode, Now: now.Postcode},
		{Label: "Latitude", Yours: yours.Lat, Now: now.Lat},
		{Label: "Longitude", Yours: yours.Lng, Now: now.Lng},
		{Label: "Getting in", Yours: yours.AccessNotes, Now: now.AccessNotes},
		{Label: "Notes", Yours: yours.Notes, Now: now.Notes},
	}
}

func chosenSkills(f views.JobForm, names map[string]string) string {
	var list []string
	for s, chosen := range f.Chosen {
		if chosen {
			list = append(list, cmp.Or(names[s], s))
		}
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

func regionChosen(f views.JobForm, names map[string]string) string {
	if f.RegionOverride == "" {
		return "by rule"
	}
	return "always " + cmp.Or(names[f.RegionOverride], f.RegionOverride)
}

// enteredForm is the form with the job as it is, but for what imports once took
// and no field can hold: line breaks in an address and tabs in notes.
func enteredForm(c echo.Context, card db.Card) (views.JobForm, error) {
	n, err := card.Entered()
	if err != nil {
		return views.JobForm{}, err
	}
	f := views.JobForm{
		FormContext: formContext(c, card.Version, views.Errors{}),
		Title:       n.Title, CustomerName: n.CustomerName, CustomerPhone: n.CustomerPhone,
		Address: strings.ReplaceAll(n.Site.Address, "\n", ", "), Postcode: n.Site.Postcode, RegionOverride: n.Site.RegionOverride,
		AccessNotes: n.Site.AccessNotes, Notes: strings.ReplaceAll(n.Notes, "\t", " "),
		DurationMinutes: strconv.Itoa(n.DurationMinutes), Headcount: strconv.Itoa(n.Headcount), Days: strconv.Itoa(n.Days), Priority: n.Priority,
		WindowStart: n.WindowStart.String(), WindowStartOffset: n.WindowStartOffset,
		WindowEnd: n.WindowEnd.String(), WindowEndOffset: n.WindowEndOffset,
		Chosen: make(map[string]bool),
	}
	if p := n.Site.Point; p != nil {
		f.Lat, f.Lng = strconv.FormatFloat(p.Lat, 'f', -1, 64), strconv.FormatFloat(p.Lng, 'f', -1, 64)
	}
	for _, s := range n.Skills {
		f.Chosen[s] = true
	}
	return f, nil
}

func (h *Handlers) showEditForm(c echo.Context, status int, cards []db.Card, f views.JobForm) error {
	card := cards[0]
	z, err := zonesOf(card)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	regions, err := h.db.Regions(ctx)
	if err != nil {
		return err
	}
	for _, r := range regions {
		f.Regions = append(f.Regions, views.RegionLink{Slug: r.Slug, Name: r.Name})
	}
	f.Regions = append(f.Regions, views.RegionLink{Slug: events.Unrouted, Name: "Unrouted"})
	if f.Skills, err = h.skillChoices(c); err != nil {
		return err
	}
	f.Job, f.NoCustomer = jobSummary(card, z), card.CustomerName == ""
	edit := views.JobEdit{JobForm: f, RegionName: card.RegionName, RegionWhy: regionWhy(card.RegionReason)}
	if card.Assigned() {
		edit.Holder = holders(cards, z)
	}
	return h.panel(c, status, "Edit "+f.Job.Number, views.EditJobPanel(edit))
}
