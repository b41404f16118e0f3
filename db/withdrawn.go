package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Withdrawn is a job that was taken off a contractor, or cancelled, in the last
// 24 hours and that he does not hold now.
type Withdrawn struct {
	ContractorID string `db:"contractor_id"`
	JobID        string `db:"job_id"`
	Number       int64  `db:"number"`
	// AssignmentID is the last of his assignments to the job, Ended when that
	// was taken off.
	AssignmentID string    `db:"assignment_id"`
	Ended        time.Time `db:"ended"`
	// Cancelled says that the job was called off, not given away; Expired that the
	// offer of it ended without his answer; Undone that he was given it by mistake.
	Cancelled bool `db:"cancelled"`
	Expired   bool `db:"expired"`
	Undone    bool `db:"undone"`
}

// selectWithdrawn wants contractors in $1 and jobs in $2, null for all jobs.
const selectWithdrawn = `
select contractor_id, job_id, number, assignment_id, ended, cancelled, expired, undone from (
  select distinct on (a.contractor_id, a.job_id)
         a.contractor_id, a.job_id, j.number, a.id as assignment_id, a.updated_at as ended, a.status = 'cancelled' as cancelled,
         a.status = 'expired' as expired, a.undone
    from assignments a join jobs j on j.id = a.job_id
   where a.contractor_id = any($1::uuid[]) and ($2::uuid[] is null or a.job_id = any($2::uuid[]))
     and a.status in ('unassigned', 'cancelled', 'expired') and a.updated_at > now() - interval '24 hours'
     and not exists (select from assignments h where h.job_id = a.job_id and h.contractor_id = a.contractor_id and h.active)
   order by a.contractor_id, a.job_id, a.updated_at desc) w
 order by ended, number`

// Withdrawn returns which of the jobs were taken off which of the contractors,
// in the order in which that happened.
func (db *DB) Withdrawn(ctx context.Context, contractorIDs, jobIDs []string) ([]Withdrawn, error) {
	return withdrawn(ctx, db.pool, pq.Array(contractorIDs), pq.Array(jobIDs))
}

func withdrawn(ctx context.Context, q sqlx.QueryerContext, contractorIDs, jobIDs any) ([]Withdrawn, error) {
	var list []Withdrawn
	if err := sqlx.SelectContext(ctx, q, &list, selectWithdrawn, contractorIDs, jobIDs); err != nil {
		return nil, fmt.Errorf("read withdrawn jobs: %w", translate(err))
	}
	return list, nil
}
