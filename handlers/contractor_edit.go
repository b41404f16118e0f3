package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// newContractor is the empty form for a contractor.
func (h *Handlers) newContractor(c echo.Context) error {
	shown := typedContractor(Form{})
	shown.Active = true
	for i := range 5 {
		shown.Week[i].Value = "08:00–17:00"
	}
	return h.showContractorForm(c, http.StatusOK, shown, Form{})
}

// createContractor adds the contractor of the form.
func (h *Handlers) createContractor(c echo.Context) error {
	p, _ := principal(c)
	f, err := form(c)
	if err != nil {
		return err
	}
	shown := typedContractor(f)
	fields, errs := parseContractor(f)
	if shown.Errors = errs; len(errs) > 0 {
		return h.showContractorForm(c, http.StatusUnprocessableEntity, shown, f)
	}
	cmd := db.Command{By: actor(p), Key: f.Get("idempotency_key"), RequestHash: requestHash(c, f)}
	id, err := h.db.CreateContractor(c.Request().Context(), cmd, fields)
	var invalid *db.Invalid
	if errors.As(err, &invalid) {
		shown.Errors[invalid.Field] = sentence(invalid.Message)
		return h.showContractorForm(c, http.StatusUnprocessableEntity, shown, f)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/contractors/"+id+"?done=added")
}

// showContractorForm draws the form with every skill and region to choose from;
// the skills are those that were typed, if any form was.
func (h *Handlers) showContractorForm(c echo.Context, status int, shown views.ContractorForm, f Form) error {
	title := "New contractor"
	if shown.ID != "" {
		title = "Change contractor"
	}
	page, err := h.page(c, title, "contractors")
	if err != nil {
		return err
	}
	for _, r := range page.Regions {
		shown.Regions = append(shown.Regions, views.Choice{Value: r.Slug, Label: r.Name})
	}
	if shown.Skills == nil {
		skills, err := h.db.Skills(c.Request().Context())
		if err != nil {
			return err
		}
		shown.Skills = typedSkills(skills, f)
	}
	shown.IdempotencyKey = uuid.NewString()
	return render(c, status, views.ContractorFormPage(page, shown))
}

// contractorForm is the form to change a contractor.
func (h *Handlers) contractorForm(c echo.Context) error {
	r, err := h.visibleContractor(c)
	if err != nil {
		return err
	}
	shown := storedContractor(r)
	shown.Future = len(r.Future)
	skills, err := h.db.Skills(c.Request().Context())
	if err != nil {
		return err
	}
	shown.Skills = skillFields(skills, r.Skills)
	return h.showContractorForm(c, http.StatusOK, shown, Form{})
}

// changeContractor saves it.
func (h *Handlers) changeContractor(c echo.Context) error {
	r, err := h.visibleContractor(c)
	if err != nil {
		return err
	}
	p, _ := principal(c)
	f, err := form(c)
	if err != nil {
		return err
	}
	shown := typedContractor(f)
	shown.ID, shown.Future = r.ID, len(r.Future)
	fields, errs := parseContractor(f)
	shown.Version = parseVersion(f, errs)
	from := parseFrom(shown.From, errs)
	if shown.From != "" && fields.Home == r.HomeRegion {
		errs["from"] = "Choose another home region, or leave the day empty."
	}
	if shown.Errors = errs; len(errs) > 0 {
		return h.showContractorForm(c, http.StatusUnprocessableEntity, shown, f)
	}
	err = h.db.ChangeContractor(c.Request().Context(), db.ChangeContractor{
		By: actor(p), ContractorID: r.ID, Version: shown.Version, Fields: fields, From: from,
		Confirmed: f.Get("confirmed"), Release: f.All("release"), Now: h.now(),
	})
	var invalid *db.Invalid
	var conflict *db.Conflict
	var clashes *db.Clashes
	switch {
	case errors.As(err, &invalid):
		shown.Errors[invalid.Field] = sentence(invalid.Message)
		return h.showContractorForm(c, http.StatusUnprocessableEntity, shown, f)
	case errors.As(err, &clashes):
		return h.askAboutJobs(c, shown, f, r, clashes)
	case errors.As(err, &conflict):
		return h.contractorTooLate(c, shown, f, fields)
	case err != nil:
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/contractors/"+r.ID+"?done=changed")
}

// parseFrom reads the first day of another home; none is today.
func parseFrom(text string, errs views.Errors) schedule.Day {
	if text == "" {
		return schedule.Day{}
	}
	day, err := schedule.ParseDay(text)
	if err != nil {
		errs["from"] = "Give the day as a date, or leave it empty."
	}
	return day
}

// fromWords is "from Mon 8 Mar 2027" for a date, empty for none.
func fromWords(date string) string {
	if date == "" {
		return ""
	}
	return "from " + daysLabel(date, date)
}

// withdrawMove takes back a move that is to come.
func (h *Handlers) withdrawMove(c echo.Context) error {
	r, err := h.visibleContractor(c)
	if err != nil {
		return err
	}
	p, _ := principal(c)
	f, err := form(c)
	if err != nil {
		return err
	}
	errs := views.Errors{}
	version := parseVersion(f, errs)
	if len(errs) > 0 {
		return &db.Invalid{Message: "the form was not complete"}
	}
	err = h.db.WithdrawMove(c.Request().Context(), actor(p), r.ID, version, h.now())
	var conflict *db.Conflict
	switch {
	case errors.As(err, &conflict):
		if r, err = h.visibleContractor(c); err != nil {
			return err
		}
		return h.showContractorAs(c, http.StatusConflict, r, func(view *views.ContractorRecord) {
			view.Refused = "Somebody changed this contractor since you opened the page. Nothing was done. Look again, then decide."
		})
	case err != nil:
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/contractors/"+r.ID+"?done=stays")
}

// askAboutJobs shows the jobs of the region that the contractor would leave.
func (h *Handlers) askAboutJobs(c echo.Context, shown views.ContractorForm, f Form, r db.ContractorRecord, clashes *db.Clashes) error {
	names, err := h.regionNames(c)
	if err != nil {
		return err
	}
	jobs, err := futureJobs(clashes.Cards, nil)
	if err != nil {
		return err
	}
	shown.Leaving = &views.Leaving{
		From: r.HomeName, To: names[shown.Home], On: fromWords(shown.From), Jobs: jobs, Confirmed: clashes.Digest(), Released: ticked(f, "release"),
	}
	return h.showContractorForm(c, http.StatusConflict, shown, f)
}

// contractorTooLate answers a change that came too late, with both versions.
func (h *Handlers) contractorTooLate(c echo.Context, shown views.ContractorForm, f Form, yours db.ContractorFields) error {
	now, err := h.visibleContractor(c)
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
	shown.Version, shown.Future = now.Version, len(now.Future)
	shown.Stale = &views.Stale{}
	before := contractorWords(now.Fields(), regions, skills)
	for i, row := range contractorWords(yours, regions, skills) {
		if row.Now = before[i].Yours; row.Now != row.Yours {
			shown.Stale.Rows = append(shown.Stale.Rows, row)
		}
	}
	return h.showContractorForm(c, http.StatusConflict, shown, f)
}

// contractorWords writes every field for a comparison, as yours.
func contractorWords(f db.ContractorFields, regions, skills map[string]string) []views.StaleRow {
	var serves, held []string
	for _, slug := range f.Serves {
		serves = append(serves, regions[slug])
	}
	for _, s := range f.Skills {
		held = append(held, strings.TrimSpace(skills[s.Slug]+" "+s.ValidUntil))
	}
	slices.Sort(serves)
	slices.Sort(held)
	base := ""
	if f.Base != nil {
		base = degrees(f.Base.Lat) + ", " + degrees(f.Base.Lng)
	}
	status := "Active"
	if !f.Active {
		status = "Inactive"
	}
	accepts := "Is asked"
	if f.AutoAccept {
		accepts = "At once"
	}
	rows := []views.StaleRow{
		{Label: "Accepts jobs", Yours: accepts},
		{Label: "Name", Yours: f.Name}, {Label: "Phone", Yours: f.Phone}, {Label: "E-mail", Yours: f.Email},
		{Label: "Home region", Yours: regions[f.Home]}, {Label: "Also serves", Yours: strings.Join(serves, ", ")},
		{Label: "Base point", Yours: base}, {Label: "Skills", Yours: strings.Join(held, ", ")}, {Label: "Status", Yours: status},
	}
	for i, day := range dayNames() {
		rows = append(rows, views.StaleRow{Label: day, Yours: typedHours(f.Hours, i+1)})
	}
	return rows
}
