package db_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
)

// Nobody changes what was decided; the application may not even try.
func TestAuditIsAppendOnly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(d.assign(d.job("north"), d.contractor("north", "Rosa"), tuesday+"T09:00", ""))
	err := d.db.RecordRefusal(t.Context(), db.Refusal{Caller: "s:x", Role: "auditor", Path: "/streams/kiosk/north"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	owner, err := db.Open(t.Context(), db.Options{DSN: d.dsn, AsOwner: true, MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = owner.Close() }()
	const digest = `select md5((select string_agg(to_jsonb(a)::text, ',' order by id) from audit_records a) ||
	  (select string_agg(to_jsonb(r)::text, ',' order by id) from stream_refusals r))`
	var before, after string
	d.scan(&before, digest)
	for name, statement := range map[string]string{
		"Update":          `update audit_records set override_reason = 'because'`,
		"Delete":          `delete from audit_records`,
		"Truncate":        `truncate audit_records cascade`,
		"UpdateRefusal":   `update stream_refusals set path = '/'`,
		"DeleteRefusal":   `delete from stream_refusals`,
		"TruncateRefusal": `truncate stream_refusals`,
	} {
		for who, pool := range map[string]*db.DB{"application": d.db, "owner": owner} {
			// 42501 is insufficient_privilege, by right or by trigger.
			if err := pool.Exec(t.Context(), statement); db.SQLState(err) != "42501" {
				t.Errorf("%s: %s was not refused: %v", who, name, err)
			}
		}
	}
	if d.scan(&after, digest); after != before {
		t.Error("the audit records changed")
	}
	var mayChange int
	d.scan(&mayChange, `select count(*) from unnest('{audit_records, stream_refusals, event_log, event_publications}'::text[]) of (name)
	  where has_table_privilege('smartscheduler_app', of.name, 'update, delete, truncate')`)
	if mayChange != 0 {
		t.Errorf("but for a trigger the application might change %d tables of the history", mayChange)
	}
	if err := d.db.Exec(t.Context(), `drop trigger audit_records_no_change on audit_records`); db.SQLState(err) != "42501" {
		t.Errorf("the application took the guard away: %v", err)
	}
}

// A role of another owner's making is of no use to an owner who is no member.
func TestRunsAsApp(t *testing.T) {
	t.Parallel()
	if as, err := dbtest.Open(t).RunsAsApp(t.Context()); !as || err != nil {
		t.Errorf("application: %v, %v", as, err)
	}
	if as, err := dbtest.OpenOwner(t).RunsAsApp(t.Context()); as || err != nil {
		t.Errorf("owner: %v, %v", as, err)
	}
	dsn := outsiderDSN(t)
	owner, err := db.Open(t.Context(), db.Options{DSN: dsn, AsOwner: true, MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = owner.Close() }()
	if err := owner.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	app, err := db.Open(t.Context(), db.Options{DSN: dsn, MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = app.Close() }()
	if as, err := app.RunsAsApp(t.Context()); as || err != nil {
		t.Errorf("outsider: %v, %v", as, err)
	}
}

// outsiderDSN is an empty database of an owner who has no special rights, on a
// server that has the application's role already.
func outsiderDSN(t *testing.T) string {
	t.Helper()
	dsn := dbtest.IsolatedDSN(t)
	admin, err := sqlx.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{`create role outsider login`, `create database outside owner outsider`} {
		if _, err := admin.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	t.Cleanup(func() {
		if _, err := admin.Exec(`drop database outside with (force)`); err != nil {
			t.Error(err)
		}
		if _, err := admin.Exec(`drop role outsider`); err != nil {
			t.Error(err)
		}
		_ = admin.Close()
	})
	dsn = regexp.MustCompile(`user=\S+`).ReplaceAllString(dsn, "user=outsider")
	return regexp.MustCompile(`dbname='[^']*'`).ReplaceAllString(dsn, "dbname='outside'")
}
