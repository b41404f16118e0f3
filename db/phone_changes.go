package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// PhoneChangeKind is what changed for a contractor since he last said that he knows.
type PhoneChangeKind string

// The kinds of a PhoneChange.
const (
	// ChangeNew: he has a job that he did not have.
	ChangeNew PhoneChangeKind = "new"
	// ChangeMoved: his work is at another time.
	ChangeMoved PhoneChangeKind = "moved"
	// ChangeRemoved: it was taken off him. ChangeUndone: that he had it was a
	// mistake. ChangeCancelled: the job was called off. ChangeExpired: he did not
	// answer in time.
	ChangeRemoved   PhoneChangeKind = "removed"
	ChangeUndone    PhoneChangeKind = "undone"
	ChangeCancelled PhoneChangeKind = "cancelled"
	ChangeExpired   PhoneChangeKind = "expired"
)

// PhoneChange is a job as it differs from what its contractor acknowledged last. All
// that happened since then makes one of it.
type PhoneChange struct {
	ContractorID string          `db:"contractor_id"`
	JobID        string          `db:"job_id"`
	Kind         PhoneChangeKind `db:"kind"`
	// AssignmentID is his last one for the work, News the number of its last news.
	AssignmentID string    `db:"assignment_id"`
	News         int       `db:"news"`
	At           time.Time `db:"news_at"`
	Number       int64     `db:"number"`
	Title        string    `db:"title"`
	// Zone is the IANA zone of the job, HomeZone that of his home.
	Zone     string `db:"zone"`
	HomeZone string `db:"home_zone"`
	Day      int    `db:"day"`
	Days     int    `db:"days"`
	// WasStart and WasEnd are the times that he knew, null when he knew of none.
	WasStart sql.NullTime `db:"was_start"`
	WasEnd   sql.NullTime `db:"was_end"`
	// Start and End are those of the assignment, also of one that has ended.
	Start time.Time `db:"start_at"`
	End   time.Time `db:"end_at"`
	// Status is that of the assignment.
	Status schedule.AssignmentStatus `db:"status"`
}

// Was is the time that he knew, Now that of the assignment.
func (c PhoneChange) Was() schedule.Span {
	return schedule.Span{Start: c.WasStart.Time, End: c.WasEnd.Time}
}

// Now is the time of the assignment.
func (c PhoneChange) Now() schedule.Span { return schedule.Span{Start: c.Start, End: c.End} }

// changesKept is how long a change is told to somebody who says nothing.
const changesKept = "14 days"

// endedStatuses are those of an assignment that is off its contractor's list.
const endedStatuses = `('declined', 'expired', 'unassigned', 'cancelled')`

// selectChanges wants contractors in $1 and jobs in $2, null for all jobs. What
// somebody knew of a visit he knew also under an earlier assignment to it; of
// several days of a job that were taken off him the last stands for all.
const selectChanges = `
with changed as (
  select a.contractor_id, a.job_id, a.id as assignment_id, a.news, a.news_at, a.status, a.status in ` + endedStatuses + ` as over, a.undone,
         j.number, j.title, j.zone, j.days, v.number as day, r.zone as home_zone,
         lower(a.during) as start_at, upper(a.during) as end_at, lower(k.knew) as was_start, upper(k.knew) as was_end, a.during = k.knew as known,
         row_number() over (partition by a.contractor_id, a.job_id, a.status in ` + endedStatuses + ` order by a.news_at desc, a.id) as place
    from assignments a join jobs j on j.id = a.job_id join visits v on v.id = a.visit_id
    join contractors c on c.id = a.contractor_id join regions r on r.slug = c.home_region
    left join lateral (
      select w.knew from assignments p join awareness w on w.assignment_id = p.id
       where p.visit_id = a.visit_id and p.contractor_id = a.contractor_id and w.acknowledged_at is not null
       order by w.acknowledged_at desc, w.news desc limit 1) k on true
   where a.contractor_id = any($1::uuid[]) and ($2::uuid[] is null or a.job_id = any($2::uuid[]))
     and a.news > 0 and a.news_at > now() - interval '` + changesKept + `'
     and not exists (select from awareness w where w.assignment_id = a.id and w.news = a.news and w.acknowledged_at is not null)
     and case when a.status in ('unassigned', 'cancelled', 'expired')
         then not exists (select from assignments h where h.visit_id = a.visit_id and h.contractor_id = a.contractor_id and h.active)
         else a.status in ('assigned', 'accepted', 'en_route', 'on_site', 'in_progress', 'paused') and upper(a.during) > now() - interval '1 day' end)
select contractor_id, job_id, assignment_id, news, news_at, status, number, title, zone, days, day, home_zone, start_at, end_at, was_start, was_end,
       case when status = 'cancelled' then 'cancelled' when status = 'expired' then 'expired'
            when over and undone then 'undone' when over then 'removed'
            when was_start is null then 'new' else 'moved' end as kind
  from changed where not over and known is not true or over and place = 1
 order by news_at, number, assignment_id`

// PhoneChanges returns what each of the contractors has not acknowledged of the jobs,
// in the order in which it happened.
func (db *DB) PhoneChanges(ctx context.Context, contractorIDs, jobIDs []string) ([]PhoneChange, error) {
	return phoneChanges(ctx, db.pool, pq.Array(contractorIDs), pq.Array(jobIDs))
}

func phoneChanges(ctx context.Context, q sqlx.QueryerContext, contractorIDs, jobIDs any) ([]PhoneChange, error) {
	var list []PhoneChange
	if err := sqlx.SelectContext(ctx, q, &list, selectChanges, contractorIDs, jobIDs); err != nil {
		return nil, fmt.Errorf("read changes: %w", translate(err))
	}
	return list, nil
}

// Acknowledge notes that a contractor knows what is new of an assignment of his,
// and with the end of one, of all his others of the job that ended before; it
// logs AwarenessChanged. It returns ErrNotFound for what is not his and
// *Conflict when there is something newer than news.
func (db *DB) Acknowledge(ctx context.Context, by Actor, contractorID string, known Receipt) error {
	var raised []raisedRung
	err := db.inTx(ctx, func(tx *sqlx.Tx) (err error) {
		if raised, err = acknowledge(ctx, tx, contractorID, known); err != nil {
			return err
		}
		return appendEvents(ctx, tx, awarenessEvents(by, raised)...)
	})
	if err != nil {
		return fmt.Errorf("acknowledge assignment %s: %w", known.AssignmentID, err)
	}
	if len(raised) > 0 {
		db.signal()
	}
	return nil
}

// acknowledge shares the assignment's row, so that nothing newer comes between.
func acknowledge(ctx context.Context, tx *sqlx.Tx, contractorID string, known Receipt) ([]raisedRung, error) {
	var a struct {
		JobID string `db:"job_id"`
		News  int    `db:"news"`
		Ended bool   `db:"ended"`
	}
	err := tx.GetContext(ctx, &a, `select job_id, news, status in `+endedStatuses+` as ended
	  from assignments where id = $1 and contractor_id = $2 for share`, known.AssignmentID, contractorID)
	if err != nil {
		return nil, notFound(err)
	}
	if a.News != known.News {
		return nil, &Conflict{Kind: ConflictStale, JobID: a.JobID, AssignmentID: known.AssignmentID}
	}
	receipts := []Receipt{known}
	if a.Ended {
		receipts = nil
		err := tx.SelectContext(ctx, &receipts, `select o.id as assignmentid, o.news from assignments a
		  join assignments o on o.job_id = a.job_id and o.contractor_id = a.contractor_id and o.news > 0 and o.news_at <= a.news_at
		 where a.id = $1 and o.status in `+endedStatuses, known.AssignmentID)
		if err != nil {
			return nil, fmt.Errorf("what ended before: %w", err)
		}
	}
	for i := range receipts {
		receipts[i].Rung, receipts[i].ClientAt = known.Rung, known.ClientAt
	}
	return raiseRungs(ctx, tx, contractorID, receipts)
}

// FormerHolder is a contractor who does not have a job any more and has not said
// that he knows.
type FormerHolder struct {
	ContractorName string `db:"name"`
	Awareness
}

// FormerHolders returns who lost a job, has not acknowledged it and has no other
// part of it, for as long as his phone tells him.
func (db *DB) FormerHolders(ctx context.Context, jobID string) ([]FormerHolder, error) {
	var list []FormerHolder
	err := db.pool.SelectContext(ctx, &list, `select name, news, rung, sent_at, on_screen_at, seen_at, acknowledged_at from (
	    select distinct on (a.contractor_id) c.name, `+awarenessColumns+` from assignments a join contractors c on c.id = a.contractor_id`+joinAwareness+`
	     where a.job_id = $1 and a.status in ('unassigned', 'cancelled', 'expired') and a.news > 0 and a.news_at > now() - interval '`+changesKept+`'
	       and not exists (select from assignments h where h.job_id = a.job_id and h.contractor_id = a.contractor_id and h.active)
	     order by a.contractor_id, a.news_at desc, a.id) l
	  where acknowledged_at is null order by name`, jobID)
	if err != nil {
		return nil, fmt.Errorf("former holders of job %s: %w", jobID, translate(err))
	}
	return list, nil
}

// acknowledgeAnswered is for commands by which a contractor says something of an
// assignment: after them he knows all that is new of it. Their own events tell
// the screens.
func acknowledgeAnswered(ctx context.Context, tx *sqlx.Tx, assignmentID string, clientAt time.Time) error {
	known := Receipt{AssignmentID: assignmentID, ClientAt: clientAt}
	if err := tx.GetContext(ctx, &known.News, `select news from assignments where id = $1`, assignmentID); err != nil {
		return fmt.Errorf("news of assignment: %w", notFound(err))
	}
	known.Rung = events.RungAcknowledged
	_, err := raiseRungs(ctx, tx, "", []Receipt{known})
	return err
}
