package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/views"
)

// erasable is one kind of person who can be erased.
type erasable struct {
	// param names the id in the address.
	param string
	// load draws what is kept, as the page shows it.
	load func(echo.Context, string) (views.Erasure, error)
	// run erases; after it the caller is led to done.
	run  func(context.Context, db.Erase) error
	done func(id string) string
}

func (h *Handlers) erasableCustomer() erasable {
	return erasable{
		param: "customerID", load: h.customerToErase, run: h.db.EraseCustomer,
		done: func(string) string { return peoplePath + "?done=erased" },
	}
}

func (h *Handlers) erasableContractor() erasable {
	return erasable{
		param: "contractorID", load: h.contractorToErase, run: h.db.EraseContractor,
		done: func(id string) string { return "/contractors/" + id + "?done=erased" },
	}
}

func (h *Handlers) erasableUser() erasable {
	return erasable{
		param: "userID", load: h.userToErase, run: h.db.EraseUser,
		done: func(id string) string { return usersPath + "/" + id + "?done=erased" },
	}
}

// erasureForm shows what is kept of a person, with the form that erases it. Who
// was erased has none.
func (h *Handlers) erasureForm(kind erasable) echo.HandlerFunc {
	return func(c echo.Context) error {
		id, err := pathID(c, kind.param)
		if err != nil {
			return err
		}
		if _, err := h.db.ErasureOf(c.Request().Context(), id); !errors.Is(err, db.ErrNotFound) {
			return orRedirect(c, err, kind.done(id))
		}
		view, err := kind.load(c, id)
		if err != nil {
			return err
		}
		return h.showErasure(c, http.StatusOK, view)
	}
}

// orRedirect leads to an address unless there is an error.
func orRedirect(c echo.Context, err error, to string) error {
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, to)
}

// erase erases a person.
func (h *Handlers) erase(kind erasable) echo.HandlerFunc {
	return func(c echo.Context) error {
		id, err := pathID(c, kind.param)
		if err != nil {
			return err
		}
		f, err := form(c)
		if err != nil {
			return err
		}
		errs := views.Errors{}
		required(f, errs, "reason", 500, "Say who asked for it, and when.")
		if !strings.EqualFold(f.Get("word"), "erase") {
			errs["word"] = "Type the word “erase”."
		}
		version, _ := strconv.Atoi(f.Get("version"))
		p, _ := principal(c)
		ctx := c.Request().Context()
		if len(errs) == 0 {
			err = kind.run(ctx, db.Erase{
				By: actor(p), ID: id, Version: version, Confirmed: f.Get("confirmed"), Reason: f.Get("reason"), Now: h.now(),
			})
		}
		if err == nil && len(errs) == 0 {
			h.log.InfoContext(ctx, "person erased", "route", c.Path(), "id", id, "by", p.UserID)
			return c.Redirect(http.StatusSeeOther, kind.done(id))
		}
		status, refused, err := eraseRefused(err, errs)
		if err != nil {
			return err
		}
		view, err := kind.load(c, id)
		if err != nil {
			return err
		}
		view.Reason, view.Errors, view.Refused = f.Get("reason"), errs, refused
		return h.showErasure(c, status, view)
	}
}

// eraseRefused says why nobody was erased, if there is an answer to that.
func eraseRefused(refused error, errs views.Errors) (status int, words string, err error) {
	var invalid *db.Invalid
	var conflict *db.Conflict
	var clashes *db.Clashes
	switch {
	case refused == nil:
	case errors.As(refused, &invalid):
		errs[invalid.Field] = sentence(invalid.Message)
	case errors.As(refused, &conflict):
		return http.StatusConflict, "Something changed since you opened the page. Nothing was erased. Look again, then decide.", nil
	case errors.As(refused, &clashes):
		return http.StatusConflict, "Nothing was erased.", nil
	case errors.Is(refused, db.ErrImportRunning):
		return http.StatusConflict, "An import is running or waiting. Nothing was erased. Try again when it is done.", nil
	default:
		return 0, "", refused
	}
	return http.StatusUnprocessableEntity, "", nil
}

func (h *Handlers) showErasure(c echo.Context, status int, view views.Erasure) error {
	page, err := h.page(c, "Erase a "+view.Kind, "admin")
	if err != nil {
		return err
	}
	return render(c, status, views.ErasurePage(page, view))
}

// backups is said of everybody.
const backups = "copies in backups, until those are deleted; whoever restores one erases again"

func (h *Handlers) customerToErase(c echo.Context, id string) (views.Erasure, error) {
	r, err := h.db.CustomerRecord(c.Request().Context(), id)
	if err != nil {
		return views.Erasure{}, err
	}
	view := views.Erasure{
		Kind: db.ErasedCustomer, Name: r.Name, Path: peoplePath + "/" + id, Up: peoplePath, UpLabel: "Personal data",
		Facts: []views.Fact{
			{Label: "Name", Value: r.Name}, {Label: "Phone", Value: r.Phone}, {Label: "E-mail", Value: r.Email},
			{Label: "Known since", Value: r.CreatedAt.UTC().Format("2 January 2006")}, {Label: "Jobs", Value: strconv.Itoa(r.Jobs)},
			{Label: "Reasons in their history", Value: strconv.Itoa(r.Words)},
			{Label: "Uploaded files that may hold the name", Value: strconv.Itoa(r.Files)},
		},
		Goes: []string{
			"name, phone, e-mail; the address, place and access notes of every site; title and notes of every job; reasons that were typed about these jobs",
			"every uploaded file of jobs that is still kept, also those of others: they have to be uploaded again",
		},
		Stays: []string{"number, region, times, skills, status and history of each job, without words", backups},
		Count: r.Jobs, Confirmed: r.Digest(),
	}
	if view.Jobs, err = heldJobs(r.Cards[:min(len(r.Cards), jobsShown)]); err != nil {
		return view, err
	}
	todo := r.ToDo(h.now())
	if len(todo) > 0 {
		view.Blocked = "Somebody still has to go there. Cancel these jobs, or wait until they are done."
	}
	view.Waiting, err = heldJobs(todo)
	return view, err
}

func (h *Handlers) contractorToErase(c echo.Context, id string) (views.Erasure, error) {
	r, err := h.db.ContractorRecord(c.Request().Context(), id, h.now())
	if err != nil {
		return views.Erasure{}, err
	}
	view := views.Erasure{
		Kind: db.ErasedContractor, Name: r.Name, Path: "/contractors/" + id + "/erasure", Up: "/contractors/" + id, UpLabel: r.Name,
		Facts: []views.Fact{
			{Label: "Name", Value: r.Name}, {Label: "Phone", Value: r.Phone}, {Label: "E-mail", Value: r.Email}, {Label: "Home region", Value: r.HomeName},
			{Label: "Id in another system", Value: r.ExternalID.String}, {Label: "Days that differ from the week", Value: strconv.Itoa(len(r.Exceptions))},
		},
		Goes: []string{
			"name, phone, e-mail, base point, id in another system, hours, days off with their notes, skills, served regions",
			"sign-in: links, sessions, account; reasons that were typed when jobs were given to or taken off this contractor",
			"every uploaded file of contractors that is still kept: they have to be uploaded again",
		},
		Stays:   []string{fmt.Sprintf("jobs done and the history, under an id and the name “Former contractor %s”", id[:4]), backups},
		Version: r.Version,
	}
	if r.Active {
		view.Blocked = "This contractor is active. Press Change on the contractor's page and take away the mark at Active."
	} else if len(r.Future) > 0 {
		view.Blocked = "These jobs are still to be done. Give them to somebody else first."
	}
	view.Waiting, err = heldJobs(r.Future)
	return view, err
}

func (h *Handlers) userToErase(c echo.Context, id string) (views.Erasure, error) {
	u, err := h.db.PersonByID(c.Request().Context(), id)
	if err != nil {
		return views.Erasure{}, err
	}
	if u.ContractorID.Valid {
		return views.Erasure{}, db.ErrNotFound
	}
	view := views.Erasure{
		Kind: db.ErasedUser, Name: u.Name, Path: usersPath + "/" + id + "/erasure", Up: usersPath + "/" + id, UpLabel: u.Name,
		Facts: []views.Fact{
			{Label: "Name", Value: u.Name}, {Label: "E-mail", Value: u.Email}, {Label: "Role", Value: roleWords(u.Role)},
			{Label: "Regions", Value: strings.Join(u.RegionNames, ", ")},
		},
		Goes: []string{
			"name, e-mail, password, regions, sessions, links, the time of the last sign-in",
			"the network addresses noted with streams that were refused",
		},
		Stays:   []string{fmt.Sprintf("what this person did, under an id and the name “Former user %s”", id[:4]), backups},
		Version: u.Version,
	}
	if !u.Disabled {
		view.Blocked = "This account is in use. Disable it first, on the page of the user."
	}
	return view, nil
}
