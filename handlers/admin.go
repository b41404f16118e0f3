package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"smartscheduler/views"
)

// admin is the list of what an administrator sets up.
func (h *Handlers) admin(c echo.Context) error {
	page, err := h.page(c, "Setup", "admin")
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.AdminPage(page))
}
