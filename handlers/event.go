package handlers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/views"
)

const (
	// siblingRows is how many events of the same command a page shows.
	siblingRows = 20
	// siblingReach is how far from an event those of its command are looked for:
	// they stand beside it.
	siblingReach = 200
	// undoReach is how far after an event its undo is looked for: that is a matter
	// of minutes.
	undoReach = 10_000
)

// event shows everything that the log holds of one event.
func (h *Handlers) event(c echo.Context) error {
	pos, err := strconv.ParseInt(c.Param("pos"), 10, 64)
	if err != nil || pos < 1 {
		return db.ErrNotFound
	}
	found, err := h.readable(c, func(f *db.EventFilter) { f.After, f.Before, f.Limit = pos-1, pos+1, 1 })
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return db.ErrNotFound
	}
	view, err := h.eventDetail(c, found[0])
	if err != nil {
		return err
	}
	page, err := h.page(c, "Event "+view.Position, "events")
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.EventPage(page, view))
}

// readable looks into the log for what the caller may see of it.
func (h *Handlers) readable(c echo.Context, narrow func(*db.EventFilter)) ([]db.LoggedEvent, error) {
	filter := mayRead(c)
	narrow(&filter)
	return h.db.EventLog(c.Request().Context(), filter)
}

func (h *Handlers) eventDetail(c echo.Context, e db.LoggedEvent) (views.EventDetail, error) {
	known, err := h.places(c)
	if err != nil {
		return views.EventDetail{}, err
	}
	row, told, err := eventRow(e, known)
	if err != nil {
		return views.EventDetail{}, err
	}
	view := views.EventDetail{EventRow: row, EventID: e.EventID, CorrelationID: e.CorrelationID}
	if e.ContractorID != "" {
		view.Contractor, view.ContractorHref = told.contractor(), contractorPath(e)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, e.Payload, "", "  "); err != nil {
		return view, fmt.Errorf("payload of event %s: %w", e.EventID, err)
	}
	view.Payload = indented.String()
	for _, add := range []func(echo.Context, telling, *views.EventDetail) error{
		h.addAudiences, h.addPublications, h.addDecision, h.addSiblings, h.addCauses, h.addNeighbours,
	} {
		if err := add(c, told, &view); err != nil {
			return view, err
		}
	}
	return view, nil
}

func contractorPath(e db.LoggedEvent) string {
	if e.ContractorName == "" {
		return ""
	}
	return "/contractors/" + e.ContractorID
}

func (h *Handlers) addPublications(c echo.Context, t telling, view *views.EventDetail) error {
	publications, err := h.db.Publications(c.Request().Context(), t.Position.Pos)
	for _, p := range publications {
		view.Publications = append(view.Publications, views.Publication{
			Instance: p.Instance, When: p.PublishedAt.In(t.reader).Format("2 Jan 2006 15:04:05.000 MST"),
			// From the start of its transaction, by the clock of the database, to the
			// clock of the process: about, and no less than from its commit.
			Delay:     inUnits(max(0, p.PublishedAt.Sub(t.CreatedAt))),
			Receivers: strconv.Itoa(p.Receivers), Error: p.Error,
		})
	}
	return err
}

// addDecision leads to the audit record, for who may see the job's region.
func (h *Handlers) addDecision(c echo.Context, t telling, view *views.EventDetail) error {
	if t.AuditID == "" {
		return nil
	}
	audits, err := h.db.AuditsOf(c.Request().Context(), t.JobID, t.AuditID)
	if err != nil || len(audits) == 0 {
		return err
	}
	view.Reason = t.reason(audits[0])
	if p, _ := principal(c); p.MaySee(t.JobRegion) {
		view.AuditHref = auditPath(t.AuditID)
	}
	return nil
}

// addSiblings lists the other events of the same command: both of a reassignment.
func (h *Handlers) addSiblings(c echo.Context, t telling, view *views.EventDetail) error {
	if t.CorrelationID == "" {
		return nil
	}
	found, err := h.readable(c, func(f *db.EventFilter) {
		f.CorrelationID, f.Oldest, f.Limit = t.CorrelationID, true, siblingRows+2
		f.After, f.Before = max(0, t.Position.Pos-siblingReach), t.Position.Pos+siblingReach
	})
	if err != nil {
		return err
	}
	found = slices.DeleteFunc(found, func(e db.LoggedEvent) bool { return e.EventID == t.EventID })
	view.MoreSiblings = len(found) > siblingRows
	view.Siblings, err = eventLinks("", found[:min(len(found), siblingRows)], t.places)
	return err
}

// addCauses leads to the event that this one undid or was caused by, and to the one
// that undid it.
func (h *Handlers) addCauses(c echo.Context, t telling, view *views.EventDetail) error {
	for _, look := range []struct {
		relation string
		id       string
		narrow   func(*db.EventFilter)
	}{
		{"Undoes", t.UndoOf, func(f *db.EventFilter) { f.EventID = t.UndoOf }},
		{"Caused by", t.CausationID, func(f *db.EventFilter) { f.EventID = t.CausationID }},
		{"Undone by", t.EventID, func(f *db.EventFilter) {
			f.UndoOf, f.Kind, f.JobID = t.EventID, events.KindActionUndone, t.JobID
			f.After, f.Before = t.Position.Pos, t.Position.Pos+undoReach
		}},
	} {
		if look.id == "" {
			continue
		}
		found, err := h.readable(c, func(f *db.EventFilter) { f.Limit = 1; look.narrow(f) })
		if err != nil {
			return err
		}
		links, err := eventLinks(look.relation, found, t.places)
		if err != nil {
			return err
		}
		view.Links = append(view.Links, links...)
	}
	return nil
}

// addNeighbours leads to the events of the same job before and after this one.
func (h *Handlers) addNeighbours(c echo.Context, t telling, view *views.EventDetail) error {
	if t.JobID == "" || t.JobNumber == 0 {
		return nil
	}
	before, err := h.readable(c, func(f *db.EventFilter) { f.JobID, f.Before, f.Limit = t.JobID, t.Position.Pos, 1 })
	if err != nil {
		return err
	}
	after, err := h.readable(c, func(f *db.EventFilter) { f.JobID, f.After, f.Oldest, f.Limit = t.JobID, t.Position.Pos, true, 1 })
	if err != nil {
		return err
	}
	for _, e := range before {
		view.Previous = eventPath(e.Position.Pos)
	}
	for _, e := range after {
		view.Next = eventPath(e.Position.Pos)
	}
	return nil
}

// eventLinks are events with the words for them.
func eventLinks(relation string, list []db.LoggedEvent, known places) ([]views.EventLink, error) {
	links := make([]views.EventLink, len(list))
	for i, e := range list {
		row, _, err := eventRow(e, known)
		if err != nil {
			return nil, err
		}
		links[i] = views.EventLink{Relation: relation, Position: row.Position, Href: row.Href, Kind: row.Kind, Text: row.Text}
	}
	return links, nil
}
