package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// CorrectSite is the command to correct where a job is done.
type CorrectSite struct {
	By      Actor
	JobID   string
	Version int
	Site    Site
}

// CorrectSite changes a job's site and finds its region anew. When that is
// another region, JobRegionChanged goes to both, else JobUpdated to the one; an
// assigned contractor keeps the job. It returns ErrNotFound, *Invalid and
// *Conflict as Assign does.
func (db *DB) CorrectSite(ctx context.Context, cmd CorrectSite) error {
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		// Before the job's row, as an import of regions takes them in this order.
		if err := shareMapLock(ctx, tx); err != nil {
			return err
		}
		j, err := lockJob(ctx, tx, cmd.JobID)
		if err != nil {
			return err
		}
		if !cmd.By.may(j.Region) {
			return ErrNotFound
		}
		if err := schedule.CanCorrect(j.Status); err != nil {
			return &Conflict{Kind: ConflictState, JobID: j.ID, Err: err}
		}
		if j.Version != cmd.Version {
			return &Conflict{Kind: ConflictStale, JobID: j.ID}
		}
		return db.correctSite(ctx, tx, j, cmd)
	})
	if err != nil {
		return fmt.Errorf("correct site of job %s: %w", cmd.JobID, db.explain(ctx, err))
	}
	db.signal()
	return nil
}

func (db *DB) correctSite(ctx context.Context, tx *sqlx.Tx, j *lockedJob, cmd CorrectSite) error {
	region, reason, err := db.locate(ctx, tx, cmd.Site)
	if err != nil {
		return err
	}
	var lat, lng any
	if cmd.Site.Point != nil {
		lat, lng = cmd.Site.Point.Lat, cmd.Site.Point.Lng
	}
	var moved bool
	err = tx.GetContext(ctx, &moved, `update sites s set address = $2, postcode = $3, access_notes = $4, lat = $5, lng = $6
	  from sites old where old.id = s.id and s.id = (select site_id from jobs where id = $1)
	  returning (old.address, old.postcode, old.access_notes, old.lat, old.lng)
	    is distinct from (s.address, s.postcode, s.access_notes, s.lat, s.lng)`,
		j.ID, cmd.Site.Address, cmd.Site.Postcode, cmd.Site.AccessNotes, lat, lng)
	if err != nil {
		return fmt.Errorf("update site: %w", err)
	}
	zone, window, err := j.zoneIn(ctx, tx, region)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `update jobs set region = $2, region_reason = $3, region_override = $4, zone = $5,
	    window_start = $6, window_end = $7, version = version + 1, updated_at = now() where id = $1`,
		j.ID, region.Slug, reason, nullable(cmd.Site.RegionOverride), zone, window.Start, window.End)
	if err != nil {
		return fmt.Errorf("update region: %w", err)
	}
	return appendEvents(ctx, tx, j.siteEvent(cmd, region.Slug, moved))
}

// zoneIn decides the job's zone after it moved to a region. The customer was
// promised a wall time, so an open job takes the new zone and keeps its wall
// times; an assigned one keeps its zone, because its instants are booked, and so
// does one whose wall times don't exist there, or exist twice.
func (j *lockedJob) zoneIn(ctx context.Context, tx *sqlx.Tx, region Region) (string, schedule.Span, error) {
	var row struct {
		StartLocal time.Time `db:"window_start_local"`
		EndLocal   time.Time `db:"window_end_local"`
		Start      time.Time `db:"window_start"`
		End        time.Time `db:"window_end"`
	}
	err := tx.GetContext(ctx, &row, `select window_start_local, window_end_local, window_start, window_end
	  from jobs where id = $1`, j.ID)
	if err != nil {
		return "", schedule.Span{}, fmt.Errorf("window: %w", err)
	}
	if region.Zone == j.Zone || j.current != nil {
		return j.Zone, schedule.Span{Start: row.Start, End: row.End}, nil
	}
	window, err := NewJob{
		WindowStart: schedule.WallTimeFromDB(row.StartLocal), WindowEnd: schedule.WallTimeFromDB(row.EndLocal),
	}.window(region.Zone)
	if err != nil {
		return j.Zone, schedule.Span{Start: row.Start, End: row.End}, nil
	}
	return region.Zone, window, nil
}

// siteEvent is the event of a correction. The contractor is told only when
// there is another place to go to, and his home's dispatchers only when the
// job's mark on their board changes.
func (j *lockedJob) siteEvent(cmd CorrectSite, region string, moved bool) events.Event {
	streams := []events.Stream{events.DispatchStream(j.Region)}
	var fact events.Fact = events.JobUpdated{JobID: j.ID, Region: region, Changed: []string{"site"}}
	if region != j.Region {
		cause := "site"
		if cmd.Site.RegionOverride != "" {
			cause = "override"
		}
		fact = events.JobRegionChanged{JobID: j.ID, Region: region, FromRegion: j.Region, ToRegion: region, Cause: cause}
		streams = append(streams, events.DispatchStream(region))
	}
	contractor := ""
	if j.current != nil {
		contractor = j.current.ContractorID
		if home := events.DispatchStream(j.current.Home); region != j.Region && !slices.Contains(streams, home) {
			streams = append(streams, home)
		}
		if moved {
			streams = append(streams, events.ContractorStream(contractor))
		}
	}
	e := j.newEvent(cmd.By, uuid.NewString(), contractor, streams, fact)
	e.Region = region
	return e
}

func without(streams []events.Stream, drop events.Stream) []events.Stream {
	var kept []events.Stream
	for _, s := range streams {
		if s != drop {
			kept = append(kept, s)
		}
	}
	return kept
}
