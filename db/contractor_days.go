package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// DaysKind says how days differ from a contractor's week.
type DaysKind string

// The kinds of days. DaysWeekly takes away what was entered for them.
const (
	DaysOff    DaysKind = "off"
	DaysHours  DaysKind = "hours"
	DaysWeekly DaysKind = "weekly"
)

// ChangeDays is the command to say that a contractor is off, or works other
// hours, on some days.
type ChangeDays struct {
	By           Actor
	ContractorID string
	Version      int
	// From and To are local dates of his home region, both included.
	From, To schedule.Day
	Kind     DaysKind
	// Start and End are wall times, "15:04", for DaysHours only.
	Start, End string
	Note       string
	// Confirmed is the Digest of the Clashes that the caller was shown.
	Confirmed string
	// Now is the instant from which on jobs are future ones.
	Now time.Time
}

// longestTimeOff bounds the days of one entry.
const longestTimeOff = 366

// ChangeDays replaces what was entered for the days, and logs
// AvailabilityChanged. Administrators may, and the dispatchers of his home. It
// returns ErrNotFound, *Invalid, *Conflict, and *Clashes with the jobs that are
// booked for times in which he would not work.
func (db *DB) ChangeDays(ctx context.Context, cmd ChangeDays) error {
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		r, err := lockRecord(ctx, tx, cmd.ContractorID, cmd.Version, cmd.Now)
		var stale *Conflict
		if err != nil && !errors.As(err, &stale) {
			return err
		}
		// Before the version, which is no business of others.
		if !cmd.By.may(r.HomeRegion) {
			return ErrNotFound
		}
		if stale != nil {
			return stale
		}
		loc, err := schedule.LoadZone(r.HomeZone)
		if err != nil {
			return fmt.Errorf("zone of region %s: %w", r.HomeRegion, err)
		}
		if err := cmd.check(r, loc); err != nil {
			return err
		}
		if err := cmd.clashes(r, loc).unless(cmd.Confirmed); err != nil {
			return err
		}
		if err := cmd.save(ctx, tx); err != nil {
			return err
		}
		return appendEvents(ctx, tx, contractorEvent(cmd.By, r.ID, r.HomeRegion, r.streams(), events.AvailabilityChanged{
			ContractorID: r.ID, Region: r.HomeRegion, Changed: []string{cmd.word()}, From: cmd.From.String(), To: cmd.To.String(),
		}))
	})
	if err != nil {
		return fmt.Errorf("change days of contractor %s: %w", cmd.ContractorID, err)
	}
	db.signal()
	return nil
}

func (cmd ChangeDays) word() string {
	switch cmd.Kind {
	case DaysOff:
		return "days off"
	case DaysHours:
		return "other hours"
	}
	return "as every week"
}

func (cmd ChangeDays) check(r ContractorRecord, loc *time.Location) error {
	today := schedule.DayIn(cmd.Now, loc)
	last := today.Add(exceptionDays - 1)
	switch {
	case cmd.To.String() < cmd.From.String():
		return &Invalid{Field: "to", Message: "the last day is before the first"}
	case cmd.To.String() < today.String():
		return &Invalid{Field: "to", Message: "these days are over"}
	case cmd.From.Add(longestTimeOff).String() <= cmd.To.String():
		return &Invalid{Field: "to", Message: fmt.Sprintf("enter %d days at once at the most", longestTimeOff)}
	case last.String() < cmd.To.String():
		return &Invalid{Field: "to", Message: "days can be entered until " + last.Format("2 January 2006")}
	case utf8.RuneCountInString(cmd.Note) > 200:
		return &Invalid{Field: "note", Message: "write at most 200 characters"}
	}
	return cmd.checkKind(r, loc)
}

func (cmd ChangeDays) checkKind(r ContractorRecord, loc *time.Location) error {
	switch cmd.Kind {
	case DaysOff:
		return nil
	case DaysHours:
		if problem := hoursProblem(cmd.Start, cmd.End); problem != "" {
			return &Invalid{Field: "hours", Message: problem}
		}
		return cmd.checkClock(loc)
	case DaysWeekly:
		if !slices.ContainsFunc(r.Exceptions, cmd.concerns) {
			return &Invalid{Field: "from", Message: "nothing is entered for these days"}
		}
		return nil
	}
	return &Invalid{Field: "kind", Message: "choose what holds on these days"}
}

// checkClock refuses hours that begin or end at a time which the clock skips on
// one of the days. Of a time that comes twice the first is meant, for a start as
// for an end, because hours have no offset.
func (cmd ChangeDays) checkClock(loc *time.Location) error {
	for day := cmd.From; day.String() <= cmd.To.String(); day = day.Add(1) {
		for _, clock := range []string{cmd.Start, cmd.End} {
			w, err := schedule.ParseWallTime(day.String() + "T" + clock)
			if err != nil {
				continue // 24:00, the end of the day
			}
			var local *schedule.LocalTimeError
			if _, err := schedule.Resolve(w, loc, ""); errors.As(err, &local) && local.Kind == schedule.Missing {
				return &Invalid{Field: "hours", Message: local.Error(), Err: local}
			}
		}
	}
	return nil
}

func (cmd ChangeDays) concerns(e schedule.Exception) bool {
	return cmd.From.String() <= e.Day && e.Day <= cmd.To.String()
}

// clashes are the future jobs on the days that would not be within his hours.
func (cmd ChangeDays) clashes(r ContractorRecord, loc *time.Location) *Clashes {
	after := slices.DeleteFunc(slices.Clone(r.Exceptions), cmd.concerns)
	if cmd.Kind != DaysWeekly {
		for day := cmd.From; day.String() <= cmd.To.String(); day = day.Add(1) {
			after = append(after, schedule.Exception{
				Day: day.String(), Off: cmd.Kind == DaysOff, Start: cmd.Start, End: cmd.End, Note: cmd.Note,
			})
		}
	}
	days := schedule.Span{Start: cmd.From.In(loc).Start, End: cmd.To.In(loc).End}
	clashes := &Clashes{}
	for _, card := range r.Future {
		if card.At().Overlaps(days) && len(schedule.HoursReasons(card.At(), r.Hours, after, loc)) > 0 {
			clashes.Cards = append(clashes.Cards, card)
		}
	}
	return clashes
}

// save writes the days, one row each, in one statement.
func (cmd ChangeDays) save(ctx context.Context, tx *sqlx.Tx) error {
	_, err := tx.ExecContext(ctx, `delete from contractor_exceptions where contractor_id = $1 and day between $2::date and $3::date`,
		cmd.ContractorID, cmd.From.String(), cmd.To.String())
	if err != nil {
		return fmt.Errorf("clear days: %w", err)
	}
	if cmd.Kind != DaysWeekly {
		var start, end any
		if cmd.Kind == DaysHours {
			start, end = cmd.Start, cmd.End
		}
		_, err = tx.ExecContext(ctx, `insert into contractor_exceptions (contractor_id, day, starts, ends, note)
		  select $1, d::date, $4::time, $5::time, $6 from generate_series($2::date, $3::date, interval '1 day') d`,
			cmd.ContractorID, cmd.From.String(), cmd.To.String(), start, end, cmd.Note)
		if err != nil {
			return fmt.Errorf("insert days: %w", err)
		}
	}
	_, err = tx.ExecContext(ctx, `update contractors set version = version + 1, updated_at = now() where id = $1`, cmd.ContractorID)
	if err != nil {
		return fmt.Errorf("update contractor: %w", err)
	}
	return nil
}
