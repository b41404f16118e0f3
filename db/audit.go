package db

import (
	"context"
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
	auditUndo     auditAction = "undo"
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
	before, err := j.before()
	if err != nil {
		return "", err
	}
	_, err = tx.ExecContext(ctx, `
	  insert into audit_records (id, action, job_id, contractor_id, source, actor_kind, actor_id, override_reason, weights_version, before, candidates)
	  select $2, $3, $4, $5, 'manual', $6, $7, $8, $15, $16, coalesce(jsonb_agg(jsonb_build_object('contractorId', c.id, 'rule',
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
		pq.Array([]string(j.Skills)), d.at.Start.In(j.location).Format(time.DateOnly), d.at.Start, d.at.End, own, soft, schedule.RulesVersion, before)
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
