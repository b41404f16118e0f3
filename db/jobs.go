package db

import (
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

const (
	// MaxHeadcount bounds how many contractors one job needs, MaxDays its days.
	MaxHeadcount = 20
	MaxDays      = 14
	// maxDayMinutes bounds the work of one of several days.
	maxDayMinutes = 12 * 60
)

// MaxNotes bounds the notes of a job, in characters.
const MaxNotes = 5000

// NewJob is what is known of a job when it is entered.
type NewJob struct {
	// ExternalID is the id in another system, "" for none; it is unique.
	ExternalID                  string
	Title                       string
	CustomerName, CustomerPhone string
	Site                        Site
	Skills                      []string
	DurationMinutes             int
	// Headcount is how many contractors have to come, up to MaxHeadcount, and Days
	// on how many days, up to MaxDays, each time for DurationMinutes; 0 is one.
	Headcount, Days int
	// Priority is normal, high or rush.
	Priority string
	// WindowStart and WindowEnd are what the customer was promised, as wall
	// time of the region that the site falls into; the offsets are needed only
	// for an hour that repeats.
	WindowStart, WindowEnd             schedule.WallTime
	WindowStartOffset, WindowEndOffset string
	Notes                              string
}

// Site is where a job is done.
type Site struct {
	Address, Postcode, AccessNotes string
	// Point is nil when the place is not known.
	Point *schedule.Point
	// RegionOverride puts the job into a region by hand; "" follows the rule.
	RegionOverride string
}

// CreateJob adds a job with its customer, site and visit, finds its region and
// logs JobCreated. A retry under the same key adds nothing and returns the same
// id. It returns *Invalid for bad input, ErrDuplicate when the external id is
// taken and ErrKeyReused.
func (db *DB) CreateJob(ctx context.Context, cmd Command, n NewJob) (string, error) {
	var out Outcome
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		if err := lockKey(ctx, tx, cmd); err != nil {
			return err
		}
		done, known, err := storedOutcome(ctx, tx, cmd)
		if err != nil || known {
			out = done
			return err
		}
		if out, err = db.createJob(ctx, tx, cmd.By, n, source{correlation: uuid.NewString()}); err != nil {
			return err
		}
		return storeOutcome(ctx, tx, cmd, out)
	})
	if isCode(err, codeUniqueViolation) {
		err = ErrDuplicate
	}
	if err != nil {
		return "", fmt.Errorf("create job: %w", err)
	}
	db.signal()
	return out.JobID, nil
}

// source is where a new job comes from: its command, and the job that it copies.
type source struct{ correlation, copyOf string }

func (db *DB) createJob(ctx context.Context, tx *sqlx.Tx, by Actor, n NewJob, from source) (Outcome, error) {
	if err := shareMapLock(ctx, tx); err != nil {
		return Outcome{}, err
	}
	region, reason, err := db.locate(ctx, tx, n.Site)
	if err != nil {
		return Outcome{}, err
	}
	if !by.may(region.Slug) {
		return Outcome{}, &Invalid{Field: "address", Message: fmt.Sprintf("This place is in %s, which is not one of your regions.", region.Name)}
	}
	id, err := insertJob(ctx, tx, n, region, reason)
	if err != nil {
		return Outcome{}, err
	}
	event := events.Event{
		ID: uuid.NewString(), OccurredAt: time.Now().UTC(), Actor: by.forEvent(), CorrelationID: from.correlation,
		Region: region.Slug, JobID: id, PublishedTo: []events.Stream{events.DispatchStream(region.Slug)},
		Fact: events.JobCreated{JobID: id, Region: region.Slug, CopyOf: from.copyOf},
	}
	return Outcome{JobID: id, EventIDs: []string{event.ID}}, appendEvents(ctx, tx, event)
}

// locate finds the region of a site, and why: by hand, or by the rule over the
// map as this transaction sees it.
func (db *DB) locate(ctx context.Context, tx *sqlx.Tx, s Site) (Region, string, error) {
	if s.RegionOverride != "" {
		r, err := regionBySlug(ctx, tx, s.RegionOverride)
		if err != nil {
			return Region{}, "", &Invalid{Field: "region_override", Message: "Choose a region from the list.", Err: err}
		}
		return r, "override", nil
	}
	index, err := db.regionMap(ctx, tx)
	if err != nil {
		return Region{}, "", err
	}
	found := index.Locate(s.Point, s.Postcode)
	r, err := regionBySlug(ctx, tx, found.Region)
	return r, found.Reason, err
}

func insertJob(ctx context.Context, tx *sqlx.Tx, n NewJob, region Region, reason string) (string, error) {
	window, err := n.window(region.Zone)
	if err != nil {
		return "", err
	}
	if err := knownSkills(ctx, tx, n.Skills); err != nil {
		return "", err
	}
	siteID, err := insertSite(ctx, tx, n)
	if err != nil {
		return "", err
	}
	id := uuid.NewString()
	_, err = tx.ExecContext(ctx, `
	  insert into jobs (id, external_id, title, site_id, region, region_reason, region_override, skills, duration_minutes,
	      priority, zone, window_start_local, window_end_local, window_start, window_end, notes, headcount, days)
	  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		id, nullable(n.ExternalID), n.Title, siteID, region.Slug, reason, nullable(n.Site.RegionOverride),
		pq.Array(skillSet(n.Skills)), n.DurationMinutes, n.Priority, region.Zone,
		n.WindowStart.DB(), n.WindowEnd.DB(), window.Start, window.End, n.Notes, max(n.Headcount, 1), max(n.Days, 1))
	if err != nil {
		return "", fmt.Errorf("insert job: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `insert into visits (job_id, number) select $1, generate_series(1, $2)`, id, max(n.Days, 1)); err != nil {
		return "", fmt.Errorf("insert visit: %w", err)
	}
	return id, nil
}

// knownSkills refuses skills that don't exist, and keeps the others in being.
func knownSkills(ctx context.Context, tx *sqlx.Tx, skills []string) error {
	if err := shareSkillsLock(ctx, tx); err != nil {
		return err
	}
	known, err := skillNames(ctx, tx)
	if err != nil {
		return err
	}
	for _, s := range skills {
		if _, ok := known[s]; !ok {
			return &Invalid{Field: "skills", Message: fmt.Sprintf("There is no skill %q.", s)}
		}
	}
	return nil
}

// skillSet returns the skills in order, each once, and never nil, which would
// be NULL.
func skillSet(skills []string) []string {
	return append([]string{}, slices.Compact(slices.Sorted(slices.Values(skills)))...)
}

func (n NewJob) window(zone string) (schedule.Span, error) {
	loc, err := schedule.LoadZone(zone)
	if err != nil {
		return schedule.Span{}, fmt.Errorf("zone %s: %w", zone, err)
	}
	start, err := schedule.Resolve(n.WindowStart, loc, n.WindowStartOffset)
	if err != nil {
		return schedule.Span{}, &Invalid{Field: "window_start", Message: err.Error(), Err: err}
	}
	end, err := schedule.Resolve(n.WindowEnd, loc, n.WindowEndOffset)
	if err != nil {
		return schedule.Span{}, &Invalid{Field: "window_end", Message: err.Error(), Err: err}
	}
	if !end.After(start) {
		return schedule.Span{}, &Invalid{Field: "window_end", Message: "The window must end after it starts."}
	}
	if err := checkYear("window_start", start); err != nil {
		return schedule.Span{}, err
	}
	if err := checkYear("window_end", end); err != nil {
		return schedule.Span{}, err
	}
	if err := n.checkDays(); err != nil {
		return schedule.Span{}, err
	}
	return schedule.Span{Start: start.UTC(), End: end.UTC()}, nil
}

// checkDays refuses a window that is too short for all the days of a job, and days
// that are too long for anybody.
func (n NewJob) checkDays() error {
	if n.Days <= 1 {
		return nil
	}
	if n.DurationMinutes > maxDayMinutes {
		return &Invalid{Field: "duration_minutes", Message: "On a job of several days each day has 12 hours at the most."}
	}
	first, last := n.WindowStart.DB().Truncate(24*time.Hour), n.WindowEnd.DB().Truncate(24*time.Hour)
	if last.Before(first.AddDate(0, 0, n.Days-1)) {
		return &Invalid{Field: "window_end", Message: fmt.Sprintf("Work of %d days needs a window of %d days at least.", n.Days, n.Days)}
	}
	return nil
}

// insertSite adds the site, for a customer who is known by name and phone or is
// added as well.
func insertSite(ctx context.Context, tx *sqlx.Tx, n NewJob) (string, error) {
	var customer any
	if n.CustomerName != "" {
		var id string
		err := tx.GetContext(ctx, &id, `with known as (select id from customers where name = $1 and phone = $2 limit 1),
		    added as (insert into customers (name, phone) select $1, $2 where not exists (select from known) returning id)
		  select id from known union all select id from added`, n.CustomerName, n.CustomerPhone)
		if err != nil {
			return "", fmt.Errorf("customer: %w", err)
		}
		customer = id
	}
	var lat, lng any
	if n.Site.Point != nil {
		lat, lng = n.Site.Point.Lat, n.Site.Point.Lng
	}
	var id string
	err := tx.GetContext(ctx, &id, `insert into sites (customer_id, address, postcode, lat, lng, access_notes)
	  values ($1, $2, $3, $4, $5, $6) returning id`, customer, n.Site.Address, n.Site.Postcode, lat, lng, n.Site.AccessNotes)
	if err != nil {
		return "", fmt.Errorf("insert site: %w", err)
	}
	return id, nil
}

// JobByNumber returns the id of the job with a number, or ErrNotFound.
func (db *DB) JobByNumber(ctx context.Context, number int64) (string, error) {
	var id string
	if err := db.pool.GetContext(ctx, &id, `select id from jobs where number = $1`, number); err != nil {
		return "", fmt.Errorf("job %d: %w", number, notFound(err))
	}
	return id, nil
}
