package db

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"
)

// exportedEvent is a row of a file of events: those that have a place in the
// log, in its order.
type exportedEvent struct {
	Position      int64          `db:"pos" json:"position"`
	EventID       string         `db:"event_id" json:"event_id"`
	Type          string         `db:"event_type" json:"type"`
	SchemaVersion int            `db:"schema_version" json:"schema_version"`
	Region        string         `db:"region" json:"region"`
	JobID         *string        `db:"job_id" json:"job_id"`
	ContractorID  *string        `db:"contractor_id" json:"contractor_id"`
	PublishedTo   pq.StringArray `db:"published_to" json:"published_to"`
	ActorKind     string         `db:"actor_kind" json:"actor_kind"`
	ActorID       *string        `db:"actor_id" json:"actor_id"`
	CorrelationID *string        `db:"correlation_id" json:"correlation_id"`
	LoggedAt      time.Time      `db:"created_at" json:"logged_at"`
	Payload       []byte         `db:"payload" json:"-"`
}

// Days are those of the event's region.
func (exportedEvent) query() string {
	return `select e.pos, e.event_id, e.event_type, e.schema_version, e.region, e.job_id, e.contractor_id, e.published_to,
	      e.actor_kind, e.actor_id, e.correlation_id, e.created_at, e.payload
	    from asked, event_log e left join regions r on r.slug = e.region
	   where e.pos is not null and (everywhere or e.region = any(regions)) and asked.region in ('', e.region)
	     and ` + between(eventDay, eventDay) + ` order by e.pos`
}

const eventDay = `(e.created_at at time zone coalesce(r.zone, 'UTC'))::date`

func (exportedEvent) columns() []string {
	return []string{
		"position", "event_id", "type", "schema_version", "region", "job_id", "contractor_id", "published_to",
		"actor_kind", "actor_id", "correlation_id", "logged_at", "payload",
	}
}

func (e exportedEvent) cells() ([]string, error) {
	return []string{
		strconv.FormatInt(e.Position, 10), e.EventID, e.Type, strconv.Itoa(e.SchemaVersion), e.Region, textCell(e.JobID), textCell(e.ContractorID),
		strings.Join(e.PublishedTo, " "), e.ActorKind, textCell(e.ActorID), textCell(e.CorrelationID),
		e.LoggedAt.UTC().Format(time.RFC3339Nano), string(e.Payload),
	}, nil
}

// MarshalJSON implements json.Marshaler: the payload is an object in the object.
func (e exportedEvent) MarshalJSON() ([]byte, error) {
	type plain exportedEvent
	e.LoggedAt = e.LoggedAt.UTC()
	return json.Marshal(struct {
		plain
		Payload json.RawMessage `json:"payload"`
	}{plain(e), e.Payload})
}

func textCell(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
