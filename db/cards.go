package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/schedule"
)

// Card is a job as the screens show it: the job, its site and customer, and one
// of its active assignments with the contractor, if it has any. A job that a crew
// has is read as one card for each of them.
type Card struct {
	JobID           string         `db:"job_id"`
	Number          int64          `db:"number"`
	Title           string         `db:"title"`
	Region          string         `db:"region"`
	RegionName      string         `db:"region_name"`
	RegionZone      string         `db:"region_zone"`
	RegionReason    string         `db:"region_reason"`
	RegionOverride  sql.NullString `db:"region_override"`
	Skills          pq.StringArray `db:"skills"`
	SkillNames      pq.StringArray `db:"skill_names"`
	DurationMinutes int            `db:"duration_minutes"`
	// Headcount is how many contractors the job needs on each of its Days, Booked how
	// many assignments it has.
	Headcount int `db:"headcount"`
	Days      int `db:"days"`
	Booked    int `db:"booked"`
	// OpenDay is the first day of the job that needs somebody, 0 if none does;
	// FullDays is how many have everybody.
	OpenDay     int                `db:"open_day"`
	FullDays    int                `db:"full_days"`
	Priority    string             `db:"priority"`
	Zone        string             `db:"zone"`
	WindowStart time.Time          `db:"window_start"`
	WindowEnd   time.Time          `db:"window_end"`
	Status      schedule.JobStatus `db:"status"`
	Notes       string             `db:"notes"`
	// Version is the job's row version, which every form about it carries.
	Version       int             `db:"version"`
	Address       string          `db:"address"`
	Postcode      string          `db:"postcode"`
	Lat           sql.NullFloat64 `db:"lat"`
	Lng           sql.NullFloat64 `db:"lng"`
	AccessNotes   string          `db:"access_notes"`
	CustomerName  string          `db:"customer_name"`
	CustomerPhone string          `db:"customer_phone"`

	// The active assignment; all empty when there is none. A Vacancy has times.
	AssignmentID     string                    `db:"assignment_id"`
	AssignmentStatus schedule.AssignmentStatus `db:"assignment_status"`
	// AssignmentVersion is what the contractor's own forms carry.
	AssignmentVersion int `db:"assignment_version"`
	// OfferedAt and AnswerBy are when he was asked and until when he can answer;
	// empty when he need not.
	OfferedAt      sql.NullTime `db:"offered_at"`
	AnswerBy       sql.NullTime `db:"answer_by"`
	ContractorID   string       `db:"contractor_id"`
	ContractorName string       `db:"contractor_name"`
	// ContractorHome is his home region on the day on which the work begins.
	ContractorHome string       `db:"contractor_home"`
	HomeZone       string       `db:"home_zone"`
	Start          sql.NullTime `db:"start_at"`
	End            sql.NullTime `db:"end_at"`
	// Day is the number of the day of the job, from 1.
	Day int `db:"day"`
	// Awareness is how far what is new of it got to the contractor.
	Awareness

	// Of a job that waits for somebody: who had it last, if he declined it, for the
	// reason that the events name, or did not answer until LostAnswerBy.
	LostStatus   schedule.AssignmentStatus `db:"lost_status"`
	LostBy       string                    `db:"lost_by"`
	LostReason   string                    `db:"lost_reason"`
	LostAnswerBy sql.NullTime              `db:"lost_answer_by"`

	// after and before are when the days of the job around this one begin, see
	// Among.
	after, before sql.NullTime
}

// Assigned tells whether the card is that of a contractor who has the job.
func (c Card) Assigned() bool { return c.AssignmentID != "" }

// Filled tells whether everybody whom the job needs has it.
func (c Card) Filled() bool { return c.Booked >= c.Places() }

// Places is how many assignments the job needs: everybody on every day.
func (c Card) Places() int { return c.Headcount * c.Days }

// Shared tells whether the job needs more than one assignment.
func (c Card) Shared() bool { return c.Places() > 1 }

// Open tells whether the job still waits for a contractor.
func (c Card) Open() bool {
	return c.Status == schedule.JobOpen || c.Status == schedule.JobPartiallyAssigned
}

// Listed tells whether the job stands in the open list of its region: because
// it waits for a contractor, or is on hold.
func (c Card) Listed() bool { return c.Open() || c.Status == schedule.JobOnHold }

// At is the time of the assignment; the zero Span when there is none.
func (c Card) At() schedule.Span {
	return schedule.Span{Start: c.Start.Time, End: c.End.Time}
}

// bookedOnDay counts who has visit v.
const bookedOnDay = `(select count(*) from assignments x where x.visit_id = v.id and x.active)`

const selectCards = `
select j.id as job_id, j.number, j.title, j.region, r.name as region_name, r.zone as region_zone,
       j.region_reason, j.region_override, j.skills,
       array(select coalesce(k.name, s) from unnest(j.skills) with ordinality u(s, n)
             left join skills k on k.slug = s order by n) as skill_names,
       j.duration_minutes, j.headcount, j.days,
       case when j.headcount * j.days = 1 then (a.id is not null)::int
            else (select count(*) from assignments x where x.job_id = j.id and x.active) end as booked,
       case when j.headcount * j.days = 1 then (a.id is null)::int
            else coalesce((select min(v.number) from visits v where v.job_id = j.id and v.number <= j.days and ` + bookedOnDay + ` < j.headcount), 0) end as open_day,
       case when j.days = 1 then 0
            else (select count(*) from visits v where v.job_id = j.id and v.number <= j.days and ` + bookedOnDay + ` >= j.headcount) end as full_days,
       case when j.days = 1 then 1 else coalesce((select v.number from visits v where v.id = a.visit_id), 0) end as day,
       j.priority, j.zone, j.window_start, j.window_end, j.status, j.notes, j.version,
       t.address, t.postcode, t.lat, t.lng, t.access_notes,
       coalesce(u.name, '') as customer_name, coalesce(u.phone, '') as customer_phone,
       coalesce(a.id::text, '') as assignment_id, coalesce(a.status, '') as assignment_status,
       coalesce(a.version, 0) as assignment_version, a.offered_at, a.answer_by,
       coalesce(lost.status, '') as lost_status, coalesce(lost.name, '') as lost_by, coalesce(lost.reason_code, '') as lost_reason,
       lost.answer_by as lost_answer_by,
       coalesce(a.contractor_id::text, '') as contractor_id, coalesce(c.name, '') as contractor_name,
       coalesce(h.slug, '') as contractor_home, coalesce(h.zone, '') as home_zone,
       lower(a.during) as start_at, upper(a.during) as end_at, ` + awarenessColumns + `
  from jobs j
  join regions r on r.slug = j.region
  join sites t on t.id = j.site_id
  left join customers u on u.id = t.customer_id
  left join assignments a on a.job_id = j.id and a.active
  left join contractors c on c.id = a.contractor_id
  left join regions h on h.slug = ` + homeOnStart + `
  left join lateral (select x.status, x.reason_code, x.answer_by, y.name from assignments x join contractors y on y.id = x.contractor_id
                      where x.job_id = j.id and not x.active and not x.undone and j.status in ('open', 'partially_assigned')
                      order by x.updated_at desc, x.id limit 1) lost on lost.status in ('declined', 'expired')` + joinAwareness + `
`

func selectCardsWhere(ctx context.Context, q sqlx.QueryerContext, where string, args ...any) ([]Card, error) {
	var cards []Card
	if err := sqlx.SelectContext(ctx, q, &cards, selectCards+where, args...); err != nil {
		return nil, fmt.Errorf("read cards: %w", translate(err))
	}
	return cards, nil
}

// byStart orders the cards of one job, and of a lane those of one start.
const byStart = ` order by lower(a.during), j.number, c.name, a.id`

// Cards returns the current cards of the jobs, those of one job by start; a job
// that does not exist is left out.
func (db *DB) Cards(ctx context.Context, jobIDs []string) ([]Card, error) {
	return selectCardsWhere(ctx, db.pool, ` where j.id = any($1::uuid[])`+byStart, pq.Array(jobIDs))
}

// CrewOf returns the current cards of one job, by start: one for each contractor
// who has it, and one without any if nobody does. It returns ErrNotFound when
// there is no such job.
func (db *DB) CrewOf(ctx context.Context, jobID string) ([]Card, error) {
	cards, err := selectCardsWhere(ctx, db.pool, ` where j.id = $1`+byStart, jobID)
	if isCode(err, codeInvalidText) || err == nil && len(cards) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("crew of %s: %w", jobID, err)
	}
	return cards, nil
}

// CardOf returns the first of the current cards of one job, or ErrNotFound.
func (db *DB) CardOf(ctx context.Context, jobID string) (Card, error) {
	return oneCard(ctx, db.pool, ` where j.id = $1`+byStart+` limit 1`, jobID)
}

// CardOfAssignment returns the card of an assignment, or if it has ended the
// first one of its job, or ErrNotFound.
func (db *DB) CardOfAssignment(ctx context.Context, assignmentID string) (Card, error) {
	return oneCard(ctx, db.pool, ` where j.id = (select job_id from assignments where id = $1)
	  order by a.id = $1 desc nulls last, lower(a.during), a.id limit 1`, assignmentID)
}

func oneCard(ctx context.Context, q sqlx.QueryerContext, where string, id string) (Card, error) {
	var card Card
	if err := sqlx.GetContext(ctx, q, &card, selectCards+where, id); err != nil {
		return Card{}, fmt.Errorf("card of %s: %w", id, notFound(err))
	}
	return card, nil
}
