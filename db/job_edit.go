package db

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// EditJob is the command to change what is known of a job.
type EditJob struct {
	Command
	JobID string
	// Job is the job as it shall be. Its ExternalID is not looked at.
	Job NewJob
}

// Entered is the job as somebody would have to enter it to get the same.
func (c Card) Entered() (NewJob, error) {
	loc, err := schedule.LoadZone(c.Zone)
	if err != nil {
		return NewJob{}, fmt.Errorf("zone of job %s: %w", c.JobID, err)
	}
	n := NewJob{
		Title: c.Title, CustomerName: c.CustomerName, CustomerPhone: c.CustomerPhone, Skills: c.Skills,
		DurationMinutes: c.DurationMinutes, Headcount: c.Headcount, Days: c.Days, Priority: c.Priority, Notes: c.Notes,
		WindowStart: schedule.WallTimeIn(c.WindowStart, loc), WindowStartOffset: schedule.OffsetIfRepeated(c.WindowStart, loc),
		WindowEnd: schedule.WallTimeIn(c.WindowEnd, loc), WindowEndOffset: schedule.OffsetIfRepeated(c.WindowEnd, loc),
		Site: Site{Address: c.Address, Postcode: c.Postcode, AccessNotes: c.AccessNotes, RegionOverride: c.RegionOverride.String},
	}
	if c.Lat.Valid {
		n.Site.Point = &schedule.Point{Lat: c.Lat.Float64, Lng: c.Lng.Float64}
	}
	return n, nil
}

// EditJob changes a job until it is closed and finds its region anew. It logs
// JobRegionChanged, to both regions, if that is another one, and JobUpdated if
// anything else differs; *Invalid says when nothing does. Contractors who have
// the job keep it at their times, so its skills must be theirs and its days and
// its headcount not smaller than what they have. It returns ErrNotFound, *Invalid and *Conflict
// as Assign does.
func (db *DB) EditJob(ctx context.Context, cmd EditJob) (Outcome, error) {
	// The map before the job's row, as an import of regions takes them in this order.
	out, err := db.command(ctx, cmd.Command, cmd.JobID, func(tx *sqlx.Tx, j *lockedJob) (Outcome, error) {
		if err := schedule.CanCorrect(j.Status); err != nil {
			return Outcome{}, &Conflict{Kind: ConflictState, JobID: j.ID, Err: err}
		}
		if j.Version != cmd.Version {
			return Outcome{}, &Conflict{Kind: ConflictStale, JobID: j.ID}
		}
		return db.editJob(ctx, tx, j, cmd)
	}, shareMapLock)
	if err != nil {
		return Outcome{}, fmt.Errorf("edit job %s: %w", cmd.JobID, err)
	}
	return out, nil
}

func (db *DB) editJob(ctx context.Context, tx *sqlx.Tx, j *lockedJob, cmd EditJob) (Outcome, error) {
	region, reason, err := db.locate(ctx, tx, cmd.Job.Site)
	if err != nil {
		return Outcome{}, err
	}
	before, err := storedJobOf(ctx, tx, j.ID)
	if err != nil {
		return Outcome{}, err
	}
	to, err := j.edited(before, region, reason, cmd.Job)
	if err != nil {
		return Outcome{}, err
	}
	changes := before.edits(to, cmd.Job.Site)
	if len(changes) == 0 && region.Slug == j.Region {
		return Outcome{}, &Invalid{Message: "Nothing differs from what is saved."}
	}
	if err := j.checkCrew(ctx, tx, changes, to); err != nil {
		return Outcome{}, err
	}
	if err := saveEdit(ctx, tx, to, cmd.Job.Site); err != nil {
		return Outcome{}, err
	}
	evs := j.editEvents(cmd, before, to, changes)
	out := Outcome{JobID: j.ID, EventIDs: eventIDs(evs)}
	if len(j.crew) == 1 {
		out.AssignmentID = j.crew[0].ID
	}
	return out, appendEvents(ctx, tx, evs...)
}

// edited is the row as it shall be.
func (j *lockedJob) edited(before *storedJob, region Region, reason string, n NewJob) (jobJSON, error) {
	zone, window, err := j.windowIn(region, n)
	if err != nil {
		return jobJSON{}, err
	}
	to := newJobJSON(n)
	to.ID, to.SiteID, to.Region, to.Reason, to.Zone = j.ID, before.SiteID, region.Slug, reason, zone
	to.Start, to.End, to.Skills = window.Start, window.End, skillSet(n.Skills)
	to.Status = j.Status.Replanned(len(j.crew), to.Headcount*to.Days)
	if n.CustomerName == before.CustomerName && n.CustomerPhone == before.CustomerPhone {
		to.CustomerID = before.CustomerID
	}
	return to, nil
}

// windowIn resolves the promised window. The customer was promised a wall time,
// so an open job that moves to a region of another zone takes that zone and
// keeps its wall times; an assigned one keeps its zone, because its instants are
// booked, and so does one whose wall times don't exist there, or exist twice.
func (j *lockedJob) windowIn(region Region, n NewJob) (string, schedule.Span, error) {
	if region.Slug != j.Region && region.Zone != j.Zone && len(j.crew) == 0 {
		there := n
		// They tell the two hours of the old zone apart, not those of the new one.
		there.WindowStartOffset, there.WindowEndOffset = "", ""
		if window, err := there.window(region.Zone); err == nil {
			return region.Zone, window, nil
		}
	}
	window, err := n.window(j.Zone)
	return j.Zone, window, err
}

// edits names what an edit changes, beside the region.
func (j *storedJob) edits(to jobJSON, site Site) []string {
	changes := j.differences(to)
	if j.Zone != to.Zone && j.local(j.StartLocal) == to.StartLocal && j.local(j.EndLocal) == to.EndLocal {
		// The promise is the same; the move to another region tells of the zone.
		changes = slices.DeleteFunc(changes, func(name string) bool { return name == "window" })
	}
	if j.Override != site.RegionOverride && j.Region == to.Region {
		changes = append(changes, "region_reason")
	}
	return changes
}

// checkCrew takes the rows of the contractors who have the job and refuses days
// and a headcount that are too small for them, and new skills that don't exist or that
// one of them lacks.
func (j *lockedJob) checkCrew(ctx context.Context, tx *sqlx.Tx, changes []string, to jobJSON) error {
	locked, err := j.lockCrew(ctx, tx)
	if err != nil {
		return err
	}
	if small := tooSmall(j.bookedDays(), to); small != nil {
		return small
	}
	if !slices.Contains(changes, "skills") {
		return nil
	}
	if err := knownSkills(ctx, tx, to.Skills); err != nil {
		return err
	}
	wanted := *j
	wanted.Skills = to.Skills
	for _, h := range j.crew {
		err = checkSkills(ctx, tx, &wanted, locked[h.ContractorID], h.Start)
		var lacking *Invalid
		if errors.As(err, &lacking) {
			return &Invalid{Field: "skills", Message: lacking.Message + " Give it to somebody else first, or leave the skill out."}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tooFewPlaces refuses a headcount that is smaller than the crew.
func tooFewPlaces(booked int) string {
	if booked == 1 {
		return "One contractor has this job: it needs at least one."
	}
	return fmt.Sprintf("%d contractors have this job: take it off one of them first, or leave it at %d.", booked, booked)
}

func saveEdit(ctx context.Context, tx *sqlx.Tx, to jobJSON, site Site) error {
	if err := setCustomers(ctx, tx, []*jobJSON{&to}); err != nil {
		return err
	}
	if err := updateJobs(ctx, tx, []jobJSON{to}); err != nil {
		return err
	}
	// An import leaves this to people.
	if _, err := tx.ExecContext(ctx, `update jobs set region_override = $2 where id = $1`, to.ID, nullable(site.RegionOverride)); err != nil {
		return fmt.Errorf("update job: %w", err)
	}
	return nil
}

// editEvents are the events of an edit: of the region first, then of the rest.
func (j *lockedJob) editEvents(cmd EditJob, before *storedJob, to jobJSON, changes []string) []events.Event {
	var evs []events.Event
	region := to.Region
	correlation := uuid.NewString()
	add := func(streams []events.Stream, fact events.Fact) {
		e := j.newEvent(cmd.By, correlation, j.holders().only(), streams, fact)
		e.Region = region
		evs = append(evs, e)
	}
	if region != j.Region {
		cause := "site"
		if cmd.Job.Site.RegionOverride != "" {
			cause = "override"
		}
		streams := []events.Stream{events.DispatchStream(j.Region)}
		moved := slices.Contains(changes, "site")
		streams = append(streams, without(j.streamsOfEdit(region, true, moved), streams[0])...)
		add(streams, events.JobRegionChanged{JobID: j.ID, Region: region, FromRegion: j.Region, ToRegion: region, Cause: cause})
		// It tells of the site already.
		changes = slices.DeleteFunc(slices.Clone(changes), func(name string) bool { return name == "site" })
	}
	if len(changes) > 0 {
		add(j.streamsOfEdit(region, anyOf(changes, "title", "skills", "priority"),
			anyOf(changes, "title", "skills", "priority", "site", "customer", "access_notes", "notes")),
			before.updated(to, changes))
	}
	return evs
}

// streamsOfEdit lists who is told of a change: the dispatchers of the region,
// those of the contractors' homes if their board shows it, and the phones of the
// contractors if they do.
func (j *lockedJob) streamsOfEdit(region string, homes, phones bool) []events.Stream {
	own := events.DispatchStream(region)
	return slices.DeleteFunc(j.holders().streams(region), func(s events.Stream) bool {
		return s != own && (s.IsDispatch() && !homes || s.ContractorID() != "" && !phones)
	})
}

func anyOf(changes []string, names ...string) bool {
	return slices.ContainsFunc(changes, func(c string) bool { return slices.Contains(names, c) })
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
