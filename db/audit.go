package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/schedule"
)

// auditAction is what an audit record is about.
type auditAction string

const (
	auditAssign   auditAction = "assign"
	auditReassign auditAction = "reassign"
	auditMove     auditAction = "move"
	auditUnassign auditAction = "unassign"
	auditCancel   auditAction = "cancel"
	auditHold     auditAction = "hold"
	auditRelease  auditAction = "release"
)

// decision is what an audit record is about: who was chosen and when, and the
// soft rules that this breaks.
type decision struct {
	action       auditAction
	contractorID string
	at           schedule.Span
	soft         []schedule.Reason
}

// insertAudit records who did what, and the candidates as they were: every
// active contractor of the region, and the one chosen, with the rule that
// excluded him at that time, if one did. Of the chosen one it is the first
// soft rule that the choice breaks. It returns the record's id.
func insertAudit(ctx context.Context, tx *sqlx.Tx, j *lockedJob, cmd Command, d decision) (string, error) {
	id := uuid.NewString()
	var own any
	if j.current != nil {
		own = j.current.ID
	}
	soft := ""
	if len(d.soft) > 0 {
		soft = d.soft[0].Rule
	}
	_, err := tx.ExecContext(ctx, `
	  insert into audit_records (id, action, job_id, contractor_id, source, actor_kind, actor_id, override_reason, candidates)
	  select $2, $3, $4, $5, 'manual', $6, $7, $8, coalesce(jsonb_agg(jsonb_build_object('contractorId', c.id, 'rule',
	      case when exists (select from unnest($9::text[]) need where not exists (
	                select from contractor_skills k where k.contractor_id = c.id and k.skill = need))
	           then 'skill_missing'
	           when exists (select from contractor_skills k where k.contractor_id = c.id and k.skill = any($9::text[]) and k.valid_until < $10::date)
	           then 'skill_expired'
	           when exists (select from assignments a where a.contractor_id = c.id and a.active
	                           and a.during && tstzrange($11, $12) and a.id is distinct from $13)
	           then 'overlap'
	           when c.id = $5 then $14 else '' end) order by c.name, c.id), '[]')
	    from contractors c
	   where c.active and (`+servesRegion+` or c.id = $5)`,
		j.Region, id, d.action, j.ID, d.contractorID, cmd.By.Kind, nullable(cmd.By.UserID), cmd.OverrideReason,
		pq.Array([]string(j.Skills)), d.at.Start.In(j.location).Format(time.DateOnly), d.at.Start, d.at.End, own, soft)
	if err != nil {
		return "", fmt.Errorf("write audit record: %w", err)
	}
	return id, nil
}

// checkShown refuses a command whose form names an audit record that is not
// one of the job's.
func checkShown(ctx context.Context, tx *sqlx.Tx, cmd Command, jobID string) error {
	if cmd.AuditID == "" {
		return nil
	}
	var known bool
	err := tx.GetContext(ctx, &known, `select exists (select from audit_records where job_id = $1 and id::text = lower($2))`,
		jobID, cmd.AuditID)
	if err != nil {
		return fmt.Errorf("look up audit record: %w", err)
	}
	if !known {
		return &Invalid{Field: "audit_id", Message: "The form names an audit record that this job doesn't have: open the form again."}
	}
	return nil
}

// AuditCandidate is one contractor as he stood when a decision was made.
type AuditCandidate struct {
	ContractorID string `json:"contractorId"`
	// Rule is what excluded him, of the chosen one the soft rule that the
	// choice broke; "" if nothing did.
	Rule string `json:"rule"`
	// Name is his name today.
	Name string `json:"-"`
}

// Audit is the record behind an auditId.
type Audit struct {
	ID             string    `db:"id"`
	Action         string    `db:"action"`
	JobID          string    `db:"job_id"`
	ContractorID   string    `db:"contractor_id"`
	Source         string    `db:"source"`
	ActorKind      string    `db:"actor_kind"`
	ActorName      string    `db:"actor_name"`
	OverrideReason string    `db:"override_reason"`
	CreatedAt      time.Time `db:"created_at"`
	RawCandidates  []byte    `db:"candidates"`

	Candidates []AuditCandidate `db:"-"`
}

// AuditsOf returns the audit records of a job, oldest first, with the names
// of the candidates as they are today.
func (db *DB) AuditsOf(ctx context.Context, jobID string) ([]Audit, error) {
	var audits []Audit
	err := db.pool.SelectContext(ctx, &audits, `select a.id, a.action, a.job_id, coalesce(a.contractor_id::text, '') as contractor_id,
	    a.source, a.actor_kind, coalesce(u.name, '') as actor_name, a.override_reason, a.created_at, a.candidates
	  from audit_records a left join users u on u.id = a.actor_id where a.job_id = $1 order by a.created_at, a.id`, jobID)
	if err != nil {
		return nil, fmt.Errorf("audit records of job %s: %w", jobID, notFound(err))
	}
	var ids []string
	for i := range audits {
		if err := json.Unmarshal(audits[i].RawCandidates, &audits[i].Candidates); err != nil {
			return nil, fmt.Errorf("audit record %s: %w", audits[i].ID, err)
		}
		for _, c := range audits[i].Candidates {
			ids = append(ids, c.ContractorID)
		}
	}
	names, err := db.ContractorNames(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("audit records of job %s: %w", jobID, err)
	}
	for i := range audits {
		for k := range audits[i].Candidates {
			audits[i].Candidates[k].Name = names[audits[i].Candidates[k].ContractorID]
		}
	}
	return audits, nil
}
