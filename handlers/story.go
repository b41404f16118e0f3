package handlers

import (
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// storyRows is how many events a page of a story shows.
const storyRows = 100

// story is what happened to a job, newest first: the page of it before the position
// in ?before=, or the newest one.
func (h *Handlers) story(c echo.Context, card db.Card) (views.Story, error) {
	ctx := c.Request().Context()
	before, err := strconv.ParseInt(c.QueryParam("before"), 10, 64)
	if err != nil || before < 1 {
		before = 0
	}
	logged, err := h.db.JobEvents(ctx, card.JobID, before, storyRows+1)
	if err != nil {
		return views.Story{}, err
	}
	s := views.Story{Number: numberOf(card.Number)}
	if before > 0 {
		s.Newest = "/jobs/" + card.JobID
	}
	if len(logged) > storyRows {
		logged = logged[:storyRows]
		s.Older = "/jobs/" + card.JobID + "?before=" + strconv.FormatInt(logged[storyRows-1].Position.Pos, 10)
	}
	s.Entries, err = h.storyEntries(c, card, logged)
	return s, err
}

func (h *Handlers) storyEntries(c echo.Context, card db.Card, logged []db.LoggedEvent) ([]views.StoryEntry, error) {
	known, err := h.places(c)
	if err != nil {
		return nil, err
	}
	told, audits := make([]telling, len(logged)), []string(nil)
	for i, e := range logged {
		if told[i], err = newTelling(e, known, card.Region); err != nil {
			return nil, err
		}
		if id := told[i].AuditID; id != "" {
			audits = append(audits, id)
		}
	}
	reasons := make(map[string]db.Audit, len(audits))
	if len(audits) > 0 {
		found, err := h.db.AuditsOf(c.Request().Context(), card.JobID, audits...)
		if err != nil {
			return nil, err
		}
		for _, a := range found {
			reasons[a.ID] = a
		}
	}
	z, err := zonesOf(card)
	if err != nil {
		return nil, err
	}
	aware, err := h.knowing(c.Request().Context(), told, z)
	if err != nil {
		return nil, err
	}
	p, _ := principal(c)
	entries := make([]views.StoryEntry, len(told))
	for i, t := range told {
		entries[i] = storyEntry(t, z, p)
		if j := slices.IndexFunc(told, func(o telling) bool { return t.UndoOf != "" && o.EventID == t.UndoOf }); j >= 0 {
			entries[i].Text = "Undone: " + told[j].sentence()
		}
		entries[i].Awareness = aware[t.EventID]
		if a, ok := reasons[t.AuditID]; ok {
			entries[i].Reason = t.reason(a)
			if p.MaySee(card.Region) {
				entries[i].Why, entries[i].AuditHref = whyLabel(a.Action), auditPath(a.ID)
			}
		}
	}
	return entries, nil
}

func storyEntry(t telling, z zones, p Principal) views.StoryEntry {
	entry := views.StoryEntry{
		When: momentIn(t.CreatedAt, z), Instant: instant(t.CreatedAt), Text: t.sentence(), Actor: t.actorName(),
	}
	if pos := t.Position.Pos; pos > 0 && t.mayBeSeenBy(p) {
		entry.Position, entry.Href = strconv.FormatInt(pos, 10), eventPath(pos)
	}
	return entry
}

// momentIn writes a moment by the clock of a job, with the zone named where that of
// its region shows another time.
func momentIn(at time.Time, z zones) string {
	zone := schedule.ClockLabel(at, z.job, z.region)[len("15:04"):]
	return at.In(z.job).Format("Mon 2 Jan 2006 15:04:05") + zone
}

// reason is what was said when it was decided, and, where somebody was chosen,
// against which rule.
func (t telling) reason(a db.Audit) string {
	if t.Kind == events.KindJobUnassigned {
		a.Broken = ""
	}
	return reasonOf(a)
}

func reasonOf(a db.Audit) string {
	chosen := slices.Contains([]string{"assign", "reassign", "move"}, a.Action)
	switch {
	case chosen && a.Broken != "" && a.OverrideReason != "":
		return "Although " + ruleWords(a.Broken) + ": " + a.OverrideReason
	case chosen && a.Broken != "":
		return "Although " + ruleWords(a.Broken)
	case a.OverrideReason != "":
		return "Reason: " + a.OverrideReason
	}
	return ""
}

func eventPath(pos int64) string { return "/events/" + strconv.FormatInt(pos, 10) }

func auditPath(id string) string { return "/audits/" + id }

// whyLabel is what the link to a decision is called.
func whyLabel(action string) string {
	switch action {
	case "assign", "reassign":
		return "why this contractor"
	}
	return "the decision"
}
