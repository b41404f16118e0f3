package db

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// storedContractor is a contractor as he is, for comparison with a row of a
// file.
type storedContractor struct {
	Contractor
	Serves pq.StringArray `db:"serves"`
	// Skills are like "tile 2027-03-31", Hours like "1 08:00 17:00", Exceptions
	// as a file has them.
	Skills     pq.StringArray `db:"skills"`
	Hours      pq.StringArray `db:"hours"`
	Exceptions pq.StringArray `db:"exceptions"`
}

func (c *storedContractor) base() (lat, lng *float64) {
	if !c.BaseLat.Valid || !c.BaseLng.Valid {
		return nil, nil
	}
	return &c.BaseLat.Float64, &c.BaseLng.Float64
}

// storedContractors reads and locks the contractors of external ids, by
// external id. One who has none goes by his own id, as in an export.
func storedContractors(ctx context.Context, tx *sqlx.Tx, externalIDs []string) (map[string]*storedContractor, error) {
	found := make(map[string]*storedContractor)
	for batch := range slices.Chunk(externalIDs, batchRows) {
		if _, err := tx.ExecContext(ctx, `select from contractors c where `+namedBy+` order by id for no key update`, pq.Array(batch), pq.Array(onlyUUIDs(batch))); err != nil {
			return nil, fmt.Errorf("lock contractors: %w", err)
		}
		var list []*storedContractor
		err := tx.SelectContext(ctx, &list, `
		  select c.id, c.external_id, c.name, c.phone, c.email, c.home_region, c.base_lat, c.base_lng, c.active, c.version,
		      `+servesCells+` as serves, `+exceptionCells("note")+` as exceptions,
		      array(select trim(skill || ' ' || coalesce(valid_until::text, '')) from contractor_skills s
		             where s.contractor_id = c.id order by skill collate "C") as skills,
		      array(select weekday || ' ' || to_char(starts, 'HH24:MI') || ' ' || to_char(ends, 'HH24:MI') from contractor_hours h
		             where h.contractor_id = c.id order by weekday, starts) as hours
		    from contractors c where `+namedBy+` order by c.external_id nulls first`, pq.Array(batch), pq.Array(onlyUUIDs(batch)))
		if err != nil {
			return nil, fmt.Errorf("look up contractors: %w", err)
		}
		for _, c := range list {
			found[cmp.Or(c.ExternalID.String, c.ID)] = c
		}
	}
	return found, nil
}

// namedBy is true for contractors c of the external ids $1, of which $2 are
// uuids.
const namedBy = `(c.external_id = any($1) or c.external_id is null and c.id = any($2::uuid[]))`

// equals compares with a contractor whose exceptions are nil if they stay.
func (c *storedContractor) equals(to contractorJSON) bool {
	skills := make([]string, len(to.Skills))
	for i, s := range to.Skills {
		skills[i] = strings.TrimSpace(s.Skill + " " + s.ValidUntil)
	}
	hours := make([]string, len(to.Hours))
	for i, h := range to.Hours {
		hours[i] = fmt.Sprintf("%d %s %s", h.Weekday, h.Starts, h.Ends)
	}
	exceptions := []string(c.Exceptions)
	if to.Exceptions != nil {
		exceptions = exceptionLines(to.Exceptions)
	}
	lat, lng := c.base()
	return equalDegrees(lat, to.Lat) && equalDegrees(lng, to.Lng) && slices.Equal(c.Exceptions, exceptions) &&
		c.Name == to.Name && c.Phone == to.Phone && c.Email == to.Email && c.HomeRegion == to.Home &&
		slices.Equal(c.Serves, to.Serves) && slices.Equal(c.Skills, skills) && slices.Equal(c.Hours, hours)
}
