package db

import (
	"fmt"
	"strconv"
	"time"

	"smartscheduler/schedule"
)

// exportedAssignment is a row of a file of assignments.
type exportedAssignment struct {
	Job            string    `db:"job" json:"job"`
	JobNumber      int64     `db:"job_number" json:"job_number"`
	Day            int       `db:"day" json:"day"`
	Region         string    `db:"region" json:"region"`
	Contractor     string    `db:"contractor" json:"contractor"`
	ContractorName string    `db:"contractor_name" json:"contractor_name"`
	Start          time.Time `db:"start_at" json:"start"`
	End            time.Time `db:"end_at" json:"end"`
	Zone           string    `db:"zone" json:"zone"`
	Status         string    `db:"status" json:"status"`
	Source         string    `db:"source" json:"source"`
	// Offered and AnswerBy are nil where nobody has to answer.
	Offered  *time.Time `db:"offered_at" json:"offered"`
	AnswerBy *time.Time `db:"answer_by" json:"answer_by"`
}

func (exportedAssignment) query() string {
	return `select coalesce(j.external_id, j.id::text) as job, j.number as job_number, v.number as day, j.region,
	      coalesce(c.external_id, c.id::text) as contractor, c.name as contractor_name,
	      lower(a.during) as start_at, upper(a.during) as end_at, j.zone, a.status, a.source,
	      case when a.status = 'assigned' and a.answer_by is not null then a.offered_at end as offered_at, case when a.status = 'assigned' then a.answer_by end as answer_by
	    from asked, assignments a join jobs j on j.id = a.job_id join visits v on v.id = a.visit_id join contractors c on c.id = a.contractor_id
	   where (everywhere or j.region = any(regions) or c.home_region = any(regions)) and asked.region in ('', j.region)
	     and ` + between("(lower(a.during) at time zone j.zone)::date", "(upper(a.during) at time zone j.zone)::date") + `
	   order by j.number, v.number, a.place, a.created_at, a.id`
}

func (exportedAssignment) columns() []string {
	return []string{"job", "job_number", "day", "region", "contractor", "contractor_name", "start", "end", "zone", "status", "source", "offered", "answer_by"}
}

func (a exportedAssignment) cells() ([]string, error) {
	loc, err := schedule.LoadZone(a.Zone)
	if err != nil {
		return nil, fmt.Errorf("zone of job %d: %w", a.JobNumber, err)
	}
	return []string{
		a.Job, strconv.FormatInt(a.JobNumber, 10), strconv.Itoa(a.Day), a.Region, a.Contractor, a.ContractorName,
		a.Start.In(loc).Format(time.RFC3339Nano), a.End.In(loc).Format(time.RFC3339Nano), a.Zone, a.Status, a.Source,
		instantCell(a.Offered, loc), instantCell(a.AnswerBy, loc),
	}, nil
}

func instantCell(at *time.Time, loc *time.Location) string {
	if at == nil {
		return ""
	}
	return at.In(loc).Format(time.RFC3339Nano)
}
