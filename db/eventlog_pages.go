package db

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"

	"smartscheduler/events"
)

// LoggedEvent is an event as the pages show it, with the names that its ids
// have today. The names are not in the log.
type LoggedEvent struct {
	events.Logged
	Actor         events.Actor
	CorrelationID string
	// ActorName is empty for the system and for a user who is gone.
	ActorName string
	// JobNumber is 0, and ContractorName empty, when the event is about none.
	JobNumber      int64
	ContractorName string
}

// EventFilter narrows EventLog. The zero value finds nothing, because whoever
// asks must say what he may see: Everywhere or Regions.
type EventFilter struct {
	// Everywhere takes the events of all regions; otherwise Regions, and what
	// was published to the dispatchers of one of them.
	Everywhere bool
	Regions    []string
	// Kind, JobID and ContractorID must be met if they are not empty.
	Kind                events.Kind
	JobID, ContractorID string
	// From and To bound the time of logging, half-open; zero means no bound.
	From, To time.Time
	// Before is the position of the last event of the page before, 0 for the
	// first page.
	Before int64
	// Limit bounds the answer; 0 means 100.
	Limit int
}

// EventLog returns the newest events that meet the filter, newest first. Ids
// that are no uuid meet nothing.
func (db *DB) EventLog(ctx context.Context, f EventFilter) ([]LoggedEvent, error) {
	if f.JobID != "" && !isUUID(f.JobID) || f.ContractorID != "" && !isUUID(f.ContractorID) {
		return nil, nil
	}
	where, args := f.conditions()
	limit := f.Limit
	if limit == 0 {
		limit = 100
	}
	args = append(args, limit)
	found, err := db.selectLoggedEvents(ctx, `where `+where+` order by e.pos desc limit $`+strconv.Itoa(len(args)), args...)
	if err != nil {
		return nil, fmt.Errorf("list event log: %w", err)
	}
	return found, nil
}

func (f EventFilter) conditions() (where string, args []any) {
	parts := []string{"e.pos is not null"}
	add := func(condition string, arg any) {
		args = append(args, arg)
		parts = append(parts, strings.ReplaceAll(condition, "?", "$"+strconv.Itoa(len(args))))
	}
	if !f.Everywhere {
		streams := make([]string, len(f.Regions))
		for i, region := range f.Regions {
			streams[i] = string(events.DispatchStream(region))
		}
		args = append(args, pq.Array(f.Regions))
		add("(e.region = any($1::text[]) or e.published_to && ?::text[])", pq.Array(streams))
	}
	if f.Kind != "" {
		add("e.event_type = ?", string(f.Kind))
	}
	if f.JobID != "" {
		add("e.job_id = ?", f.JobID)
	}
	if f.ContractorID != "" {
		add("e.contractor_id = ?", f.ContractorID)
	}
	if !f.From.IsZero() {
		add("e.created_at >= ?", f.From)
	}
	if !f.To.IsZero() {
		add("e.created_at < ?", f.To)
	}
	if f.Before > 0 {
		add("e.pos < ?", f.Before)
	}
	return strings.Join(parts, " and "), args
}

// jobStory bounds the events of one job's story.
const jobStory = 500

// JobEvents returns the newest 500 events of a job, oldest first. An event
// that was committed a moment ago may have no position yet; it comes last,
// with position 0.
func (db *DB) JobEvents(ctx context.Context, jobID string) ([]LoggedEvent, error) {
	if !isUUID(jobID) {
		return nil, nil
	}
	found, err := db.selectLoggedEvents(ctx, `where e.id in (select s.id from event_log s where s.job_id = $1
		order by s.pos desc nulls first, s.batch desc, s.id desc limit $2)
		order by e.pos nulls last, e.batch, e.id`, jobID, jobStory)
	if err != nil {
		return nil, fmt.Errorf("story of job %s: %w", jobID, err)
	}
	return found, nil
}

func (db *DB) selectLoggedEvents(ctx context.Context, rest string, args ...any) ([]LoggedEvent, error) {
	var rows []struct {
		loggedRow
		ActorKind      string `db:"actor_kind"`
		ActorID        string `db:"actor_id"`
		ActorName      string `db:"actor_name"`
		CorrelationID  string `db:"correlation_id"`
		JobNumber      int64  `db:"job_number"`
		ContractorName string `db:"contractor_name"`
	}
	err := db.pool.SelectContext(ctx, &rows, `
		select `+loggedColumns+`, e.actor_kind, coalesce(e.actor_id::text, '') as actor_id,
		       coalesce(u.name, '') as actor_name, coalesce(e.correlation_id::text, '') as correlation_id,
		       coalesce(j.number, 0) as job_number, coalesce(c.name, '') as contractor_name
		  from event_log e cross join event_head h
		  left join users u on u.id = e.actor_id
		  left join jobs j on j.id = e.job_id
		  left join contractors c on c.id = e.contractor_id `+rest, args...)
	if err != nil {
		return nil, translate(err)
	}
	found := make([]LoggedEvent, len(rows))
	for i, row := range rows {
		found[i] = LoggedEvent{
			Logged: row.logged(), Actor: events.Actor{Kind: events.ActorKind(row.ActorKind), ID: row.ActorID},
			CorrelationID: row.CorrelationID, ActorName: row.ActorName,
			JobNumber: row.JobNumber, ContractorName: row.ContractorName,
		}
	}
	return found, nil
}

// Publications returns what the processes queued of the event at a position.
// None means that it was delivered by replay only, or not yet.
func (db *DB) Publications(ctx context.Context, pos int64) ([]events.Publication, error) {
	var found []events.Publication
	err := db.pool.SelectContext(ctx, &found, `
		select pos, instance, published_at as publishedat, receivers, coalesce(error, '') as error
		  from event_publications where pos = $1 order by published_at, instance`, pos)
	if err != nil {
		return nil, fmt.Errorf("publications of %d: %w", pos, translate(err))
	}
	return found, nil
}
