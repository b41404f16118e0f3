package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// LaneContractor is a contractor with his working time of the dates of a board.
type LaneContractor struct {
	ID      string
	Name    string
	Phone   string
	Working []schedule.Span
	// Note says why the first date differs from the week, or is empty; Notes are
	// those of all dates, by date.
	Note  string
	Notes map[string]string
	// Skills are the names of the skills that he has, SkillSlugs their slugs.
	Skills, SkillSlugs []string
}

// Board is what a dispatcher's board shows, all read at one instant.
type Board struct {
	// Position is the place in the log up to which the board is complete.
	Position events.Position
	Region   Region
	// Contractors are those whose home is the region, by name.
	Contractors []LaneContractor
	// Open are all jobs of the region that are open or, at the end, on hold,
	// whatever their day.
	Open []Card
	// Lanes are the assigned cards that touch the day: jobs of the region, and
	// jobs elsewhere of contractors whose home it is.
	Lanes []Card
	// Unrouted counts the open jobs that no region holds.
	Unrouted int
}

// Board returns the board of a region for the local day that begins at day, or
// ErrNotFound. For events.Unrouted it holds the open jobs only.
func (db *DB) Board(ctx context.Context, region string, day schedule.Span) (b Board, err error) {
	err = db.inSnapshot(ctx, func(tx *sqlx.Tx) error {
		b, err = readBoard(ctx, tx, region, func(*time.Location) schedule.Span { return day })
		return err
	})
	if err != nil {
		return Board{}, fmt.Errorf("board of %s: %w", region, err)
	}
	return b, nil
}

// Boards returns the boards of several regions, all read at one instant, for so
// many local dates from the first on, each by the clock of its own zone. It
// returns ErrNotFound when one of the regions is not there.
func (db *DB) Boards(ctx context.Context, regions []string, first schedule.Day, days int) ([]Board, error) {
	boards := make([]Board, len(regions))
	err := db.inSnapshot(ctx, func(tx *sqlx.Tx) (err error) {
		for i, region := range regions {
			boards[i], err = readBoard(ctx, tx, region, func(loc *time.Location) schedule.Span {
				return schedule.Span{Start: first.In(loc).Start, End: first.Add(days - 1).In(loc).End}
			})
			if err != nil {
				return fmt.Errorf("%s: %w", region, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("boards of %d regions: %w", len(regions), err)
	}
	return boards, nil
}

// readBoard reads a board for the time that spanIn gives for the region's zone.
func readBoard(ctx context.Context, tx *sqlx.Tx, region string, spanIn func(*time.Location) schedule.Span) (b Board, err error) {
	if b.Position, err = head(ctx, tx); err != nil {
		return b, err
	}
	if b.Region, err = regionBySlug(ctx, tx, region); err != nil {
		return b, err
	}
	loc, err := schedule.LoadZone(b.Region.Zone)
	if err != nil {
		return b, fmt.Errorf("zone of region %s: %w", region, err)
	}
	b.Open, err = selectCardsWhere(ctx, tx, ` where j.region = $1 and j.status in ('open', 'partially_assigned', 'on_hold')
	   order by j.status = 'on_hold', j.window_start, j.number`, region)
	if err != nil {
		return b, err
	}
	// A job that a part of its crew has was read once for each of them.
	b.Open = slices.CompactFunc(b.Open, func(x, y Card) bool { return x.JobID == y.JobID })
	if b.Unrouted, err = countUnrouted(ctx, tx); err != nil || region == events.Unrouted {
		return b, err
	}
	span := spanIn(loc)
	if b.Contractors, err = laneContractors(ctx, tx, b.Region, span); err != nil {
		return b, err
	}
	b.Lanes, err = lanes(ctx, tx, region, span)
	return b, err
}

// lanes reads the work of a day by two ways that each have an index: by the
// contractors who are, were or are going to be of the region, and by the day. Their
// ids come first, as an array, or all work of the day everywhere would be joined.
func lanes(ctx context.Context, tx *sqlx.Tx, region string, day schedule.Span) ([]Card, error) {
	return selectCardsWhere(ctx, tx, ` where (j.region = $1 or h.slug = $1) and a.id = any(array(
	    select x.id from `+everHome+` y(id) join assignments x on x.contractor_id = y.id where x.active and x.during && tstzrange($2, $3)
	    union all select x.id from assignments x join jobs y on y.id = x.job_id
	     where y.region = $1 and x.active and x.during && tstzrange($2, $3)))`+byStart, region, day.Start, day.End)
}

// Wall is what a region's display shows of one local day, read at one instant.
type Wall struct {
	Position    events.Position
	Region      Region
	Contractors []LaneContractor
	Cards       []Card
}

// Wall returns the display of a region for a day, or ErrNotFound.
func (db *DB) Wall(ctx context.Context, region string, day schedule.Span) (Wall, error) {
	var w Wall
	err := db.inSnapshot(ctx, func(tx *sqlx.Tx) (err error) {
		if w.Position, err = head(ctx, tx); err != nil {
			return err
		}
		if w.Region, err = regionBySlug(ctx, tx, region); err != nil {
			return err
		}
		if w.Contractors, err = laneContractors(ctx, tx, w.Region, day); err != nil {
			return err
		}
		w.Cards, err = lanes(ctx, tx, region, day)
		return err
	})
	if err != nil {
		return Wall{}, fmt.Errorf("wall of %s: %w", region, err)
	}
	return w, nil
}

// Agenda is a contractor's phone page, read at one instant.
type Agenda struct {
	Position   events.Position
	Contractor Contractor
	// HomeZone is the IANA zone of his home region.
	HomeZone string
	Cards    []Card
	// Changes are what he has not acknowledged, oldest first.
	Changes []PhoneChange
	// Moved is set when he got another home region in the last 24 hours.
	Moved *HomeMove
}

// Agenda returns the jobs of a contractor that touch the span, by start, or
// ErrNotFound.
func (db *DB) Agenda(ctx context.Context, contractorID string, span schedule.Span) (Agenda, error) {
	var g Agenda
	err := db.inSnapshot(ctx, func(tx *sqlx.Tx) (err error) {
		if g.Position, err = head(ctx, tx); err != nil {
			return err
		}
		if g.Contractor, err = contractorByID(ctx, tx, contractorID); err != nil {
			return err
		}
		home, err := regionBySlug(ctx, tx, g.Contractor.HomeRegion)
		if err != nil {
			return err
		}
		g.HomeZone = home.Zone
		g.Cards, err = selectCardsWhere(ctx, tx, ` where a.contractor_id = $1 and a.during && tstzrange($2, $3)`+byStart, contractorID, span.Start, span.End)
		if err != nil {
			return err
		}
		if g.Changes, err = phoneChanges(ctx, tx, pq.Array([]string{contractorID}), nil); err != nil {
			return err
		}
		g.Moved, err = homeMove(ctx, tx, contractorID, home.Name)
		return err
	})
	if err != nil {
		return Agenda{}, fmt.Errorf("agenda of contractor %s: %w", contractorID, err)
	}
	return g, nil
}

func head(ctx context.Context, q sqlx.QueryerContext) (events.Position, error) {
	var p events.Position
	err := q.QueryRowxContext(ctx, `select epoch, pos from event_head`).Scan(&p.Epoch, &p.Pos)
	if err != nil {
		return events.Position{}, fmt.Errorf("read head of the log: %w", translate(err))
	}
	return p, nil
}

// CountUnrouted counts the open jobs that no region holds.
func (db *DB) CountUnrouted(ctx context.Context) (int, error) {
	return countUnrouted(ctx, db.pool)
}

func countUnrouted(ctx context.Context, q sqlx.QueryerContext) (int, error) {
	var n int
	err := sqlx.GetContext(ctx, q, &n, `select count(*) from jobs
	  where region = $1 and status in ('open', 'partially_assigned')`, events.Unrouted)
	if err != nil {
		return 0, fmt.Errorf("count unrouted jobs: %w", translate(err))
	}
	return n, nil
}
