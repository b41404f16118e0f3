package db

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/schedule"
)

// Contractor is a person or the lead of a crew who does jobs.
type Contractor struct {
	ID         string          `db:"id"`
	ExternalID sql.NullString  `db:"external_id"`
	Name       string          `db:"name"`
	Phone      string          `db:"phone"`
	Email      string          `db:"email"`
	HomeRegion string          `db:"home_region"`
	BaseLat    sql.NullFloat64 `db:"base_lat"`
	BaseLng    sql.NullFloat64 `db:"base_lng"`
	Active     bool            `db:"active"`
	Version    int             `db:"version"`
}

const selectContractors = `select c.id, c.external_id, c.name, c.phone, c.email, c.home_region,
  c.base_lat, c.base_lng, c.active, c.version from contractors c `

// Contractor returns one contractor, or ErrNotFound.
func (db *DB) Contractor(ctx context.Context, id string) (Contractor, error) {
	return contractorByID(ctx, db.pool, id)
}

// Contractors returns all active contractors by name.
func (db *DB) Contractors(ctx context.Context) ([]Contractor, error) {
	var cs []Contractor
	err := db.pool.SelectContext(ctx, &cs, selectContractors+`where c.active order by c.name, c.id`)
	if err != nil {
		return nil, fmt.Errorf("list contractors: %w", translate(err))
	}
	return cs, nil
}

func contractorByID(ctx context.Context, q sqlx.QueryerContext, id string) (Contractor, error) {
	var c Contractor
	if err := sqlx.GetContext(ctx, q, &c, selectContractors+`where c.id = $1`, id); err != nil {
		return Contractor{}, fmt.Errorf("contractor %s: %w", id, notFound(err))
	}
	return c, nil
}

// ContractorNames returns the current names of contractors by id.
func (db *DB) ContractorNames(ctx context.Context, ids []string) (map[string]string, error) {
	return namesByID(ctx, db.pool, `select id::text, name from contractors where id = any($1::uuid[])`, ids)
}

func namesByID(ctx context.Context, q sqlx.QueryerContext, query string, ids []string) (map[string]string, error) {
	var rows []struct {
		ID   string `db:"id"`
		Name string `db:"name"`
	}
	if err := sqlx.SelectContext(ctx, q, &rows, query, pq.Array(ids)); err != nil {
		return nil, fmt.Errorf("look up names: %w", translate(err))
	}
	names := make(map[string]string, len(rows))
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return names, nil
}

// Booking is a stretch of a contractor's time that an assignment occupies.
type Booking struct {
	schedule.Span
	// AssignmentID and JobNumber say what occupies it; Zone is that job's.
	AssignmentID string
	JobNumber    int64
	Zone         string
}

// Availability is what decides whether and when a contractor can take a job.
type Availability struct {
	Contractor
	// HomeName is the name of his home region, HomeZone the IANA zone of his hours.
	HomeName, HomeZone string
	// Serves tells whether the region asked for is his home or one he serves.
	Serves     bool
	Skills     []schedule.Skill
	Hours      []schedule.Hours
	Exceptions []schedule.Exception
	Bookings   []Booking
}

// Availabilities returns the active contractors with what they have planned
// between span.Start and span.End, those of the region first, by name. Those
// of other regions are left out when there are more than everybody in all.
func (db *DB) Availabilities(ctx context.Context, region string, span schedule.Span, everybody int) ([]Availability, error) {
	var list []Availability
	err := db.inSnapshot(ctx, func(tx *sqlx.Tx) (err error) {
		list, err = availabilities(ctx, tx, region, span,
			`where c.active and (`+servesRegion+` or (select count(*) from contractors where active) <= $2)`, everybody)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("availabilities in %s: %w", region, err)
	}
	return list, nil
}

// servesRegion is true for contractors c whose home is region $1, or is going to
// be, or who serve it.
const servesRegion = `(c.home_region = $1 or exists (select from contractor_regions s where s.contractor_id = c.id and s.region = $1)
  or exists (select from contractor_moves m where m.contractor_id = c.id and m.to_region = $1 and m.done_at is null))`

type availabilityRow struct {
	Contractor
	HomeName string `db:"home_name"`
	HomeZone string `db:"home_zone"`
	Serves   bool   `db:"serves"`
}

// availabilities reads the contractors that match where ($1 is the region) and
// then everything about them with one query a kind, not one a contractor.
func availabilities(ctx context.Context, tx *sqlx.Tx, region string, span schedule.Span, where string, args ...any) ([]Availability, error) {
	query := `select c.id, c.external_id, c.name, c.phone, c.email, c.home_region, c.base_lat, c.base_lng, c.active, c.version,
	    r.name as home_name, r.zone as home_zone, ` + servesRegion + ` as serves
	  from contractors c join regions r on r.slug = c.home_region ` + where + `
	  order by serves desc, (c.home_region = $1) desc, c.name, c.id`
	var rows []availabilityRow
	if err := tx.SelectContext(ctx, &rows, query, append([]any{region}, args...)...); err != nil {
		return nil, fmt.Errorf("contractors: %w", err)
	}
	list := make([]Availability, len(rows))
	ids := make([]string, len(rows))
	byID := make(map[string]*Availability, len(rows))
	for i, r := range rows {
		list[i] = Availability{Contractor: r.Contractor, HomeName: r.HomeName, HomeZone: r.HomeZone, Serves: r.Serves}
		ids[i] = r.ID
		byID[r.ID] = &list[i]
	}
	for _, fill := range []func(context.Context, *sqlx.Tx, schedule.Span, []string, map[string]*Availability) error{
		fillSkills, fillHours, fillExceptions, fillBookings,
	} {
		if err := fill(ctx, tx, span, ids, byID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func fillSkills(ctx context.Context, tx *sqlx.Tx, _ schedule.Span, ids []string, byID map[string]*Availability) error {
	return eachRow(ctx, tx, func(rows *sqlx.Rows) error {
		var id string
		var s schedule.Skill
		if err := rows.Scan(&id, &s.Slug, &s.ValidUntil); err != nil {
			return err
		}
		byID[id].Skills = append(byID[id].Skills, s)
		return nil
	}, `select contractor_id, skill, coalesce(valid_until::text, '') from contractor_skills
	     where contractor_id = any($1::uuid[]) order by skill`, pq.Array(ids))
}

func fillHours(ctx context.Context, tx *sqlx.Tx, _ schedule.Span, ids []string, byID map[string]*Availability) error {
	return eachRow(ctx, tx, func(rows *sqlx.Rows) error {
		var id string
		var h schedule.Hours
		if err := rows.Scan(&id, &h.Weekday, &h.Start, &h.End); err != nil {
			return err
		}
		byID[id].Hours = append(byID[id].Hours, h)
		return nil
	}, `select contractor_id, weekday, to_char(starts, 'HH24:MI'), to_char(ends, 'HH24:MI') from contractor_hours
	     where contractor_id = any($1::uuid[]) order by weekday, starts`, pq.Array(ids))
}

func fillExceptions(ctx context.Context, tx *sqlx.Tx, span schedule.Span, ids []string, byID map[string]*Availability) error {
	return eachRow(ctx, tx, func(rows *sqlx.Rows) error {
		var id string
		var e schedule.Exception
		if err := rows.Scan(&id, &e.Day, &e.Off, &e.Start, &e.End, &e.Note); err != nil {
			return err
		}
		byID[id].Exceptions = append(byID[id].Exceptions, e)
		return nil
	}, `select contractor_id, day::text, starts is null, coalesce(to_char(starts, 'HH24:MI'), ''),
	           coalesce(to_char(ends, 'HH24:MI'), ''), note
	      from contractor_exceptions where contractor_id = any($1::uuid[])
	       and day between ($2::timestamptz - interval '1 day')::date and ($3::timestamptz + interval '1 day')::date order by day`,
		pq.Array(ids), span.Start, span.End)
}

func fillBookings(ctx context.Context, tx *sqlx.Tx, span schedule.Span, ids []string, byID map[string]*Availability) error {
	return eachRow(ctx, tx, func(rows *sqlx.Rows) error {
		var id string
		var b Booking
		if err := rows.Scan(&id, &b.AssignmentID, &b.Start, &b.End, &b.JobNumber, &b.Zone); err != nil {
			return err
		}
		byID[id].Bookings = append(byID[id].Bookings, b)
		return nil
	}, `select a.contractor_id, a.id, lower(a.during), upper(a.during), j.number, j.zone
	      from assignments a join jobs j on j.id = a.job_id
	     where a.contractor_id = any($1::uuid[]) and a.active and a.during && tstzrange($2, $3)
	     order by lower(a.during)`, pq.Array(ids), span.Start, span.End)
}

func eachRow(ctx context.Context, tx *sqlx.Tx, scan func(*sqlx.Rows) error, query string, args ...any) error {
	rows, err := tx.QueryxContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read availability: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return fmt.Errorf("read availability: %w", err)
		}
	}
	return rows.Err()
}

// laneContractors returns the contractors whose home is the region on one of the
// dates of a span, with their working time: the active ones, and who is inactive and
// still holds a job then, which would else be on no lane.
func laneContractors(ctx context.Context, tx *sqlx.Tx, region Region, span schedule.Span) ([]LaneContractor, error) {
	loc, err := schedule.LoadZone(region.Zone)
	if err != nil {
		return nil, fmt.Errorf("zone of region %s: %w", region.Slug, err)
	}
	first, last := schedule.DayIn(span.Start, loc), schedule.DayIn(span.End.Add(-1), loc)
	list, err := availabilities(ctx, tx, region.Slug, span, `where c.id in `+everHome+` and exists (select from generate_series($4::date, $5::date, interval '1 day') n(d)
	    where `+homeTill+`n.d`+homeSince+`n.d`+homeElse+` = $1) and (c.active or exists
	  (select from assignments a where a.contractor_id = c.id and a.active and a.during && tstzrange($2, $3)))`,
		span.Start, span.End, first.String(), last.String())
	if err != nil {
		return nil, err
	}
	names, err := skillNames(ctx, tx)
	if err != nil {
		return nil, err
	}
	lanes := make([]LaneContractor, len(list))
	for i, a := range list {
		lanes[i] = LaneContractor{ID: a.ID, Name: a.Name, Phone: a.Phone, Notes: make(map[string]string),
			Working: schedule.WorkingSpans(a.Hours, a.Exceptions, loc, span.Start, span.End)}
		for _, s := range a.Skills {
			lanes[i].Skills = append(lanes[i].Skills, names[s.Slug])
			lanes[i].SkillSlugs = append(lanes[i].SkillSlugs, s.Slug)
		}
		for _, e := range a.Exceptions {
			lanes[i].Notes[e.Day] = e.Note
		}
		if !a.Active {
			lanes[i].Working = nil
			for day := first; day.String() <= last.String(); day = day.Add(1) {
				lanes[i].Notes[day.String()] = "inactive"
			}
		}
		lanes[i].Note = lanes[i].Notes[first.String()]
	}
	return lanes, nil
}

// HomeZone returns the IANA zone of a contractor's home region, or ErrNotFound.
func (db *DB) HomeZone(ctx context.Context, contractorID string) (string, error) {
	var zone string
	err := db.pool.GetContext(ctx, &zone, `select r.zone from contractors c join regions r on r.slug = c.home_region
	  where c.id = $1`, contractorID)
	if err != nil {
		return "", fmt.Errorf("zone of contractor %s: %w", contractorID, notFound(err))
	}
	return zone, nil
}
