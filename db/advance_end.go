package db

import (
	"context"
	"errors"
	"time"

	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// ending is what the end of the work makes of the planned time; taken is the zero
// Span when the work goes on.
type ending struct {
	events.Ending
	taken schedule.Span
}

// ending frees what is left of the planned time. It never takes time from another
// assignment, and an end of another day was forgotten rather than worked.
func (j *lockedJob) ending(ctx context.Context, tx *sqlx.Tx, was steppedAssignment, to schedule.AssignmentStatus, at time.Time) (ending, error) {
	if to != schedule.Completed && to != schedule.Incomplete {
		return ending{}, nil
	}
	planned := j.current.span()
	taken := schedule.Span{Start: planned.Start, End: at}
	if was.StartedAt != nil && !at.After(planned.Start) {
		taken.Start = *was.StartedAt
	}
	fits := taken.End.After(taken.Start) && taken.Duration() <= 24*time.Hour && j.checkDates(taken) == nil
	if fits {
		var clash *Conflict
		err := checkFree(ctx, tx, j, j.current.ContractorID, taken)
		if err != nil && !errors.As(err, &clash) {
			return ending{}, err
		}
		fits = clash == nil
	}
	switch {
	case !fits && at.After(planned.Start):
		taken = planned
	case !fits:
		// Done before it was to begin, and no room to say so: next to nothing of it.
		taken = schedule.Span{Start: planned.Start, End: planned.Start.Add(min(time.Minute, planned.Duration()))}
	}
	return ending{events.Ending{StartUTC: taken.Start.UTC(), EndUTC: taken.End.UTC(), PreviousEndUTC: planned.End.UTC()}, taken}, nil
}
