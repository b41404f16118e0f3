package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"smartscheduler/events"
)

// DeliveryProcess is what one process last said of its delivery.
type DeliveryProcess struct {
	// Instance names the process, Build what it runs.
	Instance, Build string
	// StartedAt is an instant by the clock of the process.
	StartedAt time.Time
	// Stopped says that it ended properly, and that this was its last report.
	Stopped bool
	// SeenAt is the instant of the report and Silence the time since then, both
	// by the clock of the database, which sets them.
	SeenAt  time.Time
	Silence time.Duration
	// Position is the last event that it published; zero before the first look
	// at the log.
	Position events.Position
	// Lag is the age of the oldest committed event that it had not published,
	// 0 if there was none.
	Lag time.Duration
	// Streams counts open connections by the name of what they follow.
	Streams  map[string]int
	Counters DeliveryCounters
	// Errors are the last few, newest first.
	Errors []DeliveryError
}

// DeliveryCounters are what a process counted since it started.
type DeliveryCounters struct {
	// Open is the number of open connections now.
	Open int `json:"open"`
	// LastMillis is how old the oldest event of the last batch was when it was
	// published, in milliseconds; nil before the first.
	LastMillis *int64 `json:"lastMillis,omitempty"`
	Published  int64  `json:"published"`
	// Evicted counts connections that were ended because they stayed behind.
	Evicted         int64 `json:"evicted"`
	EvictedLastHour int64 `json:"evictedLastHour"`
	// Lagged counts queues that overflowed, so that the connection went back to
	// the log.
	Lagged int64 `json:"lagged"`
	// Resyncs count the readers who were told to reload, by reason.
	Resyncs map[string]int64 `json:"resyncs"`
	// Refused counts streams that were not opened.
	Refused int64 `json:"refused"`
	// Replays counts catching up from the log, ReplayedEvents what that sent.
	Replays        int64 `json:"replays"`
	ReplayedEvents int64 `json:"replayedEvents"`
}

// DeliveryError is one thing that went wrong in delivery.
type DeliveryError struct {
	At time.Time `json:"at"`
	// Act is what was tried, as the metrics name it.
	Act  string `json:"act"`
	Text string `json:"text"`
	// Until is when it worked again; nil while it does not, or of what happens
	// once.
	Until *time.Time `json:"until,omitempty"`
}

// ReportDelivery writes what a process says of itself in place of what it said
// before.
func (db *DB) ReportDelivery(ctx context.Context, p DeliveryProcess) error {
	args := []any{p.Instance, p.Build, p.StartedAt, p.Stopped, p.Position.Epoch, p.Position.Pos, p.Lag.Milliseconds()}
	for _, part := range []any{p.Streams, p.Counters, p.Errors} {
		text, err := json.Marshal(part)
		if err != nil {
			return fmt.Errorf("report delivery of %s: %w", p.Instance, err)
		}
		args = append(args, text)
	}
	_, err := db.pool.ExecContext(ctx, `
		insert into delivery_processes as d
		  (instance, build, started_at, seen_at, stopped_at, epoch, position, lag_ms, streams, counters, last_errors)
		values ($1, $2, $3, clock_timestamp(), case when $4 then clock_timestamp() end, $5, $6, $7, $8, $9, $10)
		on conflict (instance) do update set (build, started_at, seen_at, stopped_at, epoch, position, lag_ms, streams, counters, last_errors)
		  = (excluded.build, excluded.started_at, excluded.seen_at, excluded.stopped_at, excluded.epoch, excluded.position,
		     excluded.lag_ms, excluded.streams, excluded.counters, excluded.last_errors)`, args...)
	if err != nil {
		return fmt.Errorf("report delivery of %s: %w", p.Instance, translate(err))
	}
	return nil
}

// DeliveryProcesses returns the last report of every process that was seen
// within a day or so: those that did not stop first, then by name.
func (db *DB) DeliveryProcesses(ctx context.Context) ([]DeliveryProcess, error) {
	var rows []struct {
		Instance  string    `db:"instance"`
		Build     string    `db:"build"`
		StartedAt time.Time `db:"started_at"`
		SeenAt    time.Time `db:"seen_at"`
		Stopped   bool      `db:"stopped"`
		Silence   float64   `db:"silence"`
		Epoch     int64     `db:"epoch"`
		Position  int64     `db:"position"`
		Lag       int64     `db:"lag_ms"`
		Streams   []byte    `db:"streams"`
		Counters  []byte    `db:"counters"`
		Errors    []byte    `db:"last_errors"`
	}
	err := db.pool.SelectContext(ctx, &rows, `
		select instance, build, started_at, seen_at, stopped_at is not null as stopped, epoch, position, lag_ms,
		       greatest(0, extract(epoch from clock_timestamp() - seen_at)) as silence, streams, counters, last_errors
		  from delivery_processes order by stopped_at desc nulls first, instance`)
	if err != nil {
		return nil, fmt.Errorf("list delivering processes: %w", translate(err))
	}
	found := make([]DeliveryProcess, len(rows))
	for i, row := range rows {
		p := &found[i]
		*p = DeliveryProcess{
			Instance: row.Instance, Build: row.Build, StartedAt: row.StartedAt, Stopped: row.Stopped, SeenAt: row.SeenAt,
			Silence:  time.Duration(row.Silence * float64(time.Second)),
			Position: events.Position{Epoch: row.Epoch, Pos: row.Position}, Lag: time.Duration(row.Lag) * time.Millisecond,
		}
		for _, part := range []struct {
			text []byte
			into any
		}{{row.Streams, &p.Streams}, {row.Counters, &p.Counters}, {row.Errors, &p.Errors}} {
			if err := json.Unmarshal(part.text, part.into); err != nil {
				return nil, fmt.Errorf("report of %s: %w", row.Instance, err)
			}
		}
	}
	return found, nil
}
