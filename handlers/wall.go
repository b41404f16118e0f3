package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// kiosk shows the wall of its region to an enrolled display; to everybody else
// the form for a code.
func (h *Handlers) kiosk(c echo.Context) error {
	p, ok := principal(c)
	if !ok || p.Role != RoleKiosk {
		if err := rightsUnknown(c); err != nil {
			return err
		}
		return h.enrolPage(c)
	}
	if err := h.keepKioskCookie(c); err != nil {
		return err
	}
	return h.wall(c, p.KioskRegion)
}

// wall draws today in a region.
func (h *Handlers) wall(c echo.Context, slug string) error {
	ctx := c.Request().Context()
	region, err := h.db.RegionBySlug(ctx, slug)
	if err != nil {
		return err
	}
	loc, err := loadZone(region)
	if err != nil {
		return err
	}
	day := schedule.DayIn(h.now(), loc)
	wall, err := h.db.Wall(ctx, region.Slug, day.In(loc))
	if err != nil {
		return err
	}
	view := views.KioskPage{
		Region: region.Slug, RegionName: region.Name,
		Date: day.String(), DateLabel: day.Format("Monday 2 January"),
	}
	if err := fillWall(&view, wall); err != nil {
		return err
	}
	page := views.Page{Title: region.Name}
	page.Live = h.live("/streams/kiosk/"+region.Slug, wall.Position, "kiosk", "/kiosk")
	page.Live.Zone, page.Live.Date, page.Live.Today = region.Zone, view.Date, true
	return render(c, http.StatusOK, views.KioskWall(page, view))
}

// fillWall puts each card beside its contractor, or among the guests.
func fillWall(view *views.KioskPage, wall db.Wall) error {
	cards := make(map[string][]views.WallCard)
	for _, card := range wall.Cards {
		z, err := zonesOf(card)
		if err != nil {
			return err
		}
		drawn := wallCard(card, view.Region, z)
		if card.ContractorHome != view.Region {
			view.GuestCards = append(view.GuestCards, drawn)
			continue
		}
		cards[card.ContractorID] = append(cards[card.ContractorID], drawn)
	}
	for _, who := range wall.Contractors {
		row := views.WallRow{ContractorID: who.ID, Contractor: who.Name, Idle: "Free", Cards: cards[who.ID]}
		if len(who.Working) == 0 {
			row.Idle = "Not working"
		}
		view.Rows = append(view.Rows, row)
	}
	return nil
}
