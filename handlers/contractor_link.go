package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/views"
)

// linkPrefix begins the path of a contractor's link. What follows is secret
// until it is used: it is not logged, and the page sends no referrer.
const linkPrefix = "/link/"

// spentLink is said for a link that was used, is too old or never existed.
const spentLink = "This link was used already, or it is too old."

// linkPage asks the contractor to press a button. It changes nothing, because
// programs that preview messages open links too.
func (h *Handlers) linkPage(c echo.Context) error {
	token := c.Param("token")
	works, err := h.db.LinkWorks(c.Request().Context(), token, h.now())
	if err != nil {
		return err
	}
	if !works {
		return h.showSpentLink(c, http.StatusGone, spentLink)
	}
	return render(c, http.StatusOK, views.LinkPage(views.Page{Title: "Your jobs", Section: "link"},
		views.LinkForm{Action: linkPrefix + token}))
}

// linkLogin uses the link up and signs the contractor in.
func (h *Handlers) linkLogin(c echo.Context) error {
	wait, forgive := h.tryToSignIn(c)
	if wait > 0 {
		return h.showSpentLink(c, http.StatusTooManyRequests, tooManyTries(c, wait))
	}
	user, err := h.db.ConsumeContractorLink(c.Request().Context(), c.Param("token"), h.now())
	if err == nil {
		err = h.startSession(c, user)
	}
	if errors.Is(err, db.ErrSpent) || errors.Is(err, db.ErrNotFound) {
		return h.showSpentLink(c, http.StatusGone, spentLink)
	}
	if err != nil {
		return err
	}
	forgive()
	return c.Redirect(http.StatusSeeOther, "/contractor")
}

func (h *Handlers) showSpentLink(c echo.Context, status int, text string) error {
	return render(c, status, views.LinkPage(views.Page{Title: "Your jobs", Section: "link"}, views.LinkForm{Error: text}))
}
