package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/events"
)

// maxPayload bounds the payload of one event, in bytes. The table checks it
// again, on its own spelling of the same JSON, which has a few blanks more.
const maxPayload = 2048

// errBadEvent means that a caller built an event that may not be logged.
var errBadEvent = errors.New("event may not be logged")

// appendEvents logs the events of one transaction, in the order given and in
// one statement, so that they share a batch and stay adjacent in the log. It
// must come after the rows of the jobs concerned were locked or written: that
// is what keeps the events of one job in the order of their commits. The
// events get their positions after the commit.
func appendEvents(ctx context.Context, tx *sqlx.Tx, evs ...events.Event) error {
	if len(evs) == 0 {
		return nil
	}
	var rows eventColumns
	for _, e := range evs {
		if err := rows.add(e); err != nil {
			return fmt.Errorf("append events: %w", err)
		}
	}
	// The ids are drawn here and not by the column's default, because each row
	// also needs the first of them.
	_, err := tx.ExecContext(ctx, `
		with e as materialized (
		    select nextval('event_log_id_seq') as id, x.*
		      from (select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[],
		                                 $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
		                   with ordinality as u (event_id, event_type, region, job_id, contractor_id,
		                                         payload, published_to, correlation_id, actor_kind, actor_id, place)
		             order by place) x)
		insert into event_log (id, batch, event_id, event_type, schema_version, region, job_id, contractor_id,
		                       payload, published_to, correlation_id, actor_kind, actor_id)
		select id, min(id) over (), event_id, event_type, $11, region, nullif(job_id, '')::uuid, nullif(contractor_id, '')::uuid,
		       payload::jsonb, published_to::text[], nullif(correlation_id, '')::uuid, actor_kind, nullif(actor_id, '')::uuid
		  from e`,
		pq.Array(rows.id), pq.Array(rows.kind), pq.Array(rows.region), pq.Array(rows.job), pq.Array(rows.contractor),
		pq.Array(rows.payload), pq.Array(rows.publishedTo), pq.Array(rows.correlation), pq.Array(rows.actorKind), pq.Array(rows.actorID),
		events.SchemaVersion)
	if err != nil {
		return fmt.Errorf("append events: %w", err)
	}
	return nil
}

// eventColumns holds events by column, as unnest takes them.
type eventColumns struct {
	id, kind, region, job, contractor, payload, publishedTo, correlation, actorKind, actorID []string
}

// add checks e and adds it as the next row.
func (c *eventColumns) add(e events.Event) error {
	payload, err := checkedPayload(e)
	if err != nil {
		return err
	}
	to := make(pq.StringArray, len(e.PublishedTo))
	for i, s := range e.PublishedTo {
		to[i] = string(s)
	}
	// An array of arrays would be flattened by unnest, so each list of streams
	// travels as the text of an array.
	list, err := to.Value()
	if err != nil {
		return fmt.Errorf("streams of event %s: %w", e.ID, err)
	}
	c.id = append(c.id, e.ID)
	c.kind = append(c.kind, string(e.Fact.EventKind()))
	c.region = append(c.region, e.Region)
	c.job = append(c.job, e.JobID)
	c.contractor = append(c.contractor, e.ContractorID)
	c.payload = append(c.payload, payload)
	c.publishedTo = append(c.publishedTo, list.(string))
	c.correlation = append(c.correlation, e.CorrelationID)
	c.actorKind = append(c.actorKind, string(e.Actor.Kind))
	c.actorID = append(c.actorID, e.Actor.ID)
	return nil
}

// checkedPayload returns the payload of e, or errBadEvent if e would be
// published to nobody, breaks its contract or is too large.
func checkedPayload(e events.Event) (string, error) {
	switch {
	case e.Fact == nil:
		return "", fmt.Errorf("event %s has no fact: %w", e.ID, errBadEvent)
	case !slices.Contains(events.Kinds(), e.Fact.EventKind()):
		return "", fmt.Errorf("event %s is of unknown kind %q: %w", e.ID, e.Fact.EventKind(), errBadEvent)
	case len(e.PublishedTo) == 0:
		return "", fmt.Errorf("%s %s is published to no stream: %w", e.Fact.EventKind(), e.ID, errBadEvent)
	case slices.ContainsFunc(e.PublishedTo, func(s events.Stream) bool { return s.Logged() != s || strings.HasSuffix(string(s), "/") }):
		return "", fmt.Errorf("%s %s is published to %q: %w", e.Fact.EventKind(), e.ID, e.PublishedTo, errBadEvent)
	}
	payload, err := e.Payload()
	if err != nil {
		return "", fmt.Errorf("payload of event %s: %w", e.ID, err)
	}
	if len(payload) > maxPayload {
		return "", fmt.Errorf("payload of %s %s has %d bytes: %w", e.Fact.EventKind(), e.ID, len(payload), errBadEvent)
	}
	if err := checkAuditID(payload); err != nil {
		return "", fmt.Errorf("%s %s: %w", e.Fact.EventKind(), e.ID, err)
	}
	return string(payload), nil
}

// checkAuditID reads back what is to be stored, so that every kind that has an
// audit id is checked without naming the kinds here.
func checkAuditID(payload []byte) error {
	var stored struct {
		AuditID *string `json:"auditId"`
	}
	if err := json.Unmarshal(payload, &stored); err != nil {
		return fmt.Errorf("read back payload: %w", err)
	}
	if stored.AuditID != nil && *stored.AuditID == "" {
		return fmt.Errorf("no audit id: %w", errBadEvent)
	}
	return nil
}
