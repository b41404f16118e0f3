package handlers

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/views"
)

// forgotPage asks for the address to which a link is to be sent.
func (h *Handlers) forgotPage(c echo.Context) error {
	if h.mailLink == nil {
		return db.ErrNotFound
	}
	return h.showForgot(c, http.StatusOK, views.ForgotForm{})
}

// forgot has a link sent to the address of the form, if somebody here has it.
// The answer is the same for every address, and so is the work before it: who
// the address belongs to is looked up later, by who sends.
func (h *Handlers) forgot(c echo.Context) error {
	if h.mailLink == nil {
		return db.ErrNotFound
	}
	f, err := form(c)
	if err != nil {
		return err
	}
	shown := views.ForgotForm{Email: f.Get("email")}
	if !strings.Contains(shown.Email, "@") || len(shown.Email) > maxEmail {
		shown.Error = "Type the e-mail address with which you sign in."
		return h.showForgot(c, http.StatusUnprocessableEntity, shown)
	}
	if wait, _ := h.tryToSignIn(c); wait > 0 {
		shown.Error = tooManyTries(c, wait)
		return h.showForgot(c, http.StatusTooManyRequests, shown)
	}
	// Above its limit an address gets no more mail, and nobody is told.
	if over, _ := h.access.mails.try(strings.ToLower(shown.Email)); over == 0 {
		h.mailLink(shown.Email)
	}
	shown.Sent = true
	return h.showForgot(c, http.StatusOK, shown)
}

func (h *Handlers) showForgot(c echo.Context, status int, f views.ForgotForm) error {
	return render(c, status, views.ForgotPage(views.Page{Title: "Forgot your password?"}, f))
}
