package handlers

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// contractorRecord shows a contractor to the office.
func (h *Handlers) contractorRecord(c echo.Context) error {
	r, err := h.visibleContractor(c)
	if err != nil {
		return err
	}
	return h.showContractor(c, r, func(view *views.ContractorRecord) { view.Done = doneWords(c.QueryParam("done")) })
}

// doneWords says what was saved before the page was opened.
func doneWords(what string) string {
	switch what {
	case "added":
		return "The contractor is added."
	case "changed":
		return "The changes are saved."
	case "days":
		return "The days are saved."
	case "stays":
		return "The move is withdrawn. Jobs that were released for it are still open."
	case "erased":
		return "Erased. Pages that are open show it."
	case "signed-out":
		return "Signed out everywhere; no earlier link works any more."
	}
	return ""
}

// visibleContractor is the contractor of the address, if the caller may see
// him: the dispatchers of his home and of the regions he serves, and whoever
// may see everything.
func (h *Handlers) visibleContractor(c echo.Context) (db.ContractorRecord, error) {
	p, _ := principal(c)
	id, err := pathID(c, "contractorID")
	if err != nil {
		return db.ContractorRecord{}, err
	}
	r, err := h.db.ContractorRecord(c.Request().Context(), id, h.now())
	if err != nil {
		return r, err
	}
	regions := append([]string{r.HomeRegion}, r.ServedRegions...)
	if r.Move != nil {
		regions = append(regions, r.Move.To)
	}
	if !slices.ContainsFunc(regions, p.MaySee) {
		return r, db.ErrNotFound
	}
	return r, nil
}

func (h *Handlers) showContractor(c echo.Context, r db.ContractorRecord, more func(*views.ContractorRecord)) error {
	return h.showContractorAs(c, http.StatusOK, r, more)
}

func (h *Handlers) showContractorAs(c echo.Context, status int, r db.ContractorRecord, more func(*views.ContractorRecord)) error {
	view, err := h.contractorView(c, r)
	if err != nil {
		return err
	}
	more(&view)
	page, err := h.page(c, r.Name, "contractors")
	if err != nil {
		return err
	}
	return render(c, status, views.ContractorRecordPage(page, view))
}

func (h *Handlers) contractorView(c echo.Context, r db.ContractorRecord) (views.ContractorRecord, error) {
	p, _ := principal(c)
	loc, err := schedule.LoadZone(r.HomeZone)
	if err != nil {
		return views.ContractorRecord{}, fmt.Errorf("zone of contractor %s: %w", r.ID, err)
	}
	now := h.now()
	if !p.MaySee(r.HomeRegion) {
		r.Exceptions = schedule.WithoutNotes(r.Exceptions)
	}
	view := views.ContractorRecord{
		ID: r.ID, Name: r.Name, Phone: r.Phone, Email: r.Email, Home: r.HomeName, ZoneLabel: zoneLabel(loc, now),
		Active: r.Active, Erased: r.Erased, Version: r.Version, Week: weekLines(r.Hours), Special: specialDays(r.Exceptions, schedule.DayIn(now, loc)),
		CanEdit: p.Role == RoleAdmin && !r.Erased, CanLink: p.Role == RoleAdmin, CanEnterDays: p.MayDispatch(r.HomeRegion) && !r.Erased,
	}
	if r.Move != nil {
		view.Move = "Moves to " + r.Move.ToName + " on " + daysLabel(r.Move.From, r.Move.From) + "."
	}
	if r.BaseLat.Valid && r.BaseLng.Valid {
		view.Base = fmt.Sprintf("%.5f, %.5f", r.BaseLat.Float64, r.BaseLng.Float64)
	}
	regions, err := h.regionNames(c)
	if err != nil {
		return view, err
	}
	for _, slug := range r.ServedRegions {
		view.Serves = append(view.Serves, regions[slug])
	}
	names, err := h.db.SkillNames(c.Request().Context())
	if err != nil {
		return view, err
	}
	view.Skills = heldSkills(r.Skills, names, schedule.DayIn(now, loc).String())
	if view.Future, err = futureJobs(r.Future, &r); err != nil {
		return view, err
	}
	keepBusy(view.Future, r.Future, p)
	return view, nil
}

// keepBusy leaves nothing but the time of the jobs that are on no board of the
// viewer's.
func keepBusy(shown []views.FutureJob, cards []db.Card, p Principal) {
	for i, card := range cards {
		if !p.MaySee(card.Region) && !p.MaySee(card.ContractorHome) {
			shown[i] = views.FutureJob{When: shown[i].When}
		}
	}
}

func (h *Handlers) regionNames(c echo.Context) (map[string]string, error) {
	regions, err := h.db.Regions(c.Request().Context())
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(regions))
	for _, r := range regions {
		names[r.Slug] = r.Name
	}
	return names, nil
}

func heldSkills(skills []schedule.Skill, names map[string]string, today string) []views.HeldSkill {
	held := make([]views.HeldSkill, len(skills))
	for i, s := range skills {
		held[i] = views.HeldSkill{Name: names[s.Slug], Expired: s.ValidUntil != "" && s.ValidUntil < today}
		if day, err := schedule.ParseDay(s.ValidUntil); err == nil {
			held[i].Until = day.Format("2 January 2006")
		}
	}
	return held
}

// dayNames are those of the week, from Monday on.
func dayNames() []string {
	return []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
}

func weekLines(hours []schedule.Hours) []views.WeekLine {
	var lines []views.WeekLine
	for i, name := range dayNames() {
		text := typedHours(hours, i+1)
		if text == "" {
			text = "Not working"
		}
		lines = append(lines, views.WeekLine{Day: name, Hours: text})
	}
	return lines
}

// specialDays joins days in a row that differ from the week in the same way,
// from today on.
func specialDays(exceptions []schedule.Exception, today schedule.Day) []views.SpecialDays {
	var list []views.SpecialDays
	var last schedule.Day
	for _, e := range exceptions {
		day, err := schedule.ParseDay(e.Day)
		if err != nil || e.Day < today.String() {
			continue
		}
		what := "Off"
		if !e.Off {
			what = e.Start + "–" + e.End
		}
		if n := len(list) - 1; n >= 0 && list[n].What == what && list[n].Note == e.Note && last.Add(1) == day {
			list[n].To = e.Day
		} else {
			list = append(list, views.SpecialDays{From: e.Day, To: e.Day, What: what, Note: e.Note})
		}
		last = day
	}
	for i := range list {
		list[i].Label = daysLabel(list[i].From, list[i].To)
	}
	return list
}

// daysLabel writes days in a row, given as 2006-01-02.
func daysLabel(from, to string) string {
	const layout = "Mon 2 Jan 2006"
	first, err := schedule.ParseDay(from)
	last, errTo := schedule.ParseDay(to)
	switch {
	case err != nil || errTo != nil:
		return from
	case first == last:
		return first.Format(layout)
	}
	return first.Format(layout) + " – " + last.Format(layout)
}

// futureJobs lists jobs that a contractor holds. With who, it says which of them
// are not within his hours.
func futureJobs(cards []db.Card, who *db.ContractorRecord) ([]views.FutureJob, error) {
	list := make([]views.FutureJob, len(cards))
	for i, card := range cards {
		z, err := zonesOf(card)
		if err != nil {
			return nil, err
		}
		list[i] = views.FutureJob{
			JobID: card.JobID, Number: numberOf(card.Number), Title: card.Title, When: dayRange(card.At(), z.job, z.home),
			Region: card.RegionName, Guest: card.Region != card.ContractorHome,
		}
		if err := schedule.CanUnassign(card.AssignmentStatus); err != nil {
			list[i].Fixed = statusWords(string(card.AssignmentStatus))
		}
		if who == nil {
			continue
		}
		reasons, err := who.HoursReasons(card.At())
		if err != nil {
			return nil, err
		}
		if len(reasons) > 0 {
			list[i].Why = reasons[0].Detail
		}
	}
	return list, nil
}
