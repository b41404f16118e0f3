package db

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jmoiron/sqlx"

	"smartscheduler/schedule"
)

// softReasons says which soft rules giving a contractor work at that time
// breaks: his hours and days off. They refuse nothing and are recorded. Why he
// is off is said only to those of his home.
func softReasons(ctx context.Context, tx *sqlx.Tx, by Actor, contractorID string, at schedule.Span) ([]schedule.Reason, error) {
	var row struct {
		Home       string `db:"home_region"`
		Zone       string `db:"zone"`
		Hours      []byte `db:"hours"`
		Exceptions []byte `db:"exceptions"`
	}
	err := tx.GetContext(ctx, &row, `select c.home_region, r.zone,
	    (select coalesce(jsonb_agg(jsonb_build_object('Weekday', h.weekday,
	        'Start', to_char(h.starts, 'HH24:MI'), 'End', to_char(h.ends, 'HH24:MI'))), '[]')
	       from contractor_hours h where h.contractor_id = c.id) as hours,
	    (select coalesce(jsonb_agg(jsonb_build_object('Day', e.day, 'Off', e.starts is null, 'Note', e.note,
	        'Start', to_char(e.starts, 'HH24:MI'), 'End', to_char(e.ends, 'HH24:MI')) order by e.day), '[]')
	       from contractor_exceptions e where e.contractor_id = c.id
	        and e.day between ($2::timestamptz - interval '1 day')::date and ($3::timestamptz + interval '1 day')::date) as exceptions
	  from contractors c join regions r on r.slug = c.home_region where c.id = $1`, contractorID, at.Start, at.End)
	if err != nil {
		return nil, fmt.Errorf("hours: %w", err)
	}
	a := Availability{Contractor: Contractor{ID: contractorID}, HomeZone: row.Zone}
	if err := json.Unmarshal(row.Hours, &a.Hours); err != nil {
		return nil, fmt.Errorf("hours: %w", err)
	}
	if err := json.Unmarshal(row.Exceptions, &a.Exceptions); err != nil {
		return nil, fmt.Errorf("days off: %w", err)
	}
	if !by.may(row.Home) {
		a.Exceptions = schedule.WithoutNotes(a.Exceptions)
	}
	return a.HoursReasons(at)
}

func details(reasons []schedule.Reason) []string {
	var words []string
	for _, r := range reasons {
		words = append(words, r.Detail)
	}
	return words
}
