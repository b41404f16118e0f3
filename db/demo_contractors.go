package db

import (
	"context"

	"github.com/jmoiron/sqlx"

	"smartscheduler/schedule"
)

// contractorJSON is a row of a batch of contractors; the other four are what
// hangs on him.
type contractorJSON struct {
	ID         string `json:"id"`
	ExternalID string `json:"external_id"`
	Name       string `json:"name"`
	Phone      string `json:"phone"`
	Email      string `json:"email"`
	Home       string `json:"home_region"`
	// Lat and Lng are nil where his base is not known.
	Lat    *float64 `json:"base_lat"`
	Lng    *float64 `json:"base_lng"`
	Active bool     `json:"active"`
	// AutoAccept: whatever he is given is accepted at once.
	AutoAccept bool `json:"auto_accept"`

	Serves     []string        `json:"serves"`
	Skills     []skillJSON     `json:"skills"`
	Hours      []hoursJSON     `json:"hours"`
	Exceptions []exceptionJSON `json:"exceptions"`
}

type skillJSON struct {
	Skill      string `json:"skill"`
	ValidUntil string `json:"valid_until"`
}

type hoursJSON struct {
	Weekday int    `json:"weekday"`
	Starts  string `json:"starts"`
	Ends    string `json:"ends"`
}

type exceptionJSON struct {
	Day    string `json:"day"`
	Starts string `json:"starts"`
	Ends   string `json:"ends"`
	Note   string `json:"note"`
}

// contractorInserts write a batch of contractors, what hangs on them after
// them.
var contractorInserts = [...]struct{ what, query string }{
	{"insert contractors", `
	  insert into contractors (id, external_id, name, phone, email, home_region, base_lat, base_lng, active, auto_accept)
	  select id, external_id, name, phone, email, home_region, base_lat, base_lng, active, auto_accept
	    from json_to_recordset($1::json) as x(id uuid, external_id text, name text, phone text, email text,
	      home_region text, base_lat float8, base_lng float8, active boolean, auto_accept boolean)`},
	{"insert served regions", `
	  insert into contractor_regions (contractor_id, region) select x.id, r
	    from json_to_recordset($1::json) as x(id uuid, serves text[]), unnest(x.serves) r`},
	{"insert skills of contractors", `
	  insert into contractor_skills (contractor_id, skill, valid_until) select x.id, s.skill, nullif(s.valid_until, '')::date
	    from json_to_recordset($1::json) as x(id uuid, skills json),
	         json_to_recordset(x.skills) as s(skill text, valid_until text)`},
	{"insert hours", `
	  insert into contractor_hours (contractor_id, weekday, starts, ends) select x.id, h.weekday, h.starts, h.ends
	    from json_to_recordset($1::json) as x(id uuid, hours json),
	         json_to_recordset(x.hours) as h(weekday smallint, starts time, ends time)`},
	{"insert exceptions", `
	  insert into contractor_exceptions (contractor_id, day, starts, ends, note)
	  select x.id, e.day, nullif(e.starts, '')::time, nullif(e.ends, '')::time, e.note
	    from json_to_recordset($1::json) as x(id uuid, exceptions json),
	         json_to_recordset(x.exceptions) as e(day date, starts text, ends text, note text)`},
}

func (w World) seedContractors(ctx context.Context, tx *sqlx.Tx) error {
	rows := make([]contractorJSON, len(w.Contractors))
	for i, c := range w.Contractors {
		rows[i] = contractorJSON{
			ID: w.ContractorID(c.Key), ExternalID: c.Key, Name: c.Name, Phone: c.Phone, Email: c.Email, Home: c.Home,
			Lat: &c.Base.Lat, Lng: &c.Base.Lng, Active: true, Serves: c.Serves,
			Skills: skillRows(c.Skills), Hours: hourRows(c.Hours), Exceptions: exceptionRows(c.Exceptions),
		}
	}
	for _, insert := range contractorInserts {
		if err := execBatches(ctx, tx, insert.what, insert.query, rows); err != nil {
			return err
		}
	}
	return nil
}

func skillRows(skills []schedule.Skill) []skillJSON {
	rows := make([]skillJSON, len(skills))
	for i, s := range skills {
		rows[i] = skillJSON{Skill: s.Slug, ValidUntil: s.ValidUntil}
	}
	return rows
}

func hourRows(hours []schedule.Hours) []hoursJSON {
	rows := make([]hoursJSON, len(hours))
	for i, h := range hours {
		rows[i] = hoursJSON{Weekday: h.Weekday, Starts: h.Start, Ends: h.End}
	}
	return rows
}

func exceptionRows(exceptions []schedule.Exception) []exceptionJSON {
	rows := make([]exceptionJSON, len(exceptions))
	for i, e := range exceptions {
		rows[i] = exceptionJSON{Day: e.Day, Starts: e.Start, Ends: e.End, Note: e.Note}
		if e.Off {
			rows[i].Starts, rows[i].Ends = "", ""
		}
	}
	return rows
}
