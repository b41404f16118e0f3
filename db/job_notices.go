package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

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
	// LongDays says of the contractor of each card on which of the days that it
	// touches he works for so long that it needs a reason, or for longer.
	LongDays [][]schedule.Reason
}

// Neighbour is another job.
type Neighbour struct {
	ID     string `db:"id"`
	Number int64  `db:"number"`
}

// JobNotices looks at what surrounds the job of the cards, at least one, at one
// instant.
func (db *DB) JobNotices(ctx context.Context, cards []Card) (JobNotices, error) {
	c, n := cards[0], JobNotices{}
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
		n.LongDays, err = longDays(ctx, tx, cards)
		return err
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

// longDays are the long days of who has the cards.
func longDays(ctx context.Context, tx *sqlx.Tx, cards []Card) ([][]schedule.Reason, error) {
	var ids []string
	var starts, ends []time.Time
	for _, c := range cards {
		if c.Assigned() {
			ids, starts, ends = append(ids, c.ContractorID), append(starts, c.Start.Time), append(ends, c.End.Time)
		}
	}
	var rows []struct {
		ID           string    `db:"id"`
		ContractorID string    `db:"contractor_id"`
		Start        time.Time `db:"start_at"`
		End          time.Time `db:"end_at"`
	}
	err := tx.SelectContext(ctx, &rows, `select distinct a.id, a.contractor_id, lower(a.during) as start_at, upper(a.during) as end_at
	   from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) as x(id, first, last)
	   join assignments a on a.contractor_id = x.id and a.active and a.during && tstzrange(x.first - interval '2 days', x.last + interval '2 days')`,
		pq.Array(ids), pq.Array(starts), pq.Array(ends))
	if err != nil {
		return nil, fmt.Errorf("bookings: %w", err)
	}
	booked := make(map[string][]schedule.Span)
	for _, r := range rows {
		booked[r.ContractorID] = append(booked[r.ContractorID], schedule.Span{Start: r.Start, End: r.End})
	}
	days := make([][]schedule.Reason, len(cards))
	for i, c := range cards {
		if !c.Assigned() {
			continue
		}
		loc, err := schedule.LoadZone(c.HomeZone)
		if err != nil {
			return nil, fmt.Errorf("zone of contractor %s: %w", c.ContractorID, err)
		}
		forbids, warns := schedule.DayReasons(c.At(), booked[c.ContractorID], loc)
		days[i] = append(forbids, warns...)
	}
	return days, nil
}
