package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// Advance is the command to take an assignment a step further: by the contractor
// who has it, or by a dispatcher for him.
type Advance struct {
	// Command has the version of the assignment, not of the job. OverrideReason is
	// the reason in words.
	Command
	AssignmentID string
	Act          schedule.Act
	// Reason is required by some acts, see [schedule.Act.NeedsWhy].
	Reason events.StepReason
	// ClientAt is what the clock of the phone showed, zero if it did not say. It is
	// believed from the making of the assignment until two minutes from now.
	ClientAt time.Time
}

// clockSlack is how far a phone's clock may be ahead of ours.
const clockSlack = 2 * time.Minute

// steppedAssignment is what a step needs to know beside the locked job.
type steppedAssignment struct {
	Status    schedule.AssignmentStatus `db:"status"`
	Version   int                       `db:"version"`
	CreatedAt time.Time                 `db:"created_at"`
	UpdatedAt time.Time                 `db:"updated_at"`
	AnswerBy  *time.Time                `db:"answer_by"`
	StartedAt *time.Time                `db:"started_at"`
	// Now is the clock of the database.
	Now time.Time `db:"now"`
}

// Advance takes a step and logs its event. It returns ErrNotFound when the
// assignment is not there, not the contractor's, or not the dispatcher's to
// advance; *Invalid for a reason that is missing; and *Conflict when the state
// forbids it, the contractor is busy with another job, or, for an acceptance, the
// assignment changed since.
func (db *DB) Advance(ctx context.Context, cmd Advance) (Outcome, error) {
	jobID, err := db.advanceable(ctx, cmd)
	if err != nil {
		return Outcome{}, fmt.Errorf("advance assignment %s: %w", cmd.AssignmentID, err)
	}
	cmd.ownedBy = cmd.By.ContractorID
	out, err := db.command(ctx, cmd.Command, jobID, func(tx *sqlx.Tx, j *lockedJob) (Outcome, error) {
		return advance(ctx, tx, j, cmd)
	})
	if err != nil {
		return Outcome{}, fmt.Errorf("%s assignment %s: %w", cmd.Act, cmd.AssignmentID, err)
	}
	return out, nil
}

// advanceable returns the job of an assignment that is the contractor's own, or
// that a dispatcher might advance. Whose an assignment is never changes.
func (db *DB) advanceable(ctx context.Context, cmd Advance) (jobID string, err error) {
	var contractorID string
	err = db.pool.QueryRowContext(ctx, `select job_id, contractor_id from assignments where id = $1`, cmd.AssignmentID).Scan(&jobID, &contractorID)
	switch {
	case err != nil:
		return "", notFound(err)
	case cmd.By.ContractorID != "" && cmd.By.ContractorID != contractorID, cmd.By.ContractorID == "" && !cmd.Act.OnBehalf():
		return "", ErrNotFound
	}
	return jobID, nil
}

func advance(ctx context.Context, tx *sqlx.Tx, j *lockedJob, cmd Advance) (Outcome, error) {
	was, to, err := j.step(ctx, tx, cmd)
	if err != nil {
		return Outcome{}, err
	}
	if err := checkWhy(cmd); err != nil {
		return Outcome{}, err
	}
	if _, err := j.lockHolder(ctx, tx); err != nil {
		return Outcome{}, err
	}
	if err := j.checkNotBusy(ctx, tx, cmd.Act); err != nil {
		return Outcome{}, err
	}
	auditID, err := insertStepAudit(ctx, tx, j, cmd)
	if err != nil {
		return Outcome{}, err
	}
	held := *j.current
	fact := events.Step{
		JobID: j.ID, ContractorID: held.ContractorID, AssignmentID: held.ID, Region: j.Region,
		At: was.happened(cmd.ClientAt), OnBehalf: cmd.By.ContractorID == "", AuditID: auditID, AssignmentVersion: was.Version + 1,
	}
	if !cmd.ClientAt.IsZero() {
		at := cmd.ClientAt.UTC()
		fact.ClientAt = &at
	}
	ending, err := j.ending(ctx, tx, was, to, fact.At)
	if err != nil {
		return Outcome{}, err
	}
	if err := saveStep(ctx, tx, j, cmd, to, fact.At, ending.taken); err != nil {
		return Outcome{}, err
	}
	if cmd.By.ContractorID != "" {
		if err := acknowledgeAnswered(ctx, tx, held.ID, cmd.ClientAt); err != nil {
			return Outcome{}, err
		}
	}
	event := j.newEvent(cmd.By, uuid.NewString(), held.ContractorID, streamsOf(j.Region, held.ContractorID, held.Homes...),
		stepFact(cmd, fact, ending.Ending))
	return Outcome{JobID: j.ID, AssignmentID: held.ID, AuditID: auditID, EventIDs: eventIDs([]events.Event{event})},
		appendEvents(ctx, tx, event)
}

// step chooses the assignment and returns it and the state that the act leads to.
func (j *lockedJob) step(ctx context.Context, tx *sqlx.Tx, cmd Advance) (was steppedAssignment, to schedule.AssignmentStatus, err error) {
	err = tx.GetContext(ctx, &was, `select status, version, created_at, updated_at, answer_by, started_at, now() as now
	  from assignments where id = $1`, cmd.AssignmentID)
	if err != nil {
		return was, "", fmt.Errorf("read assignment: %w", err)
	}
	to, err = schedule.Next(cmd.Act, was.Status)
	if err == nil && was.Status == schedule.Assigned && was.AnswerBy != nil && !was.Now.Before(*was.AnswerBy) {
		err = &schedule.TransitionError{Act: cmd.Act, State: string(schedule.Expired)}
	}
	switch {
	case err != nil:
		return was, "", &Conflict{Kind: ConflictState, JobID: j.ID, AssignmentID: cmd.AssignmentID, Err: err}
	case !j.choose(cmd.AssignmentID):
		return was, "", fmt.Errorf("assignment %s is %s and not active", cmd.AssignmentID, was.Status)
	case cmd.Act == schedule.ActAccept && cmd.Version != was.Version:
		return was, "", &Conflict{Kind: ConflictStale, JobID: j.ID, AssignmentID: cmd.AssignmentID}
	}
	return was, to, nil
}

// happened is when a step was taken: when the phone says, if that can be.
func (s steppedAssignment) happened(clientAt time.Time) time.Time {
	if clientAt.IsZero() || clientAt.Before(s.CreatedAt) || clientAt.After(s.Now.Add(clockSlack)) {
		return s.Now.UTC()
	}
	return clientAt.UTC().Truncate(time.Microsecond)
}

// whys are the reasons to choose from.
func whys(act schedule.Act) []events.StepReason {
	switch act {
	case schedule.ActDecline:
		return events.DeclineReasons()
	case schedule.ActPause:
		return events.PauseReasons()
	case schedule.ActIncomplete:
		return events.IncompleteReasons()
	}
	return nil
}

// checkWhy refuses a step that lacks its reason.
func checkWhy(cmd Advance) error {
	switch {
	case !cmd.Act.NeedsWhy() && cmd.Reason == "":
		return nil
	case !slices.Contains(whys(cmd.Act), cmd.Reason):
		return &Invalid{Field: "reason", Message: "Choose why."}
	case cmd.Reason == events.StepOther && cmd.OverrideReason == "":
		return &Invalid{Field: "reason_text", Message: "Say why in a few words."}
	}
	return nil
}

// checkNotBusy refuses to begin something while the contractor, whose row is
// locked, is on the road to another job or at work there.
func (j *lockedJob) checkNotBusy(ctx context.Context, tx *sqlx.Tx, act schedule.Act) error {
	if !act.Busies() {
		return nil
	}
	var others []int64
	err := tx.SelectContext(ctx, &others, `select o.number from assignments a join jobs o on o.id = a.job_id
	  where a.contractor_id = $1 and a.active and a.id <> $2 and a.status in ('en_route', 'on_site', 'in_progress') limit 1`,
		j.current.ContractorID, j.current.ID)
	if err != nil {
		return fmt.Errorf("look for other work: %w", err)
	}
	if len(others) == 0 {
		return nil
	}
	err = &schedule.BusyError{Act: act, Job: fmt.Sprintf("J-%d", others[0])}
	return &Conflict{Kind: ConflictState, JobID: j.ID, AssignmentID: j.current.ID, Err: err}
}

// insertStepAudit records a step that was given a reason, or that a dispatcher
// took; "" for every other.
func insertStepAudit(ctx context.Context, tx *sqlx.Tx, j *lockedJob, cmd Advance) (string, error) {
	if cmd.Reason == "" && cmd.By.ContractorID != "" {
		return "", nil
	}
	id := uuid.NewString()
	_, err := tx.ExecContext(ctx, `
	  insert into audit_records (id, action, job_id, contractor_id, source, actor_kind, actor_id, override_reason)
	  values ($1, $2, $3, $4, 'manual', $5, $6, $7)`,
		id, string(cmd.Act), j.ID, j.current.ContractorID, cmd.By.Kind, nullable(cmd.By.UserID), cmd.OverrideReason)
	if err != nil {
		return "", fmt.Errorf("write audit record: %w", err)
	}
	return id, nil
}

// saveStep writes the assignment, and the job in the state that follows.
func saveStep(ctx context.Context, tx *sqlx.Tx, j *lockedJob, cmd Advance, to schedule.AssignmentStatus, at time.Time, taken schedule.Span) error {
	if taken == (schedule.Span{}) {
		taken = j.current.span()
	}
	_, err := tx.ExecContext(ctx, `update assignments set status = $2, version = version + 1, updated_at = now(), reason_code = $3,
	    during = tstzrange($4, $5), started_at = case when $6 then coalesce(started_at, $8) else started_at end,
	    ended_at = case when $7 then greatest($8, started_at) end
	  where id = $1`, j.current.ID, to, string(cmd.Reason), taken.Start, taken.End,
		to == schedule.InProgress, to == schedule.Completed || to == schedule.Incomplete, at)
	if err != nil {
		return fmt.Errorf("save step: %w", err)
	}
	j.current.Status = to
	return setJobStatus(ctx, tx, j.ID, j.derived())
}

// derived is the state of the job by those who have it now.
func (j *lockedJob) derived() schedule.JobStatus {
	var crew []schedule.AssignmentStatus
	for _, h := range j.crew {
		if h.Status != schedule.Declined && h.Status != schedule.Expired {
			crew = append(crew, h.Status)
		}
	}
	return schedule.Derived(crew, j.places())
}

// stepFact is the event of a step.
func stepFact(cmd Advance, s events.Step, e events.Ending) events.Fact {
	switch cmd.Act {
	case schedule.ActAccept:
		return events.AssignmentAccepted{Step: s}
	case schedule.ActDecline:
		return events.AssignmentDeclined{Step: s, ReasonCode: cmd.Reason}
	case schedule.ActTravel:
		return events.TravelStarted{Step: s}
	case schedule.ActArrive:
		return events.ArrivedOnSite{Step: s}
	case schedule.ActStart:
		return events.JobStarted{Step: s}
	case schedule.ActPause:
		return events.JobPaused{Step: s, Reason: cmd.Reason}
	case schedule.ActResume:
		return events.JobResumed{Step: s}
	case schedule.ActComplete:
		return events.JobCompleted{Step: s, Ending: e}
	}
	return events.JobIncomplete{Step: s, Ending: e, Reason: cmd.Reason}
}
