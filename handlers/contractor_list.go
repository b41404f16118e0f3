package handlers

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/views"
)

// contractorRows is how many contractors a page of the list shows.
const contractorRows = 100

// contractorList lists the contractors that the caller may see.
func (h *Handlers) contractorList(c echo.Context) error {
	q, err := query(c)
	if err != nil {
		return err
	}
	p, _ := principal(c)
	view := views.ContractorList{Query: q.Get("q"), Region: q.Get("region"), Status: q.Get("status"), CanAdd: p.Role == RoleAdmin}
	if view.Status != "inactive" && view.Status != "all" {
		view.Status = "active"
	}
	page, err := h.page(c, "Contractors", "contractors")
	if err != nil {
		return err
	}
	for _, r := range page.Regions {
		view.Regions = append(view.Regions, views.Choice{Value: r.Slug, Label: r.Name})
	}
	found, err := h.db.ContractorList(c.Request().Context(), db.ContractorFilter{
		Everywhere: p.Role != RoleDispatcher, Regions: p.Regions, Region: view.Region,
		Active: view.Status != "inactive", Inactive: view.Status != "active",
	})
	if err != nil {
		return err
	}
	if err := h.fillContractorList(c, &view, found, q.Get("page")); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.ContractorListPage(page, view))
}

// fillContractorList draws one page of those whom the search finds.
func (h *Handlers) fillContractorList(c echo.Context, view *views.ContractorList, list []db.ContractorLine, asked string) error {
	var found []db.ContractorLine
	for _, line := range list {
		if contractorFound(view.Query, line) {
			found = append(found, line)
		}
	}
	view.Found = len(found)
	number, err := strconv.Atoi(asked)
	if err != nil || number < 1 || (number-1)*contractorRows >= len(found) {
		number = 1
	}
	shown := found[(number-1)*contractorRows : min(number*contractorRows, len(found))]
	view.Pager = pagerOf("/contractors", map[string]string{"q": view.Query, "region": view.Region, "status": view.Status},
		number, number*contractorRows < len(found))
	ids := make([]string, len(shown))
	for i, line := range shown {
		ids[i] = line.ID
	}
	extras, err := h.db.ContractorExtras(c.Request().Context(), ids)
	if err != nil {
		return err
	}
	for _, line := range shown {
		view.Rows = append(view.Rows, views.ContractorRow{
			ID: line.ID, Name: line.Name, Phone: line.Phone, Home: line.HomeName, Active: line.Active,
			Serves: extras[line.ID].Serves, Skills: extras[line.ID].Skills,
		})
	}
	return nil
}

// contractorFound tells whether the search finds somebody, whatever the
// capitals and accents.
func contractorFound(query string, line db.ContractorLine) bool {
	return found(query, fold(strings.Join([]string{line.Name, line.Phone, line.Email, line.ExternalID.String}, " ")))
}
