package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"smartscheduler/schedule"
)

// JobNotices is what else a dispatcher should know of a job.
type JobNotices struct {
	// SameAddress are the other jobs of its region at the same address that are
	// promised for the same day and not cancelled, by number.
	SameAddress []Neighbour
	// AlsoIn are the names of other regions that hold its point: the map lays
	// them over each other there.
	AlsoIn []string
	// Booked is for how long the contractor of each card is booked on the day on
	// which he begins, in the zone of his home.
	Booked []time.Duration
}

// Neighbour is another job.
type Neighbour struct {
	ID     string `db:"id"`
	Number int64  `db:"number"`
}

// JobNotices looks at what surrounds the job of the cards, at least one, at one
// instant.
func (db *DB) JobNotices(ctx context.Context, cards []Card) (JobNotices, error) {
	c, n := cards[0], JobNotices{Booked: make([]time.Duration, len(cards))}
	err := db.inSnapshot(ctx, func(tx *sqlx.Tx) (err error) {
		err = tx.SelectContext(ctx, &n.SameAddress, `select j.id, j.number from sites t join jobs j on j.site_id = t.id
		   where lower(t.address) = lower($2) and t.postcode = $3 and j.region = $4 and j.id <> $1 and j.status <> 'cancelled' and j.erased_at is null
		     and j.window_start_local::date = (select window_start_local::date from jobs where id = $1) order by j.number limit 10`,
			c.JobID, c.Address, c.Postcode, c.Region)
		if err != nil {
			return fmt.Errorf("same address: %w", err)
		}
		if n.AlsoIn, err = db.alsoIn(ctx, tx, c); err != nil {
			return err
		}
		for i, card := range cards {
			if n.Booked[i], err = bookedOn(ctx, tx, card); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return JobNotices{}, fmt.Errorf("notices of job %s: %w", c.JobID, err)
	}
	return n, nil
}

// alsoIn names the regions beside its own that hold the point of a job. On a
// border it lies in neither more than in the other.
func (db *DB) alsoIn(ctx context.Context, tx *sqlx.Tx, c Card) ([]string, error) {
	if !c.Lat.Valid || c.RegionReason != schedule.ReasonPolygon {
		return nil, nil
	}
	index, err := db.regionMap(ctx, tx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, slug := range index.Holding(schedule.Point{Lat: c.Lat.Float64, Lng: c.Lng.Float64}) {
		if slug == c.Region {
			continue
		}
		r, err := regionBySlug(ctx, tx, slug)
		if err != nil {
			return nil, err
		}
		names = append(names, r.Name)
	}
	slices.Sort(names)
	return names, nil
}

// bookedOn adds up what the contractor of a card is booked for on the day of his
// start.
func bookedOn(ctx context.Context, tx *sqlx.Tx, c Card) (time.Duration, error) {
	if !c.Assigned() {
		return 0, nil
	}
	loc, err := schedule.LoadZone(c.HomeZone)
	if err != nil {
		return 0, fmt.Errorf("zone of contractor %s: %w", c.ContractorID, err)
	}
	day := schedule.DayIn(c.Start.Time, loc).In(loc)
	var seconds float64
	err = tx.GetContext(ctx, &seconds, `select coalesce(extract(epoch from sum(upper(d) - lower(d))), 0)::float8
	   from (select during * tstzrange($2, $3) as d from assignments
	          where contractor_id = $1 and active and during && tstzrange($2, $3)) b`, c.ContractorID, day.Start, day.End)
	if err != nil {
		return 0, fmt.Errorf("bookings: %w", err)
	}
	return time.Duration(seconds) * time.Second, nil
}
