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
	// JobRegion is where the job belongs today.
	JobNumber      int64
	JobRegion      string
	ContractorName string
	// ReplacedByName is who got the job instead, of the first event of a
	// reassignment.
	ReplacedByName string
}

// EventFilter narrows EventLog. The zero value finds nothing, because whoever
// asks must say what he may see: Everywhere or Regions.
type EventFilter struct {
	// Everywhere takes the events of all regions; otherwise Regions, and what
	// was published to the dispatchers of one of them.
	Everywhere bool
	Regions    []string
	// Kind, JobID, EventID and CorrelationID must be met if they are not empty.
	Kind                          events.Kind
	JobID, EventID, CorrelationID string
	// ContractorIDs are those whom it may be about; nil means anybody.
	ContractorIDs []string
	// Actor is a part of the name of who did it, or what sort of actor it was.
	Actor string
	// UndoOf is the id of the event that was undone by it.
	UndoOf string
	// From and To bound the time of logging, half-open; zero means no bound.
	From, To time.Time
	// Before and After bound the position, neither included; 0 means no bound.
	Before, After int64
	// Oldest takes the oldest that meet the filter, oldest first.
	Oldest bool
	// Limit bounds the answer; 0 means 100.
	Limit int
}

// EventLog returns the newest events that meet the filter, newest first. Ids
// that are no uuid meet nothing.
func (db *DB) EventLog(ctx context.Context, f EventFilter) ([]LoggedEvent, error) {
	for _, id := range append([]string{f.JobID, f.EventID, f.CorrelationID}, f.ContractorIDs...) {
		if id != "" && !isUUID(id) {
			return nil, nil
		}
	}
	where, args := f.conditions()
	limit := f.Limit
	if limit == 0 {
		limit = 100
	}
	order := "desc"
	if f.Oldest {
		order = "asc"
	}
	args = append(args, limit)
	found, err := db.selectLoggedEvents(ctx, `where `+where+` order by e.pos `+order+` limit $`+strconv.Itoa(len(args)), args...)
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
	for _, c := range []struct {
		asked     bool
		condition string
		arg       any
	}{
		{f.Kind != "", "e.event_type = ?", string(f.Kind)},
		{f.JobID != "", "e.job_id = ?", f.JobID},
		{f.EventID != "", "e.event_id = ?", f.EventID},
		{f.CorrelationID != "", "e.correlation_id = ?", f.CorrelationID},
		{f.ContractorIDs != nil, "e.contractor_id = any(?::uuid[])", pq.Array(f.ContractorIDs)},
		{f.Actor != "", `(e.actor_kind = lower(?) or e.actor_id in
		    (select id from users where position(lower(?) in lower(name)) > 0))`, f.Actor},
		{f.UndoOf != "", "e.payload ->> 'undoOf' = ?", f.UndoOf},
		{!f.From.IsZero(), "e.created_at >= ?", f.From},
		{!f.To.IsZero(), "e.created_at < ?", f.To},
		{f.Before > 0, "e.pos < ?", f.Before},
		{f.After > 0, "e.pos > ?", f.After},
	} {
		if c.asked {
			add(c.condition, c.arg)
		}
	}
	return strings.Join(parts, " and "), args
}

// JobEvents returns the newest events of a job, but for those about who knows of
// others, see JobAwareness; newest first: at most limit of
// them, and if before is not 0 only those before that position. An event that was
// committed a moment ago may have no position yet; it comes first, with position 0.
func (db *DB) JobEvents(ctx context.Context, jobID string, before int64, limit int) ([]LoggedEvent, error) {
	if !isUUID(jobID) {
		return nil, nil
	}
	found, err := db.selectLoggedEvents(ctx, `where e.job_id = $1 and e.event_type <> $4 and ($2 = 0 or e.pos < $2)
		order by e.pos desc nulls first, e.batch desc, e.id desc limit $3`, jobID, before, limit, string(events.KindAwarenessChanged))
	if err != nil {
		return nil, fmt.Errorf("story of job %s: %w", jobID, err)
	}
	return found, nil
}

// JobAwareness returns in order who got to know of those events of a job.
func (db *DB) JobAwareness(ctx context.Context, jobID string, eventIDs []string) ([]LoggedEvent, error) {
	found, err := db.selectLoggedEvents(ctx, `where e.job_id = $1 and e.event_type = $2 and e.payload ->> 'ofEvent' = any($3)
		order by e.pos nulls last, e.batch, e.id`, jobID, string(events.KindAwarenessChanged), pq.Array(eventIDs))
	if err != nil {
		return nil, fmt.Errorf("awareness of job %s: %w", jobID, err)
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
		JobRegion      string `db:"job_region"`
		ContractorName string `db:"contractor_name"`
		ReplacedByName string `db:"replaced_by_name"`
	}
	err := db.pool.SelectContext(ctx, &rows, `
		select `+loggedColumns+`, e.actor_kind, coalesce(e.actor_id::text, '') as actor_id,
		       coalesce(u.name, '') as actor_name, coalesce(e.correlation_id::text, '') as correlation_id,
		       coalesce(j.number, 0) as job_number, coalesce(j.region, '') as job_region,
		       coalesce(c.name, '') as contractor_name, coalesce(r.name, '') as replaced_by_name
		  from event_log e cross join event_head h
		  left join users u on u.id = e.actor_id
		  left join jobs j on j.id = e.job_id
		  left join contractors c on c.id = e.contractor_id
		  left join contractors r on r.id = (e.payload ->> 'replacedBy')::uuid `+rest, args...)
	if err != nil {
		return nil, translate(err)
	}
	found := make([]LoggedEvent, len(rows))
	for i, row := range rows {
		found[i] = LoggedEvent{
			Logged: row.logged(), Actor: events.Actor{Kind: events.ActorKind(row.ActorKind), ID: row.ActorID},
			CorrelationID: row.CorrelationID, ActorName: row.ActorName,
			JobNumber: row.JobNumber, JobRegion: row.JobRegion,
			ContractorName: row.ContractorName, ReplacedByName: row.ReplacedByName,
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
