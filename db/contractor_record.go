package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/schedule"
)

// ContractorRecord is everything that is kept of a contractor, read at one
// instant.
type ContractorRecord struct {
	// Availability holds the exceptions of exceptionDays from yesterday on, and
	// no bookings: Future has them with their jobs.
	Availability
	HomeName string
	// AutoAccept: he is not asked, whatever he is given is accepted.
	AutoAccept bool
	// Erased: he was one of us; nothing but his id is known of him any more.
	Erased bool
	// Move is the one that is to come, nil if there is none.
	Move *PlannedMove
	// ServedRegions are the slugs of the regions beside his home, sorted.
	ServedRegions []string
	// Future are the jobs that he holds and that have not ended, by start.
	Future []Card
}

// exceptionDays is how far ahead days off can be entered, and are shown.
const exceptionDays = 400

// planned is the time whose exceptions are read: from yesterday on, because
// somewhere it may still be.
func planned(now time.Time) schedule.Span {
	return schedule.Span{Start: now.AddDate(0, 0, -1), End: now.AddDate(0, 0, exceptionDays)}
}

// ContractorRecord returns a contractor with what he can do, when he works and
// what he is to do after now, or ErrNotFound.
func (db *DB) ContractorRecord(ctx context.Context, id string, now time.Time) (ContractorRecord, error) {
	var r ContractorRecord
	err := db.inSnapshot(ctx, func(tx *sqlx.Tx) (err error) {
		r, err = contractorRecord(ctx, tx, id, now)
		return err
	})
	if err != nil {
		return ContractorRecord{}, fmt.Errorf("record of contractor %s: %w", id, err)
	}
	return r, nil
}

func contractorRecord(ctx context.Context, tx *sqlx.Tx, id string, now time.Time) (ContractorRecord, error) {
	if !isUUID(id) {
		return ContractorRecord{}, ErrNotFound
	}
	found, err := availabilities(ctx, tx, "", planned(now), `where c.id = $2`, id)
	if err != nil {
		return ContractorRecord{}, err
	}
	if len(found) == 0 {
		return ContractorRecord{}, ErrNotFound
	}
	r := ContractorRecord{Availability: found[0]}
	r.Bookings = nil
	err = tx.QueryRowContext(ctx, `select h.name, c.auto_accept, c.erased_at is not null from contractors c join regions h on h.slug = c.home_region
	  where c.id = $1`, id).Scan(&r.HomeName, &r.AutoAccept, &r.Erased)
	if err != nil {
		return r, fmt.Errorf("home: %w", err)
	}
	if r.Move, err = plannedMove(ctx, tx, id); err != nil {
		return r, err
	}
	r.ServedRegions = []string{}
	err = tx.SelectContext(ctx, &r.ServedRegions, `select region from contractor_regions
	  where contractor_id = $1 order by region collate "C"`, id)
	if err != nil {
		return r, fmt.Errorf("served regions: %w", err)
	}
	r.Future, err = selectCardsWhere(ctx, tx, ` where a.contractor_id = $1 and upper(a.during) > $2`+byStart, id, now)
	return r, err
}

// ContractorFilter narrows ContractorList. The zero value finds nobody, because
// whoever asks must say what he may see: Everywhere or Regions.
type ContractorFilter struct {
	// Everywhere takes the contractors of all regions; otherwise those who have
	// one of Regions as home or serve it.
	Everywhere bool
	Regions    []string
	// Region must be his home or one that he serves, if it is not empty.
	Region string
	// Active and Inactive say which of the two are wanted.
	Active, Inactive bool
}

// ContractorLine is a contractor in a list.
type ContractorLine struct {
	Contractor
	HomeName string `db:"home_name"`
}

// ContractorList returns those who meet the filter, by name.
func (db *DB) ContractorList(ctx context.Context, f ContractorFilter) ([]ContractorLine, error) {
	var list []ContractorLine
	err := db.pool.SelectContext(ctx, &list, `
	  select c.id, c.external_id, c.name, c.phone, c.email, c.home_region, c.active, c.version, r.name as home_name
	    from contractors c join regions r on r.slug = c.home_region
	   where ($2 or c.home_region = any($3::text[])
	          or exists (select from contractor_regions s where s.contractor_id = c.id and s.region = any($3::text[])))
	     and ($1 = '' or `+servesRegion+`)
	     and ((c.active and $4) or (not c.active and $5))
	   order by c.name, c.id`, f.Region, f.Everywhere, pq.Array(f.Regions), f.Active, f.Inactive)
	if err != nil {
		return nil, fmt.Errorf("list contractors: %w", translate(err))
	}
	return list, nil
}

// ContractorExtras are what a list shows of a contractor beside his own row.
type ContractorExtras struct {
	// Serves and Skills are names, sorted.
	Serves, Skills []string
}

// ContractorExtras returns the served regions and the skills of contractors, by
// id.
func (db *DB) ContractorExtras(ctx context.Context, ids []string) (map[string]ContractorExtras, error) {
	var rows []struct {
		ID     string         `db:"id"`
		Serves pq.StringArray `db:"serves"`
		Skills pq.StringArray `db:"skills"`
	}
	err := db.pool.SelectContext(ctx, &rows, `select c.id,
	    array(select r.name from contractor_regions s join regions r on r.slug = s.region
	           where s.contractor_id = c.id order by r.name, r.slug) as serves,
	    array(select k.name from contractor_skills s join skills k on k.slug = s.skill
	           where s.contractor_id = c.id order by k.name, k.slug) as skills
	  from contractors c where c.id = any($1::uuid[])`, pq.Array(ids))
	if err != nil {
		return nil, fmt.Errorf("skills and regions of contractors: %w", translate(err))
	}
	extras := make(map[string]ContractorExtras, len(rows))
	for _, r := range rows {
		extras[r.ID] = ContractorExtras{Serves: r.Serves, Skills: r.Skills}
	}
	return extras, nil
}
