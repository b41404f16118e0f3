package handlers_test

import (
	"html"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/handlers"
)

// storyOf reads what the page of a job tells, newest first: each entry as its
// sentence, then what was said to it.
func storyOf(page string) (told []string) {
	for _, entry := range strings.Split(page, `<li class="story-entry">`)[1:] {
		var words []string
		for _, p := range regexp.MustCompile(`<p class="story-(?:text|reason)"[^>]*>([^<]*)</p>`).FindAllStringSubmatch(entry, -1) {
			words = append(words, html.UnescapeString(p[1]))
		}
		told = append(told, strings.Join(words, " / "))
	}
	return told
}

// TestStoryTellsBeforeAndAfter does everything that can be done with a job, and
// reads who did what, with what was before and what is after; of the customer it
// says only that something changed.
func TestStoryTellsBeforeAndAfter(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann, bo := o.person(handlers.RoleDispatcher, "Ann", "north"), o.person(handlers.RoleAdmin, "Bo")
	lee, maya := o.addContractor("north", "Lee", "tile"), o.addContractor("south", "Maya", "tile")
	j := o.addJob("north", "2032-03-02", func(n *db.NewJob) { n.Days, n.WindowEnd = 2, n.WindowStart.AddDays(4) })
	steps := []func(){
		func() { wantStatus(t, ann.assign(j, lee, "2032-03-02T10:00"), http.StatusOK) },
		func() {
			wantStatus(t, ann.change(o, j.id, "times", "start", "2032-03-02T19:00", "override_reason", "the shop closes at six"), http.StatusOK)
		},
		func() {
			wantStatus(t, bo.change(o, j.id, "contractor", "contractor_id", maya, "start", "2032-03-02T13:00"), http.StatusOK)
		},
		func() { wantStatus(t, ann.change(o, j.id, "removal", "override_reason", "she is ill"), http.StatusOK) },
		func() {
			wantStatus(t, ann.edit(o, j.id, "window_start", "2032-03-03T13:00", "window_end", "2032-03-06T15:00", "priority", "rush",
				"duration_minutes", "90", "headcount", "2", "skills", "tile", "customer_name", "Otto Secret", "address", "9 Hidden Lane"), http.StatusOK)
		},
		func() { wantStatus(t, ann.edit(o, j.id, "region_override", "south"), http.StatusOK) },
		func() { wantStatus(t, bo.edit(o, j.id, "region_override", "north"), http.StatusOK) },
		func() {
			wantStatus(t, ann.post("/jobs/"+j.id+"/hold", o.jobNow(j.id).fields("override_reason", "no tiles")), http.StatusOK)
		},
		func() { wantStatus(t, ann.post("/jobs/"+j.id+"/release", o.jobNow(j.id).fields()), http.StatusOK) },
		func() {
			wantStatus(t, ann.post("/jobs/"+j.id+"/cancellation", o.jobNow(j.id).fields("reason", "customer", "override_reason", "moved away")), http.StatusOK)
		},
	}
	for _, step := range steps {
		step()
	}
	o.sequence()
	page := ann.clone().plain().get("/jobs/" + j.id)
	wantStatus(t, page, http.StatusOK)
	body := page.Body.String()
	want := []string{
		"Cancelled: the customer called it off / Reason: moved away",
		"Released: open again",
		"Put on hold / Reason: no tiles",
		"Moved from region South to region North, by hand",
		"Moved from region North to region South, by hand",
		"Changed: site; customer; skills were none, now tile; duration was 1 h, now 1 h 30 min; how many contractors was 1, now 2; " +
			"priority was normal, now rush; window was Tue 2 Mar 08:00–Sat 08:00, now Wed 3 Mar 13:00–Sat 15:00",
		"Taken off Maya (Tue 2 Mar 13:00–14:00, day 1 of 2); open again / Reason: she is ill",
		"Given to Maya, Tue 2 Mar 13:00–14:00, day 1 of 2",
		"Taken off Lee (Tue 2 Mar 19:00–20:00, day 1 of 2), to give it to Maya",
		"Moved for Lee, day 1 of 2: was Tue 2 Mar 10:00–11:00, now Tue 2 Mar 19:00–20:00 / Although outside working hours: the shop closes at six",
		"Assigned to Lee, Tue 2 Mar 10:00–11:00, day 1 of 2",
		"Created in region North",
	}
	told := storyOf(body)
	if got := strings.Join(told, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("the story is\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	if o.count(`select count(*) from event_log where payload::text ~ 'Secret|Hidden|Ida Berg|7 Test'`) > 0 || strings.Contains(strings.Join(told, ""), "Secret") {
		t.Error("the log names the customer")
	}
	// The log has the same sentences.
	log := ann.clone().plain().get("/events?job=" + j.number)
	for _, line := range want {
		sentence, _, _ := strings.Cut(line, " / ")
		wantSaid(t, log, http.StatusOK, sentence)
	}
	for _, href := range regexp.MustCompile(`href="(/(?:events|audits)/[^"]+)"`).FindAllStringSubmatch(body, -1) {
		wantStatus(t, ann.clone().plain().get(href[1]), http.StatusOK)
	}
	if n := strings.Count(body, `href="/audits/`); n != 8 {
		t.Errorf("%d links to decisions, want one of each of the 8 that have one", n)
	}
}

// TestStoryNamesTheZone: of a job that keeps its zone in a region of another, every
// time is told with it, on the job's page and in the log.
func TestStoryNamesTheZone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.addRegion("west", "America/Chicago")
	ada := o.person(handlers.RoleAdmin, "Ada")
	j := o.addJob("west", "2032-03-02")
	wantStatus(t, ada.assign(j, o.addContractor("west", "Wes"), "2032-03-02T10:00"), http.StatusOK)
	const local, named = "Assigned to Wes, Tue 2 Mar 10:00–11:00<", "Assigned to Wes, Tue 2 Mar 10:00–11:00 CT<"
	wantSaid(t, ada.clone().plain().get("/jobs/"+j.id), http.StatusOK, local)
	wantStatus(t, ada.edit(o, j.id, "region_override", "north"), http.StatusOK)
	wantSaid(t, ada.clone().plain().get("/jobs/"+j.id), http.StatusOK, named, " CT</time>")
	wantStatus(t, ada.change(o, j.id, "times", "start", "2032-03-02T12:00"), http.StatusOK)
	o.sequence()
	wantSaid(t, ada.clone().plain().get("/events?job="+j.number), http.StatusOK, local, "now Tue 2 Mar 12:00–13:00 CT<")
}

// TestStoryLinksWhatMayBeSeen: of a job that came from another region the whole
// story is told, without links to events that its reader may not see.
func TestStoryLinksWhatMayBeSeen(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann, ada := o.person(handlers.RoleDispatcher, "Ann", "north").plain(), o.person(handlers.RoleAdmin, "Ada")
	j := o.addJob("south", soonDay())
	wantStatus(t, ada.edit(o, j.id, "region_override", "north"), http.StatusOK)
	o.sequence()
	page := ann.get("/jobs/" + j.id)
	wantSaid(t, page, http.StatusOK, "Created in region South", "Moved from region South to region North, by hand", `href="/events/2"`)
	if strings.Contains(page.Body.String(), `href="/events/1"`) {
		t.Error("the story leads to an event of south")
	}
	wantStatus(t, ann.get("/events/1"), http.StatusNotFound)
}

// TestLongStoryIsPaged reads a story of many events page by page: each event once,
// newest first, and nothing is lost.
func TestLongStoryIsPaged(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north").plain()
	j := o.addJob("north", soonDay())
	o.sequence()
	o.exec(`insert into event_log (batch, event_id, event_type, schema_version, region, job_id, payload, published_to, actor_kind)
	  select n, gen_random_uuid(), 'JobUpdated', 1, 'north', $1, '{"type": "JobUpdated", "changed": ["title"]}', array['dispatch/north'], 'system'
	    from generate_series(1, 230) n`, j.id)
	o.sequence()
	address, seen, pages := "/jobs/"+j.id, []int(nil), 0
	for address != "" {
		page := ann.get(address)
		wantStatus(t, page, http.StatusOK)
		pages++
		for _, m := range regexp.MustCompile(`>event (\d+)</a>`).FindAllStringSubmatch(page.Body.String(), -1) {
			pos, _ := strconv.Atoi(m[1])
			seen = append(seen, pos)
		}
		next := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(page.Body.String())
		if address = ""; next != nil {
			address = html.UnescapeString(next[1])
			wantSaid(t, page, http.StatusOK, "goes on: what was earlier is on the next page")
		}
	}
	if len(seen) != 231 || pages != 3 {
		t.Fatalf("%d events on %d pages, want 231 on 3", len(seen), pages)
	}
	for i, pos := range seen {
		if pos != 231-i {
			t.Fatalf("entry %d is event %d", i, pos)
		}
	}
}

// TestEventPage shows a reassignment as one command of two events, with what every
// group was shown, and leads no reader to what he may not see.
func TestEventPage(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann, south := o.person(handlers.RoleDispatcher, "Ann", "north").plain(), o.person(handlers.RoleDispatcher, "Sue", "south").plain()
	lee, maya := o.addContractor("north", "Lee"), o.addContractor("south", "Maya")
	j, day := o.addJob("north", soonDay()), soonDay()
	wantStatus(t, ann.assign(j, lee, day+"T10:00"), http.StatusSeeOther)
	wantStatus(t, ann.change(o, j.id, "contractor", "contractor_id", maya, "override_reason", "Lee is ill"), http.StatusSeeOther)
	wantStatus(t, ann.change(o, j.id, "removal"), http.StatusSeeOther)
	o.sequence()
	o.exec(`insert into event_publications (pos, instance, published_at, receivers) values (3, 'desk-2', now(), 17)`)
	audit := o.count(`select count(*) from audit_records where job_id = $1`, j.id)
	if audit != 3 {
		t.Fatalf("%d decisions, want 3", audit)
	}
	first := ann.get("/events/3")
	wantSaid(t, first, http.StatusOK, "Event 3: JobUnassigned", "to give it to Maya", "Reason: Lee is ill", "By the same command", `href="/events/4"`,
		"dispatch/north", "dispatch/south", "contractor/"+lee, "Lee, on the phone", "and not who has it now", "kiosk/north", "without customer, phone and house number",
		"desk-2", ">17<", `href="/audits/`, `href="/contractors/`+lee, `rel="prev" href="/events/2"`, `rel="next" href="/events/4"`, "replacedBy")
	wantSaid(t, ann.get("/events/4"), http.StatusOK, "Given to Maya", `By the same command`, `href="/events/3"`, "Maya, on the phone", "The job on the list")
	wantSaid(t, ann.get("/events/1"), http.StatusOK, `rel="next" href="/events/2"`, "among the open ones")
	// Sue was told of it, because Maya is at home in her region; the decision is north's.
	guest := south.get("/events/4")
	wantSaid(t, guest, http.StatusOK, "Given to Maya", `href="/events/3"`, `rel="prev" href="/events/3"`, `rel="next" href="/events/5"`)
	if strings.Contains(guest.Body.String(), "/audits/") {
		t.Error("the page leads a guest to a decision that he may not see")
	}
	wantSaid(t, south.get("/events/3"), http.StatusOK, `rel="next" href="/events/4"`)
	if strings.Contains(south.get("/events/3").Body.String(), `rel="prev"`) {
		t.Error("the page leads to an event of north")
	}
	for _, address := range []string{"/events/1", "/events/2"} {
		wantStatus(t, south.get(address), http.StatusNotFound)
	}
}

// TestEventPageOfAnUndo: an undo leads to what it undid, and that to its undo.
func TestEventPageOfAnUndo(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ada := o.person(handlers.RoleAdmin, "Ada").plain()
	o.exec(`insert into event_log (batch, event_id, event_type, schema_version, region, payload, published_to, actor_kind) values
	  (1, '00000000-0000-4000-8000-000000000001', 'ImportCompleted', 1, 'north', '{"created": 2}', array['dispatch/north'], 'import'),
	  (2, '00000000-0000-4000-8000-000000000002', 'ActionUndone', 1, 'north', '{"removed": 2, "undoOf": "00000000-0000-4000-8000-000000000001"}', array['dispatch/north'], 'import')`)
	o.sequence()
	wantSaid(t, ada.get("/events/1"), http.StatusOK, "Import finished in region North: 2 new", "Undone by", `href="/events/2"`, "pages read their content again")
	wantSaid(t, ada.get("/events/2"), http.StatusOK, "Import undone in region North: 2 jobs removed", "Undoes", `href="/events/1"`, "An import")
}

// TestEventLogFilter finds events by who did it, by whom they are about and by
// dates of the region's clock.
func TestEventLogFilter(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann, ada := o.person(handlers.RoleDispatcher, "Ann", "north").plain(), o.person(handlers.RoleAdmin, "Áda").plain()
	lee, day := o.addContractor("north", "Lée"), soonDay()
	j, other := o.addJob("north", day), o.addJob("north", day)
	wantStatus(t, ann.assign(j, lee, day+"T10:00"), http.StatusSeeOther)
	wantStatus(t, ada.assign(other, lee, day+"T14:00"), http.StatusSeeOther)
	o.sequence()
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	today := time.Now().In(loc)
	date := func(days int) string { return today.AddDate(0, 0, days).Format(time.DateOnly) }
	for query, want := range map[string]string{
		"": "4 3 2 1", "actor=ann": "3", "actor=import": "2 1", "actor=nobody": "", "contractor=LEE": "4 3", "contractor=zed": "",
		"actor=ann&contractor=lee&kind=JobAssigned&region=north": "3", "job=" + other.number: "4 2", "job=J-9999": "",
		"from=" + date(2): "", "until=" + date(-2): "", "from=" + date(-1) + "&until=" + date(1): "4 3 2 1", "region=south": "",
	} {
		var got []string
		for _, m := range regexp.MustCompile(`<td><a class="text-link" href="/events/(\d+)"`).FindAllStringSubmatch(ann.get("/events?"+query).Body.String(), -1) {
			got = append(got, m[1])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q finds %q, want %s", query, got, want)
		}
	}
	wantSaid(t, ann.get("/events?from=soon&until=32"), http.StatusOK, "Give a date such as", `id="log-from-error"`, `id="log-until-error"`)
}

// TestAuditPage opens decisions as they were made, whatever has changed since.
func TestAuditPage(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann, day := o.person(handlers.RoleDispatcher, "Ann", "north").plain(), soonDay()
	lee, cy := o.addContractor("north", "Lee", "gas"), o.addContractor("north", "Cy")
	free := o.addContractor("south", "Free", "gas")
	o.exec(`insert into contractor_regions (contractor_id, region) values ($1, 'north')`, free)
	j := o.addJob("north", day, func(n *db.NewJob) { n.Skills = []string{"gas"} })
	wantStatus(t, ann.assign(j, lee, day+"T19:00", "override_reason", "the customer <insists>"), http.StatusSeeOther)
	o.sequence()
	// What is true today is not what was decided by.
	o.exec(`insert into contractor_skills (contractor_id, skill) values ($1, 'gas')`, cy)
	o.exec(`delete from contractor_skills where contractor_id = $1`, free)
	page := ann.get("/audits/" + o.audit(j.id))
	wantSaid(t, page, http.StatusOK, "Decision about "+j.number, "Assigned to Lee", "Although outside working hours: the customer <insists>", "Ann</bdi>, by hand", "Version 1",
		"3 considered, 1 of them with nothing against them", "chosen", "a skill was missing", "Every skill that the job needs must be held.",
		"Work should lie within the working hours", `href="/events/2"`, `href="/jobs/`+j.id, `href="/contractors/`+lee)
	order := regexp.MustCompile(`(?s)Lee.*Free.*Cy`)
	if body := page.Body.String(); !order.MatchString(body[strings.Index(body, "Candidates then"):]) || strings.Contains(body, "/contractors/"+free) {
		t.Errorf("the candidates are not the chosen one, who could and who could not, or Free of south has a link: %s", body)
	}
	wantStatus(t, ann.change(o, j.id, "removal", "override_reason", "rain"), http.StatusSeeOther)
	wantSaid(t, ann.get("/audits/"+o.audit(j.id)), http.StatusOK, "Taken off Lee", "Reason: rain")
	wantStatus(t, ann.post("/jobs/"+j.id+"/hold", o.jobNow(j.id).fields("override_reason", "no tiles")), http.StatusSeeOther)
	wantSaid(t, ann.get("/audits/"+o.audit(j.id)), http.StatusOK, "Put on hold", "Reason: no tiles", "Nobody: this was not about who does the job")
	if o.logged(events.KindJobUpdated) != 1 {
		t.Error("the hold is not in the log")
	}
}

// TestAuditPageOfManyIsPaged: of a large region every candidate is there once.
func TestAuditPageOfManyIsPaged(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north").plain()
	lee := o.addContractor("north", "Lee")
	o.exec(`insert into contractors (name, home_region) select 'Number ' || n, 'north' from generate_series(1, 240) n`)
	j := o.addJob("north", soonDay())
	wantStatus(t, ann.assign(j, lee, soonDay()+"T10:00"), http.StatusSeeOther)
	names := map[string]int{}
	for _, page := range []string{"", "?page=2", "?page=3"} {
		for _, m := range regexp.MustCompile(`href="/contractors/[^"]+">([^<]+)<`).FindAllStringSubmatch(ann.get("/audits/"+o.audit(j.id)+page).Body.String(), -1) {
			names[m[1]]++
		}
	}
	if len(names) != 241 || names["Lee"] != 1 {
		t.Errorf("%d candidates, want 241", len(names))
	}
}

// TestAuditPageOfAnImport: what a file decided has a page, too.
func TestAuditPageOfAnImport(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ada := o.person(handlers.RoleAdmin, "Ada").plain()
	lee, day := o.addContractor("north", "Lee"), soonDay()
	j := o.addJob("north", day)
	at := soon().UTC().Truncate(time.Hour)
	file := db.AssignmentFile{Rows: []db.AssignmentRow{{Line: 2, Job: j.id, Contractor: lee, Status: "assigned", Source: events.SourceManual}}}
	file.Rows[0].At.Start, file.Rows[0].At.End = at, at.Add(time.Hour)
	if _, err := o.db.ImportAssignments(t.Context(), db.AssignmentImport{By: db.Actor{Kind: events.ActorImport, AllRegions: true}, File: file}); err != nil {
		t.Fatal(err)
	}
	o.sequence()
	wantSaid(t, ada.get("/audits/"+o.audit(j.id)), http.StatusOK, "Assigned to Lee", "by an import", "the file said who has it", "Version 1")
	wantSaid(t, ada.get("/jobs/"+j.id), http.StatusOK, "Assigned to Lee", "An import")
}
