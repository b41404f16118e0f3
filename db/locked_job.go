package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/schedule"
)

// lockedJob is the job row that a command holds, with its active assignments.
type lockedJob struct {
	ID              string             `db:"id"`
	Number          int64              `db:"number"`
	Region          string             `db:"region"`
	Status          schedule.JobStatus `db:"status"`
	Zone            string             `db:"zone"`
	DurationMinutes int                `db:"duration_minutes"`
	Headcount       int                `db:"headcount"`
	Days            int                `db:"days"`
	Skills          pq.StringArray     `db:"skills"`
	Version         int                `db:"version"`

	location *time.Location
	// visits are the ids of its days in their order.
	visits []string
	// crew is who has the job, by day and place.
	crew []heldAssignment
	// current is the one of the crew that the command is about; nil when it is
	// about none or about the job as a whole.
	current *heldAssignment
	// day is the number of the day that the command is about, 0 for none.
	day int
}

// heldAssignment is an active assignment of a locked job.
type heldAssignment struct {
	ID           string                    `db:"id"`
	Day          int                       `db:"day"`
	Place        int                       `db:"place"`
	ContractorID string                    `db:"contractor_id"`
	Start        time.Time                 `db:"start_at"`
	End          time.Time                 `db:"end_at"`
	Status       schedule.AssignmentStatus `db:"status"`
	Version      int                       `db:"version"`
	// Homes are the regions whose boards may show him, see homesOf.
	Homes pq.StringArray `db:"homes"`
}

func (h heldAssignment) span() schedule.Span { return schedule.Span{Start: h.Start, End: h.End} }

// lockJob takes the job's row and then reads what hangs on it. The second
// statement has a snapshot of its own, taken after the lock was got, so it sees
// what the previous holder committed.
func lockJob(ctx context.Context, tx *sqlx.Tx, jobID string) (*lockedJob, error) {
	var j lockedJob
	err := tx.GetContext(ctx, &j, `select id, number, region, status, zone, duration_minutes, headcount, days, skills, version
	  from jobs where id = $1 for no key update`, jobID)
	if err != nil {
		return nil, notFound(err)
	}
	if j.location, err = schedule.LoadZone(j.Zone); err != nil {
		return nil, err
	}
	var rows []struct {
		VisitID string `db:"visit_id"`
		heldAssignment
	}
	err = tx.SelectContext(ctx, &rows, `select v.id as visit_id, v.number as day, coalesce(a.id::text, '') as id, coalesce(a.place, 0) as place,
	    coalesce(a.contractor_id::text, '') as contractor_id, coalesce(lower(a.during), now()) as start_at,
	    coalesce(upper(a.during), now()) as end_at, coalesce(a.status, '') as status, coalesce(a.version, 0) as version,
	    case when c.id is not null then `+homesOf+` end as homes
	  from visits v left join assignments a on a.visit_id = v.id and a.active left join contractors c on c.id = a.contractor_id
	 where v.job_id = $1 and v.number <= $2 order by v.number, a.place`, j.ID, j.Days)
	if err != nil {
		return nil, fmt.Errorf("visits and crew: %w", err)
	}
	for _, r := range rows {
		if r.Day > len(j.visits) {
			j.visits = append(j.visits, r.VisitID)
		}
		if r.ID != "" {
			j.crew = append(j.crew, r.heldAssignment)
		}
	}
	return &j, nil
}

// choose makes an assignment of the crew the current one.
func (j *lockedJob) choose(assignmentID string) bool {
	i := slices.IndexFunc(j.crew, func(h heldAssignment) bool { return h.ID == assignmentID })
	if i < 0 {
		return false
	}
	j.current, j.day = &j.crew[i], j.crew[i].Day
	return true
}

// holders are who has the job, as far as streams go.
func (j *lockedJob) holders() holders {
	var list holders
	for _, h := range j.crew {
		list = append(list, holder{ContractorID: h.ContractorID, Homes: h.Homes})
	}
	return list
}

// lockedContractor is the contractor's row that a command holds.
type lockedContractor struct {
	ID         string `db:"id"`
	Name       string `db:"name"`
	HomeRegion string `db:"home_region"`
	Active     bool   `db:"active"`
	// AutoAccept: he need not be asked.
	AutoAccept bool `db:"auto_accept"`
	// Homes are the regions whose boards may show him, see homesOf.
	Homes pq.StringArray `db:"homes"`
}

// lockContractors takes the rows in the order of their ids, so that two
// commands about the same two contractors cannot wait for each other.
// Without this lock a race for one contractor's time ends in deadlocks inside
// the exclusion constraint instead of in one clear winner.
func lockContractors(ctx context.Context, tx *sqlx.Tx, ids ...string) (map[string]lockedContractor, error) {
	slices.Sort(ids)
	var rows []lockedContractor
	err := tx.SelectContext(ctx, &rows, `select c.id, c.name, c.home_region, c.active, c.auto_accept, `+homesOf+` as homes from contractors c
	  where c.id = any($1::uuid[]) order by c.id for no key update of c`, pq.Array(slices.Compact(ids)))
	if err != nil && !isCode(err, codeInvalidText) {
		return nil, fmt.Errorf("lock contractors: %w", err)
	}
	byID := make(map[string]lockedContractor, len(rows))
	for _, c := range rows {
		byID[c.ID] = c
	}
	return byID, nil
}

// lockHolder takes the row of whoever has the current assignment, and of others
// with it, and notes his homes anew: they may have changed while the row was waited
// for.
func (j *lockedJob) lockHolder(ctx context.Context, tx *sqlx.Tx, others ...string) (map[string]lockedContractor, error) {
	locked, err := lockContractors(ctx, tx, append(others, j.current.ContractorID)...)
	if err != nil {
		return nil, err
	}
	j.current.Homes = locked[j.current.ContractorID].Homes
	return locked, nil
}

// lockCrew is lockHolder for everybody who has the job. Of an open job it does
// nothing.
func (j *lockedJob) lockCrew(ctx context.Context, tx *sqlx.Tx) (map[string]lockedContractor, error) {
	if len(j.crew) == 0 {
		return nil, nil
	}
	ids := make([]string, len(j.crew))
	for i, h := range j.crew {
		ids[i] = h.ContractorID
	}
	locked, err := lockContractors(ctx, tx, ids...)
	if err != nil {
		return nil, err
	}
	for i, h := range j.crew {
		j.crew[i].Homes = locked[h.ContractorID].Homes
	}
	return locked, nil
}
