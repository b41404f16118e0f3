package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/views"
)

const accountPath = "/account"

// ownAccount is the caller's own account: where he is signed in, and the form
// for another password.
func (h *Handlers) ownAccount(c echo.Context) error {
	return h.showAccount(c, http.StatusOK, views.Errors{})
}

// changePassword gives the caller the password of the form, when he knows the
// present one. It ends all of his sessions; this browser gets a new one.
func (h *Handlers) changePassword(c echo.Context) error {
	p, _ := principal(c)
	f, err := form(c)
	if err != nil {
		return err
	}
	errs := views.Errors{}
	if checkNewPassword(f, p.Email, errs); f.Raw("current") == "" {
		errs["current"] = "Type your present password."
	}
	if len(errs) > 0 {
		return h.showAccount(c, http.StatusUnprocessableEntity, errs)
	}
	wait, forgive := h.tryToSignIn(c)
	if wait > 0 {
		errs["current"] = tooManyTries(c, wait)
		return h.showAccount(c, http.StatusTooManyRequests, errs)
	}
	ctx := c.Request().Context()
	_, err = h.checkPassword(c, p.Email, f.Raw("current"))
	if errors.Is(err, db.ErrNotFound) {
		errs["current"] = "This is not your present password."
		return h.showAccount(c, http.StatusUnprocessableEntity, errs)
	}
	if err != nil {
		return err
	}
	forgive()
	if err := h.setOwnPassword(c, p, f.Raw("password")); err != nil {
		return err
	}
	h.log.InfoContext(ctx, "password changed", "user_id", p.UserID, "address", c.RealIP())
	return c.Redirect(http.StatusSeeOther, accountPath+"?done=password")
}

// setOwnPassword changes the password and signs this browser in again.
func (h *Handlers) setOwnPassword(c echo.Context, p Principal, password string) error {
	if err := h.takeHashing(c); err != nil {
		return err
	}
	defer h.freeHashing()
	ctx := c.Request().Context()
	if err := h.db.SetPassword(ctx, p.UserID, password); err != nil {
		return err
	}
	user, err := h.db.UserByEmail(ctx, p.Email)
	if err != nil {
		return err
	}
	return h.startSession(c, user)
}

// endOwnSessions signs the caller out, everywhere or in one place.
func (h *Handlers) endOwnSessions(c echo.Context) error {
	p, _ := principal(c)
	f, err := form(c)
	if err != nil {
		return err
	}
	session := f.Get("session")
	if session == "" {
		return h.showAccount(c, http.StatusUnprocessableEntity, views.Errors{"": "Say which session to end."})
	}
	if err := h.endSessionsOf(c, p.UserID, session); err != nil {
		return err
	}
	h.log.InfoContext(c.Request().Context(), "own sessions ended", "user_id", p.UserID, "all", session == everywhere)
	if session == everywhere {
		h.setCookie(c, sessionCookie, "", -1)
		return c.Redirect(http.StatusSeeOther, "/login?why=signed-out")
	}
	return c.Redirect(http.StatusSeeOther, accountPath+"?done=signed-out")
}

func (h *Handlers) showAccount(c echo.Context, status int, errs views.Errors) error {
	p, _ := principal(c)
	view := views.Account{Errors: errs, Role: roleWords(p.Role), HasPassword: p.Role != RoleContractor}
	if view.HasPassword {
		view.Email = p.Email
	}
	if status == http.StatusOK {
		view.Done = accountDone(c.QueryParam("done"))
	}
	var err error
	if view.Sessions, err = h.sessionRows(c, p.UserID); err != nil {
		return err
	}
	page := h.plainPage(c, "My account")
	page.Section = "account"
	if view.HasPassword {
		if page, err = h.page(c, "My account", "account"); err != nil {
			return err
		}
	}
	return render(c, status, views.AccountPage(page, view))
}
