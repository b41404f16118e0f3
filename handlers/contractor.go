package handlers

import (
	"net/http"
	"time"

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
	span := dayOf(h.now(), loc)
	first := span.Start
	span.End = time.Date(first.Year(), first.Month(), first.Day()+agendaDays, 0, 0, 0, 0, loc)
	agenda, err := h.db.Agenda(ctx, p.ContractorID, span)
	if err != nil {
		return err
	}
	view := views.ContractorPage{Name: agenda.Contractor.Name, ZoneLabel: zoneLabel(loc, first)}
	byDate := make(map[string]*views.PhoneDay, agendaDays)
	for i := range agendaDays {
		day := time.Date(first.Year(), first.Month(), first.Day()+i, 0, 0, 0, 0, loc)
		view.Days = append(view.Days, views.PhoneDay{Date: day.Format(time.DateOnly), Label: agendaLabel(day, i)})
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
		for _, date := range datesOf(card.At(), z.home) {
			if day := byDate[date]; day != nil {
				day.Cards = append(day.Cards, phoneCard(card, z))
				break
			}
		}
	}
	page := views.Page{Title: "My jobs", Section: "contractor", User: &views.User{Name: p.Name, Role: p.Role}}
	page.Live = h.live("/streams/contractor/"+p.ContractorID, agenda.Position, "contractor", "/login")
	page.Live.Zone, page.Live.Date, page.Live.Today = zone, view.Days[0].Date, true
	return render(c, http.StatusOK, views.ContractorHome(page, view))
}

func agendaLabel(day time.Time, ahead int) string {
	label := day.Format("Monday 2 January")
	switch ahead {
	case 0:
		return "Today, " + label
	case 1:
		return "Tomorrow, " + label
	}
	return label
}
