package main

import (
	"strings"
	"testing"
)

// TestS10ReassignAcrossRegions takes a job off somebody who is on his way and gives
// it to somebody of another region, with the real form: it asks for a reason, the
// boards of both regions get both events next to each other, each phone only its
// own, and who lost the job reads that and never who has it now.
func TestS10ReassignAcrossRegions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	ada := w.staff(app.base, "Ada")
	j := w.job("north", "Tile the hall")
	ada.assign(j, "Lee", "10:00")
	w.exec(`update assignments set status = 'en_route', version = version + 1 where job_id = $1`, j.id)
	all := w.screens(t, app.base, "north board", "south board", "Lee", "Maya")
	ann, after := all["north board"].tab, w.fence()
	for _, s := range all {
		s.passed(after.first)
		s.stream.passed(after.first)
	}
	ann.open("/dispatch/north").live()
	ann.press(cardsOf(j.id)+" a", "the panel", `document.querySelector('#workbench a[href*="/contractor"]') !== null`)
	ann.press(`#workbench a[href*="/contractor"]`, "the form", `document.getElementById('assign') !== null`)
	ann.fill(w, "Maya", "")
	ann.await("it asks why", `document.querySelector('#assign [aria-invalid=true]')?.name === 'override_reason' || document.querySelector('#assign-override_reason:invalid') !== null`)
	if n := ask[int](w, `select count(*) from event_log where event_type = 'JobUnassigned'`); n != 0 {
		t.Errorf("it was taken off him without a reason")
	}
	ann.set("#assign-override_reason", "Lee broke down")
	ann.click("#assign .submit")
	ann.await("the confirmation", `document.querySelector('#workbench .banner-ok')?.textContent.includes('Reassigned: `+j.number+`, Maya')`)
	day := "-" + w.today
	where := map[string]string{"north board": "lane-north-guest" + day, "south board": "lane-south-" + w.people["Maya"] + day, "Maya": "day" + day}
	for name, list := range where {
		all[name].awaitCard(j, list)
	}
	all["Lee"].awaitNoCard(j)
	all["Lee"].await("he is told", "document.getElementById('withdrawn-"+j.id+"')?.querySelector('button') !== null")
	end := w.fence()
	for name, want := range map[string]string{
		"north board": "JobUnassigned JobAssigned", "south board": "JobUnassigned JobAssigned", "Lee": "JobUnassigned", "Maya": "JobAssigned",
	} {
		s := all[name]
		s.passed(end.first)
		s.stream.passed(end.first)
		var kinds []string
		for _, f := range s.stream.facts(after.last, end.first) {
			if strings.HasPrefix(f.event, "Job") {
				kinds = append(kinds, f.event)
			}
			if name == "Lee" && (strings.Contains(f.data, "Maya") || strings.Contains(f.data, w.people["Maya"])) {
				t.Errorf("Lee's stream says %s", f.data)
			}
		}
		if got := strings.Join(kinds, " "); got != want {
			t.Errorf("%s got %q, want %q", name, got, want)
		}
		s.sound()
	}
	if n := ask[int](w, `select count(distinct correlation_id) from event_log where job_id = $1 and event_type in ('JobUnassigned', 'JobAssigned') and pos > $2`, j.id, after.last); n != 1 {
		t.Errorf("the two events have %d correlation ids", n)
	}
	if said := get[string](all["Lee"].tab, `document.body.innerText`); strings.Contains(said, "Maya") {
		t.Errorf("Lee reads %s", said)
	}
}
