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
	Days       int                `db:"days"`
	Zone       string             `db:"zone"`
	// Visits are the ids of its days in their order.
	Visits pq.StringArray `db:"visits"`

	location *time.Location
	crew     []crewMember
}

// crewMember is one who has a job, or gets it by the import.
type crewMember struct {
	ContractorID string                    `db:"contractor_id"`
	Day          int                       `db:"day"`
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
		  select j.id, coalesce(j.external_id, j.id::text) as external_id, j.number, j.region, j.status, j.headcount, j.days, j.zone,
		      array(select id::text from visits v where v.job_id = j.id and v.number <= j.days order by number) as visits
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
	err := tx.SelectContext(ctx, &rows, `
	  select a.job_id, a.contractor_id, v.number as day, lower(a.during) as start_at, upper(a.during) as end_at, a.place, a.status
	    from assignments a join visits v on v.id = a.visit_id
	   where a.active and a.job_id = any($1::uuid[]) order by a.job_id, v.number, a.place`, pq.Array(ids))
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

// dayFor is the day of the job that a row is about: of the first that needs
// somebody if the row does not say it. It is 0 if nobody is needed then.
func (j *assignableJob) dayFor(row AssignmentRow) int {
	for day := 1; day <= j.Days; day++ {
		if (row.Day == 0 || row.Day == day) && j.onDay(day) < j.Headcount {
			return day
		}
	}
	return 0
}

func (j *assignableJob) onDay(day int) int {
	n := 0
	for _, m := range j.crew {
		if m.Day == day {
			n++
		}
	}
	return n
}

// outOfOrder says why a day of the job cannot be on the date of a row, "" if it
// can.
func (j *assignableJob) outOfOrder(day int, row AssignmentRow) string {
	for _, m := range j.crew {
		if words := outOfOrder(m.Day, schedule.DayIn(m.Start, j.location), day, schedule.DayIn(row.At.Start, j.location)); words != "" {
			return words
		}
	}
	return ""
}

// take gives the first free place on a day to a contractor.
func (j *assignableJob) take(c *storedContractor, day int, row AssignmentRow) (place int) {
	place = 1
	for slices.ContainsFunc(j.crew, func(m crewMember) bool { return m.Day == day && m.Place == place }) {
		place++
	}
	j.crew = append(j.crew, crewMember{c.ID, day, row.At.Start, row.At.End, place, row.Status})
	return place
}

// statusAfter is the status of a job by those who have it.
func (j *assignableJob) statusAfter() schedule.JobStatus {
	held := make([]schedule.AssignmentStatus, len(j.crew))
	for i, m := range j.crew {
		held[i] = m.Status
	}
	return statusOfJob(held, j.Headcount, j.Days)
}

// statusOfJob is the status of a job of so many a day on so many days by how far
// those who have it have come: that of the least advanced.
func statusOfJob(held []schedule.AssignmentStatus, headcount, days int) schedule.JobStatus {
	have := func(list ...schedule.AssignmentStatus) bool {
		return slices.ContainsFunc(held, func(s schedule.AssignmentStatus) bool { return slices.Contains(list, s) })
	}
	switch {
	case len(held) == 0, days > 1 && len(held) < headcount*days,
		have(schedule.Assigned, schedule.Accepted, schedule.EnRoute, schedule.OnSite):
		return schedule.Planned(len(held), headcount*days)
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
