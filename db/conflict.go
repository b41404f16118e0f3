package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// ConflictKind says how a command lost.
type ConflictKind string

// The ways to lose.
const (
	// ConflictOverlap: the contractor is booked at that time.
	ConflictOverlap ConflictKind = "overlap"
	// ConflictTaken: the job has everybody whom it needs by now, or the assignment
	// that was to be changed has ended.
	ConflictTaken ConflictKind = "taken"
	// ConflictStale: the job changed since the form was opened.
	ConflictStale ConflictKind = "stale"
	// ConflictState: the status of the job or assignment forbids it.
	ConflictState ConflictKind = "state"
	// ConflictLate: too much time has passed to take something back.
	ConflictLate ConflictKind = "late"
	// ConflictChanged: what was to be taken back is not how the job is any more.
	ConflictChanged ConflictKind = "changed"
	// ConflictBusy: PostgreSQL ended the attempt in favour of another, again
	// and again; trying once more is right.
	ConflictBusy ConflictKind = "busy"
)

// Winner is the booking that a command lost against.
type Winner struct {
	AssignmentID   string `db:"assignment_id"`
	ContractorName string `db:"contractor_name"`
	JobID          string `db:"job_id"`
	JobNumber      int64  `db:"number"`
	// Zone is the IANA zone of the winning job.
	Zone  string    `db:"zone"`
	Start time.Time `db:"start_at"`
	End   time.Time `db:"end_at"`
	// By is the name of who booked it, "" if no user did.
	By string `db:"booked_by"`
}

// Conflict is the error of a command that came too late. It changed nothing.
type Conflict struct {
	Kind  ConflictKind
	JobID string
	// AssignmentID is the one that was to be changed, "" for a new one.
	AssignmentID string
	// ContractorID is who was wanted, in an overlap; Visit is the day of the job.
	ContractorID string
	Visit        int
	// Winner is who won, in an overlap and when the job is taken; nil if that
	// is over already.
	Winner *Winner
	// Free are up to three slots in which the wanted contractor could take the
	// job, the earliest first; slots inside the promised window come first.
	// They are as long as the job is planned, or as its assignment is.
	Free []schedule.Span
	// Since is what happened in between, of ConflictChanged; nil if nobody knows.
	Since *Change
	// Err is the rule's own error, of ConflictState.
	Err error
}

// Error implements error.
func (c *Conflict) Error() string {
	if c.Err != nil {
		return "conflict (" + string(c.Kind) + "): " + c.Err.Error()
	}
	return "conflict (" + string(c.Kind) + ")"
}

// Unwrap returns the rule's own error.
func (c *Conflict) Unwrap() error { return c.Err }

// Change is what happened to a job after something that was to be taken back.
type Change struct {
	// Kind is that of the event, empty when Status says it: a contractor's
	// assignment is in that state now.
	Kind   events.Kind
	Status schedule.AssignmentStatus
	// By is the name of who did it, "" if no user did; Contractor is the
	// contractor concerned, if there is one.
	By, Contractor string
	Ago            time.Duration
	// Same says that it was taken back already.
	Same bool
}

const selectWinner = `select a.id as assignment_id, c.name as contractor_name, j.id as job_id, j.number, j.zone,
    lower(a.during) as start_at, upper(a.during) as end_at, coalesce(u.name, '') as booked_by
  from assignments a join contractors c on c.id = a.contractor_id join jobs j on j.id = a.job_id
  left join audit_records d on d.id = a.audit_id left join users u on u.id = d.actor_id
 where a.active and `

// checkFree refuses a time in which the contractor, whose row is locked, has
// another active assignment. The assignment that is being changed doesn't count.
func checkFree(ctx context.Context, tx *sqlx.Tx, j *lockedJob, contractorID string, at schedule.Span) error {
	var own any
	changing := ""
	if j.current != nil {
		own, changing = j.current.ID, j.current.ID
	}
	var w Winner
	err := tx.GetContext(ctx, &w, selectWinner+`a.contractor_id = $1 and a.during && tstzrange($2, $3)
	   and a.id is distinct from $4 order by lower(a.during) limit 1`, contractorID, at.Start, at.End, own)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("check overlap: %w", err)
	}
	return &Conflict{Kind: ConflictOverlap, JobID: j.ID, AssignmentID: changing, ContractorID: contractorID, Visit: j.day, Winner: &w}
}

// asConflict turns what PostgreSQL says of a lost race into a Conflict and
// leaves every other error alone.
func asConflict(err error, jobID string) error {
	code, constraint := sqlState(err)
	switch {
	case code == codeExclusionViolation && constraint == "assignments_no_overlap":
		return &Conflict{Kind: ConflictOverlap, JobID: jobID}
	case code == codeUniqueViolation && constraint == "assignments_one_per_place":
		return &Conflict{Kind: ConflictTaken, JobID: jobID}
	case code == codeDeadlock, code == codeSerializationFailure:
		return &Conflict{Kind: ConflictBusy, JobID: jobID}
	}
	return err
}

// explain adds to a Conflict who won and what is free instead. It reads after
// the transaction has ended; when that fails the conflict is told without.
func (db *DB) explain(ctx context.Context, err error) error {
	var c *Conflict
	if !errors.As(err, &c) {
		return err
	}
	if c.Kind == ConflictTaken || c.Kind == ConflictStale {
		var w Winner
		if db.pool.GetContext(ctx, &w, selectWinner+`a.job_id = $1 order by a.created_at desc, a.id limit 1`, c.JobID) == nil {
			c.Winner = &w
		}
	}
	if c.Kind == ConflictOverlap && c.ContractorID != "" {
		c.Free, _ = db.freeSlots(ctx, c, 3)
	}
	return err
}

const (
	// slotHorizon is how far beyond the promised window free slots are looked for;
	// beyond now, when the window is over.
	slotHorizon = 7 * 24 * time.Hour
	// slotsAtMost bounds it for windows that have no end to speak of.
	slotsAtMost = 366 * 24 * time.Hour
)

// SlotsWithin is the time in which slots for the job are looked for, a year of it
// at the most. It holds the time that the job, or its crew, is booked for, if it is.
func (c Card) SlotsWithin(now time.Time) schedule.Span {
	within := schedule.Span{Start: c.WindowStart, End: c.WindowEnd}
	if now.After(within.Start) {
		within.Start = now
	}
	if now.After(within.End) {
		within.End = now
	}
	within.End = within.End.Add(slotHorizon)
	if longest := within.Start.Add(slotsAtMost); within.End.After(longest) {
		within.End = longest
	}
	if c.Start.Valid && c.Start.Time.Before(within.Start) {
		within.Start = c.Start.Time
	}
	if c.Start.Valid && c.End.Time.After(within.End) {
		within.End = c.End.Time
	}
	return within
}

// freeSlots returns up to limit spans in which the wanted contractor could take
// the job, from now on: first those inside the promised window, then later ones.
func (db *DB) freeSlots(ctx context.Context, c *Conflict, limit int) ([]schedule.Span, error) {
	card, err := db.wantedCard(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("free slots: %w", err)
	}
	contractorID, now := c.ContractorID, time.Now()
	var list []Availability
	err = db.inSnapshot(ctx, func(tx *sqlx.Tx) (err error) {
		list, err = availabilities(ctx, tx, card.Region, card.SlotsWithin(now), `where c.id = $2`, contractorID)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("free slots of contractor %s: %w", contractorID, err)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("free slots of contractor %s: %w", contractorID, ErrNotFound)
	}
	return list[0].Slots(card, now, limit)
}

// wantedCard is the card of the assignment that was to be changed, else of a
// place on the day of the job that was wanted.
func (db *DB) wantedCard(ctx context.Context, c *Conflict) (Card, error) {
	cards, err := db.CrewOf(ctx, c.JobID)
	if err != nil {
		return Card{}, err
	}
	if c.AssignmentID == "" {
		return Vacancy(cards, c.Visit), nil
	}
	card, err := db.CardOfAssignment(ctx, c.AssignmentID)
	return card.Among(cards), err
}

// Slots returns up to limit spans from now on in which the contractor could
// take the job of the card: those inside the promised window, then later ones.
// What is planned for him must have been read for all of SlotsWithin.
func (a Availability) Slots(card Card, now time.Time, limit int) ([]schedule.Span, error) {
	loc, err := a.zone()
	if err != nil {
		return nil, err
	}
	within := card.SlotsWithin(now)
	return a.slots(card, now, limit, schedule.WorkingSpans(a.Hours, a.Exceptions, loc, within.Start, within.End))
}

// UnbookedSlots is Slots without regard to his hours and days off, against
// which a dispatcher may decide.
func (a Availability) UnbookedSlots(card Card, now time.Time, limit int) ([]schedule.Span, error) {
	return a.slots(card, now, limit, []schedule.Span{card.SlotsWithin(now)})
}

func (a Availability) slots(card Card, now time.Time, limit int, working []schedule.Span) ([]schedule.Span, error) {
	query := schedule.SlotQuery{
		Window:   schedule.Span{Start: card.WindowStart, End: card.WindowEnd},
		Duration: card.length(),
		Working:  working, NotBefore: now, Limit: limit,
	}
	loc, err := a.zone()
	if err != nil {
		return nil, err
	}
	booked := a.booked(card.AssignmentID)
	query.Busy = slices.Concat(booked, card.otherDays())
	if query.Duration <= schedule.LongestDay {
		// What is longer may still fit, over midnight.
		query.Busy = append(query.Busy, schedule.FullDays(card.SlotsWithin(now), booked, query.Duration, loc)...)
	}
	slots := schedule.FreeSlots(query)
	if len(slots) < limit {
		query.Window = schedule.Span{Start: card.WindowEnd, End: card.SlotsWithin(now).End}
		query.Limit = limit - len(slots)
		slots = append(slots, schedule.FreeSlots(query)...)
	}
	return a.untilExpiry(card, slots)
}

// untilExpiry leaves out the slots on whose day, at the site, a skill that the
// job needs has expired.
func (a Availability) untilExpiry(card Card, slots []schedule.Span) ([]schedule.Span, error) {
	loc, err := schedule.LoadZone(card.Zone)
	if err != nil {
		return nil, fmt.Errorf("zone of job %s: %w", card.JobID, err)
	}
	return slices.DeleteFunc(slots, func(slot schedule.Span) bool {
		date := slot.Start.In(loc).Format(time.DateOnly)
		return slices.ContainsFunc(a.Skills, func(s schedule.Skill) bool {
			return s.ValidUntil != "" && s.ValidUntil < date && slices.Contains(card.Skills, s.Slug)
		})
	}), nil
}
