package handlers

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/views"
)

// user is one user with the forms that change him.
func (h *Handlers) user(c echo.Context) error {
	person, err := h.personAsked(c)
	if err != nil {
		return err
	}
	return h.showUser(c, http.StatusOK, person, userFormNow(person), "")
}

// personAsked is the user of the address.
func (h *Handlers) personAsked(c echo.Context) (db.Person, error) {
	id, err := pathID(c, "userID")
	if err != nil {
		return db.Person{}, err
	}
	return h.db.PersonByID(c.Request().Context(), id)
}

func userFormNow(p db.Person) views.UserForm {
	f := views.UserForm{
		UserID: p.ID, Version: p.Version, Email: p.Email, Name: p.Name, Role: p.Role, Chosen: make(map[string]bool),
	}
	for _, slug := range p.Regions {
		f.Chosen[slug] = true
	}
	return f
}

// editUser changes name, role and regions.
func (h *Handlers) editUser(c echo.Context) error {
	person, err := h.personAsked(c)
	if err != nil {
		return err
	}
	f, err := form(c)
	if err != nil {
		return err
	}
	shown := userFormOf(f)
	shown.UserID, shown.Email = person.ID, person.Email
	shown.Version = parseVersion(f, shown.Errors)
	if len(shown.Errors) > 0 {
		return h.showUser(c, http.StatusUnprocessableEntity, person, shown, "")
	}
	ctx := c.Request().Context()
	err = h.db.EditUser(ctx, h.userChange(c, person, shown.Version), shown.Name, shown.Role, f.All("regions"))
	var invalid *db.Invalid
	var conflict *db.Conflict
	switch {
	case errors.As(err, &invalid):
		shown.Errors[invalid.Field] = sentence(invalid.Message)
		return h.showUser(c, http.StatusUnprocessableEntity, person, shown, "")
	case errors.Is(err, db.ErrLastAdmin):
		shown.Errors["role"] = lastAdminWords
		return h.showUser(c, http.StatusUnprocessableEntity, person, shown, "")
	case errors.As(err, &conflict):
		return h.userTooLate(c, person.ID, shown)
	case err != nil:
		return err
	}
	return h.userDone(c, person, "user changed", "saved")
}

const lastAdminWords = "This is the last active administrator. Give that role to somebody else first."

func (h *Handlers) userChange(c echo.Context, p db.Person, version int) db.UserChange {
	caller, _ := principal(c)
	return db.UserChange{By: actor(caller), UserID: p.ID, Version: version}
}

// userTooLate answers a change of somebody who was changed since the form was
// opened, with both versions.
func (h *Handlers) userTooLate(c echo.Context, id string, shown views.UserForm) error {
	now, err := h.db.PersonByID(c.Request().Context(), id)
	if err != nil {
		return err
	}
	choices, err := h.regionChoices(c)
	if err != nil {
		return err
	}
	var wanted []string
	for _, r := range choices {
		if shown.Chosen[r.Value] && shown.Role == RoleDispatcher {
			wanted = append(wanted, r.Label)
		}
	}
	shown.Version = now.Version
	shown.Stale = &views.Stale{Rows: []views.StaleRow{
		{Label: "Name", Yours: shown.Name, Now: now.Name},
		{Label: "Role", Yours: roleWords(shown.Role), Now: roleWords(now.Role)},
		{Label: "Regions", Yours: cmp.Or(strings.Join(wanted, ", "), "none"), Now: cmp.Or(strings.Join(now.RegionNames, ", "), "none")},
		{Label: "State", Yours: "not changed here", Now: userState(now).Label},
	}}
	return h.showUser(c, http.StatusConflict, now, shown, "")
}

// lockUser disables or enables a user.
func (h *Handlers) lockUser(c echo.Context) error {
	person, err := h.personAsked(c)
	if err != nil {
		return err
	}
	f, err := form(c)
	if err != nil {
		return err
	}
	errs := views.Errors{}
	version, disable := parseVersion(f, errs), f.Get("state")
	if !slices.Contains([]string{"disabled", "enabled"}, disable) {
		errs["state"] = "Say whether to disable or to enable."
	}
	if len(errs) > 0 {
		return h.showUser(c, http.StatusUnprocessableEntity, person, userFormNow(person), "Nothing was changed: the form was not complete.")
	}
	err = h.db.LockUser(c.Request().Context(), h.userChange(c, person, version), disable == "disabled")
	if done, err := h.userRefused(c, person, err); done || err != nil {
		return err
	}
	return h.userDone(c, person, "user "+disable, disable)
}

// userRefused answers what a change of a user without fields was refused for,
// and tells whether it was.
func (h *Handlers) userRefused(c echo.Context, person db.Person, refused error) (done bool, err error) {
	var conflict *db.Conflict
	words := ""
	switch {
	case refused == nil:
		return false, nil
	case errors.Is(refused, db.ErrLastAdmin):
		words = lastAdminWords
	case errors.Is(refused, db.ErrOneself):
		words = "Nobody can disable his own account. Another administrator can."
	case errors.As(refused, &conflict):
		words = "Somebody changed this account since you opened the page. Nothing was done. Look again, then decide."
	default:
		return true, refused
	}
	now, err := h.db.PersonByID(c.Request().Context(), person.ID)
	if err != nil {
		return true, err
	}
	return true, h.showUser(c, http.StatusConflict, now, userFormNow(now), words)
}

// linkUser makes another link with which a member of staff chooses a password.
func (h *Handlers) linkUser(c echo.Context) error {
	person, err := h.personAsked(c)
	if err != nil {
		return err
	}
	f, err := form(c)
	if err != nil {
		return err
	}
	errs := views.Errors{}
	version := parseVersion(f, errs)
	if len(errs) > 0 {
		return h.showUser(c, http.StatusUnprocessableEntity, person, userFormNow(person), "Nothing was changed: the form was not complete.")
	}
	ctx := c.Request().Context()
	token, err := h.db.CreateUserLink(ctx, h.userChange(c, person, version), h.now())
	if done, err := h.userRefused(c, person, err); done || err != nil {
		return err
	}
	caller, _ := principal(c)
	h.log.InfoContext(ctx, "password link made", "user_id", person.ID, "by", caller.UserID)
	return h.showUserLink(c, person.ID, token)
}

// showUserLink shows a link this once.
func (h *Handlers) showUserLink(c echo.Context, userID, token string) error {
	person, err := h.db.PersonByID(c.Request().Context(), userID)
	if err != nil {
		return err
	}
	page, err := h.page(c, "Link for "+person.Name, "admin")
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.UserLinkPage(page, views.UserLink{
		Name: person.Name, Email: person.Email, Invited: person.Invited(), Back: usersPath + "/" + person.ID,
		URL: h.baseURL(c) + passwordPrefix + token,
	}))
}

// baseURL is where browsers find this server: as it was told, else as the caller
// found it.
func (h *Handlers) baseURL(c echo.Context) string {
	if h.publicURL != "" {
		return h.publicURL
	}
	scheme := "http://"
	if h.secure {
		scheme = "https://"
	}
	return scheme + c.Request().Host
}

// userDone logs what an administrator did and leads back to the user.
func (h *Handlers) userDone(c echo.Context, person db.Person, act, done string) error {
	caller, _ := principal(c)
	h.log.InfoContext(c.Request().Context(), act, "user_id", person.ID, "by", caller.UserID)
	return c.Redirect(http.StatusSeeOther, usersPath+"/"+person.ID+"?done="+done)
}

func accountDone(done string) string {
	switch done {
	case "saved":
		return "Saved. It counts at once, also on the pages that are open."
	case "disabled":
		return "Disabled and signed out everywhere."
	case "enabled":
		return "Enabled. Signing in is possible again."
	case "signed-out":
		return "Signed out."
	case "erased":
		return "Erased."
	case "password":
		return "Your password is changed. You are signed out everywhere else."
	}
	return ""
}

func (h *Handlers) showUser(c echo.Context, status int, person db.Person, f views.UserForm, refused string) error {
	var err error
	if f.Regions, err = h.regionChoices(c); err != nil {
		return err
	}
	caller, _ := principal(c)
	view := views.UserPage{
		UserRow: h.userRow(person), UserID: person.ID, Version: person.Version, Form: f, Refused: refused,
		Staff: !person.ContractorID.Valid, Self: caller.UserID == person.ID, Erased: person.Erased,
	}
	if !view.Staff {
		view.ContractorHref = "/contractors/" + person.ContractorID.String
	}
	if status == http.StatusOK {
		view.Done = accountDone(c.QueryParam("done"))
	}
	if view.Sessions, err = h.sessionRows(c, person.ID); err != nil {
		return err
	}
	page, err := h.page(c, person.Name, "admin")
	if err != nil {
		return err
	}
	return render(c, status, views.UserPageOf(page, view))
}
