package main

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	_ "github.com/lib/pq"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
)

// demoDatabase is a database of its own for a demo world.
func demoDatabase(t testing.TB) (*db.DB, *sql.DB) {
	t.Helper()
	dsn := dbtest.IsolatedDSN(t)
	app, err := db.Open(t.Context(), db.Options{DSN: dsn, MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = app.Close() })
	raw, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	return app, raw
}

func noEnv(string) string { return "" }

func demo(t testing.TB, database *db.DB, args ...string) {
	t.Helper()
	var out bytes.Buffer
	if err := runDemo(t.Context(), args, noEnv, &out, database); err != nil {
		t.Fatalf("demo %q: %v", args, err)
	}
}

// oneColumn returns the text rows of a query, one a line.
func oneColumn(t testing.TB, raw *sql.DB, query string) string {
	t.Helper()
	rows, err := raw.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// exported writes every row of every table, without secrets and the times at
// which rows were made.
func exported(t testing.TB, raw *sql.DB) string {
	t.Helper()
	var all strings.Builder
	tables := oneColumn(t, raw, `select tablename from pg_tables where schemaname = 'public'
	  and tablename not in ('goose_db_version', 'event_head') order by 1`)
	for _, table := range strings.Fields(tables) {
		fmt.Fprintf(&all, "%s\n%s\n", table, oneColumn(t, raw, `select v::text from (select case when to_jsonb(x) ? 'payload'
		    then jsonb_set(to_jsonb(x), '{payload,occurredAt}', '""') else to_jsonb(x) end
		    - '{created_at,updated_at,news_at,password_hash}'::text[] as v from `+table+` x) q order by 1`))
	}
	return all.String()
}

func TestDemoIsTheSameEverywhere(t *testing.T) {
	t.Parallel()
	export := func(args ...string) string {
		app, raw := demoDatabase(t)
		demo(t, app, args...)
		return exported(t, raw)
	}
	first := export("--world", "tour", "--seed", "1", "--monday", "2027-03-08")
	if again := export("--monday", "2027-03-08"); again != first {
		t.Errorf("two loads differ: %x and %x", sha256.Sum256([]byte(first)), sha256.Sum256([]byte(again)))
	}
	if !strings.Contains(first, "Rosa Díaz") || !strings.Contains(first, "JobAssigned") || strings.Contains(first, "argon2") {
		t.Errorf("the export is not what it should be:\n%s", first)
	}
	if export("--seed", "2", "--monday", "2027-03-08") == first {
		t.Error("another seed gives the same world")
	}
}

func TestDemoRefuses(t *testing.T) {
	t.Parallel()
	app, raw := demoDatabase(t)
	for _, test := range []struct{ args, want string }{
		{"--world moon", "there are tour, week and load"},
		{"--planted FILE", "goes with --world week only"},
		{"--monday 2027-03-09", "is a Tuesday"},
		{"--monday tomorrow", "is not a date"},
		{"tour", "unexpected argument"},
	} {
		var misused usageError
		err := runDemo(t.Context(), strings.Fields(test.args), noEnv, &bytes.Buffer{}, app)
		if !errors.As(err, &misused) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v", test.args, err)
		}
	}
	demo(t, app)
	before := exported(t, raw)
	err := runDemo(t.Context(), nil, noEnv, &bytes.Buffer{}, app)
	if !errors.Is(err, db.ErrNotEmpty) || !strings.Contains(err.Error(), "nothing was changed") {
		t.Errorf("a second world: %v", err)
	}
	if loaded, err := loadTour(t.Context(), noEnv, app, time.Now()); loaded || err != nil {
		t.Errorf("loadTour on a full database: %v, %v", loaded, err)
	}
	if exported(t, raw) != before {
		t.Error("a refused world changed something")
	}
}

// The first week has a clock change on its Sunday, so has the last in autumn.
func TestTourOfAnyWeek(t *testing.T) {
	t.Parallel()
	for _, monday := range []string{"2027-03-08", "2026-11-23", "2026-10-26", "2028-02-28"} {
		t.Run(monday, func(t *testing.T) {
			t.Parallel()
			app, raw := demoDatabase(t)
			demo(t, app, "--monday", monday)
			for query, want := range map[string]string{
				`select count(*)::text from regions where slug <> 'unrouted'`:                                                              "2",
				`select count(*)::text from contractors`:                                                                                   "5",
				`select string_agg(status || ' ' || n, ', ' order by status) from (select status, count(*) n from jobs group by status) q`: "assigned 8, open 6",
				// Each day has jobs in both regions: what is assigned or promised on it.
				`select count(distinct (j.region, d)) || ' of 14' from generate_series('` + monday + `'::timestamp, '` + monday + `'::timestamp + interval '6 days', '1 day') d,
				   jobs j left join assignments a on a.job_id = j.id where j.region <> 'unrouted' and tstzrange(d at time zone j.zone, (d + interval '1 day') at time zone j.zone)
				   && coalesce(a.during, tstzrange(j.window_start, j.window_end))`: "14 of 14",
				// Somebody works each day in each region.
				`select count(distinct (c.home_region, h.weekday)) || ' of 14' from contractors c join contractor_hours h on h.contractor_id = c.id`: "14 of 14",
				`select string_agg(external_id, ' ' order by number) from jobs where region_reason = 'border'`:                                       "T-07",
				`select string_agg(external_id, ' ' order by number) from jobs where region = 'unrouted'`:                                            "T-13",
				// Of the contractors with the skill nobody is free in the whole window.
				`select string_agg(j.external_id, ' ' order by j.number) from jobs j where j.status = 'open' and not exists (
				   select from contractor_skills k where k.skill = any(j.skills) and coalesce(k.valid_until, 'infinity') >= j.window_start_local::date
				    and not exists (select from assignments a where a.contractor_id = k.contractor_id and a.during @> tstzrange(j.window_start, j.window_end)))`: "T-05",
				`select string_agg(j.external_id || ' ' || c.name, ', ') from jobs j join contractor_skills k on k.skill = any(j.skills)
				   join contractors c on c.id = k.contractor_id where k.valid_until < j.window_start_local::date and j.status = 'open'`: "T-08 Lee Nguyễn",
				// The promised three hours are two or four.
				`select external_id from jobs where window_end - window_start <> window_end_local - window_start_local and status = 'open'`:                 "T-14",
				`select string_agg(event_type || ' ' || n, ', ' order by event_type) from (select event_type, count(*) n from event_log group by 1) q`:      "JobAssigned 9, JobCreated 14",
				`select count(*)::text from assignments a join audit_records r on r.id = a.audit_id join event_log e on e.payload->>'auditId' = r.id::text`: "9",
			} {
				if got := oneColumn(t, raw, query); got != want {
					t.Errorf("got %s, want %s of\n%s", got, want, query)
				}
			}
		})
	}
}

func TestLoadTour(t *testing.T) {
	t.Parallel()
	app, raw := demoDatabase(t)
	// In New York it is still Sunday.
	now := time.Date(2027, 3, 8, 3, 0, 0, 0, time.UTC)
	env := func(name string) string { return map[string]string{"DEMO_PASSWORD": "another long password"}[name] }
	if loaded, err := loadTour(t.Context(), env, app, now); !loaded || err != nil {
		t.Fatalf("got %v, %v", loaded, err)
	}
	if got := oneColumn(t, raw, `select min(window_start_local)::date::text from jobs`); got != "2027-03-01" {
		t.Errorf("the week begins on %s", got)
	}
	if got := oneColumn(t, raw, `select email || ' ' || role || ' ' || coalesce((select string_agg(region, '+') from user_regions r where r.user_id = u.id), '')
	    from users u order by email`); got != "admin@example.com admin \nann@example.com dispatcher north\nbo@example.com dispatcher south\nvera@example.com auditor " {
		t.Errorf("users:\n%s", got)
	}
	for password, want := range map[string]bool{"another long password": true, demoPassword: false} {
		user, err := app.UserByEmail(t.Context(), "ann@example.com")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := db.PasswordMatches(password, user.PasswordHash.String); got != want || err != nil {
			t.Errorf("%s: got %v, %v", password, got, err)
		}
	}
	if _, c, err := app.CreateContractorLink(t.Context(), tourContractor, now); err != nil || c.Name != "Rosa Díaz" {
		t.Errorf("link: %v, %v", c.Name, err)
	}
}
