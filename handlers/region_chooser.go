package handlers

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"smartscheduler/views"
)

// chooseRegion lists the boards that the caller may open, for those who may open
// more than the navigation has room for. A search that finds one leads there.
func (h *Handlers) chooseRegion(c echo.Context) error {
	q, err := query(c)
	if err != nil {
		return err
	}
	page, err := h.page(c, "Regions", "regions")
	if err != nil {
		return err
	}
	view := views.RegionChooser{Query: q.Get("q")}
	var matching []views.RegionLink
	for _, r := range page.Regions {
		if found(view.Query, fold(r.Name+" "+r.Slug)) {
			matching = append(matching, r)
		}
	}
	if len(matching) == 1 && view.Query != "" {
		return c.Redirect(http.StatusSeeOther, "/dispatch/"+matching[0].Slug)
	}
	number, err := strconv.Atoi(q.Get("page"))
	if err != nil || number < 1 || (number-1)*regionRows >= len(matching) {
		number = 1
	}
	view.Found = len(matching)
	view.Regions = matching[(number-1)*regionRows : min(number*regionRows, len(matching))]
	view.Pager = pagerOf("/regions", map[string]string{"q": view.Query}, number, number*regionRows < len(matching))
	return render(c, http.StatusOK, views.RegionChooserPage(page, view))
}
