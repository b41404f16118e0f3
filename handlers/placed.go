package handlers

import (
	"slices"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// place fills in with whom and when a job was put on a board: ?contractor=, and
// ?at= by the clock of the region ?lane=. It decides nothing: that is for the form
// when it is sent. A place that cannot be read is none.
func (h *Handlers) place(c echo.Context, card db.Card, f *views.AssignmentForm) error {
	f.ContractorID = c.QueryParam("contractor")
	at, err := schedule.ParseWallTime(c.QueryParam("at"))
	if f.ContractorID == "" || err != nil {
		return nil
	}
	z, err := zonesOf(card)
	if err != nil {
		return err
	}
	p, _ := principal(c)
	loc := z.job
	if lane := c.QueryParam("lane"); p.MaySee(lane) {
		region, err := h.db.RegionBySlug(c.Request().Context(), lane)
		if err != nil {
			return err
		}
		if loc, err = loadZone(region); err != nil {
			return err
		}
	}
	start, err := schedule.Resolve(at, loc, "")
	if err != nil {
		f.Start = at.String() // the form says what is wrong with it
		return nil
	}
	f.Start, f.StartOffset = schedule.WallTimeIn(start, z.job).String(), schedule.OffsetIfRepeated(start, z.job)
	return nil
}

// offerPlaced lets the form offer somebody on whose lane the job was put although
// he seems not to be able to take it: first, with what speaks against him.
func offerPlaced(f views.AssignmentForm) []views.Candidate {
	i := slices.IndexFunc(f.Refused, func(r views.Refusal) bool { return r.ContractorID == f.ContractorID })
	if i < 0 || f.ContractorID == "" {
		return f.Candidates
	}
	who := views.Candidate{
		ContractorID: f.ContractorID, Name: f.Refused[i].Name, Start: f.Start, Offset: f.StartOffset, Slot: "as placed", Warnings: f.Refused[i].Reasons,
	}
	return append([]views.Candidate{who}, f.Candidates...)
}
