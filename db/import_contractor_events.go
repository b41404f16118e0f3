package db

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// homeChange is that an import gives a contractor another home region.
type homeChange struct{ id, from, to string }

func (p *contractorPlan) touch(region string, created, updated int) {
	c := p.touched[region]
	c.Created, c.Updated = c.Created+created, c.Updated+updated
	p.touched[region] = c
}

// events lists what the import has to log: who has moved, and then one
// ImportCompleted for each region whose board shows something else now.
func (p *contractorPlan) events(ctx context.Context, tx *sqlx.Tx, in ContractorImport) ([]events.Event, error) {
	log := importEvents{batch: cmp.Or(in.batch, uuid.NewString()), at: time.Now().UTC(), by: in.By}
	worked, err := regionsOfWork(ctx, tx, p.changed, log.at)
	if err != nil {
		return nil, err
	}
	from := make(map[string]string, len(p.moved))
	var evs []events.Event
	for _, m := range p.moved {
		from[m.id] = m.from
		event, err := p.movedHome(log, m, worked[m.id])
		if err != nil {
			return nil, err
		}
		evs = append(evs, event)
	}
	for _, c := range p.changed {
		for _, region := range worked[c.ID] {
			if region != c.Home && region != from[c.ID] {
				p.touch(region, 0, 1)
			}
		}
	}
	return append(evs, log.completed(p.touched)...), nil
}

// movedHome is the event of one move. The boards have their ImportCompleted;
// of many moves they are not told one by one as well.
func (p *contractorPlan) movedHome(log importEvents, m homeChange, worked []string) (events.Event, error) {
	loc, err := schedule.LoadZone(p.regions[m.to])
	if err != nil {
		return events.Event{}, fmt.Errorf("zone of region %s: %w", m.to, err)
	}
	var streams []events.Stream
	if len(p.moved) <= maxSingleEvents {
		for _, region := range append([]string{m.from, m.to}, worked...) {
			if s := events.DispatchStream(region); !slices.Contains(streams, s) {
				streams = append(streams, s)
			}
		}
	}
	return log.envelope("", m.id, m.to, append(streams, events.ContractorStream(m.id)), events.ContractorMovedRegion{
		ContractorID: m.id, Region: m.to, From: m.from, To: m.to, EffectiveFrom: schedule.DayIn(log.at, loc).String(),
	}), nil
}

// regionsOfWork lists the regions in which contractors have jobs to do after
// now, by contractor. Their rows are locked, so no job comes or goes.
func regionsOfWork(ctx context.Context, tx *sqlx.Tx, contractors []contractorJSON, now time.Time) (map[string][]string, error) {
	regions := make(map[string][]string)
	for batch := range slices.Chunk(contractors, batchRows) {
		ids := make([]string, len(batch))
		for i, c := range batch {
			ids[i] = c.ID
		}
		var rows []struct {
			Contractor string `db:"contractor_id"`
			Region     string `db:"region"`
		}
		err := tx.SelectContext(ctx, &rows, `select distinct a.contractor_id, j.region from assignments a join jobs j on j.id = a.job_id
		  where a.contractor_id = any($1::uuid[]) and a.active and upper(a.during) > $2 order by 1, 2`, pq.Array(ids), now)
		if err != nil {
			return nil, fmt.Errorf("regions of work: %w", err)
		}
		for _, r := range rows {
			regions[r.Contractor] = append(regions[r.Contractor], r.Region)
		}
	}
	return regions, nil
}
