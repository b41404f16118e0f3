package db

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/events"
)

// Awareness is how far what is new of an assignment got to its contractor by
// phone. The zero value is that of an assignment without news.
type Awareness struct {
	// News counts what he had to know of the assignment from 1: that he has it,
	// each move, and its end. 0 is what was there before this was counted.
	News int `db:"news"`
	// Reached is the number of the highest rung that the last news got to, from 1
	// for the lowest of events.Rungs; 0 says that it is logged and no more.
	Reached int `db:"rung"`
	// The instants of the rungs, by the clock of the server.
	SentAt         sql.NullTime `db:"sent_at"`
	OnScreenAt     sql.NullTime `db:"on_screen_at"`
	SeenAt         sql.NullTime `db:"seen_at"`
	AcknowledgedAt sql.NullTime `db:"acknowledged_at"`
}

// awarenessColumns are the columns of Awareness, of the assignment a and its
// row w of the ladder, see joinAwareness.
const awarenessColumns = `coalesce(a.news, 0) as news, coalesce(w.rung, 0) as rung, w.sent_at, w.on_screen_at, w.seen_at, w.acknowledged_at`

const joinAwareness = ` left join awareness w on w.assignment_id = a.id and w.news = a.news and w.channel = 'phone'`

// Receipt is what a contractor's page says of an assignment of his.
type Receipt struct {
	AssignmentID string
	// News is the number that the page shows.
	News int
	Rung events.Rung
	// ClientAt is when it happened by the clock of the phone, zero if it does not
	// say. It is kept only if it can be true.
	ClientAt time.Time
}

// Receive notes what a contractor's page says and logs AwarenessChanged once for
// each assignment that got to a higher rung. What is not his, or not what is new
// now, changes nothing, and so does what was said before. Nobody's page says
// nothing: it returns ErrNotFound without a contractor.
func (db *DB) Receive(ctx context.Context, by Actor, contractorID string, receipts []Receipt) error {
	if contractorID == "" {
		return ErrNotFound
	}
	return db.raise(ctx, by, contractorID, receipts)
}

// MaxNoted bounds the assignments that one call of NoteSent notes.
const MaxNoted = 500

// NoteSent notes what live connections of contractors took: all news of each
// that stands in the log up to his position. It returns how many were noted; when
// it is MaxNoted there may be more.
func (db *DB) NoteSent(ctx context.Context, upTo map[string]events.Position) (int, error) {
	var ids []string
	var positions []int64
	for id, at := range upTo {
		ids, positions = append(ids, id), append(positions, at.Pos)
	}
	var due []Receipt
	rows, err := db.pool.QueryxContext(ctx, `
		select a.id, a.news from unnest($1::uuid[], $2::bigint[]) as p (contractor_id, pos)
		  join assignments a on a.contractor_id = p.contractor_id and a.news > 0 and a.news_at > now() - interval '`+changesKept+`'`+
		joinNewsEvent+`
		 where e.pos <= p.pos
		   and not exists (select from awareness w where w.assignment_id = a.id and w.news = a.news and w.channel = 'phone')
		 order by a.id limit $3`, pq.Array(ids), pq.Array(positions), MaxNoted)
	if err != nil {
		return 0, fmt.Errorf("look for what was sent: %w", translate(err))
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		r := Receipt{Rung: events.RungSent}
		if err := rows.Scan(&r.AssignmentID, &r.News); err != nil {
			return 0, fmt.Errorf("look for what was sent: %w", translate(err))
		}
		due = append(due, r)
	}
	if err := rows.Err(); err != nil {
		return 0, fmt.Errorf("look for what was sent: %w", translate(err))
	}
	return len(due), db.raise(ctx, Actor{Kind: events.ActorSystem}, "", due)
}

// raise notes receipts of a contractor, "" for any.
func (db *DB) raise(ctx context.Context, by Actor, contractorID string, receipts []Receipt) error {
	if len(receipts) == 0 {
		return nil
	}
	var raised []raisedRung
	err := db.inTx(ctx, func(tx *sqlx.Tx) (err error) {
		if raised, err = raiseRungs(ctx, tx, contractorID, receipts); err != nil {
			return err
		}
		return appendEvents(ctx, tx, awarenessEvents(by, raised)...)
	})
	if err != nil {
		return fmt.Errorf("note %d receipts: %w", len(receipts), err)
	}
	if len(raised) > 0 {
		db.signal()
	}
	return nil
}

// joinNewsEvent finds the event e that announced the last news of the assignment
// a; its pos is null while it has none.
const joinNewsEvent = ` left join lateral (
	select n.event_id, n.pos from event_log n
	 where n.job_id = a.job_id
	   and (n.event_type in ('` + string(events.KindJobAssigned) + `', '` + string(events.KindJobUnassigned) + `', '` + string(events.KindJobRescheduled) + `', '` + string(events.KindAssignmentExpired) + `', '` + string(events.KindActionUndone) + `')
	        and n.payload ->> 'assignmentId' = a.id::text
	     or n.event_type = '` + string(events.KindJobCancelled) + `' and a.status = 'cancelled'
	     or n.event_type = '` + string(events.KindActionUndone) + `' and not n.payload ? 'assignmentId')
	 order by n.id desc limit 1) e on true`

// raisedRung is an assignment whose last news got to a higher rung.
type raisedRung struct {
	AssignmentID string `db:"assignment_id"`
	ContractorID string `db:"contractor_id"`
	JobID        string `db:"job_id"`
	Region       string `db:"region"`
	Rung         int    `db:"rung"`
	EventID      string `db:"event_id"`
	Pos          int64  `db:"pos"`
}

// raiseRungs is one statement, which locks no job: two pages that say the same
// at once wait for each other for no longer than that, in the order of the
// assignments. A clock of a phone is believed from the assignment's beginning to
// two minutes from now.
func raiseRungs(ctx context.Context, tx *sqlx.Tx, contractorID string, receipts []Receipt) ([]raisedRung, error) {
	var ids, clients []string
	var news, rungs []int64
	for _, r := range receipts {
		client := ""
		if !r.ClientAt.IsZero() {
			client = r.ClientAt.UTC().Format(time.RFC3339Nano)
		}
		ids, clients = append(ids, r.AssignmentID), append(clients, client)
		news, rungs = append(news, int64(r.News)), append(rungs, int64(slices.Index(events.Rungs(), r.Rung)+1))
	}
	var raised []raisedRung
	err := tx.SelectContext(ctx, &raised, `
		with said as (
		    select u.id, u.news, max(u.rung) as rung, min(u.at) filter (where u.rung = 2) as screen,
		           min(u.at) filter (where u.rung = 3) as seen, min(u.at) filter (where u.rung = 4) as ack
		      from (select x.id, x.news, x.rung, case when nullif(x.at, '')::timestamptz between a.created_at and now() + interval '2 minutes'
		                                              then x.at::timestamptz end as at
		              from unnest($1::uuid[], $2::integer[], $3::integer[], $4::text[]) as x (id, news, rung, at)
		              join assignments a on a.id = x.id and a.news = x.news
		             where x.news > 0 and x.rung > 0 and ($5 = '' or a.contractor_id::text = $5)) u
		     group by u.id, u.news),
		raised as (
		    insert into awareness as w (assignment_id, news, channel, rung, sent_at, on_screen_at, seen_at, acknowledged_at,
		                                on_screen_client_at, seen_client_at, acknowledged_client_at, knew)
		    select s.id, s.news, 'phone', s.rung, now(), case when s.rung > 1 then now() end, case when s.rung > 2 then now() end,
		           case when s.rung > 3 then now() end, s.screen, s.seen, s.ack,
		           case when s.rung > 3 and a.status not in `+endedStatuses+` then a.during end
		      from said s join assignments a on a.id = s.id order by s.id
		    on conflict (assignment_id, news, channel) do update set rung = excluded.rung,
		      on_screen_at = coalesce(w.on_screen_at, excluded.on_screen_at), seen_at = coalesce(w.seen_at, excluded.seen_at),
		      acknowledged_at = excluded.acknowledged_at, knew = excluded.knew,
		      on_screen_client_at = coalesce(w.on_screen_client_at, excluded.on_screen_client_at),
		      seen_client_at = coalesce(w.seen_client_at, excluded.seen_client_at), acknowledged_client_at = excluded.acknowledged_client_at
		    where w.rung < excluded.rung
		    returning assignment_id, rung)
		select u.assignment_id, u.rung, a.contractor_id, a.job_id, j.region, coalesce(e.event_id::text, '') as event_id, coalesce(e.pos, 0) as pos
		  from raised u join assignments a on a.id = u.assignment_id join jobs j on j.id = a.job_id`+joinNewsEvent+`
		 order by u.assignment_id`, pq.Array(ids), pq.Array(news), pq.Array(rungs), pq.Array(clients), contractorID)
	if err != nil {
		return nil, fmt.Errorf("raise rungs: %w", err)
	}
	return raised, nil
}

// awarenessEvents are for the dispatchers of the job. That he acknowledged it is
// for his other devices too, which still show it as a change.
func awarenessEvents(by Actor, raised []raisedRung) []events.Event {
	evs := make([]events.Event, len(raised))
	for i, r := range raised {
		rung := events.Rungs()[r.Rung-1]
		to := []events.Stream{events.DispatchStream(r.Region)}
		if rung == events.RungAcknowledged {
			to = append(to, events.ContractorStream(r.ContractorID))
		}
		evs[i] = events.Event{
			ID: uuid.NewString(), OccurredAt: time.Now().UTC(), Actor: by.forEvent(),
			Region: r.Region, JobID: r.JobID, ContractorID: r.ContractorID, PublishedTo: to,
			Fact: events.AwarenessChanged{
				JobID: r.JobID, AssignmentID: r.AssignmentID, Region: r.Region, Recipient: r.ContractorID,
				Channel: events.ChannelPhone, Rung: rung, OfEvent: r.EventID, OfSeq: r.Pos,
			},
		}
	}
	return evs
}
