package handlers

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/views"
)

const (
	usersPath = "/admin/users"
	// usersShown is how many users one page lists.
	usersShown = 50
	// lastPage bounds how far a list is turned.
	lastPage = 1000
)

// users lists who can sign in.
func (h *Handlers) users(c echo.Context) error {
	f, err := query(c)
	if err != nil {
		return err
	}
	number, _ := strconv.Atoi(f.Get("page"))
	view := views.Users{Text: f.Get("q"), Role: f.Get("role"), State: f.Get("state")}
	list, number, err := h.peoplePage(c, db.PeopleFilter{Text: view.Text, Role: view.Role, State: view.State}, min(max(number, 1), lastPage))
	if err != nil {
		return err
	}
	view.Pager = pagerOf(usersPath, map[string]string{"q": view.Text, "role": view.Role, "state": view.State}, number, len(list) > usersShown)
	for _, p := range list[:min(len(list), usersShown)] {
		view.Rows = append(view.Rows, h.userRow(p))
	}
	page, err := h.page(c, "Users", "admin")
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.UsersPage(page, view))
}

// peoplePage reads a page of the users that match, with one more if there is a page
// after it: of pages that don't exist any more, the last one that does.
func (h *Handlers) peoplePage(c echo.Context, filter db.PeopleFilter, number int) (list []db.Person, page int, err error) {
	ctx := c.Request().Context()
	filter.Limit = usersShown + 1
	for {
		filter.Offset = (number - 1) * usersShown
		if list, err = h.db.People(ctx, filter); err != nil || len(list) > 0 || number == 1 {
			return list, number, err
		}
		all, err := h.db.CountPeople(ctx, filter)
		if err != nil {
			return nil, 0, err
		}
		number = min(number-1, max(all-1, 0)/usersShown+1)
	}
}

func (h *Handlers) userRow(p db.Person) views.UserRow {
	row := views.UserRow{
		Href: usersPath + "/" + p.ID, Name: p.Name, Role: roleWords(p.Role), Regions: p.RegionNames, State: userState(p),
	}
	if !p.ContractorID.Valid && !p.Erased {
		row.Email = p.Email
	}
	if p.LastSignIn.Valid {
		row.LastSignIn = h.moment(p.LastSignIn.Time)
	}
	return row
}

// userState is whether a user can sign in, as a slug and in words.
func userState(p db.Person) views.AccessState {
	switch {
	case p.Erased:
		return views.AccessState{Slug: "off", Label: "Erased"}
	case p.Disabled:
		return views.AccessState{Slug: "off", Label: "Disabled"}
	case p.Invited():
		return views.AccessState{Slug: "waiting", Label: "Invited"}
	}
	return views.AccessState{Slug: "on", Label: "Active"}
}

func roleWords(role string) string {
	switch role {
	case RoleAdmin:
		return "Administrator"
	case RoleDispatcher:
		return "Dispatcher"
	case RoleAuditor:
		return "Auditor"
	case RoleContractor:
		return "Contractor"
	}
	return role
}

// newUser is the empty form for a member of staff.
func (h *Handlers) newUser(c echo.Context) error {
	return h.showUserForm(c, http.StatusOK, views.UserForm{Role: RoleDispatcher, Chosen: map[string]bool{}})
}

// inviteUser adds the user of the form and shows the link with which he chooses
// his password. A reload of the answer shows another link; only the last works.
func (h *Handlers) inviteUser(c echo.Context) error {
	p, _ := principal(c)
	f, err := form(c)
	if err != nil {
		return err
	}
	shown := userFormOf(f)
	checkEmail(f, shown.Errors)
	if len(shown.Errors) > 0 {
		return h.showUserForm(c, http.StatusUnprocessableEntity, shown)
	}
	cmd := db.Command{By: actor(p), Key: f.Get("idempotency_key"), RequestHash: requestHash(c, f)}
	ctx := c.Request().Context()
	id, token, err := h.db.InviteUser(ctx, cmd, db.NewUser{
		Email: shown.Email, Name: shown.Name, Role: shown.Role, Regions: f.All("regions"),
	}, h.now())
	var invalid *db.Invalid
	if errors.As(err, &invalid) {
		shown.Errors[invalid.Field] = sentence(invalid.Message)
		return h.showUserForm(c, http.StatusUnprocessableEntity, shown)
	}
	if err != nil {
		return err
	}
	if token == "" {
		return c.Redirect(http.StatusSeeOther, usersPath+"/"+id)
	}
	h.log.InfoContext(ctx, "user invited", "user_id", id, "role", shown.Role, "by", p.UserID)
	return h.showUserLink(c, id, token)
}

// userFormOf keeps what was typed and says what is wrong with it.
func userFormOf(f Form) views.UserForm {
	shown := views.UserForm{
		Email: f.Get("email"), Name: f.Get("name"), Role: f.Get("role"), Chosen: ticked(f, "regions"), Errors: views.Errors{},
	}
	required(f, shown.Errors, "name", 200, "Say who it is.")
	switch shown.Role {
	case RoleAdmin, RoleDispatcher, RoleAuditor:
	default:
		shown.Errors["role"] = "Choose what this person may do."
	}
	if shown.Role == RoleDispatcher && len(shown.Chosen) == 0 {
		shown.Errors["regions"] = "Choose at least one region for a dispatcher."
	}
	return shown
}

// maxEmail is what a path of SMTP can hold, in characters.
const maxEmail = 254

func checkEmail(f Form, errs views.Errors) {
	required(f, errs, "email", maxEmail, "Give the e-mail address to sign in with.")
}

func (h *Handlers) showUserForm(c echo.Context, status int, f views.UserForm) error {
	var err error
	if f.Regions, err = h.regionChoices(c); err != nil {
		return err
	}
	f.IdempotencyKey = uuid.NewString()
	page, err := h.page(c, "Invite somebody", "admin")
	if err != nil {
		return err
	}
	return render(c, status, views.NewUserPage(page, f))
}

func (h *Handlers) regionChoices(c echo.Context) ([]views.Choice, error) {
	regions, err := h.db.Regions(c.Request().Context())
	if err != nil {
		return nil, err
	}
	choices := make([]views.Choice, len(regions))
	for i, r := range regions {
		choices[i] = views.Choice{Value: r.Slug, Label: r.Name}
	}
	return choices, nil
}
