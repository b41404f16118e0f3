package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/views"
)

// skills lists the skills for the administrator.
func (h *Handlers) skills(c echo.Context) error {
	return h.showSkills(c, http.StatusOK, views.SkillsPage{Done: skillWords(c.QueryParam("done"))}, nil)
}

// skillWords says what was saved before the page was opened.
func skillWords(what string) string {
	switch what {
	case "added":
		return "The skill is added."
	case "renamed":
		return "The skill has its new name."
	case "deleted":
		return "The skill is deleted."
	}
	return ""
}

// showSkills draws the page; change may put into a row what was typed there.
func (h *Handlers) showSkills(c echo.Context, status int, view views.SkillsPage, change func(*views.SkillRow)) error {
	list, err := h.db.UsedSkills(c.Request().Context())
	if err != nil {
		return err
	}
	for _, s := range list {
		row := views.SkillRow{Slug: s.Slug, Name: s.Name, Typed: s.Name, Contractors: s.Contractors, Jobs: s.Jobs}
		if change != nil {
			change(&row)
		}
		view.Rows = append(view.Rows, row)
	}
	page, err := h.page(c, "Skills", "admin")
	if err != nil {
		return err
	}
	return render(c, status, views.SkillsAdminPage(page, view))
}

// addSkill adds the skill of the form. The same name twice is refused, so a
// repeated form adds nothing.
func (h *Handlers) addSkill(c echo.Context) error {
	p, _ := principal(c)
	f, err := form(c)
	if err != nil {
		return err
	}
	name := oneLine(f.Get("name"))
	err = h.db.AddSkill(c.Request().Context(), actor(p), name)
	var invalid *db.Invalid
	if errors.As(err, &invalid) {
		return h.showSkills(c, http.StatusUnprocessableEntity, views.SkillsPage{NewName: name, NewError: sentence(invalid.Message)}, nil)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/admin/skills?done=added")
}

// renameSkill gives a skill another name.
func (h *Handlers) renameSkill(c echo.Context) error {
	p, _ := principal(c)
	f, err := form(c)
	if err != nil {
		return err
	}
	slug, name := c.Param("slug"), oneLine(f.Get("name"))
	err = h.db.RenameSkill(c.Request().Context(), actor(p), slug, f.Get("before"), name)
	if err != nil {
		return h.skillRefused(c, slug, name, err)
	}
	return c.Redirect(http.StatusSeeOther, "/admin/skills?done=renamed")
}

// deleteSkill deletes a skill that is not used.
func (h *Handlers) deleteSkill(c echo.Context) error {
	p, _ := principal(c)
	f, err := form(c)
	if err != nil {
		return err
	}
	slug, before := c.Param("slug"), f.Get("before")
	if err := h.db.DeleteSkill(c.Request().Context(), actor(p), slug, before); err != nil {
		return h.skillRefused(c, slug, before, err)
	}
	return c.Redirect(http.StatusSeeOther, "/admin/skills?done=deleted")
}

// skillRefused shows beside the skill why it was not changed.
func (h *Handlers) skillRefused(c echo.Context, slug, typed string, err error) error {
	var invalid *db.Invalid
	var conflict *db.Conflict
	status := http.StatusUnprocessableEntity
	switch {
	case errors.As(err, &conflict):
		status = http.StatusConflict
	case !errors.As(err, &invalid):
		return err
	}
	return h.showSkills(c, status, views.SkillsPage{}, func(row *views.SkillRow) {
		if row.Slug != slug {
			return
		}
		row.Typed = typed
		if invalid != nil {
			row.Error = sentence(invalid.Message)
			return
		}
		row.Stale = &views.Stale{Rows: []views.StaleRow{{Label: "Name", Yours: typed, Now: row.Name}}}
	})
}
