package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"smartscheduler/schedule"
)

// checkHours holds the rows to the rule of the forms about how much somebody works
// on one date of his home: what is to come is refused if nobody may decide for it.
// What was worked is what it was. A long day is counted and recorded; who decided
// for it elsewhere knew why. days are all bookings of the contractors.
func (p *assignmentPlan) checkHours(ctx context.Context, tx *sqlx.Tx, days map[string][]booked) error {
	zones, err := homeZones(ctx, tx)
	if err != nil {
		return err
	}
	// The stored ones first, then row by row, so that the row that is too much is
	// the bad one.
	taken := make(map[string][]schedule.Span)
	for id, list := range days {
		for _, b := range list {
			if b.row == nil {
				taken[id] = append(taken[id], b.Span)
			}
		}
	}
	for i, a := range p.created {
		c := a.contractor
		forbids, warns := schedule.DayReasons(a.row.At, taken[c.ID], zones[c.HomeRegion])
		taken[c.ID] = append(taken[c.ID], a.row.At)
		toCome := slices.Contains([]schedule.AssignmentStatus{schedule.Assigned, schedule.Accepted}, a.row.Status)
		if len(forbids) > 0 && toCome {
			p.reject(a.row, "start", a.row.At.Start.Format(time.RFC3339), c.Name+" would work "+forbids[0].Detail)
			continue
		}
		if all := append(forbids, warns...); len(all) > 0 {
			p.created[i].rule = all[0].Rule
			p.done.LongDays++
		}
	}
	return nil
}

// homeZones are the zones of the regions.
func homeZones(ctx context.Context, tx *sqlx.Tx) (map[string]*time.Location, error) {
	var regions []Region
	if err := tx.SelectContext(ctx, &regions, `select slug, zone from regions`); err != nil {
		return nil, fmt.Errorf("zones of regions: %w", err)
	}
	zones := make(map[string]*time.Location, len(regions))
	for _, r := range regions {
		zone, err := schedule.LoadZone(r.Zone)
		if err != nil {
			return nil, fmt.Errorf("zone of region %s: %w", r.Slug, err)
		}
		zones[r.Slug] = zone
	}
	return zones, nil
}
