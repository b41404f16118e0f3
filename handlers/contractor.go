package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"smartscheduler/schedule"
	"smartscheduler/views"
)

// agendaDays is today and the seven days after it.
const agendaDays = 8

// contractorHome is the phone page of the contractor who is signed in.
func (h *Handlers) contractorHome(c echo.Context) error {
	p, _ := principal(c)
	ctx := c.Request().Context()
	zone, err := h.db.HomeZone(ctx, p.ContractorID)
	if err != nil {
		return err
	}
	loc, err := schedule.LoadZone(zone)
	if err != nil {
		return err
	}
	today := schedule.DayIn(h.now(), loc)
	agenda, err := h.db.Agenda(ctx, p.ContractorID,
		schedule.Span{Start: today.In(loc).Start, End: today.Add(agendaDays).In(loc).Start})
	if err != nil {
		return err
	}
	view := views.ContractorPage{Name: agenda.Contractor.Name, ZoneLabel: zoneLabel(loc, h.now()), Later: laterSteps()}
	if view.Changes, err = phoneChanges(agenda.Changes); err != nil {
		return err
	}
	byDate := make(map[string]*views.PhoneDay, agendaDays)
	for i := range agendaDays {
		day := today.Add(i)
		view.Days = append(view.Days, views.PhoneDay{Date: day.String(), Label: agendaLabel(day, i)})
	}
	for i := range view.Days {
		byDate[view.Days[i].Date] = &view.Days[i]
	}
	for _, card := range agenda.Cards {
		z, err := zonesOf(card)
		if err != nil {
			return err
		}
		// A job of several days stands on the first of them that the page has.
		for _, date := range schedule.DaysOf(card.At(), z.home) {
			if day := byDate[date.String()]; day != nil {
				day.Cards = append(day.Cards, phoneCard(card, z, view.Changes))
				break
			}
		}
	}
	if m := agenda.Moved; m != nil {
		view.Moved = &views.HomeNotice{EventID: m.EventID, Home: m.Home, Sort: changeKey(m.At, 0)}
	}
	page := views.Page{Title: "My jobs", Section: "contractor", User: &views.User{Name: p.Name, Role: p.Role}}
	page.Live = h.live("/streams/contractor/"+p.ContractorID, agenda.Position, "contractor", "/login")
	page.Live.Zone, page.Live.Date, page.Live.Today = zone, view.Days[0].Date, true
	return render(c, http.StatusOK, views.ContractorHome(page, view))
}

func agendaLabel(day schedule.Day, ahead int) string {
	switch ahead {
	case 0:
		return "Today, " + day.Format("Monday 2 January")
	case 1:
		return "Tomorrow, " + day.Format("Mon 2 Jan")
	}
	return day.Format("Mon 2 January")
}
