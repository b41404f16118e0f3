package handlers

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

const (
	regionsPath = "/admin/regions"
	// regionRows is how many regions a page of the list shows, regionJobs how many
	// jobs the page of a region.
	regionRows = 100
	regionJobs = 200
)

// regions lists the regions for the administrator.
func (h *Handlers) regions(c echo.Context) error {
	q, err := query(c)
	if err != nil {
		return err
	}
	list, err := h.db.RegionList(c.Request().Context())
	if err != nil {
		return err
	}
	view := views.RegionList{Query: q.Get("q"), All: len(list)}
	var matching []db.RegionLine
	for _, line := range list {
		if found(view.Query, fold(strings.Join([]string{line.Name, line.Slug, line.Zone}, " "))) {
			matching = append(matching, line)
		}
	}
	view.Found = len(matching)
	number, err := strconv.Atoi(q.Get("page"))
	if err != nil || number < 1 || (number-1)*regionRows >= len(matching) {
		number = 1
	}
	view.Pager = pagerOf(regionsPath, map[string]string{"q": view.Query}, number, number*regionRows < len(matching))
	for _, line := range matching[(number-1)*regionRows : min(number*regionRows, len(matching))] {
		view.Rows = append(view.Rows, regionRow(line))
	}
	page, err := h.page(c, "Regions", "admin")
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.RegionListPage(page, view))
}

func regionRow(line db.RegionLine) views.RegionRow {
	return views.RegionRow{
		Path: regionsPath + "/" + line.Slug, Slug: line.Slug, Name: line.Name, Zone: line.Zone, HasMap: line.HasMap,
		OpenJobs: line.OpenJobs, Dispatchers: line.Dispatchers, Contractors: line.Contractors, Postcodes: line.Postcodes,
	}
}

// region shows one region: its map, the jobs on it and the form to change it.
func (h *Handlers) region(c echo.Context) error {
	r, err := h.db.RegionRecord(c.Request().Context(), c.Param("slug"), regionJobs)
	if err != nil {
		return err
	}
	form := views.RegionForm{Name: r.Name, Postcodes: strings.Join(r.Codes, "\n"), Version: r.Version}
	if c.QueryParam("done") == "saved" {
		form.Done = "The changes are saved."
	}
	return h.showRegion(c, http.StatusOK, r, form)
}

func (h *Handlers) showRegion(c echo.Context, status int, r db.RegionRecord, form views.RegionForm) error {
	view := views.Region{RegionRow: regionRow(r.RegionLine), Form: form, Total: r.Total}
	outline, err := schedule.ReadOutline([]byte(r.Geometry))
	if err != nil {
		return err
	}
	picture := schedule.Draw(outline)
	view.Map = views.Map{Width: picture.Width, Height: picture.Height, Label: "Map of " + r.Name}
	if picture.Width > 0 {
		view.Map.Areas = []views.MapArea{{Path: picture.Paths[0], Kind: "now"}}
	}
	for _, j := range r.Jobs {
		loc, err := schedule.LoadZone(j.Zone)
		if err != nil {
			return err
		}
		shown := views.RegionJob{
			Number: "J-" + strconv.FormatInt(j.Number, 10), Path: "/jobs/" + j.ID, Why: regionWhy(j.Reason),
			Status: statusWords(j.Status), When: dayLabel(j.WindowStart.In(loc)), Border: j.Reason == schedule.ReasonBorder,
		}
		if j.Lat.Valid && j.Lng.Valid {
			x, y, drawn := picture.Place(schedule.Point{Lat: j.Lat.Float64, Lng: j.Lng.Float64})
			if shown.Drawn = drawn; drawn {
				view.Map.Points = append(view.Map.Points, views.MapPoint{X: x, Y: y, Label: shown.Number})
			}
		}
		view.Jobs = append(view.Jobs, shown)
	}
	view.Map.Label += " with " + counted(len(view.Map.Points), "job")
	page, err := h.page(c, r.Name, "admin")
	if err != nil {
		return err
	}
	return render(c, status, views.RegionPage(page, view))
}
