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

// assignableJob is a job with all who have it.
type assignableJob struct {
	ID         string             `db:"id"`
	ExternalID string             `db:"external_id"`
	Number     int64              `db:"number"`
	Region     string             `db:"region"`
	Status     schedule.JobStatus `db:"status"`
	Headcount  int                `db:"headcount"`
	Zone       string             `db:"zone"`
	VisitID    string             `db:"visit_id"`

	location *time.Location
	crew     []crewMember
}

// crewMember is one who has a job, or gets it by the import.
type crewMember struct {
	ContractorID string                    `db:"contractor_id"`
	Start        time.Time                 `db:"start_at"`
	End          time.Time                 `db:"end_at"`
	Place        int                       `db:"place"`
	Status       schedule.AssignmentStatus `db:"status"`
}

// assignableJobs reads jobs by the names that a file has for them.
func assignableJobs(ctx context.Context, tx *sqlx.Tx, names []string) (map[string]*assignableJob, error) {
	found, byID := make(map[string]*assignableJob), make(map[string]*assignableJob)
	for batch := range slices.Chunk(names, batchRows) {
		var jobs []*assignableJob
		err := tx.SelectContext(ctx, &jobs, `
		  select j.id, coalesce(j.external_id, j.id::text) as external_id, j.number, j.region, j.status, j.headcount, j.zone,
		      (select id from visits v where v.job_id = j.id order by number limit 1) as visit_id
		    from jobs j
		   where j.external_id = any($1) or j.external_id is null and j.id = any($2::uuid[]) order by j.external_id nulls first`,
			pq.Array(batch), pq.Array(onlyUUIDs(batch)))
		if err != nil {
			return nil, fmt.Errorf("look up jobs: %w", err)
		}
		ids := make([]string, len(jobs))
		for i, j := range jobs {
			if j.location, err = schedule.LoadZone(j.Zone); err != nil {
				return nil, fmt.Errorf("zone of job %d: %w", j.Number, err)
			}
			found[j.ExternalID], byID[j.ID], ids[i] = j, j, j.ID
		}
		if err := addCrews(ctx, tx, ids, byID); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func addCrews(ctx context.Context, tx *sqlx.Tx, ids []string, byID map[string]*assignableJob) error {
	var rows []struct {
		JobID string `db:"job_id"`
		crewMember
	}
	err := tx.SelectContext(ctx, &rows, `select job_id, contractor_id, lower(during) as start_at, upper(during) as end_at, place, status
	  from assignments where active and job_id = any($1::uuid[]) order by job_id, place`, pq.Array(ids))
	if err != nil {
		return fmt.Errorf("look up who has the jobs: %w", err)
	}
	for _, r := range rows {
		byID[r.JobID].crew = append(byID[r.JobID].crew, r.crewMember)
	}
	return nil
}

// heldAs tells whether a job is already as a row says.
func (j *assignableJob) heldAs(row AssignmentRow, c *storedContractor) bool {
	return slices.ContainsFunc(j.crew, func(m crewMember) bool {
		return m.ContractorID == c.ID && m.Start.Equal(row.At.Start) && m.End.Equal(row.At.End)
	})
}

// take gives the first free place to a contractor.
func (j *assignableJob) take(c *storedContractor, row AssignmentRow) (place int) {
	place = 1
	for slices.ContainsFunc(j.crew, func(m crewMember) bool { return m.Place == place }) {
		place++
	}
	j.crew = append(j.crew, crewMember{c.ID, row.At.Start, row.At.End, place, row.Status})
	return place
}

// statusAfter is the status of a job by those who have it: that of the least
// advanced.
func (j *assignableJob) statusAfter() schedule.JobStatus {
	have := func(list ...schedule.AssignmentStatus) bool {
		return slices.ContainsFunc(j.crew, func(m crewMember) bool { return slices.Contains(list, m.Status) })
	}
	switch {
	case have(schedule.Assigned, schedule.Accepted, schedule.EnRoute, schedule.OnSite):
		return schedule.Planned(len(j.crew), j.Headcount)
	case have(schedule.InProgress, schedule.Paused):
		return schedule.JobInProgress
	case have(schedule.Incomplete):
		return schedule.JobIncomplete
	}
	return schedule.JobCompleted
}

// local writes an instant as wall time of the job's zone.
func (j *assignableJob) local(t time.Time) string {
	return schedule.WallTimeIn(t, j.location).String()
}
