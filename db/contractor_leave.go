package db

import (
	"context"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// move gives a contractor another home, today or later, and returns the events
// and the home that he has now.
func (cmd ChangeContractor) move(ctx context.Context, tx *sqlx.Tx, r ContractorRecord, home string, jobs []*lockedJob, to []events.Stream) ([]events.Event, string, error) {
	on, err := moveDayOf(ctx, tx, home, cmd.From, cmd.Now)
	if err != nil {
		return nil, "", err
	}
	log, err := cmd.leave(ctx, tx, r, on, jobs)
	if err != nil {
		return nil, "", err
	}
	if err := insertMove(ctx, tx, cmd.By, r, home, on, cmd.Now); err != nil {
		return nil, "", err
	}
	if !on.today {
		return append(log, contractorEvent(cmd.By, r.ID, r.HomeRegion, to, events.AvailabilityChanged{
			ContractorID: r.ID, Region: r.HomeRegion, Changed: []string{"moves to another region"}, From: on.day.String(),
		})), r.HomeRegion, nil
	}
	return append(log, contractorEvent(cmd.By, r.ID, home, to, events.ContractorMovedRegion{
		ContractorID: r.ID, Region: home, From: r.HomeRegion, To: home, EffectiveFrom: on.day.String(),
	})), home, nil
}

// leave takes the jobs that are to be released off a contractor who gets
// another home, and returns the events. It refuses while he has jobs of the old
// one from that day on, unless they were shown.
func (cmd ChangeContractor) leave(ctx context.Context, tx *sqlx.Tx, r ContractorRecord, on moveDay, jobs []*lockedJob) ([]events.Event, error) {
	clashes := &Clashes{}
	for _, card := range r.Future {
		if card.Region == r.HomeRegion && (on.today || card.End.Time.After(on.begins)) {
			clashes.Cards = append(clashes.Cards, card)
		}
	}
	if err := clashes.unless(cmd.Confirmed); err != nil {
		return nil, err
	}
	var log []events.Event
	for _, j := range jobs {
		released, err := cmd.release(ctx, tx, r, j)
		if err != nil {
			return nil, err
		}
		log = append(log, released...)
	}
	return log, nil
}

// release takes a job off him, with all that he was to do of it.
func (cmd ChangeContractor) release(ctx context.Context, tx *sqlx.Tx, r ContractorRecord, j *lockedJob) ([]events.Event, error) {
	his := slices.DeleteFunc(slices.Clone(j.crew), func(h heldAssignment) bool { return h.ContractorID != r.ID })
	if len(his) == 0 || j.Region != r.HomeRegion {
		return nil, &Conflict{Kind: ConflictStale, JobID: j.ID, ContractorID: r.ID}
	}
	var log []events.Event
	for _, h := range his {
		if err := schedule.CanUnassign(h.Status); err != nil {
			return nil, &Invalid{Field: "release", Message: fmt.Sprintf("J-%d stays with him: %s", j.Number, err.Error()), Err: err}
		}
		j.choose(h.ID)
		_, event, err := releaseJob(ctx, tx, j, Command{By: cmd.By, OverrideReason: "He moves to another region."})
		if err != nil {
			return nil, err
		}
		log = append(log, event)
	}
	return log, nil
}
