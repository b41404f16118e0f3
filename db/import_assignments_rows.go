package db

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// booked is a stretch of a contractor's time: of a row of the file, or stored.
type booked struct {
	schedule.Span
	// row is nil for a stored one; what names it to people.
	row  *AssignmentRow
	what string
}

// rejectOverlaps refuses rows that overlap with what a contractor has, or with
// an earlier row that he gets. The contractors are locked, so nothing comes in
// between. It returns all that each of them has then on these days.
func (p *assignmentPlan) rejectOverlaps(ctx context.Context, tx *sqlx.Tx) (map[string][]booked, error) {
	days := make(map[string][]booked)
	for i, a := range p.created {
		days[a.contractor.ID] = append(days[a.contractor.ID],
			booked{a.row.At, &p.created[i].row, "line " + strconv.Itoa(a.row.Line)})
	}
	if err := addStored(ctx, tx, days); err != nil {
		return nil, err
	}
	for _, list := range days {
		slices.SortFunc(list, func(a, b booked) int { return a.Start.Compare(b.Start) })
		// Of those that begin before, the one that ends last reaches furthest.
		last := list[0]
		for _, next := range list[1:] {
			if last.Overlaps(next.Span) {
				p.rejectOverlap(last, next)
			}
			if next.End.After(last.End) {
				last = next
			}
		}
	}
	return days, nil
}

// rejectOverlap refuses the later row of two stretches, or the one that is a row.
func (p *assignmentPlan) rejectOverlap(last, next booked) {
	bad, other := next.row, last.what
	if bad == nil || last.row != nil && last.row.Line > bad.Line {
		bad, other = last.row, next.what
	}
	if bad != nil {
		p.reject(*bad, "start", bad.At.Start.Format(time.RFC3339), "the contractor is booked then, by "+other)
	}
}

// addStored adds what the contractors have at those times and on the dates around
// them.
func addStored(ctx context.Context, tx *sqlx.Tx, days map[string][]booked) error {
	var ids []string
	var starts, ends []time.Time
	for id, list := range days {
		ids = append(ids, id)
		starts = append(starts, slices.MinFunc(list, func(a, b booked) int { return a.Start.Compare(b.Start) }).Start)
		ends = append(ends, slices.MaxFunc(list, func(a, b booked) int { return a.End.Compare(b.End) }).End)
	}
	var stored []struct {
		ContractorID string    `db:"contractor_id"`
		Start        time.Time `db:"start_at"`
		End          time.Time `db:"end_at"`
		Number       int64     `db:"number"`
	}
	err := tx.SelectContext(ctx, &stored, `select a.contractor_id, lower(a.during) as start_at, upper(a.during) as end_at, j.number
	    from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) as x(id, first, last)
	    join assignments a on a.contractor_id = x.id and a.active
     and a.during && tstzrange(x.first - interval '2 days', x.last + interval '2 days')
	    join jobs j on j.id = a.job_id`, pq.Array(ids), pq.Array(starts), pq.Array(ends))
	if err != nil {
		return fmt.Errorf("look up what is booked: %w", err)
	}
	for _, s := range stored {
		days[s.ContractorID] = append(days[s.ContractorID], booked{
			schedule.Span{Start: s.Start, End: s.End}, nil, "J-" + strconv.FormatInt(s.Number, 10),
		})
	}
	return nil
}

// assignmentJSON is a row of a batch of assignments.
type assignmentJSON struct {
	ID           string                    `json:"id"`
	AuditID      string                    `json:"audit_id"`
	JobID        string                    `json:"job_id"`
	VisitID      string                    `json:"visit_id"`
	ContractorID string                    `json:"contractor_id"`
	Start        time.Time                 `json:"start_at"`
	End          time.Time                 `json:"end_at"`
	Status       schedule.AssignmentStatus `json:"status"`
	Source       events.Source             `json:"source"`
	Place        int                       `json:"place"`
	Rule         string                    `json:"rule"`
	JobStatus    schedule.JobStatus        `json:"job_status"`
	Offered      *time.Time                `json:"offered_at"`
	AnswerBy     *time.Time                `json:"answer_by"`
	ActorKind    events.ActorKind          `json:"actor_kind"`
	// ActorID is nil for the command line.
	ActorID any `json:"actor_id"`
}

// save writes the assignments. Who else could have been chosen is not known.
func (p *assignmentPlan) save(ctx context.Context, tx *sqlx.Tx) error {
	rows := make([]assignmentJSON, len(p.created))
	for i, a := range p.created {
		rows[i] = assignmentJSON{
			ID: a.id, AuditID: a.audit, JobID: a.job.ID, VisitID: a.job.Visits[a.day-1], ContractorID: a.contractor.ID,
			Start: a.row.At.Start, End: a.row.At.End, Status: a.row.Status, Source: a.row.Source,
			JobStatus: a.job.statusAfter(), Place: a.place, Rule: a.rule, ActorKind: p.By.Kind, ActorID: nullable(p.By.UserID),
			Offered: a.row.Offered, AnswerBy: a.row.AnswerBy,
		}
	}
	for _, write := range []struct{ what, query string }{
		{"write audit records", `
		  insert into audit_records (id, action, job_id, contractor_id, source, actor_kind, actor_id, weights_version, candidates)
		  select audit_id, 'assign', job_id, contractor_id, source, actor_kind, actor_id, ` + strconv.Itoa(schedule.RulesVersion) + `,
		      jsonb_build_array(jsonb_build_object('contractorId', contractor_id, 'rule', rule))
		    from json_to_recordset($1::json) as x(audit_id uuid, job_id uuid, contractor_id uuid, source text, actor_kind text, actor_id uuid, rule text)`},
		{"insert assignments", `
		  insert into assignments (id, visit_id, job_id, contractor_id, during, status, source, audit_id, created_by, place, offered_at, answer_by)
		  select id, visit_id, job_id, contractor_id, tstzrange(start_at, end_at), status, source, audit_id, actor_id, place, offered_at, answer_by
		    from json_to_recordset($1::json) as x(id uuid, visit_id uuid, job_id uuid, contractor_id uuid, start_at timestamptz, end_at timestamptz,
		      status text, source text, audit_id uuid, actor_id uuid, place integer, offered_at timestamptz, answer_by timestamptz)`},
		{"set status", `
		  update jobs j set status = x.job_status, version = j.version + 1, updated_at = now()
		    from (select distinct job_id, job_status from json_to_recordset($1::json) as r(job_id uuid, job_status text)) x where j.id = x.job_id`},
	} {
		if err := execBatches(ctx, tx, write.what, write.query, rows); err != nil {
			return err
		}
	}
	return nil
}

// fact announces the assignment.
func (a importedAssignment) fact() events.JobAssigned {
	return events.JobAssigned{
		JobID: a.job.ID, ContractorID: a.contractor.ID, AssignmentID: a.id, StartUTC: a.row.At.Start, EndUTC: a.row.At.End,
		Region: a.job.Region, Source: a.row.Source, AuditID: a.audit, TimeZone: a.job.Zone,
		StartLocal: a.job.local(a.row.At.Start), EndLocal: a.job.local(a.row.At.End), AssignmentVersion: 1,
		DayOfJob: dayOfJob(a.day, a.job.Days), AnswerBy: a.row.AnswerBy,
	}
}
