package db

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// ErrNotEmpty: the database holds regions, people or jobs already.
var ErrNotEmpty = errors.New("the database is not empty")

// World is a whole business for demonstrations. Everything in it has a key of
// its own; all ids follow from Name and the keys, so that the same world is the
// same rows in every database.
type World struct {
	Name        string
	Regions     []Region
	Skills      []Skill
	Contractors []WorldContractor
	Users       []WorldUser
	Jobs        []WorldJob
}

// WorldContractor is a contractor with everything that decides when he can
// work.
type WorldContractor struct {
	Key                      string
	Name, Phone, Email, Home string
	Base                     schedule.Point
	// Serves lists regions beside Home.
	Serves     []string
	Skills     []schedule.Skill
	Hours      []schedule.Hours
	Exceptions []schedule.Exception
}

// WorldUser is a person who signs in with a password.
type WorldUser struct {
	Email, Name, Role, Password string
	Regions                     []string
}

// WorldJob is a job, open unless somebody was given it or it is called off.
// Job.ExternalID is its key.
type WorldJob struct {
	Job NewJob
	// Contractor is the key of who was given it, from Start in wall time of the
	// job's region, for the job's duration; Crew are those who come with him. Each
	// of several days has them, from the same clock on dates that follow each other.
	Contractor string
	Crew       []string
	Start      schedule.WallTime
	// Progress is how far they have come on the first day, Assigned if empty; Later
	// is that on the days after it, as on the first if empty. Declined and Expired
	// leave the job open.
	Progress schedule.AssignmentStatus
	Later    []schedule.AssignmentStatus
	// Cancelled is why the job was called off, "" if it was not; whoever had it
	// has Progress Cancelled then.
	Cancelled events.CancelReason
	// Reason is why against a soft rule, or why it was called off, in words.
	Reason string
}

// crew lists all who were given the job.
func (j WorldJob) crew() []string {
	if j.Contractor == "" {
		return nil
	}
	return append([]string{j.Contractor}, j.Crew...)
}

// days counts the days of the job.
func (j WorldJob) days() int { return max(j.Job.Days, 1) }

// progress is how far those who have the job have come on one of its days, from 1.
func (j WorldJob) progress(day int) schedule.AssignmentStatus {
	first := cmp.Or(j.Progress, schedule.Assigned)
	if day == 1 || len(j.Later) == 0 {
		return first
	}
	return j.Later[day-2]
}

// status is the state of the job that follows from how far those have come who
// have it.
func (j WorldJob) status() schedule.JobStatus {
	if j.Cancelled != "" {
		return schedule.JobCancelled
	}
	var held []schedule.AssignmentStatus
	for day := 1; day <= j.days(); day++ {
		if p := j.progress(day); p != schedule.Declined && p != schedule.Expired {
			held = append(held, slices.Repeat([]schedule.AssignmentStatus{p}, len(j.crew()))...)
		}
	}
	return statusOfJob(held, max(j.Job.Headcount, 1), j.days())
}

// id derives the id of a thing from its kind and key.
func (w World) id(kind, key string) string {
	space := uuid.NewSHA1(uuid.NameSpaceURL, []byte("urn:smartscheduler:world:"+w.Name))
	return uuid.NewSHA1(space, []byte(kind+"/"+key)).String()
}

// ContractorID is the id that the contractor of a key gets.
func (w World) ContractorID(key string) string { return w.id("contractor", key) }

// JobID is the id that the job of a key gets.
func (w World) JobID(key string) string { return w.id("job", key) }

// Empty tells whether the database holds no regions, people and jobs yet.
func (db *DB) Empty(ctx context.Context) (bool, error) {
	return isEmpty(ctx, db.pool)
}

func isEmpty(ctx context.Context, q sqlx.QueryerContext) (bool, error) {
	var empty bool
	err := sqlx.GetContext(ctx, q, &empty, `select not exists (select from regions where slug <> $1) and not exists (select from skills)
	  and not exists (select from users) and not exists (select from contractors) and not exists (select from jobs)`, schedule.Unrouted)
	if err != nil {
		return false, fmt.Errorf("look whether the database is empty: %w", translate(err))
	}
	return empty, nil
}

// SeedWorld fills an empty database with a world in one transaction, with the
// audit records and events that commands would have written. What contractors
// answer and report has no events yet, so of that there is only the state. It
// returns ErrNotEmpty, and *Invalid where the world breaks a hard rule.
func (db *DB) SeedWorld(ctx context.Context, w World) error {
	users, err := w.users()
	if err != nil {
		return fmt.Errorf("seed world %s: %w", w.Name, err)
	}
	err = db.inTx(ctx, func(tx *sqlx.Tx) error {
		if err := takeImportLock(ctx, tx); err != nil {
			return err
		}
		empty, err := isEmpty(ctx, tx)
		switch {
		case err != nil:
			return err
		case !empty:
			return ErrNotEmpty
		}
		if err := w.seedPlaces(ctx, tx); err != nil {
			return err
		}
		if err := w.seedContractors(ctx, tx); err != nil {
			return err
		}
		if err := seedUsers(ctx, tx, users); err != nil {
			return err
		}
		return w.seedJobs(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("seed world %s: %w", w.Name, err)
	}
	db.signal()
	return nil
}

// seedPlaces writes the skills and the regions.
func (w World) seedPlaces(ctx context.Context, tx *sqlx.Tx) error {
	type skill struct {
		Slug string `json:"slug"`
		Name string `json:"name"`
	}
	skills := make([]skill, len(w.Skills))
	for i, s := range w.Skills {
		skills[i] = skill(s)
	}
	err := execBatches(ctx, tx, "insert skills",
		`insert into skills (slug, name) select slug, name from json_to_recordset($1::json) as x(slug text, name text)`, skills)
	if err != nil {
		return err
	}
	regions := make([]regionJSON, len(w.Regions))
	for i, r := range w.Regions {
		regions[i] = regionJSON{Slug: r.Slug, Name: r.Name, Zone: r.Zone, Geometry: []byte(r.Geometry), Postcodes: r.Postcodes}
	}
	return saveRegions(ctx, tx, regions)
}

// userJSON is a row of a batch of users.
type userJSON struct {
	ID      string   `json:"id"`
	Email   string   `json:"email"`
	Name    string   `json:"name"`
	Role    string   `json:"role"`
	Hash    string   `json:"password_hash"`
	Regions []string `json:"regions"`
}

// users hashes the passwords, which takes too long for a transaction.
func (w World) users() ([]userJSON, error) {
	rows := make([]userJSON, len(w.Users))
	for i, u := range w.Users {
		if err := CheckPasswordRule(u.Password, u.Email); err != nil {
			return nil, fmt.Errorf("user %s: %w", u.Email, err)
		}
		hash, err := HashPassword(u.Password)
		if err != nil {
			return nil, fmt.Errorf("user %s: %w", u.Email, err)
		}
		rows[i] = userJSON{ID: w.id("user", u.Email), Email: normalEmail(u.Email), Name: u.Name, Role: u.Role, Hash: hash, Regions: u.Regions}
	}
	return rows, nil
}

func seedUsers(ctx context.Context, tx *sqlx.Tx, rows []userJSON) error {
	err := execBatches(ctx, tx, "insert users", `
	  insert into users (id, email, name, role, password_hash) select id, email, name, role, password_hash
	    from json_to_recordset($1::json) as x(id uuid, email text, name text, role text, password_hash text)`, rows)
	if err != nil {
		return err
	}
	return execBatches(ctx, tx, "insert regions of users", `
	  insert into user_regions (user_id, region) select x.id, r
	    from json_to_recordset($1::json) as x(id uuid, regions text[]), unnest(x.regions) r`, rows)
}
