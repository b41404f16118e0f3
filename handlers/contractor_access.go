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
	ctx := c.Request().Context()
	token, _, err := h.db.CreateContractorLink(ctx, r.ID, h.now())
	if err != nil {
		return err
	}
	caller, _ := principal(c)
	h.log.InfoContext(ctx, "sign-in link made", "contractor_id", r.ID, "by", caller.UserID)
	return h.showContractor(c, r, func(view *views.ContractorRecord) { view.Link = h.baseURL(c) + linkPrefix + token })
}

// revokeLinks makes the links of a contractor worthless and signs him out
// everywhere. Who is inactive is signed out already.
func (h *Handlers) revokeLinks(c echo.Context) error {
	r, err := h.visibleContractor(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if _, err := h.db.RevokeContractorLinks(ctx, r.ID); err != nil {
		return err
	}
	caller, _ := principal(c)
	h.log.InfoContext(ctx, "sign-in links revoked", "contractor_id", r.ID, "by", caller.UserID)
	return c.Redirect(http.StatusSeeOther, "/contractors/"+r.ID+"?done=signed-out")
}
