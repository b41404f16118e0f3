package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"smartscheduler/schedule"
)

// Held is how an assignment stands, also when it is over, for the contractor whose
// it is or was.
type Held struct {
	JobID        string                    `db:"job_id"`
	Number       int64                     `db:"number"`
	ContractorID string                    `db:"contractor_id"`
	Status       schedule.AssignmentStatus `db:"status"`
	// Zone is the IANA zone of the job.
	Zone string `db:"zone"`
	// AnswerBy is until when he could answer, if there was a limit.
	AnswerBy sql.NullTime `db:"answer_by"`
	// Changed is when it came into this state, or was moved; By is the name of who
	// took it off him, "" if nobody did.
	Changed time.Time `db:"updated_at"`
	By      string    `db:"changed_by"`
}

// Declined returns who declined a job, with the reason as the events name it, by
// the ids of the contractors.
func (db *DB) Declined(ctx context.Context, jobID string) (map[string]string, error) {
	var rows []struct {
		ContractorID string `db:"contractor_id"`
		Reason       string `db:"reason_code"`
	}
	err := db.pool.SelectContext(ctx, &rows, `select contractor_id, reason_code from assignments where job_id = $1 and status = 'declined'
	  order by updated_at`, jobID)
	if err != nil {
		return nil, fmt.Errorf("who declined job %s: %w", jobID, translate(err))
	}
	declined := make(map[string]string, len(rows))
	for _, r := range rows {
		declined[r.ContractorID] = r.Reason
	}
	return declined, nil
}

// HeldBy returns an assignment that is or was this contractor's, or ErrNotFound.
func (db *DB) HeldBy(ctx context.Context, assignmentID, contractorID string) (Held, error) {
	var h Held
	err := db.pool.GetContext(ctx, &h, `select a.job_id, j.number, a.contractor_id, a.status, j.zone, a.answer_by, a.updated_at,
	    coalesce((select u.name from event_log e join users u on u.id = e.actor_id
	               where a.status in ('unassigned', 'cancelled') and e.job_id = a.job_id and e.created_at >= a.created_at
	                 and (e.event_type = 'JobCancelled' or e.event_type in ('JobUnassigned', 'ActionUndone') and e.payload ->> 'assignmentId' = a.id::text)
	               order by e.id desc limit 1), '') as changed_by
	  from assignments a join jobs j on j.id = a.job_id where a.id = $1 and a.contractor_id::text = $2`, assignmentID, contractorID)
	if err != nil {
		return Held{}, fmt.Errorf("assignment %s of contractor %s: %w", assignmentID, contractorID, notFound(err))
	}
	return h, nil
}
