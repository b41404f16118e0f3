package db

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"smartscheduler/events"
)

// Sequence gives positions to atMost committed events, if there are
// so many, in the order of their transactions, and returns how many it gave.
// It may be a few more, because the events of one transaction are never
// parted. It returns -1 when another process is doing it at this moment.
func (db *DB) Sequence(ctx context.Context, atMost int) (int, error) {
	var given sql.NullInt64
	if err := db.pool.GetContext(ctx, &given, `select event_log_sequence($1)`, atMost); err != nil {
		return 0, fmt.Errorf("sequence event log: %w", translate(err))
	}
	if !given.Valid {
		return -1, nil
	}
	return int(given.Int64), nil
}

// Head returns the last position that was given.
func (db *DB) Head(ctx context.Context) (events.Position, error) {
	var p events.Position
	if err := db.pool.QueryRowContext(ctx, `select epoch, pos from event_head`).Scan(&p.Epoch, &p.Pos); err != nil {
		return events.Position{}, fmt.Errorf("head of event log: %w", translate(err))
	}
	return p, nil
}

// loggedRow is an event_log row as this package reads it.
type loggedRow struct {
	Epoch        int64          `db:"epoch"`
	Pos          int64          `db:"pos"`
	Kind         string         `db:"event_type"`
	EventID      string         `db:"event_id"`
	Region       string         `db:"region"`
	JobID        string         `db:"job_id"`
	ContractorID string         `db:"contractor_id"`
	PublishedTo  pq.StringArray `db:"published_to"`
	Payload      []byte         `db:"payload"`
	CreatedAt    time.Time      `db:"created_at"`
}

// loggedColumns are the columns of loggedRow, of e and of event_head h. The
// position is 0 while none is given.
const loggedColumns = `h.epoch, coalesce(e.pos, 0) as pos, e.event_type, e.event_id, e.region,
	coalesce(e.job_id::text, '') as job_id, coalesce(e.contractor_id::text, '') as contractor_id,
	e.published_to, e.payload, e.created_at`

func (row loggedRow) logged() events.Logged {
	to := make([]events.Stream, len(row.PublishedTo))
	for i, s := range row.PublishedTo {
		to[i] = events.Stream(s)
	}
	return events.Logged{
		Position: events.Position{Epoch: row.Epoch, Pos: row.Pos}, Kind: events.Kind(row.Kind), EventID: row.EventID,
		Region: row.Region, JobID: row.JobID, ContractorID: row.ContractorID,
		PublishedTo: to, Payload: row.Payload, CreatedAt: row.CreatedAt.UTC(),
	}
}

// After returns the events after a position, in order, at most limit of them.
func (db *DB) After(ctx context.Context, pos int64, limit int) ([]events.Logged, error) {
	logged, err := db.selectLogged(ctx, `select `+loggedColumns+` from event_log e cross join event_head h
		where e.pos > $1 order by e.pos limit $2`, pos, limit)
	if err != nil {
		return nil, fmt.Errorf("read event log after %d: %w", pos, err)
	}
	return logged, nil
}

// Replay returns the events of streams after one position up to another, in
// order, at most limit of them. Kiosk streams read what their dispatch stream
// reads. For contractors alone it reads only their own part of the log;
// otherwise it may read all of the range.
func (db *DB) Replay(ctx context.Context, streams []events.Stream, after, upTo int64, limit int) ([]events.Logged, error) {
	names := make([]string, len(streams))
	var contractors []string
	for i, s := range streams {
		names[i] = string(s.Logged())
		if id := s.ContractorID(); id != "" {
			contractors = append(contractors, id)
		}
	}
	query := `select ` + loggedColumns + ` from event_log e cross join event_head h
		where e.pos > $1 and e.pos <= $2 and e.published_to && $4::text[] order by e.pos limit $3`
	args := []any{after, upTo, limit, pq.Array(names)}
	if len(contractors) == len(streams) {
		// An event is on a contractor's stream only if it is about him, or about
		// several and names none. As text, because a name that holds no uuid is no
		// error: nobody is meant.
		const part = `select s.id from event_log s where s.pos > $1 and s.pos <= $2 and s.published_to && $4::text[] and `
		query = `select ` + loggedColumns + ` from event_log e cross join event_head h where e.id in (
			(` + part + `s.contractor_id = any($5::uuid[]) order by s.pos limit $3) union all
			(` + part + `s.contractor_id is null order by s.pos limit $3)) order by e.pos limit $3`
		args = append(args, pq.Array(slices.DeleteFunc(contractors, func(id string) bool { return !isUUID(id) })))
	}
	logged, err := db.selectLogged(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("replay event log after %d: %w", after, err)
	}
	return logged, nil
}

// isUUID tells whether s has the form in which PostgreSQL prints a uuid.
func isUUID(s string) bool { return len(s) == 36 && uuid.Validate(s) == nil }

func (db *DB) selectLogged(ctx context.Context, query string, args ...any) ([]events.Logged, error) {
	var rows []loggedRow
	if err := db.pool.SelectContext(ctx, &rows, query, args...); err != nil {
		return nil, translate(err)
	}
	logged := make([]events.Logged, len(rows))
	for i, row := range rows {
		logged[i] = row.logged()
	}
	return logged, nil
}

// RecordPublications notes what was queued to connections. What is noted
// already stays as it is.
func (db *DB) RecordPublications(ctx context.Context, publications []events.Publication) error {
	var pos, receivers []int64
	var instance, at, failure []string
	for _, p := range publications {
		pos = append(pos, p.Pos)
		receivers = append(receivers, int64(p.Receivers))
		instance = append(instance, p.Instance)
		at = append(at, p.PublishedAt.UTC().Format(time.RFC3339Nano))
		failure = append(failure, p.Error)
	}
	_, err := db.pool.ExecContext(ctx, `
		insert into event_publications (pos, instance, published_at, receivers, error)
		select pos, instance, published_at, receivers, nullif(error, '')
		  from unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::integer[], $5::text[]) as u (pos, instance, published_at, receivers, error)
		on conflict do nothing`,
		pq.Array(pos), pq.Array(instance), pq.Array(at), pq.Array(receivers), pq.Array(failure))
	if err != nil {
		return fmt.Errorf("record %d publications: %w", len(publications), translate(err))
	}
	return nil
}

// NotifyRelays wakes the processes that listen on a channel. The message says
// who calls, so that a listener can leave out its own calls.
func (db *DB) NotifyRelays(ctx context.Context, channel, message string) error {
	if _, err := db.pool.ExecContext(ctx, `select pg_notify($1, $2)`, channel, message); err != nil {
		return fmt.Errorf("notify %s: %w", channel, translate(err))
	}
	return nil
}

// ListenDSN returns the connection string for a connection of one's own that
// only listens. It holds the password, if there is one.
func (db *DB) ListenDSN() string { return db.dsn }
