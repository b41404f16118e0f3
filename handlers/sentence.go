package handlers

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

// payload holds the fields of an event that its sentence needs.
type payload struct {
	events.DayOfJob
	stepPayload
	AuditID              string       `json:"auditId"`
	Reason               string       `json:"reason"`
	ReplacedBy           string       `json:"replacedBy"`
	ReplacesAssignmentID string       `json:"replacesAssignmentId"`
	TimeZone             string       `json:"timeZone"`
	StartUTC             time.Time    `json:"startUtc"`
	EndUTC               time.Time    `json:"endUtc"`
	PreviousStartUTC     time.Time    `json:"previousStartUtc"`
	PreviousEndUTC       time.Time    `json:"previousEndUtc"`
	FromRegion           string       `json:"fromRegion"`
	ToRegion             string       `json:"toRegion"`
	From                 string       `json:"from"`
	To                   string       `json:"to"`
	Cause                string       `json:"cause"`
	Changed              []string     `json:"changed"`
	Before               *events.Plan `json:"before"`
	After                *events.Plan `json:"after"`
	Created              int          `json:"created"`
	Updated              int          `json:"updated"`
	Status               string       `json:"status"`
	Removed              int          `json:"removed"`
	CopyOf               string       `json:"copyOf"`
	UndoOf               string       `json:"undoOf"`
	CausationID          string       `json:"causationId"`
	Rung                 string       `json:"rung"`
	OfEvent              string       `json:"ofEvent"`
}

func (p payload) at() schedule.Span { return schedule.Span{Start: p.StartUTC, End: p.EndUTC} }

func (p payload) previous() schedule.Span {
	return schedule.Span{Start: p.PreviousStartUTC, End: p.PreviousEndUTC}
}

// telling is an event that is told in plain words.
type telling struct {
	db.LoggedEvent
	payload
	places places
	// zone is that of the job, reader the one in which its region reads times: where
	// they differ the zone is named.
	zone, reader *time.Location
}

// newTelling reads an event's payload. Times are told to readers in a region.
func newTelling(e db.LoggedEvent, places places, region string) (telling, error) {
	t := telling{LoggedEvent: e, places: places, reader: places.clock(region)}
	if err := json.Unmarshal(e.Payload, &t.payload); err != nil {
		return t, fmt.Errorf("payload of event %s: %w", e.EventID, err)
	}
	t.zone = t.reader
	if t.TimeZone != "" {
		var err error
		if t.zone, err = schedule.LoadZone(t.TimeZone); err != nil {
			return t, fmt.Errorf("zone of event %s: %w", e.EventID, err)
		}
	}
	return t, nil
}

// sentence says what happened, with what was before and what is after. Every page
// that tells of an event has its words from here.
func (t telling) sentence() string {
	switch t.Kind {
	case events.KindJobAssigned:
		given := "Assigned to "
		if t.ReplacesAssignmentID != "" {
			given = "Given to "
		}
		return given + t.contractor() + ", " + t.when(t.at())
	case events.KindJobUnassigned:
		return t.takenOff()
	case events.KindJobRescheduled:
		return fmt.Sprintf("Moved for %s%s: was %s, now %s", t.contractor(), t.day(", "), t.span(t.previous()), t.span(t.at()))
	case events.KindJobRegionChanged:
		return "Moved from " + t.places.name(t.FromRegion) + " to " + t.places.name(t.ToRegion) + regionCause(t.Cause)
	case events.KindJobCreated:
		if t.CopyOf != "" {
			return "Created in " + t.places.name(t.Region) + ", as a copy of another job"
		}
		return "Created in " + t.places.name(t.Region)
	case events.KindJobCancelled:
		return "Cancelled: " + cancelWords(t.Reason)
	case events.KindJobUpdated:
		return t.updated()
	case events.KindImportCompleted:
		return fmt.Sprintf("Import finished in %s: %d new, %d changed", t.places.name(t.Region), t.Created, t.Updated)
	case events.KindActionUndone:
		if t.aboutJob() {
			return "Undone: the job is as it was before"
		}
		return fmt.Sprintf("Import undone in %s: %d jobs removed", t.places.name(t.Region), t.Removed)
	}
	if said := t.stepSentence(); said != "" {
		return said + t.clockNote()
	}
	return t.aboutContractor()
}

// aboutContractor is sentence for the events that are about a contractor and no
// job.
func (t telling) aboutContractor() string {
	switch t.Kind {
	case events.KindAvailabilityChanged:
		text := t.contractor() + ": " + strings.Join(t.Changed, ", ")
		if t.From != "" && t.To != "" && t.From != t.To {
			return text + " from " + t.From + " to " + t.To
		}
		return strings.TrimSpace(text + " " + t.From)
	case events.KindAwarenessChanged:
		return t.rungSentence(t.ContractorName)
	case events.KindContractorMovedRegion:
		return t.contractor() + " moved from " + t.places.name(t.From) + " to " + t.places.name(t.To)
	}
	return string(t.Kind)
}

func (t telling) takenOff() string {
	text := "Taken off " + t.contractor()
	if !t.PreviousStartUTC.IsZero() {
		text += " (" + t.when(t.previous()) + ")"
	}
	if t.Reason == string(events.ReasonReassigned) {
		return text + ", to give it to " + cmp.Or(t.ReplacedByName, "somebody else")
	}
	return text + "; open again"
}

func (t telling) updated() string {
	switch schedule.JobStatus(t.Status) {
	case schedule.JobOnHold:
		return "Put on hold"
	case schedule.JobOpen:
		return "Released: open again"
	}
	parts := make([]string, len(t.Changed))
	for i, field := range t.Changed {
		parts[i] = changedWord(field) + t.beforeAndAfter(field)
	}
	return "Changed: " + strings.Join(parts, "; ")
}

// beforeAndAfter says what a field was and is, as far as the log holds it.
func (t telling) beforeAndAfter(field string) string {
	if t.Before == nil || t.After == nil {
		return ""
	}
	was, is := t.planned(field, *t.Before), t.planned(field, *t.After)
	if was == is {
		return ""
	}
	verb := " was "
	if field == "skills" {
		verb = " were "
	}
	return verb + cmp.Or(was, "none") + ", now " + cmp.Or(is, "none")
}

func (t telling) planned(field string, p events.Plan) string {
	switch field {
	case "window":
		loc, err := schedule.LoadZone(p.TimeZone)
		if err != nil || p.WindowStartUTC.IsZero() {
			return ""
		}
		return dayRange(schedule.Span{Start: p.WindowStartUTC, End: p.WindowEndUTC}, loc, t.reader)
	case "duration":
		return positive(p.DurationMinutes, lengthLabel)
	case "headcount":
		return positive(p.Headcount, strconv.Itoa)
	case "days":
		return positive(p.Days, strconv.Itoa)
	case "priority":
		return p.Priority
	case "skills":
		return strings.Join(p.Skills, ", ")
	}
	return ""
}

// positive leaves out what an event does not say.
func positive(n int, words func(int) string) string {
	if n <= 0 {
		return ""
	}
	return words(n)
}

func (t telling) span(s schedule.Span) string { return dayRange(s, t.zone, t.reader) }

// when is a span with the day of the job that it is.
func (t telling) when(s schedule.Span) string { return t.span(s) + t.day(", ") }

// day says which day of a job of several days it is about, after a separator.
func (t telling) day(separator string) string {
	if t.Day == 0 {
		return ""
	}
	return fmt.Sprintf("%sday %d of %d", separator, t.Day, t.Days)
}

func (t telling) contractor() string { return cmp.Or(t.ContractorName, "a former contractor") }

// regionCause says why a job has another region.
func regionCause(cause string) string {
	switch cause {
	case "override":
		return ", by hand"
	case "map":
		return ", because the map changed"
	case "site":
		return ", because its site did"
	}
	return ""
}

// actorName says who did something, and through what.
func (t telling) actorName() string {
	switch t.Actor.Kind {
	case events.ActorImport:
		if t.ActorName != "" {
			return t.ActorName + ", by an import"
		}
		return "An import"
	case events.ActorContractor:
		return cmp.Or(t.ActorName, t.contractor())
	}
	return cmp.Or(t.ActorName, "The system")
}

// may tells whether a caller may see the event: whoever may see its region or was
// told of it.
func (t telling) mayBeSeenBy(p Principal) bool {
	return p.MaySee(t.Region) || slices.ContainsFunc(t.PublishedTo, func(s events.Stream) bool {
		return s.IsDispatch() && p.MaySee(s.Region())
	})
}
