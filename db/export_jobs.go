package db

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"

	"smartscheduler/schedule"
)

// exportedJob is a row of a file of jobs.
type exportedJob struct {
	Number        int64          `db:"number" json:"number"`
	ExternalID    string         `db:"external_id" json:"external_id"`
	Status        string         `db:"status" json:"status"`
	Title         string         `db:"title" json:"title"`
	CustomerName  string         `db:"customer_name" json:"customer_name"`
	CustomerPhone string         `db:"customer_phone" json:"customer_phone"`
	Address       string         `db:"address" json:"address"`
	Postcode      string         `db:"postcode" json:"postcode"`
	Lat           *float64       `db:"lat" json:"lat"`
	Lng           *float64       `db:"lng" json:"lng"`
	AccessNotes   string         `db:"access_notes" json:"access_notes"`
	Region        string         `db:"region" json:"region"`
	RegionReason  string         `db:"region_reason" json:"region_reason"`
	Skills        pq.StringArray `db:"skills" json:"skills"`
	Minutes       int            `db:"duration_minutes" json:"duration_minutes"`
	Headcount     int            `db:"headcount" json:"headcount"`
	Days          int            `db:"days" json:"days"`
	Priority      string         `db:"priority" json:"priority"`
	Zone          string         `db:"zone" json:"zone"`
	WindowStart   time.Time      `db:"window_start" json:"window_start"`
	WindowEnd     time.Time      `db:"window_end" json:"window_end"`
	Notes         string         `db:"notes" json:"notes"`
}

// A job that no other system has named goes by its own id.
func (exportedJob) query() string {
	return `select j.number, coalesce(j.external_id, j.id::text) as external_id, j.status, j.title,
	      coalesce(k.name, '') as customer_name, coalesce(k.phone, '') as customer_phone,
	      s.address, s.postcode, s.lat, s.lng, s.access_notes, j.region, j.region_reason, j.skills, j.duration_minutes, j.headcount, j.days, j.priority,
	      j.zone, j.window_start, j.window_end, j.notes
	    from asked, jobs j join sites s on s.id = j.site_id left join customers k on k.id = s.customer_id
	   where (everywhere or j.region = any(regions)) and asked.region in ('', j.region)
	     and ` + between("j.window_start_local::date", "j.window_end_local::date") + ` order by j.number`
}

func (exportedJob) columns() []string {
	return []string{
		"number", "external_id", "status", "title", "customer_name", "customer_phone", "address", "postcode", "lat", "lng", "access_notes",
		"region", "region_reason", "skills", "duration_minutes", "headcount", "days", "priority", "zone", "window_start", "window_end", "notes",
	}
}

func (j exportedJob) cells() ([]string, error) {
	loc, err := schedule.LoadZone(j.Zone)
	if err != nil {
		return nil, fmt.Errorf("zone of job %d: %w", j.Number, err)
	}
	return []string{
		strconv.FormatInt(j.Number, 10), j.ExternalID, j.Status, j.Title, j.CustomerName, j.CustomerPhone, j.Address, j.Postcode,
		degreesCell(j.Lat), degreesCell(j.Lng), j.AccessNotes, j.Region, j.RegionReason, listCell(j.Skills), strconv.Itoa(j.Minutes), strconv.Itoa(j.Headcount), strconv.Itoa(j.Days),
		j.Priority, j.Zone, wallCell(j.WindowStart, loc), wallCell(j.WindowEnd, loc), j.Notes,
	}, nil
}

// wallCell writes an instant as the wall time of a zone, with the offset where
// that hour happens twice.
func wallCell(at time.Time, loc *time.Location) string {
	return schedule.WallTimeIn(at, loc).String() + schedule.OffsetIfRepeated(at, loc)
}

func listCell(list []string) string { return strings.Join(list, ";") }

func degreesCell(degrees *float64) string {
	if degrees == nil {
		return ""
	}
	return strconv.FormatFloat(*degrees, 'f', -1, 64)
}
