package handlers

import (
	"cmp"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/views"
)

// kioskCookieLife is the longest that browsers keep a cookie. Each visit of the
// page starts it anew; whether the token still counts, the database knows.
const kioskCookieLife = 400 * 24 * time.Hour

// isKioskPath tells whether a path belongs to displays.
func isKioskPath(path string) bool {
	return path == "/kiosk" || strings.HasPrefix(path, "/kiosk/") || strings.HasPrefix(path, streamPrefix+"kiosk/")
}

// enrolPage asks for the code of a display.
func (h *Handlers) enrolPage(c echo.Context) error {
	return h.showEnrol(c, http.StatusOK, views.EnrolForm{Why: lossWords(lostBefore(c))})
}

// enrol uses a code up and makes the browser a display of its region.
func (h *Handlers) enrol(c echo.Context) error {
	f, err := form(c)
	if err != nil {
		return err
	}
	shown := views.EnrolForm{Code: f.Get("code")}
	wait, forgive := h.tryToSignIn(c)
	if wait > 0 {
		shown.Error = tooManyTries(c, wait)
		return h.showEnrol(c, http.StatusTooManyRequests, shown)
	}
	token, kiosk, err := h.db.EnrolKiosk(c.Request().Context(), shown.Code, h.now())
	if errors.Is(err, db.ErrSpent) {
		shown.Error = "This code is wrong, was used already, or is older than 10 minutes."
		return h.showEnrol(c, http.StatusUnprocessableEntity, shown)
	}
	if err != nil {
		return err
	}
	forgive()
	h.setCookie(c, kioskCookie, token, kioskCookieLife)
	h.log.InfoContext(c.Request().Context(), "display enrolled", "kiosk_id", kiosk.ID, "region", kiosk.Region, "address", c.RealIP())
	return c.Redirect(http.StatusSeeOther, "/kiosk")
}

// keepKioskCookie starts the life of the display's cookie anew, once a day with
// another token.
func (h *Handlers) keepKioskCookie(c echo.Context) error {
	token := cookieValue(c, h.cookieName(kioskCookie))
	fresh, err := h.db.RenewKioskToken(c.Request().Context(), token, h.now())
	if err != nil {
		return err
	}
	h.setCookie(c, kioskCookie, cmp.Or(fresh, token), kioskCookieLife)
	return nil
}

func (h *Handlers) showEnrol(c echo.Context, status int, f views.EnrolForm) error {
	return render(c, status, views.EnrolPage(views.Page{Title: "Set up this display"}, f))
}
