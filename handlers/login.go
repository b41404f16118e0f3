package handlers

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/views"
)

// wrongLogin is said for an unknown address and for a wrong password alike.
const wrongLogin = "E-mail and password do not match an account here."

// loginPage asks for e-mail and password, and says why to somebody who was
// signed in before. A contractor who needs another link is told so instead.
func (h *Handlers) loginPage(c echo.Context) error {
	next := safeNext(c.QueryParam("next"))
	if p, ok := principal(c); ok && p.Role != RoleKiosk {
		return c.Redirect(http.StatusSeeOther, orHome(next))
	}
	why := lostBefore(c)
	if why == events.LossLink || why == events.LossContractor {
		return h.showSpentLink(c, http.StatusOK, lossWords(why))
	}
	shown := views.LoginForm{Next: next, Why: lossWords(why)}
	if c.QueryParam("done") == "password" {
		shown.Done, shown.Why = "Your password is set. Sign in with it.", ""
	}
	return h.showLogin(c, http.StatusOK, shown)
}

// login signs a member of staff in.
func (h *Handlers) login(c echo.Context) error {
	f, err := form(c)
	if err != nil {
		return err
	}
	shown := views.LoginForm{Email: f.Get("email"), Next: safeNext(f.Get("next"))}
	wait, forgive := h.tryToSignIn(c)
	if wait > 0 {
		shown.Error = tooManyTries(c, wait)
		return h.showLogin(c, http.StatusTooManyRequests, shown)
	}
	forgiveAccount, err := h.slowDown(c, shown.Email)
	if err != nil {
		shown.Error = tooManyTries(c, slowTime)
		return h.showLogin(c, http.StatusTooManyRequests, shown)
	}
	user, err := h.checkPassword(c, shown.Email, f.Raw("password"))
	if err == nil {
		err = h.startSession(c, user)
	}
	if errors.Is(err, db.ErrNotFound) {
		h.log.InfoContext(c.Request().Context(), "sign-in refused", "request_id", requestID(c), "user_id", user.ID, "address", c.RealIP())
		shown.Error = wrongLogin
		return h.showLogin(c, http.StatusUnauthorized, shown)
	}
	if err != nil {
		return err
	}
	forgive()
	forgiveAccount()
	return c.Redirect(http.StatusSeeOther, orHome(shown.Next))
}

// logout ends the caller's session.
func (h *Handlers) logout(c echo.Context) error {
	if err := h.endSession(c); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/login")
}

// home sends the caller to the page of his role.
func (h *Handlers) home(c echo.Context) error {
	p, _ := principal(c)
	switch p.Role {
	case RoleContractor:
		return c.Redirect(http.StatusSeeOther, "/contractor")
	case RoleKiosk:
		return c.Redirect(http.StatusSeeOther, "/kiosk")
	case RoleDispatcher:
		return c.Redirect(http.StatusSeeOther, "/dispatch/"+firstOr(p.Regions, events.Unrouted))
	}
	regions, err := h.db.Regions(c.Request().Context())
	if err != nil {
		return err
	}
	slugs := make([]string, len(regions))
	for i, r := range regions {
		slugs[i] = r.Slug
	}
	return c.Redirect(http.StatusSeeOther, "/dispatch/"+firstOr(slugs, events.Unrouted))
}

func firstOr(list []string, other string) string {
	if len(list) == 0 {
		return other
	}
	return list[0]
}

func (h *Handlers) showLogin(c echo.Context, status int, f views.LoginForm) error {
	f.Forgot = h.mailLink != nil
	return render(c, status, views.LoginPage(h.plainPage(c, "Sign in"), f))
}

// tryToSignIn counts an attempt for the address. It returns how long to wait,
// or how to take the attempt back.
func (h *Handlers) tryToSignIn(c echo.Context) (wait time.Duration, forgive func()) {
	return h.access.tries.try(addressKey(c.RealIP()))
}

// slowDown counts an attempt for the account and returns how to take it back.
// Above the limit it takes its time and never refuses, or strangers could lock
// the owner out; its error means that the request ended meanwhile.
func (h *Handlers) slowDown(c echo.Context, account string) (forgive func(), err error) {
	account = strings.ToLower(account)
	over, forgive := h.access.accounts.try(account)
	if over == 0 {
		return forgive, nil
	}
	return func() {}, h.access.slow.hold(c.Request().Context(), account)
}

// tooManyTries sets Retry-After and returns the words that go with it.
func tooManyTries(c echo.Context, wait time.Duration) string {
	seconds := int((wait + time.Second - 1) / time.Second)
	c.Response().Header().Set("Retry-After", strconv.Itoa(seconds))
	return "Too many tries. Wait a few minutes, then try again."
}

// checkPassword returns the user who may sign in with these two, or
// ErrNotFound, with the user if there is one. It takes the same time whether
// or not there is.
func (h *Handlers) checkPassword(c echo.Context, email, password string) (db.User, error) {
	ctx := c.Request().Context()
	user, err := h.db.UserByEmail(ctx, email)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return db.User{}, err
	}
	if err := h.takeHashing(c); err != nil {
		return db.User{}, err
	}
	defer h.freeHashing()
	match, err := db.PasswordMatches(password, user.PasswordHash.String)
	if err != nil {
		return db.User{}, err
	}
	if !match || user.Disabled {
		return user, db.ErrNotFound
	}
	return user, nil
}

// takeHashing waits for one of the places for work on passwords, which
// freeHashing gives back: strangers can ask for it.
func (h *Handlers) takeHashing(c echo.Context) error {
	ctx := c.Request().Context()
	select {
	case h.access.hashing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return errors.Join(db.ErrUnavailable, ctx.Err())
	}
}

func (h *Handlers) freeHashing() { <-h.access.hashing }

func orHome(next string) string {
	if next == "" {
		return "/"
	}
	return next
}
