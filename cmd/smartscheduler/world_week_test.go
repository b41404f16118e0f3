package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"smartscheduler/db"
)

// fingerprint is the hash of everything that a world says, without the passwords.
func fingerprint(t testing.TB, w db.World) string {
	t.Helper()
	for i := range w.Users {
		w.Users[i].Password = ""
	}
	text, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	var said any
	if err := json.Unmarshal(text, &said); err != nil {
		t.Fatal(err)
	}
	if text, err = json.Marshal(withoutEmpty(said)); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(text))
}

// withoutEmpty leaves out what says nothing, so that a new field changes no world
// that has no use for it.
func withoutEmpty(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, of := range v {
			if of == nil || of == "" || of == 0.0 || of == false {
				delete(v, k)
			} else {
				v[k] = withoutEmpty(of)
			}
		}
	case []any:
		for i, of := range v {
			v[i] = withoutEmpty(of)
		}
	}
	return v
}

// TestWorldsAreTheSameEverywhere compares the worlds of fixed arguments with
// their hashes in testdata; all rows and ids follow from them.
func TestWorldsAreTheSameEverywhere(t *testing.T) {
	t.Parallel()
	monday, err := demoMonday("2027-03-08", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, name := range []string{"tour", "week", "load"} {
		w, err := demoWorld(name, 1, monday, "")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "%s --seed 1 --monday 2027-03-08 %s\n", name, fingerprint(t, w))
	}
	golden(t, "worlds.sha256", got.String())
}

// golden compares a text with a file of testdata, and leaves the text beside it
// when they differ.
func golden(t testing.TB, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	want, err := os.ReadFile(path)
	if err == nil && string(want) == got {
		return
	}
	fresh := filepath.Join(t.ArtifactDir(), name)
	t.Errorf("%s is not as before (%v); see %s", path, err, fresh)
	if err := os.WriteFile(fresh, []byte(got), 0o600); err != nil {
		t.Error(err)
	}
}

// The first week has a clock change on its Sunday, the second one has it the
// other way round.
func TestWeekOfAnyMonday(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"2027-03-08 1", "2026-10-26 1", "2027-03-08 7"} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			monday, seed, _ := strings.Cut(args, " ")
			app, raw := demoDatabase(t)
			demo(t, app, "--world", "week", "--monday", monday, "--seed", seed)
			for query, want := range map[string]string{
				`select count(*)::text from regions where slug <> 'unrouted'`: "4",
				`select count(*)::text from contractors`:                      "24",
				`select string_agg(s || ' ' || n, ', ' order by s) from (select s, count(*) n from (
				   select case when j.status = 'open' and a.status in ('declined', 'expired') then a.status
				               when j.status in ('partially_assigned', 'assigned', 'in_progress', 'completed') then 'assigned' else j.status end s
				     from jobs j left join (assignments a join visits v on v.id = a.visit_id and v.number = 1) on a.job_id = j.id and a.place = 1) x group by s) q`: "assigned 96, cancelled 6, declined 3, expired 2, incomplete 3, open 70",
				`select string_agg(j.headcount || ' ' || j.status || ' ' || n, ', ' order by j.number) from jobs j
				   join (select job_id, count(*) n from assignments where active group by 1) a on a.job_id = j.id where j.headcount > 1`: "2 assigned 2, 2 assigned 2, 3 assigned 3, 2 partially_assigned 1",
				// Each of those who hold a job is somewhere on his way.
				`select string_agg(distinct a.status, ' ') from assignments a where a.active`: "accepted assigned completed en_route in_progress incomplete on_site paused",
				`select count(*) filter (where duration_minutes <= 90) || ' ' || count(*) filter (where duration_minutes between 120 and 240)
				   || ' ' || count(*) filter (where duration_minutes = 480 and days = 1) || ' ' || count(*) filter (where duration_minutes = 480 and days between 2 and 3) from jobs`: "54 90 27 9",
				// Whoever has a job of several days comes on each of them.
				`select count(*)::text from jobs j where j.days > 1 and (select count(*) from assignments a where a.job_id = j.id) not in (0, j.days)`: "0",
				`select bool_or(j.days > 1 and exists (select from assignments a where a.job_id = j.id and a.active))::text from jobs j`:               "true",
				// Nobody works too long, and only Ben for long, for a reason.
				`select string_agg(c.name || ' ' || (h / 3600)::int || ' h', ', ') from (select a.contractor_id, sum(extract(epoch from upper(a.during) - lower(a.during))) h
				   from assignments a join contractors k on k.id = a.contractor_id join regions r on r.slug = k.home_region
				  where a.active group by a.contractor_id, (lower(a.during) at time zone r.zone)::date) x join contractors c on c.id = x.contractor_id where h > 36000`: "Ben Achterberg 12 h",
				`select string_agg(priority || ' ' || n, ', ' order by priority) from (select priority, count(*) n from jobs group by 1) q`:              "high 27, normal 135, rush 18",
				`select count(*)::text from contractor_skills where valid_until is not null`:                                                             "3",
				`select min(window_start_local)::date - date '` + monday + `' || ' ' || max(window_start_local)::date - date '` + monday + `' from jobs`: "0 7",
				// The point in the lake has its region by the postcode.
				`select string_agg(external_id || ' ' || region, ', ' order by number) from jobs where region_reason <> 'polygon'`: "P-01 north, P-02 unrouted, P-13 ridge",
				// What was announced is what is there.
				`select count(*)::text from jobs j where not exists (select from event_log e where e.job_id = j.id and e.event_type = 'JobCreated')`: "0",
				`select count(*)::text from assignments a where not exists (select from audit_records r join event_log e on e.payload->>'auditId' = r.id::text
				   where r.id = a.audit_id and e.event_type = 'JobAssigned' and e.payload->>'assignmentId' = a.id::text and r.candidates <> '[]')`: "0",
				`select count(*)::text from jobs j where j.status = 'cancelled' and not exists (select from audit_records r join event_log e
				   on e.payload->>'auditId' = r.id::text where r.job_id = j.id and r.action = 'cancel' and e.event_type = 'JobCancelled')`: "0",
				`select string_agg(event_type, ' ' order by event_type) from (select distinct event_type from event_log) q`: "JobAssigned JobCancelled JobCreated",
				`select count(*)::text from jobs j join assignments a on a.job_id = j.id where a.active and j.version = 1`:  "0",
			} {
				if got := oneColumn(t, raw, query); got != want {
					t.Errorf("got %s, want %s of\n%s", got, want, query)
				}
			}
		})
	}
}

// TestPlantedTroublesAreShown loads the world week, asks for the list of what is
// wrong in it, and finds each of the twelve on the page where a dispatcher would
// look.
func TestPlantedTroublesAreShown(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	file := filepath.Join(t.TempDir(), "planted.json")
	demo(t, w.db, "--world", "week", "--monday", "2027-03-08", "--planted", file)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "planted.json", string(text))
	var troubles []trouble
	if err := json.Unmarshal(text, &troubles); err != nil || len(troubles) != 12 {
		t.Fatalf("%d troubles, %v", len(troubles), err)
	}
	w.weekAt(t)
	ada := w.client(startProgramAt(t, w))
	ada.post(303, "/login", map[string][]string{"email": {"admin@example.com"}, "password": {demoPassword}})
	for _, trouble := range troubles {
		if says := html.UnescapeString(words(ada.get(trouble.Page))); !strings.Contains(says, trouble.Shows) {
			t.Errorf("%s: %s does not say %q but\n%s", trouble.Name, trouble.Page, trouble.Shows, says)
		}
	}
}

// weekAt sets the clock of the world to the moment at which the week is seen.
func (w *world) weekAt(t *testing.T) {
	t.Helper()
	monday, err := demoMonday("2027-03-08", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	at := monday.AddDate(0, 0, wed).Add(10*time.Hour + 40*time.Minute)
	w.now, w.zone, w.today = func() time.Time { return at }, demoZone, "2027-03-10"
	w.longSessions()
}
