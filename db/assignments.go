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

// Command is what the four commands about assignments have in common.
type Command struct {
	By Actor
	// Version is the job's row version when the form was opened.
	Version int
	// Key is the idempotency key, "" for none; RequestHash tells one request
	// from another under the same key.
	Key, RequestHash string
	// AuditID names the audit record that the form was opened with, "" for none.
	// It must be one of the job's own and says nothing more yet.
	AuditID string
	// OverrideReason is what the dispatcher gave for a soft rule, or why he
	// takes a contractor off who is on his way.
	OverrideReason string
	// ownedBy says that what is to be changed is a contractor's own, which was
	// looked up: the region is no matter then.
	ownedBy string
}

// Times are the wanted wall times in the job's zone. The offsets ("-05:00")
// are needed only for an hour that repeats. A zero End means start plus the
// job's duration, or plus the length the assignment has already.
type Times struct {
	Start, End             schedule.WallTime
	StartOffset, EndOffset string
}

// Outcome is what a committed command did. It is stored under the idempotency
// key, so that a retry gets the same.
type Outcome struct {
	JobID string `json:"jobId"`
	// ContractorID is the contractor who was added, of a command about none of
	// the jobs.
	ContractorID string `json:"contractorId,omitempty"`
	// AssignmentID is the active assignment afterwards; of an unassignment,
	// the one that ended.
	AssignmentID string   `json:"assignmentId"`
	AuditID      string   `json:"auditId"`
	EventIDs     []string `json:"eventIds"`
	// Warnings are the soft rules that the command broke, as fragments for
	// people.
	Warnings []string `json:"warnings,omitempty"`
	// UserID is who was invited; empty for every other command.
	UserID string `json:"userId,omitempty"`
}

// span resolves the wanted times in the job's zone; without an end the span is
// as long as length.
func (j *lockedJob) span(t Times, length time.Duration) (schedule.Span, error) {
	start, err := schedule.Resolve(t.Start, j.location, t.StartOffset)
	if err != nil {
		return schedule.Span{}, &Invalid{Field: "start", Message: err.Error(), Err: err}
	}
	if err := checkYear("start", start); err != nil {
		return schedule.Span{}, err
	}
	end := start.Add(length)
	if t.End != (schedule.WallTime{}) {
		if end, err = schedule.Resolve(t.End, j.location, t.EndOffset); err != nil {
			return schedule.Span{}, &Invalid{Field: "end", Message: err.Error(), Err: err}
		}
	}
	if !end.After(start) {
		return schedule.Span{}, &Invalid{Field: "end", Message: "The end must be after the start."}
	}
	if end.Sub(start) > maxAssignment {
		return schedule.Span{}, &Invalid{Field: "end", Message: "One visit can be 7 days long at the most."}
	}
	return schedule.Span{Start: start, End: end}, nil
}

// checkYear refuses the years that are slips of the finger, such as 0027.
func checkYear(field string, t time.Time) error {
	if year := t.Year(); year < 2000 || year > 2199 {
		return &Invalid{Field: field, Message: "Check the year: it must be from 2000 to 2199."}
	}
	return nil
}

const maxAssignment = 7 * 24 * time.Hour

func (j *lockedJob) duration() time.Duration {
	return time.Duration(j.DurationMinutes) * time.Minute
}

// local writes an instant as wall time of the job's zone.
func (j *lockedJob) local(t time.Time) string {
	return schedule.WallTimeIn(t, j.location).String()
}

// checkSkills refuses a contractor whose skills don't cover the job's on the
// local date of the start.
func checkSkills(ctx context.Context, tx *sqlx.Tx, j *lockedJob, c lockedContractor, start time.Time) error {
	if len(j.Skills) == 0 {
		return nil
	}
	var rows []struct {
		Slug       string `db:"skill"`
		ValidUntil string `db:"valid_until"`
	}
	err := tx.SelectContext(ctx, &rows, `select skill, coalesce(valid_until::text, '') as valid_until
	  from contractor_skills where contractor_id = $1`, c.ID)
	if err != nil {
		return fmt.Errorf("skills: %w", err)
	}
	have := make([]schedule.Skill, len(rows))
	for i, r := range rows {
		have[i] = schedule.Skill{Slug: r.Slug, ValidUntil: r.ValidUntil}
	}
	names, err := skillNames(ctx, tx)
	if err != nil {
		return err
	}
	date := start.In(j.location).Format(time.DateOnly)
	reasons := schedule.SkillReasons(j.Skills, have, date, func(slug string) string { return names[slug] })
	if len(reasons) == 0 {
		return nil
	}
	return &Invalid{Field: "contractor_id", Message: c.Name + " can't take this job: " + reasons[0].Detail + "."}
}

// insertAssignment writes the row and gives the job its status and next
// version. It takes the place of the assignment that it replaces, else a free
// one. An overlap comes back as a violation of the exclusion constraint.
func insertAssignment(ctx context.Context, tx *sqlx.Tx, j *lockedJob, by Actor, c lockedContractor, at schedule.Span, auditID, replaces string) (offer, error) {
	o := offer{id: uuid.NewString()}
	place, booked := j.freePlace(), len(j.crew)+1
	if replaces != "" {
		place, booked = j.current.Place, len(j.crew)
	}
	err := tx.GetContext(ctx, &o.answerBy, `with job as (
	    update jobs set status = $11, version = version + 1, updated_at = now() where id = $3)
	  insert into assignments (id, visit_id, job_id, contractor_id, during, source, audit_id, replaces_id, created_by, place,
	    status, version, offered_at, answer_by)
	  values ($1, $2, $3, $4, tstzrange($5, $6), 'manual', $7, $8, $9, $10, $12, $13, now(), `+answerBy("$3", "$12")+`) returning answer_by`,
		o.id, j.visits[j.day-1], j.ID, c.ID, at.Start, at.End, auditID, nullable(replaces), nullable(by.UserID), place,
		j.status(booked), c.offered(), c.offeredVersion())
	if err != nil {
		return o, fmt.Errorf("insert assignment: %w", err)
	}
	return o, nil
}

// streamsOf lists the streams of an event about a job and a contractor: the
// job's dispatchers, those of the homes where they differ, and his phone.
func streamsOf(region, contractorID string, homes ...string) []events.Stream {
	streams := []events.Stream{events.DispatchStream(region)}
	for _, home := range homes {
		if s := events.DispatchStream(home); !slices.Contains(streams, s) {
			streams = append(streams, s)
		}
	}
	return append(streams, events.ContractorStream(contractorID))
}

// newEvent fills the envelope of an event about this job.
func (j *lockedJob) newEvent(by Actor, correlation, contractorID string, to []events.Stream, fact events.Fact) events.Event {
	return events.Event{
		ID: uuid.NewString(), OccurredAt: time.Now().UTC(), Actor: by.forEvent(), CorrelationID: correlation,
		Region: j.Region, JobID: j.ID, ContractorID: contractorID, PublishedTo: to, Fact: fact,
	}
}

func eventIDs(evs []events.Event) []string {
	ids := make([]string, len(evs))
	for i, e := range evs {
		ids[i] = e.ID
	}
	return ids
}
