package db_test

import (
	"context"
	"encoding/json"
	"time"

	_ "github.com/lib/pq"

	"smartscheduler/events"
)

// state digests everything that a command may write, so that a refused command
// can be seen to have written nothing.
func (d *desk) state() (s string) {
	d.t.Helper()
	d.scan(&s, `select md5(concat(
	  (select string_agg(a::text, ';' order by a.id) from assignments a), '|',
	  (select string_agg(j::text, ';' order by j.id) from jobs j), '|',
	  (select string_agg(r::text, ';' order by r.id) from audit_records r), '|',
	  (select string_agg(e.event_id::text || e.payload::text, ';' order by e.id) from event_log e), '|',
	  (select string_agg(k::text, ';' order by k.actor_id, k.key) from idempotency_keys k)))`)
	return s
}

// logRow is an event as it stands in the table.
type logRow struct {
	ID            int64         `db:"id"`
	Pos           *int64        `db:"pos"`
	Kind          events.Kind   `db:"event_type"`
	Region        string        `db:"region"`
	JobID         string        `db:"job_id"`
	ContractorID  string        `db:"contractor_id"`
	CorrelationID string        `db:"correlation_id"`
	ActorID       string        `db:"actor_id"`
	PublishedTo   string        `db:"published_to"`
	Payload       []byte        `db:"payload"`
	Fields        payloadFields `db:"-"`
}

// payloadFields are the fields of a payload that tests look at.
type payloadFields struct {
	EventID              string    `json:"eventId"`
	JobID                string    `json:"jobId"`
	ContractorID         string    `json:"contractorId"`
	AssignmentID         string    `json:"assignmentId"`
	Region               string    `json:"region"`
	Source               string    `json:"source"`
	AuditID              string    `json:"auditId"`
	Reason               string    `json:"reason"`
	ReplacedBy           string    `json:"replacedBy"`
	ReplacesAssignmentID string    `json:"replacesAssignmentId"`
	TimeZone             string    `json:"timeZone"`
	StartLocal           string    `json:"startLocal"`
	EndLocal             string    `json:"endLocal"`
	StartUTC             time.Time `json:"startUtc"`
	EndUTC               time.Time `json:"endUtc"`
	PreviousStartUTC     time.Time `json:"previousStartUtc"`
	PreviousEndUTC       time.Time `json:"previousEndUtc"`
	AssignmentVersion    int       `json:"assignmentVersion"`
	Changed              []string  `json:"changed"`
	Status               string    `json:"status"`
	CopyOf               string    `json:"copyOf"`
	UndoOf               string    `json:"undoOf"`
}

// log returns the events in the order in which they were inserted.
func (d *desk) log() []logRow {
	d.t.Helper()
	return d.logAfter(0)
}

// logAfter is log without the first events.
func (d *desk) logAfter(first int) []logRow {
	d.t.Helper()
	var rows []logRow
	err := d.owner.SelectContext(context.Background(), &rows, `select id, pos, event_type, region, coalesce(job_id::text, '') as job_id,
	    coalesce(contractor_id::text, '') as contractor_id, coalesce(correlation_id::text, '') as correlation_id,
	    coalesce(actor_id::text, '') as actor_id, array_to_string(published_to, ' ') as published_to, payload
	  from event_log order by id offset $1`, first)
	if err != nil {
		d.t.Fatal(err)
	}
	for i := range rows {
		if err := json.Unmarshal(rows[i].Payload, &rows[i].Fields); err != nil {
			d.t.Fatal(err)
		}
	}
	return rows
}

// last returns the event that was logged last.
func (d *desk) last() logRow {
	d.t.Helper()
	rows := d.log()
	if len(rows) == 0 {
		d.t.Fatal("the log is empty")
	}
	return rows[len(rows)-1]
}
