package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"smartscheduler/views"
)

// makeLink makes a one-time sign-in link for a contractor's phone and shows it,
// this once.
func (h *Handlers) makeLink(c echo.Context) error {
	r, err := h.visibleContractor(c)
	if err != nil {
		return err
	}
	token, _, err := h.db.CreateContractorLink(c.Request().Context(), r.ID, h.now())
	if err != nil {
		return err
	}
	scheme := "http"
	if h.secure {
		scheme = "https"
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return h.showContractor(c, r, func(view *views.ContractorRecord) {
		view.Link = scheme + "://" + c.Request().Host + linkPrefix + token
	})
}

// revokeLinks makes the links of a contractor worthless and signs him out
// everywhere. Who is inactive is signed out already.
func (h *Handlers) revokeLinks(c echo.Context) error {
	r, err := h.visibleContractor(c)
	if err != nil {
		return err
	}
	if _, err := h.db.RevokeContractorLinks(c.Request().Context(), r.ID); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/contractors/"+r.ID+"?done=signed-out")
}
