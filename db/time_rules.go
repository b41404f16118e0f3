package db

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"smartscheduler/schedule"
)

// timeReasons says which soft rules giving a contractor, whose row is locked, the
// work of a command at that time breaks: his hours and days off, and how long he
// works on a day. They are recorded and refuse nothing, but a long day needs a
// reason; one that is longer than anybody may work is refused. Why he is off is
// said only to those of his home.
func timeReasons(ctx context.Context, tx *sqlx.Tx, j *lockedJob, cmd Command, c lockedContractor, at schedule.Span) ([]schedule.Reason, error) {
	a, err := plannedAround(ctx, tx, j, c.ID, at)
	if err != nil {
		return nil, err
	}
	if !cmd.By.may(c.HomeRegion) {
		a.Exceptions = schedule.WithoutNotes(a.Exceptions)
	}
	forbids, warns, err := a.DayReasons(at, "")
	if err != nil {
		return nil, err
	}
	if len(forbids) > 0 {
		return nil, &Invalid{Field: "start", Message: c.Name + " would work " + strings.Join(details(forbids), " and ") + "."}
	}
	if len(warns) > 0 && cmd.OverrideReason == "" {
		return nil, &Invalid{Field: "override_reason", Message: c.Name + " would work " + strings.Join(details(warns), " and ") + ": say why."}
	}
	soft, err := a.HoursReasons(at)
	return append(soft, warns...), err
}

// plannedAround reads what a contractor has planned on the days of a span, without
// the assignment that is being changed.
func plannedAround(ctx context.Context, tx *sqlx.Tx, j *lockedJob, contractorID string, at schedule.Span) (Availability, error) {
	var row struct {
		Zone       string `db:"zone"`
		Hours      []byte `db:"hours"`
		Exceptions []byte `db:"exceptions"`
		Bookings   []byte `db:"bookings"`
	}
	var own any
	if j.current != nil {
		own = j.current.ID
	}
	err := tx.GetContext(ctx, &row, `select r.zone,
	    (select coalesce(jsonb_agg(jsonb_build_object('Weekday', h.weekday,
	        'Start', to_char(h.starts, 'HH24:MI'), 'End', to_char(h.ends, 'HH24:MI'))), '[]')
	       from contractor_hours h where h.contractor_id = c.id) as hours,
	    (select coalesce(jsonb_agg(jsonb_build_object('Day', e.day, 'Off', e.starts is null, 'Note', e.note,
	        'Start', to_char(e.starts, 'HH24:MI'), 'End', to_char(e.ends, 'HH24:MI')) order by e.day), '[]')
	       from contractor_exceptions e where e.contractor_id = c.id
	        and e.day between ($2::timestamptz - interval '1 day')::date and ($3::timestamptz + interval '1 day')::date) as exceptions,
	    (select coalesce(jsonb_agg(jsonb_build_object('Start', lower(a.during), 'End', upper(a.during))), '[]')
	       from assignments a where a.contractor_id = c.id and a.active and a.id is distinct from $4
	        and a.during && tstzrange($2::timestamptz - interval '2 days', $3::timestamptz + interval '2 days')) as bookings
	  from contractors c join regions r on r.slug = c.home_region where c.id = $1`, contractorID, at.Start, at.End, own)
	if err != nil {
		return Availability{}, fmt.Errorf("hours: %w", err)
	}
	a := Availability{Contractor: Contractor{ID: contractorID}, HomeZone: row.Zone}
	for _, part := range []struct {
		what string
		json []byte
		to   any
	}{{"hours", row.Hours, &a.Hours}, {"days off", row.Exceptions, &a.Exceptions}, {"bookings", row.Bookings, &a.Bookings}} {
		if err := json.Unmarshal(part.json, part.to); err != nil {
			return Availability{}, fmt.Errorf("%s: %w", part.what, err)
		}
	}
	return a, nil
}

// HoursReasons says why a time is not within the contractor's hours, see
// schedule.HoursReasons.
func (a Availability) HoursReasons(at schedule.Span) ([]schedule.Reason, error) {
	loc, err := a.zone()
	if err != nil {
		return nil, err
	}
	return schedule.HoursReasons(at, a.Hours, a.Exceptions, loc), nil
}

// DayReasons says which days would be too long for the contractor, and which would
// need a reason, see schedule.DayReasons; except is an assignment that does not
// count, "" for none. What he is booked for must have been read for the whole of
// these days.
func (a Availability) DayReasons(at schedule.Span, except string) (forbids, warns []schedule.Reason, err error) {
	loc, err := a.zone()
	if err != nil {
		return nil, nil, err
	}
	forbids, warns = schedule.DayReasons(at, a.booked(except), loc)
	return forbids, warns, nil
}

func (a Availability) zone() (*time.Location, error) {
	loc, err := schedule.LoadZone(a.HomeZone)
	if err != nil {
		return nil, fmt.Errorf("zone of contractor %s: %w", a.ID, err)
	}
	return loc, nil
}

// booked is when he is busy, but for an assignment; "" is none.
func (a Availability) booked(except string) []schedule.Span {
	spans := make([]schedule.Span, 0, len(a.Bookings))
	for _, b := range a.Bookings {
		if except == "" || b.AssignmentID != except {
			spans = append(spans, b.Span)
		}
	}
	return spans
}

func details(reasons []schedule.Reason) []string {
	var words []string
	for _, r := range reasons {
		words = append(words, r.Detail)
	}
	return words
}
