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

// record notes who has moved, and lists what the import has to log: their moves,
// and then one ImportCompleted for each region whose board shows something else
// now.
func (p *contractorPlan) record(ctx context.Context, tx *sqlx.Tx, in ContractorImport) ([]events.Event, error) {
	log := importEvents{batch: cmp.Or(in.batch, uuid.NewString()), at: time.Now().UTC(), by: in.By}
	worked, err := regionsShowing(ctx, tx, p.changed, log.at)
	if err != nil {
		return nil, err
	}
	if err := p.noteMoves(ctx, tx, log); err != nil {
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

// day is today in the zone of a region.
func (p *contractorPlan) day(region string, now time.Time) (schedule.Day, *time.Location, error) {
	loc, err := schedule.LoadZone(p.regions[region])
	if err != nil {
		return schedule.Day{}, nil, fmt.Errorf("zone of region %s: %w", region, err)
	}
	return schedule.DayIn(now, loc), loc, nil
}

// moveRow is a row of a batch of moves.
type moveRow struct {
	Contractor string    `json:"contractor_id"`
	From       string    `json:"from_region"`
	To         string    `json:"to_region"`
	Day        string    `json:"effective_from"`
	Begins     time.Time `json:"takes_effect"`
	By         string    `json:"decided_by"`
}

// noteMoves keeps where everybody was who has moved today, for the boards of the
// days before, and takes back what was to come, as when a person moves him.
func (p *contractorPlan) noteMoves(ctx context.Context, tx *sqlx.Tx, log importEvents) error {
	rows := make([]moveRow, len(p.moved))
	for i, m := range p.moved {
		day, loc, err := p.day(m.to, log.at)
		if err != nil {
			return err
		}
		rows[i] = moveRow{m.id, m.from, m.to, day.String(), day.In(loc).Start, log.by.UserID}
	}
	err := execBatches(ctx, tx, "drop the moves to come", `delete from contractor_moves where done_at is null and contractor_id in
	  (select contractor_id from json_to_recordset($1::json) as x(contractor_id uuid))`, rows)
	if err != nil {
		return err
	}
	return execBatches(ctx, tx, "note the moves", `
	  insert into contractor_moves (contractor_id, from_region, to_region, effective_from, takes_effect, decided_by, done_at)
	  select contractor_id, from_region, to_region, effective_from, takes_effect, nullif(decided_by, '')::uuid, now()
	    from json_to_recordset($1::json) as x(contractor_id uuid, from_region text, to_region text, effective_from date,
	      takes_effect timestamptz, decided_by text)`, rows)
}

// movedHome is the event of one move. The boards have their ImportCompleted;
// of many moves they are not told one by one as well.
func (p *contractorPlan) movedHome(log importEvents, m homeChange, worked []string) (events.Event, error) {
	day, _, err := p.day(m.to, log.at)
	if err != nil {
		return events.Event{}, err
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
		ContractorID: m.id, Region: m.to, From: m.from, To: m.to, EffectiveFrom: day.String(),
	}), nil
}

// regionsShowing lists the regions whose boards show contractors beside their
// homes, by contractor: where they have jobs to do after now, and the homes of
// their moves, to come or of the last two months. Their rows are locked, so no job
// comes or goes.
func regionsShowing(ctx context.Context, tx *sqlx.Tx, contractors []contractorJSON, now time.Time) (map[string][]string, error) {
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
		err := tx.SelectContext(ctx, &rows, `select a.contractor_id, j.region from assignments a join jobs j on j.id = a.job_id
		    where a.contractor_id = any($1::uuid[]) and a.active and upper(a.during) > $2
		  union select contractor_id, unnest(array[from_region, to_region]) from contractor_moves
		    where contractor_id = any($1::uuid[]) and (done_at is null or effective_from > current_date - 60) order by 1, 2`, pq.Array(ids), now)
		if err != nil {
			return nil, fmt.Errorf("regions that show contractors: %w", err)
		}
		for _, r := range rows {
			regions[r.Contractor] = append(regions[r.Contractor], r.Region)
		}
	}
	return regions, nil
}
