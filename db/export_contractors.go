package db

import (
	"strings"

	"github.com/lib/pq"
)

// exportedContractor is a row of a file of contractors.
type exportedContractor struct {
	ExternalID string         `db:"external_id" json:"external_id"`
	Name       string         `db:"name" json:"name"`
	Home       string         `db:"home_region" json:"home_region"`
	Serves     pq.StringArray `db:"serves" json:"served_regions"`
	Skills     pq.StringArray `db:"skills" json:"skills"`
	Hours      pq.StringArray `db:"hours" json:"hours"`
	Exceptions pq.StringArray `db:"exceptions" json:"exceptions"`
	Phone      string         `db:"phone" json:"phone"`
	Email      string         `db:"email" json:"email"`
	Lat        *float64       `db:"base_lat" json:"base_lat"`
	Lng        *float64       `db:"base_lng" json:"base_lng"`
	Active     bool           `db:"active" json:"active"`
	AutoAccept bool           `db:"auto_accept" json:"auto_accept"`
}

// Why somebody is off is for those who lead him.
func (exportedContractor) query() string {
	return `select coalesce(c.external_id, c.id::text) as external_id, c.name, c.home_region, c.phone, c.email, c.base_lat, c.base_lng, c.active, c.auto_accept,
	      ` + servesCells + ` as serves,
	      array(select skill || coalesce(':' || valid_until, '') from contractor_skills s
	             where s.contractor_id = c.id order by skill collate "C") as skills,
	      array(select (array['Mon','Tue','Wed','Thu','Fri','Sat','Sun'])[weekday] || ' ' || to_char(starts, 'HH24:MI') || '-' || to_char(ends, 'HH24:MI')
	              from contractor_hours h where h.contractor_id = c.id order by weekday, starts) as hours,
	      ` + exceptionCells(`case when everywhere or c.home_region = any(regions) then note else '' end`) + ` as exceptions
	    from asked, contractors c
	   where (everywhere or c.home_region = any(regions)
	          or exists (select from contractor_regions s where s.contractor_id = c.id and s.region = any(regions)))
	     and (asked.region in ('', c.home_region)
	          or exists (select from contractor_regions s where s.contractor_id = c.id and s.region = asked.region))
	   order by c.name, c.id`
}

// servesCells lists the regions that a contractor c serves beside his home.
const servesCells = `array(select region from contractor_regions r where r.contractor_id = c.id order by region collate "C")`

// exceptionCells lists the days on which a contractor c works other hours than
// in his week, as a file names them.
func exceptionCells(note string) string {
	return `array(select concat_ws(' ', day, coalesce(to_char(starts, 'HH24:MI') || '-' || to_char(ends, 'HH24:MI'), 'off'),
	    nullif(translate(` + note + `, E'\n\t', '  '), '')) from contractor_exceptions e where e.contractor_id = c.id order by day)`
}

func (exportedContractor) columns() []string {
	return []string{
		"external_id", "name", "home_region", "served_regions", "skills", "hours", "exceptions", "phone", "email", "base_lat", "base_lng", "active", "auto_accept",
	}
}

func (c exportedContractor) cells() ([]string, error) {
	return []string{
		c.ExternalID, c.Name, c.Home, listCell(c.Serves), listCell(c.Skills), strings.Join(c.Hours, "; "), strings.Join(c.Exceptions, "\n"),
		c.Phone, c.Email, degreesCell(c.Lat), degreesCell(c.Lng), yesCell(c.Active), yesCell(c.AutoAccept),
	}, nil
}

func yesCell(holds bool) string {
	if holds {
		return "yes"
	}
	return "no"
}
