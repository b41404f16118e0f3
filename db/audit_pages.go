package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lib/pq"

	"smartscheduler/events"
)

// Audit is the record behind an auditId.
type Audit struct {
	ID string `db:"id"`
	// Action is what was decided: assign, reassign, move, unassign, cancel, hold,
	// release, undo, accept, decline, pause, complete or incomplete.
	Action       string `db:"action"`
	JobID        string `db:"job_id"`
	ContractorID string `db:"contractor_id"`
	// Source is auto or manual.
	Source    string           `db:"source"`
	ActorKind events.ActorKind `db:"actor_kind"`
	// ActorName is empty for the system and for a user who is gone.
	ActorName      string `db:"actor_name"`
	OverrideReason string `db:"override_reason"`
	// Broken is the soft rule that the choice broke, "" if it broke none.
	Broken string `db:"broken"`
	// RulesVersion is that of the rules by which it was decided, 0 in records from
	// before versions were kept.
	RulesVersion int `db:"rules_version"`
	// CreatedAt is when it was decided.
	CreatedAt time.Time `db:"created_at"`
}

// auditColumns are the columns of Audit, of audit_records a and of the user u who
// decided.
const auditColumns = `a.id, a.action, a.job_id, coalesce(a.contractor_id::text, '') as contractor_id, a.source, a.actor_kind,
    coalesce(u.name, '') as actor_name, a.override_reason, coalesce(a.weights_version, 0) as rules_version, a.created_at,
    coalesce((select c.value ->> 'rule' from jsonb_array_elements(a.candidates) c
               where c.value ->> 'contractorId' = a.contractor_id::text limit 1), '') as broken`

// AuditsOf returns audit records of a job, oldest first: those with the ids, or all
// if none are given.
func (db *DB) AuditsOf(ctx context.Context, jobID string, ids ...string) ([]Audit, error) {
	var audits []Audit
	err := db.pool.SelectContext(ctx, &audits, `select `+auditColumns+`
	  from audit_records a left join users u on u.id = a.actor_id
	 where a.job_id = $1 and ($2 or a.id = any($3::uuid[])) order by a.created_at, a.id`, jobID, len(ids) == 0, pq.Array(ids))
	if err != nil {
		return nil, fmt.Errorf("audit records of job %s: %w", jobID, notFound(err))
	}
	return audits, nil
}

// AuditCandidate is one contractor as he stood when a decision was made.
type AuditCandidate struct {
	ContractorID string `json:"contractorId"`
	// Rule is what excluded him, of the chosen one the soft rule that the
	// choice broke; "" if nothing did.
	Rule string `json:"rule"`
	// Name and Home are his name and home region today, empty when he is gone.
	Name string `json:"-"`
	Home string `json:"-"`
}

// Decision is an audit record with all that it was about.
type Decision struct {
	Audit
	// JobNumber, Region and Zone are the job's of today.
	JobNumber int64  `db:"number"`
	Region    string `db:"region"`
	Zone      string `db:"zone"`
	// ContractorName is whom it is about, as he is called today; empty for nobody.
	ContractorName string `db:"contractor_name"`
	// Candidates are in the order of their names then.
	Candidates []AuditCandidate `db:"-"`
	// Events are the positions of the events that name it.
	Events pq.Int64Array `db:"events"`
}

// DecisionOf returns an audit record, or ErrNotFound.
func (db *DB) DecisionOf(ctx context.Context, auditID string) (Decision, error) {
	var found struct {
		Decision
		RawCandidates []byte `db:"candidates"`
	}
	err := db.pool.GetContext(ctx, &found, `select `+auditColumns+`, a.candidates, j.number, j.region, j.zone, coalesce(k.name, '') as contractor_name,
	    array(select e.pos from event_log e where e.job_id = a.job_id and e.pos is not null
	             and e.payload ->> 'auditId' = a.id::text order by e.pos) as events
	  from audit_records a join jobs j on j.id = a.job_id left join users u on u.id = a.actor_id
	  left join contractors k on k.id = a.contractor_id where a.id = $1`, auditID)
	if err != nil {
		return Decision{}, fmt.Errorf("audit record %s: %w", auditID, notFound(err))
	}
	d := found.Decision
	if err := json.Unmarshal(found.RawCandidates, &d.Candidates); err != nil {
		return Decision{}, fmt.Errorf("audit record %s: %w", auditID, err)
	}
	if err := db.nameCandidates(ctx, d.Candidates); err != nil {
		return Decision{}, fmt.Errorf("audit record %s: %w", auditID, err)
	}
	return d, nil
}

// nameCandidates adds what the contractors are called today.
func (db *DB) nameCandidates(ctx context.Context, candidates []AuditCandidate) error {
	ids := make([]string, len(candidates))
	for i, c := range candidates {
		ids[i] = c.ContractorID
	}
	var rows []struct{ ID, Name, Home string }
	err := db.pool.SelectContext(ctx, &rows, `select id, name, home_region as home from contractors where id = any($1::uuid[])`, pq.Array(ids))
	if err != nil {
		return fmt.Errorf("look up names: %w", translate(err))
	}
	known := make(map[string]AuditCandidate, len(rows))
	for _, r := range rows {
		known[r.ID] = AuditCandidate{Name: r.Name, Home: r.Home}
	}
	for i, c := range candidates {
		candidates[i].Name, candidates[i].Home = known[c.ContractorID].Name, known[c.ContractorID].Home
	}
	return nil
}
