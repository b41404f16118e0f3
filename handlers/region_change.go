package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/views"
)

// changeRegion saves the name and the postcodes of a region, once whoever sends
// them has seen which jobs go elsewhere.
func (h *Handlers) changeRegion(c echo.Context) error {
	ctx := c.Request().Context()
	r, err := h.db.RegionRecord(ctx, c.Param("slug"), regionJobs)
	if err != nil {
		return err
	}
	f, err := form(c)
	if err != nil {
		return err
	}
	shown := views.RegionForm{Name: f.Get("name"), Postcodes: f.Get("postcodes"), Errors: views.Errors{}}
	shown.Version = parseVersion(f, shown.Errors)
	if len(shown.Errors) > 0 {
		return h.showRegion(c, http.StatusUnprocessableEntity, r, shown)
	}
	p, _ := principal(c)
	err = h.db.ChangeRegion(ctx, db.ChangeRegion{
		By: actor(p), Slug: r.Slug, Version: shown.Version, Name: oneLine(shown.Name), Postcodes: postcodeLines(shown.Postcodes),
		Confirmed: f.Get("confirmed"),
	})
	var invalid *db.Invalid
	var conflict *db.Conflict
	var moves *db.MapMoves
	switch {
	case errors.As(err, &invalid):
		shown.Errors[invalid.Field] = sentence(invalid.Message)
		return h.showRegion(c, http.StatusUnprocessableEntity, r, shown)
	case errors.As(err, &moves):
		shown.Moves, shown.Confirmed = movedJobs(moves.MapPreview), moves.Digest
		shown.Again = f.Get("confirmed") != ""
		return h.showRegion(c, http.StatusConflict, r, shown)
	case errors.As(err, &conflict):
		return h.regionTooLate(c, shown)
	case err != nil:
		return err
	}
	h.log.InfoContext(ctx, "region changed", "region", r.Slug, "by", p.UserID)
	return c.Redirect(http.StatusSeeOther, regionsPath+"/"+r.Slug+"?done=saved")
}

// postcodeLines reads a list that stands one entry a line, or with commas.
func postcodeLines(text string) []string {
	var codes []string
	for _, code := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == ',' || r == ';' }) {
		if strings.TrimSpace(code) != "" {
			codes = append(codes, code)
		}
	}
	return codes
}

// regionTooLate answers a change that came too late, with both versions.
func (h *Handlers) regionTooLate(c echo.Context, shown views.RegionForm) error {
	now, err := h.db.RegionRecord(c.Request().Context(), c.Param("slug"), regionJobs)
	if err != nil {
		return err
	}
	shown.Version, shown.Stale = now.Version, &views.Stale{}
	for _, row := range []views.StaleRow{
		{Label: "Name", Yours: shown.Name, Now: now.Name},
		{Label: "Postcodes", Yours: shortened(strings.Join(postcodeLines(shown.Postcodes), ", ")), Now: shortened(strings.Join(now.Codes, ", "))},
	} {
		if row.Yours != row.Now {
			shown.Stale.Rows = append(shown.Stale.Rows, row)
		}
	}
	return h.showRegion(c, http.StatusConflict, now, shown)
}

// movedJobs lists the jobs that a change of the map moves.
func movedJobs(m db.MapPreview) views.MovedJobs {
	list := views.MovedJobs{Total: m.Moved, More: m.Moved - len(m.Moves)}
	for _, j := range m.Moves {
		holder := j.Holder
		if j.Others > 0 {
			holder += fmt.Sprintf(" and %d more", j.Others)
		}
		list.Jobs = append(list.Jobs, views.MovedJob{
			Number: "J-" + strconv.FormatInt(j.Number, 10), Path: "/jobs/" + j.JobID, Title: j.Title, From: j.From, To: j.To, Holder: holder,
		})
	}
	return list
}

// shownRegions bounds the regions of a map that are named.
const shownRegions = 50

// mapChange is what a map does to regions and jobs, in one picture and in words.
func mapChange(m db.MapPreview) *views.MapChange {
	change := &views.MapChange{
		Map:   views.Map{Width: m.Width, Height: m.Height, Label: "The regions before and after"},
		Moves: movedJobs(m), More: max(len(m.Regions)-shownRegions, 0),
	}
	var before []views.MapArea
	for i, r := range m.Regions {
		if r.Before != "" && r.Before != r.After {
			before = append(before, views.MapArea{Path: r.Before, Kind: "before"})
		}
		if r.After != "" {
			change.Map.Areas = append(change.Map.Areas, views.MapArea{Path: r.After, Kind: "after"})
		}
		if i < shownRegions {
			change.Regions = append(change.Regions, views.ChangedRegion{Name: r.Name, New: r.New})
		}
	}
	change.Map.Areas = append(change.Map.Areas, before...)
	for _, j := range m.Moves {
		if j.Drawn {
			change.Map.Points = append(change.Map.Points, views.MapPoint{X: j.X, Y: j.Y, Label: "J-" + strconv.FormatInt(j.Number, 10)})
		}
	}
	return change
}
