package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// rungWords are the rungs as a screen names them, from logged on.
func rungWords() []string {
	return []string{"Not sent yet", "Sent", "On screen", "Seen", "Acknowledged"}
}

// awarenessOf says what a contractor knows of an assignment. Of work that is done
// nobody needs to know.
func awarenessOf(name string, a db.Awareness, loc *time.Location) views.Awareness {
	if a.News == 0 {
		return views.Awareness{}
	}
	return views.Awareness{Label: rungWords()[a.Reached], Rung: a.Reached, Detail: awarenessDetail(name, a, loc)}
}

// cardAwareness is awarenessOf for who has a job and is still to do it.
func cardAwareness(c db.Card, loc *time.Location) views.Awareness {
	if c.AssignmentStatus == schedule.Completed || c.AssignmentStatus == schedule.Incomplete {
		return views.Awareness{}
	}
	return awarenessOf(c.ContractorName, c.Awareness, loc)
}

// awarenessDetail writes all rungs with their times; a date stands where it
// changes.
func awarenessDetail(name string, a db.Awareness, loc *time.Location) string {
	said := name + "'s phone: "
	if a.Reached == 0 {
		return said + "not sent yet"
	}
	date := ""
	var parts []string
	for i, at := range []time.Time{a.SentAt.Time, a.OnScreenAt.Time, a.SeenAt.Time, a.AcknowledgedAt.Time}[:a.Reached] {
		part := strings.ToLower(rungWords()[i+1]) + " "
		if day := dayLabel(at.In(loc)); day != date {
			part, date = part+day+" ", day
		}
		parts = append(parts, part+schedule.ClockLabel(at, loc, loc))
	}
	return said + strings.Join(parts, ", ")
}

// rungSentence says in the event log that somebody knows more.
func (p payload) rungSentence(who string) string {
	switch events.Rung(p.Rung) {
	case events.RungSent:
		return "Sent to " + who + "'s phone"
	case events.RungOnScreen:
		return "On the screen of " + who + "'s phone"
	case events.RungSeen:
		return "Seen by " + who
	}
	return "Acknowledged by " + who
}

// knowing says by event how far each got, a line for each recipient.
func (h *Handlers) knowing(ctx context.Context, told []telling, z zones) (map[string][]string, error) {
	if len(told) == 0 {
		return nil, nil
	}
	ids := make([]string, len(told))
	for i, t := range told {
		ids[i] = t.EventID
	}
	found, err := h.db.JobAwareness(ctx, told[0].JobID, ids)
	if err != nil {
		return nil, err
	}
	lines := make(map[string][]string)
	place := make(map[[2]string]int) // of the line of an event and a recipient
	for _, e := range found {
		var p payload
		if err := json.Unmarshal(e.Payload, &p); err != nil {
			return nil, fmt.Errorf("payload of event %s: %w", e.EventID, err)
		}
		said := strings.ReplaceAll(p.Rung, "-", " ") + " " + momentIn(e.CreatedAt, z)
		key := [2]string{p.OfEvent, e.ContractorID}
		if i, ok := place[key]; ok {
			lines[p.OfEvent][i] += ", " + said
			continue
		}
		place[key] = len(lines[p.OfEvent])
		lines[p.OfEvent] = append(lines[p.OfEvent], e.ContractorName+"'s phone: "+said)
	}
	return lines, nil
}
