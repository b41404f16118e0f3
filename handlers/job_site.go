package handlers

import (
	"cmp"
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/views"
)

// siteForm is the form to correct where a job is.
func (h *Handlers) siteForm(c echo.Context) error {
	card, err := h.changeableCard(c)
	if err != nil {
		return err
	}
	f := views.SiteForm{Address: card.Address, Postcode: card.Postcode, RegionOverride: card.RegionOverride.String}
	if card.Lat.Valid {
		f.Lat = strconv.FormatFloat(card.Lat.Float64, 'f', -1, 64)
		f.Lng = strconv.FormatFloat(card.Lng.Float64, 'f', -1, 64)
	}
	return h.showSiteForm(c, http.StatusOK, card, f)
}

// correctSite saves it; the job may move to another region.
func (h *Handlers) correctSite(c echo.Context) error {
	card, err := h.changeableCard(c)
	if err != nil {
		return err
	}
	f, err := form(c)
	if err != nil {
		return err
	}
	p, _ := principal(c)
	shown := views.SiteForm{
		Address: f.Get("address"), Postcode: f.Get("postcode"), Lat: f.Get("lat"), Lng: f.Get("lng"),
		RegionOverride: f.Get("region_override"),
	}
	shown.Errors = views.Errors{}
	site := parseSite(f, shown.Errors)
	site.AccessNotes = card.AccessNotes
	shown.Version = parseVersion(f, shown.Errors)
	if len(shown.Errors) > 0 {
		return h.showSiteForm(c, http.StatusUnprocessableEntity, card, shown)
	}
	err = h.db.CorrectSite(c.Request().Context(), db.CorrectSite{By: actor(p), JobID: card.JobID, Version: shown.Version, Site: site})
	var invalid *db.Invalid
	var conflict *db.Conflict
	switch {
	case errors.As(err, &invalid):
		shown.Errors[invalid.Field] = sentence(invalid.Message)
		return h.showSiteForm(c, http.StatusUnprocessableEntity, card, shown)
	case errors.As(err, &conflict):
		return h.siteTooLate(c, card.JobID, shown, conflict)
	case err != nil:
		return err
	}
	return h.confirm(c, card.JobID, "The site is corrected")
}

// siteTooLate answers a correction that came too late: with both versions, or
// with the job as it is when it may not be changed any more.
func (h *Handlers) siteTooLate(c echo.Context, jobID string, shown views.SiteForm, conflict *db.Conflict) error {
	now, err := h.db.CardOf(c.Request().Context(), jobID)
	if err != nil {
		return err
	}
	if conflict.Kind != db.ConflictStale {
		return h.gone(c, now, conflict)
	}
	shown.Version = now.Version
	shown.Stale = &views.Stale{Rows: []views.StaleRow{
		{Label: "Address", Yours: shown.Address, Now: now.Address},
		{Label: "Postcode", Yours: shown.Postcode, Now: now.Postcode},
		{Label: "Region", Yours: cmp.Or(shown.RegionOverride, "by rule"), Now: now.RegionName},
	}}
	return h.showSiteForm(c, http.StatusConflict, now, shown)
}

func (h *Handlers) showSiteForm(c echo.Context, status int, card db.Card, f views.SiteForm) error {
	z, err := zonesOf(card)
	if err != nil {
		return err
	}
	regions, err := h.db.Regions(c.Request().Context())
	if err != nil {
		return err
	}
	for _, r := range regions {
		f.Regions = append(f.Regions, views.RegionLink{Slug: r.Slug, Name: r.Name})
	}
	f.Regions = append(f.Regions, views.RegionLink{Slug: events.Unrouted, Name: "Unrouted"})
	f.Job = jobSummary(card, z)
	f.RegionName, f.RegionWhy = card.RegionName, regionWhy(card.RegionReason)
	if f.Version == 0 {
		f.Version = card.Version
	}
	f.Board, f.Date = wayBack(c)
	return h.panel(c, status, "Site of "+f.Job.Number, views.SiteFormPanel(f))
}
