package handlers

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// payload holds the fields of an event that its sentence needs.
type payload struct {
	AuditID          string    `json:"auditId"`
	Reason           string    `json:"reason"`
	ReplacedBy       string    `json:"replacedBy"`
	TimeZone         string    `json:"timeZone"`
	StartUTC         time.Time `json:"startUtc"`
	EndUTC           time.Time `json:"endUtc"`
	PreviousStartUTC time.Time `json:"previousStartUtc"`
	PreviousEndUTC   time.Time `json:"previousEndUtc"`
	FromRegion       string    `json:"fromRegion"`
	ToRegion         string    `json:"toRegion"`
	From             string    `json:"from"`
	To               string    `json:"to"`
	Changed          []string  `json:"changed"`
	Created          int       `json:"created"`
	Updated          int       `json:"updated"`
	Status           string    `json:"status"`
	Removed          int       `json:"removed"`
	CopyOf           string    `json:"copyOf"`
	stepPayload
}

func (p payload) at() schedule.Span { return schedule.Span{Start: p.StartUTC, End: p.EndUTC} }

func (p payload) previous() schedule.Span {
	return schedule.Span{Start: p.PreviousStartUTC, End: p.PreviousEndUTC}
}

// eventSentence says in plain words what happened, with times in the zone of
// the job.
func eventSentence(e db.LoggedEvent) (string, payload, error) {
	p, loc, err := parsePayload(e)
	if err != nil {
		return "", p, err
	}
	return p.sentence(e, loc), p, nil
}

// parsePayload reads an event's payload and the zone of its job.
func parsePayload(e db.LoggedEvent) (p payload, loc *time.Location, err error) {
	if err := json.Unmarshal(e.Payload, &p); err != nil {
		return p, nil, fmt.Errorf("payload of event %s: %w", e.EventID, err)
	}
	if p.TimeZone == "" {
		return p, time.UTC, nil
	}
	if loc, err = schedule.LoadZone(p.TimeZone); err != nil {
		return p, nil, fmt.Errorf("zone of event %s: %w", e.EventID, err)
	}
	return p, loc, nil
}

func (p payload) sentence(e db.LoggedEvent, loc *time.Location) string {
	who := e.ContractorName
	switch e.Kind {
	case events.KindJobAssigned:
		return "Assigned to " + who + ", " + dayRange(p.at(), loc, loc)
	case events.KindJobUnassigned:
		if p.Reason == string(events.ReasonReassigned) {
			return "Taken off " + who + ", to give it to somebody else"
		}
		return "Taken off " + who + "; open again"
	case events.KindJobRescheduled:
		return fmt.Sprintf("Moved for %s: was %s, now %s", who, dayRange(p.previous(), loc, loc), dayRange(p.at(), loc, loc))
	case events.KindJobRegionChanged:
		return "Moved from region " + p.FromRegion + " to " + p.ToRegion
	case events.KindJobCreated:
		if p.CopyOf != "" {
			return "Created in region " + e.Region + ", as a copy of another job"
		}
		return "Created in region " + e.Region
	case events.KindJobCancelled:
		return "Cancelled: " + cancelWords(p.Reason)
	case events.KindJobUpdated:
		if p.Status == string(schedule.JobOnHold) {
			return "Put on hold"
		}
		if p.Status == string(schedule.JobOpen) {
			return "Released: open again"
		}
		return "Changed: " + strings.Join(changedWords(p.Changed), ", ")
	case events.KindImportCompleted:
		return fmt.Sprintf("Import finished in region %s: %d new, %d changed", e.Region, p.Created, p.Updated)
	case events.KindActionUndone:
		return fmt.Sprintf("Import undone in region %s: %d jobs removed", e.Region, p.Removed)
	}
	if said := p.stepSentence(e); said != "" {
		return said
	}
	return p.contractorSentence(e)
}

// contractorSentence is sentence for the events that are about a contractor and
// no job.
func (p payload) contractorSentence(e db.LoggedEvent) string {
	switch e.Kind {
	case events.KindAvailabilityChanged:
		text := e.ContractorName + ": " + strings.Join(p.Changed, ", ")
		if p.From != "" && p.To != "" && p.From != p.To {
			return text + " from " + p.From + " to " + p.To
		}
		return strings.TrimSpace(text + " " + p.From)
	case events.KindContractorMovedRegion:
		return e.ContractorName + " moved from region " + p.From + " to " + p.To
	}
	return string(e.Kind)
}

// actorName says who did something.
func actorName(e db.LoggedEvent) string {
	switch {
	case e.ActorName != "":
		return e.ActorName
	case e.Actor.Kind == events.ActorImport:
		return "Import"
	}
	return "The system"
}

// story is what happened to a job, newest first, with the decisions as they
// were made.
func (h *Handlers) story(c echo.Context, card db.Card) (views.Story, error) {
	ctx := c.Request().Context()
	logged, err := h.db.JobEvents(ctx, card.JobID)
	if err != nil {
		return views.Story{}, err
	}
	audits, err := h.db.AuditsOf(ctx, card.JobID)
	if err != nil {
		return views.Story{}, err
	}
	byID := make(map[string]db.Audit, len(audits))
	for _, a := range audits {
		byID[a.ID] = a
	}
	z, err := zonesOf(card)
	if err != nil {
		return views.Story{}, err
	}
	s := views.Story{}
	for _, e := range slices.Backward(logged) {
		entry, p, err := storyEntry(e, z.job)
		if err != nil {
			return s, err
		}
		entry.Text += p.clockNote(e, z.job)
		if a, ok := byID[p.AuditID]; ok {
			entry.Reason = a.OverrideReason
			if len(a.Candidates) > 0 {
				entry.Audit = auditDetail(a)
			}
		}
		s.Entries = append(s.Entries, entry)
	}
	return s, nil
}

func storyEntry(e db.LoggedEvent, loc *time.Location) (views.StoryEntry, payload, error) {
	text, p, err := eventSentence(e)
	layout := "Mon 2 Jan 2006 15:04:05"
	if schedule.OffsetIfRepeated(e.CreatedAt, loc) != "" {
		layout += " MST"
	}
	return views.StoryEntry{
		Position: strconv.FormatInt(e.Position.Pos, 10), Href: "/events/" + strconv.FormatInt(e.Position.Pos, 10),
		When: e.CreatedAt.In(loc).Format(layout), Instant: instant(e.CreatedAt),
		Text: text, Actor: actorName(e),
	}, p, err
}

// auditDetail is a decision as it was then.
func auditDetail(a db.Audit) *views.AuditDetail {
	d := &views.AuditDetail{AuditID: a.ID, Source: a.Source, OverrideReason: a.OverrideReason}
	for _, c := range a.Candidates {
		v := views.AuditCandidate{Name: cmp.Or(c.Name, "a former contractor"), Chosen: c.ContractorID == a.ContractorID}
		if c.Rule != "" {
			v.Reasons = []string{ruleWords(c.Rule)}
		}
		d.Candidates = append(d.Candidates, v)
	}
	return d
}
