package handlers

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/views"
)

// passwordPrefix begins the path of a link with which a password is chosen. What
// follows is secret until it is used.
const passwordPrefix = "/password/"

// secretPrefix returns the beginning of a path whose rest is secret, "" for any
// other path.
func secretPrefix(path string) string {
	for _, prefix := range []string{linkPrefix, passwordPrefix} {
		if strings.HasPrefix(path, prefix) {
			return prefix
		}
	}
	return ""
}

// passwordPage asks the holder of a link to choose a password. It changes
// nothing, because programs that preview messages open links too.
func (h *Handlers) passwordPage(c echo.Context) error {
	user, err := h.db.UserOfLink(c.Request().Context(), c.Param("token"), h.now())
	if errors.Is(err, db.ErrSpent) {
		return h.showPassword(c, http.StatusGone, views.PasswordForm{Spent: spentLink})
	}
	if err != nil {
		return err
	}
	return h.showPassword(c, http.StatusOK, passwordFormOf(c, user))
}

func passwordFormOf(c echo.Context, u db.User) views.PasswordForm {
	return views.PasswordForm{
		Action: passwordPrefix + c.Param("token"), Name: u.Name, Email: u.Email, First: !u.PasswordHash.Valid, Errors: views.Errors{},
	}
}

// choosePassword uses the link up. Whoever chose a password then signs in with
// it, so that a link alone never signs anybody in.
func (h *Handlers) choosePassword(c echo.Context) error {
	wait, forgive := h.tryToSignIn(c)
	if wait > 0 {
		return h.showPassword(c, http.StatusTooManyRequests, views.PasswordForm{Spent: tooManyTries(c, wait)})
	}
	f, err := form(c)
	if err != nil {
		return err
	}
	ctx, token := c.Request().Context(), c.Param("token")
	user, err := h.db.UserOfLink(ctx, token, h.now())
	if errors.Is(err, db.ErrSpent) {
		return h.showPassword(c, http.StatusGone, views.PasswordForm{Spent: spentLink})
	}
	if err != nil {
		return err
	}
	forgive()
	shown := passwordFormOf(c, user)
	if checkNewPassword(f, user.Email, shown.Errors); len(shown.Errors) > 0 {
		return h.showPassword(c, http.StatusUnprocessableEntity, shown)
	}
	if err := h.takeHashing(c); err != nil {
		return err
	}
	defer h.freeHashing()
	if user, err = h.db.ChoosePassword(ctx, token, f.Raw("password"), h.now()); errors.Is(err, db.ErrSpent) {
		return h.showPassword(c, http.StatusGone, views.PasswordForm{Spent: spentLink})
	}
	if err != nil {
		return err
	}
	h.log.InfoContext(ctx, "password chosen by link", "user_id", user.ID, "address", c.RealIP())
	if err := h.endSession(c); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/login?done=password")
}

// checkNewPassword says what is wrong with a password that is typed twice.
func checkNewPassword(f Form, email string, errs views.Errors) {
	if err := db.CheckPasswordRule(f.Raw("password"), email); err != nil {
		errs["password"] = passwordWords(err)
		return
	}
	if f.Raw("password") != f.Raw("again") {
		errs["again"] = "This is not the same as above."
	}
}

// passwordWords says why a password was refused.
func passwordWords(err error) string {
	return sentence("the password is " + strings.TrimSuffix(err.Error(), ": "+db.ErrPassword.Error()))
}

func (h *Handlers) showPassword(c echo.Context, status int, f views.PasswordForm) error {
	return render(c, status, views.PasswordPage(views.Page{Title: "Your password"}, f))
}
