package handlers

import (
	"fmt"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// page is the frame of a page for staff: who is signed in, the regions that he
// may open, and how many jobs are unrouted.
func (h *Handlers) page(c echo.Context, title, section string) (views.Page, error) {
	p, _ := principal(c)
	page := views.Page{Title: title, Section: section, User: &views.User{Name: p.Name, Role: p.Role}}
	ctx := c.Request().Context()
	regions, err := h.db.Regions(ctx)
	if err != nil {
		return page, err
	}
	for _, r := range regions {
		if p.MaySee(r.Slug) {
			page.Regions = append(page.Regions, views.RegionLink{Slug: r.Slug, Name: r.Name})
		}
	}
	page.ShowUnrouted = p.MaySee(events.Unrouted)
	page.Unrouted, err = h.db.CountUnrouted(ctx)
	return page, err
}

// live says which stream keeps a page up to date from a position on.
func (h *Handlers) live(url string, at events.Position, kind, signIn string) *views.Live {
	return &views.Live{URL: url + "?after=" + at.String(), Build: h.build, Kind: kind, SignIn: signIn}
}

// actor is the caller as the author of a command.
func actor(p Principal) db.Actor {
	if p.Role == RoleContractor {
		return db.Actor{UserID: p.UserID, Kind: events.ActorContractor, ContractorID: p.ContractorID}
	}
	return db.Actor{UserID: p.UserID, Kind: events.ActorDispatcher, AllRegions: p.Role == RoleAdmin, Regions: p.Regions}
}

// dayAsked returns the day of ?date=, and whether it was asked for. A date that
// is none is taken as today.
func (h *Handlers) dayAsked(c echo.Context, loc *time.Location) (day schedule.Day, asked bool) {
	day, err := schedule.ParseDay(c.QueryParam("date"))
	if err != nil {
		return schedule.DayIn(h.now(), loc), false
	}
	return day, true
}

func loadZone(region db.Region) (*time.Location, error) {
	loc, err := schedule.LoadZone(region.Zone)
	if err != nil {
		return nil, fmt.Errorf("zone of region %s: %w", region.Slug, err)
	}
	return loc, nil
}
