package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"smartscheduler/schedule"
)

// CopyJob is the command to enter a job again for other days.
type CopyJob struct {
	Command
	JobID string
	// First is the date on which the window of the first copy starts; Times is
	// how many copies there shall be, a week apart, from 1 to MaxCopies.
	First schedule.Day
	Times int
	// StartOffset and EndOffset say which of two hours is meant on a day on
	// which the window starts or ends in one that repeats.
	StartOffset, EndOffset string
}

// MaxCopies is how many copies one command makes at the most: a year of weeks.
const MaxCopies = 52

// CopyJob enters a job again, all copies or none: with the same customer, site,
// work and wall times, also over a change of the clocks. The copies are open and
// nobody's. It logs JobCreated for each and returns the first one's id. The
// errors are those of CreateJob; a day on which a wall time does not exist, or
// exists twice, is *Invalid in window_start or window_end.
func (db *DB) CopyJob(ctx context.Context, cmd CopyJob) (Outcome, error) {
	out, err := db.command(ctx, cmd.Command, cmd.JobID, func(tx *sqlx.Tx, j *lockedJob) (Outcome, error) {
		if cmd.Times < 1 || cmd.Times > MaxCopies {
			return Outcome{}, &Invalid{Field: "times", Message: fmt.Sprintf("From 1 to %d times.", MaxCopies)}
		}
		card, err := oneCard(ctx, tx, ` where j.id = $1 limit 1`, j.ID)
		if err != nil {
			return Outcome{}, err
		}
		return db.copyJob(ctx, tx, j, card, cmd)
	}, shareMapLock)
	if err != nil {
		return Outcome{}, fmt.Errorf("copy job %s: %w", cmd.JobID, err)
	}
	return out, nil
}

func (db *DB) copyJob(ctx context.Context, tx *sqlx.Tx, j *lockedJob, card Card, cmd CopyJob) (Outcome, error) {
	entered, err := card.Entered()
	if err != nil {
		return Outcome{}, err
	}
	origin := source{correlation: uuid.NewString(), copyOf: j.ID}
	var out Outcome
	for week := range cmd.Times {
		n := entered
		days := daysUntil(entered.WindowStart, cmd.First) + 7*week
		n.WindowStart, n.WindowEnd = entered.WindowStart.AddDays(days), entered.WindowEnd.AddDays(days)
		n.WindowStartOffset = ifRepeated(n.WindowStart, j.location, cmd.StartOffset)
		n.WindowEndOffset = ifRepeated(n.WindowEnd, j.location, cmd.EndOffset)
		made, err := db.createJob(ctx, tx, cmd.By, n, origin)
		if err != nil {
			return Outcome{}, err
		}
		if week == 0 {
			out.JobID = made.JobID
		}
		out.EventIDs = append(out.EventIDs, made.EventIDs...)
	}
	return out, nil
}

// daysUntil counts the days from the date of w to a date, negative if it is
// earlier.
func daysUntil(w schedule.WallTime, to schedule.Day) int {
	from := w.DB().Truncate(24 * time.Hour)
	return int(to.In(time.UTC).Start.Sub(from) / (24 * time.Hour))
}

// ifRepeated is the chosen offset where the clock shows w twice, else "".
func ifRepeated(w schedule.WallTime, loc *time.Location, offset string) string {
	var local *schedule.LocalTimeError
	if _, err := schedule.Resolve(w, loc, ""); errors.As(err, &local) && local.Kind == schedule.Repeated {
		return offset
	}
	return ""
}
