package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// The home region that contractor c has on a day: homeTill, the day twice with
// homeSince between, homeElse. It is the one that he moves to by then, or the one
// that he moved away from after it, or the present one.
const (
	homeTill = `coalesce((select m.to_region from contractor_moves m
	    where m.contractor_id = c.id and m.done_at is null and m.effective_from <= `
	homeSince = `), (select m.from_region from contractor_moves m
	    where m.contractor_id = c.id and m.done_at is not null and m.effective_from > `
	homeElse = ` order by m.effective_from, m.done_at limit 1), c.home_region)`

	// homeOnStart is his home on the day on which assignment a of job j begins.
	homeOnStart = homeTill + startDay + homeSince + startDay + homeElse
	startDay    = `(lower(a.during) at time zone j.zone)::date`
)

// everHome are the contractors who are, were or are going to be of region $1. Few
// are, and an index has them, so only they are asked where they are at home on a day.
const everHome = `(select id from contractors where home_region = $1
  union select contractor_id from contractor_moves where from_region = $1 or to_region = $1)`

// homesOf are the regions whose boards may show contractor c in a lane of his
// own: his home, and those of his moves to come and of the last two months. Null
// without a contractor.
const homesOf = `(select array_agg(x.home order by x.place, x.home) from (
	    select c.home_region as home, 1 as place where c.id is not null
	    union select unnest(array[m.from_region, m.to_region]), 2 from contractor_moves m
	           where m.contractor_id = c.id and (m.done_at is null or m.effective_from > current_date - 60)) x)`

// PlannedMove is that a contractor is going to have another home region.
type PlannedMove struct {
	// To is the slug and ToName the name of the region.
	To     string `db:"to_region"`
	ToName string `db:"to_name"`
	// From is the first day there, as 2006-01-02; a local date of that region.
	From string `db:"effective_from"`
}

// plannedMove returns the move of a contractor that is to come, nil if there is none.
func plannedMove(ctx context.Context, tx *sqlx.Tx, contractorID string) (*PlannedMove, error) {
	var moves []PlannedMove
	err := tx.SelectContext(ctx, &moves, `select m.to_region, r.name as to_name, m.effective_from::text as effective_from
	  from contractor_moves m join regions r on r.slug = m.to_region where m.contractor_id = $1 and m.done_at is null`, contractorID)
	if err != nil {
		return nil, fmt.Errorf("move to come: %w", err)
	}
	if len(moves) == 0 {
		return nil, nil
	}
	return &moves[0], nil
}

// moveDay is from which day on somebody has another home.
type moveDay struct {
	day schedule.Day
	// begins is when that is, in the zone of the new home; today says that it has
	// begun.
	begins time.Time
	today  bool
}

// moveDayOf checks the day of a move to a region; the zero day is today.
func moveDayOf(ctx context.Context, tx *sqlx.Tx, home string, wanted schedule.Day, now time.Time) (moveDay, error) {
	region, err := regionBySlug(ctx, tx, home)
	if err != nil {
		return moveDay{}, err
	}
	loc, err := schedule.LoadZone(region.Zone)
	if err != nil {
		return moveDay{}, fmt.Errorf("zone of region %s: %w", home, err)
	}
	today := schedule.DayIn(now, loc)
	if wanted == (schedule.Day{}) {
		wanted = today
	}
	switch last := today.Add(exceptionDays - 1); {
	case wanted.String() < today.String():
		return moveDay{}, &Invalid{Field: "from", Message: "this day is over"}
	case last.String() < wanted.String():
		return moveDay{}, &Invalid{Field: "from", Message: "a move can be planned until " + last.Format("2 January 2006")}
	}
	return moveDay{day: wanted, begins: wanted.In(loc).Start, today: wanted == today}, nil
}

// insertMove notes a move, and takes back the one that was to come.
func insertMove(ctx context.Context, tx *sqlx.Tx, by Actor, r ContractorRecord, home string, on moveDay, now time.Time) error {
	var done any
	if on.today {
		done = now
	}
	if _, err := dropMove(ctx, tx, r.ID); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `insert into contractor_moves (contractor_id, from_region, to_region, effective_from, takes_effect, decided_by, done_at)
	  values ($1, $2, $3, $4, $5, $6, $7)`, r.ID, r.HomeRegion, home, on.day.String(), on.begins, nullable(by.UserID), done)
	if err != nil {
		return fmt.Errorf("note the move: %w", err)
	}
	return nil
}

func dropMove(ctx context.Context, tx *sqlx.Tx, contractorID string) (dropped int64, err error) {
	result, err := tx.ExecContext(ctx, `delete from contractor_moves where contractor_id = $1 and done_at is null`, contractorID)
	if err == nil {
		dropped, err = result.RowsAffected()
	}
	if err != nil {
		return 0, fmt.Errorf("drop the move to come: %w", err)
	}
	return dropped, nil
}

// WithdrawMove takes back the move of a contractor that is to come, and logs
// AvailabilityChanged. Jobs that were released for it stay open. It returns
// ErrNotFound, also without such a move, and *Conflict when he changed since.
func (db *DB) WithdrawMove(ctx context.Context, by Actor, contractorID string, version int, now time.Time) error {
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		if !by.AllRegions {
			return ErrNotFound
		}
		r, err := lockRecord(ctx, tx, contractorID, version, now)
		if err != nil {
			return err
		}
		if r.Move == nil {
			return ErrNotFound
		}
		if _, err := dropMove(ctx, tx, r.ID); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `update contractors set version = version + 1, updated_at = now() where id = $1`, r.ID); err != nil {
			return fmt.Errorf("update contractor: %w", err)
		}
		return appendEvents(ctx, tx, contractorEvent(by, r.ID, r.HomeRegion, r.streams(r.Move.To), events.AvailabilityChanged{
			ContractorID: r.ID, Region: r.HomeRegion, Changed: []string{"no move to another region"}, From: r.Move.From,
		}))
	})
	if err != nil {
		return fmt.Errorf("withdraw move of contractor %s: %w", contractorID, err)
	}
	db.signal()
	return nil
}

// CarryOutMoves gives the contractors whose day has begun at now their new home
// regions, each in a transaction of its own with its ContractorMovedRegion, and
// returns how many. Of several processes at once exactly one carries a move out.
// One that cannot be carried out now does not keep the others from it.
func (db *DB) CarryOutMoves(ctx context.Context, now time.Time) (int, error) {
	var due []string
	err := db.pool.SelectContext(ctx, &due, `select contractor_id from contractor_moves where done_at is null and takes_effect <= $1
	  order by takes_effect, contractor_id limit $2`, now, batchRows)
	if err != nil {
		return 0, fmt.Errorf("moves that are due: %w", translate(err))
	}
	done := 0
	var failed []error
	for _, id := range due {
		carried, err := db.carryOutMove(ctx, id, now)
		if err != nil {
			failed = append(failed, fmt.Errorf("move contractor %s: %w", id, err))
		}
		if carried {
			done++
		}
	}
	if done > 0 {
		db.signal()
	}
	return done, errors.Join(failed...)
}

func (db *DB) carryOutMove(ctx context.Context, id string, now time.Time) (carried bool, err error) {
	err = db.inTx(ctx, func(tx *sqlx.Tx) error {
		carried = false
		if _, err := lockContractors(ctx, tx, id); err != nil {
			return err
		}
		// Under the lock: another process may have been first, or somebody took it back.
		var move []struct {
			To   string `db:"to_region"`
			From string `db:"effective_from"`
		}
		err := tx.SelectContext(ctx, &move, `update contractor_moves set done_at = $2 where contractor_id = $1 and done_at is null and takes_effect <= $2
		  returning to_region, effective_from::text as effective_from`, id, now)
		if err != nil || len(move) == 0 {
			return err
		}
		r, err := contractorRecord(ctx, tx, id, now)
		if err != nil {
			return err
		}
		err = runSteps(ctx, tx,
			step{"move", `update contractors set home_region = $2, version = version + 1, updated_at = now() where id = $1`, []any{id, move[0].To}},
			step{"serve no more", `delete from contractor_regions where contractor_id = $1 and region = $2`, []any{id, move[0].To}})
		if err != nil {
			return err
		}
		if r.HomeRegion == move[0].To {
			return nil // he is there already
		}
		carried = true
		return appendEvents(ctx, tx, contractorEvent(Actor{Kind: events.ActorSystem}, id, move[0].To, r.streams(move[0].To), events.ContractorMovedRegion{
			ContractorID: id, Region: move[0].To, From: r.HomeRegion, To: move[0].To, EffectiveFrom: move[0].From,
		}))
	})
	return carried, err
}
