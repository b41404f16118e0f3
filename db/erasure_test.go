package db_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"smartscheduler/db"
)

// whereabouts lists the columns of the whole database that hold one of the
// texts, in any spelling of capitals: as text, inside JSON, as bytes.
func (d *desk) whereabouts(texts ...string) (found []string) {
	d.t.Helper()
	var columns []struct {
		Table  string `db:"table_name"`
		Column string `db:"column_name"`
		Type   string `db:"data_type"`
	}
	err := d.owner.Select(&columns, `select quote_ident(c.table_schema) || '.' || quote_ident(c.table_name) as table_name,
	    quote_ident(c.column_name) as column_name, c.data_type
	  from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
	 where t.table_type = 'BASE TABLE' and c.table_schema not in ('pg_catalog', 'information_schema') order by 1, 2`)
	if err != nil || len(columns) < 100 {
		d.t.Fatalf("%d columns, %v", len(columns), err)
	}
	for _, c := range columns {
		there := `position(lower(x) in lower(to_jsonb(` + c.Column + `)::text)) > 0`
		if c.Type == "bytea" {
			there = `position(convert_to(x, 'UTF8') in ` + c.Column + `) > 0`
		}
		var held []string
		err := d.owner.Select(&held, `select x from unnest($1::text[]) x where exists (select from `+c.Table+` where `+there+`)`, pq.Array(texts))
		if err != nil {
			d.t.Fatal(err)
		}
		for _, text := range held {
			found = append(found, text+" in "+c.Table+"."+c.Column)
		}
	}
	return found
}

// wantEverywhere is the control of wantNowhere: each text can be found.
func (d *desk) wantEverywhere(texts ...string) {
	d.t.Helper()
	found := d.whereabouts(texts...)
	for _, text := range texts {
		if !slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, text+" in ") }) {
			d.t.Fatalf("%q is nowhere before anybody was erased", text)
		}
	}
}

func (d *desk) wantNowhere(texts ...string) {
	d.t.Helper()
	if found := d.whereabouts(texts...); len(found) > 0 {
		d.t.Errorf("still there:\n%s", strings.Join(found, "\n"))
	}
}

// history is what must outlive everybody: all of the log up to now, and the
// audit records, assignments and jobs without their words.
func (d *desk) history(upTo int) (s string) {
	d.t.Helper()
	d.scan(&s, `select concat_ws('|',
	  (select md5(string_agg(e::text, ';' order by e.id)) from event_log e where e.id <= $1),
	  (select md5(string_agg((to_jsonb(a) - 'override_reason')::text, ';' order by a.id)) from audit_records a),
	  (select md5(string_agg(a::text, ';' order by a.id)) from assignments a),
	  (select md5(string_agg(concat_ws(' ', id, number, region, zone, window_start, window_end, duration_minutes, skills, status), ';' order by id)) from jobs))`, upTo)
	return s
}

func (d *desk) events() int { return d.countRows(`select coalesce(max(id), 0) from event_log`) }

// after is an instant at which the day of most tests is over.
func after(t testing.TB) time.Time { return before(t).AddDate(0, 0, 5) }

// upload is a file that is kept for its hour.
func (d *desk) upload(kind, state, content string) (id string) {
	d.t.Helper()
	id = uuid.NewString()
	d.exec(`insert into import_batches (id, kind, file_name, user_id, state, content, uploaded_at, expires_at)
	  values ($1, $2, $3, $4, $5, $6, now(), now() + interval '1 hour')`, id, kind, "list of "+content, d.ann.UserID, state, []byte(content))
	d.exec(`insert into import_errors (batch_id, place, line, column_name, value, reason) values ($1, 1, 2, 'title', $2, 'too long')`, id, content)
	return id
}

func (d *desk) withReason(jobID, reason string) db.Command {
	cmd := d.command(jobID)
	cmd.OverrideReason = reason
	return cmd
}

// TestHistoryForgetsOnlyForAnErasure: the words of the audit go only in the
// transaction that notes why, and nothing else of it ever.
func TestHistoryForgetsOnlyForAnErasure(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada := d.admin()
	j := d.job("north")
	d.must(d.assign(j, d.contractor("north", "Rosa"), tuesday+"T09:00", ""))
	d.must(d.unassign(j, "She is ill"))
	if err := d.db.Exec(t.Context(), `select erase_words(array(select id from jobs), null, null)`); db.SQLState(err) != "42501" {
		t.Errorf("without an erasure: %v", err)
	}
	for _, statement := range []string{`update audit_records set override_reason = 'Erased' where override_reason <> ''`,
		`update erasures set reason = 'x'`, `delete from erasures`} {
		if err := d.db.Exec(t.Context(), statement); db.SQLState(err) != "42501" {
			t.Errorf("the application may %s: %v", statement, err)
		}
	}
	for _, change := range []string{`override_reason = 'Something else'`, `override_reason = 'Erased', source = 'auto'`, `override_reason = ''`} {
		tx := d.begin()
		tx.exec(`insert into erasures (kind, subject_id, actor_id, reason) values ('user', gen_random_uuid(), $1, 'x')`, ada.UserID)
		_, err := tx.tx.ExecContext(t.Context(), `update audit_records set `+change+` where override_reason <> ''`)
		if db.SQLState(err) != "42501" {
			t.Errorf("the owner may set %s: %v", change, err)
		}
		_ = tx.tx.Rollback()
	}
	if n := d.countRows(`select count(*) from audit_records where override_reason = 'She is ill'`); n != 1 {
		t.Errorf("%d reasons are left, want 1", n)
	}
}
