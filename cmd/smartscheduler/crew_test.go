package main

import (
	"slices"
	"strings"
	"testing"
)

// listed is a script that gives the cards of a page in their order, each with the
// list that it stands in.
const listed = `(root) => [...root.querySelectorAll('#content .card')].map((card) => card.parentElement.id + ' ' + (` + plain + `)(card)).join('\n')`

// holds wants the cards of a job in the lists named for each screen and nowhere
// else, and every screen to show what a page that is loaded now shows.
func (w *world) holds(t *testing.T, all map[string]*screen, j job, where map[string][]string) {
	t.Helper()
	after := w.fence()
	for name, s := range all {
		s.passed(after.first)
		s.stream.passed(after.first)
		lists := get[string](s.tab, `[...document.querySelectorAll('`+cardsOf(j.id)+`')].map((card) => card.parentElement.id).sort().join(' ')`)
		if want := strings.Join(slices.Sorted(slices.Values(where[name])), " "); lists != want {
			t.Errorf("%s shows %s in %q, want %q", name, j.number, lists, want)
		}
		held := get[string](s.tab, "("+listed+")(document)")
		drawn := get[string](s.tab, `fetch(location.href).then((r) => r.text()).then((text) => (`+listed+`)(new DOMParser().parseFromString(text, 'text/html')))`)
		if held != drawn {
			t.Errorf("%s holds\n%s\nand a page loaded now\n%s", name, held, drawn)
		}
	}
}

// TestCrewReachesEveryScreen fills a job that needs two with the real forms, takes
// one of them off and calls it off: it stands on the row of each who has it, and
// in the open list until it is full, and nobody reads of the other.
func TestCrewReachesEveryScreen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	j := w.job("north", "Carry the <stove>")
	w.exec(`update jobs set headcount = 2 where id = $1`, j.id)
	all := w.screens(t, app.base)
	ann := all["north board"].tab
	day := "-" + w.today
	rosaLane, rosaWall := "lane-north-"+w.people["Rosa"]+day, "wall-north-"+w.people["Rosa"]+day
	before := w.head()

	assign := func(name, clock, booked string) {
		t.Helper()
		ann.press("#open-north "+cardsOf(j.id)+" .button-small", "the form", "document.getElementById('assign') !== null")
		ann.fill(w, name, clock)
		ann.await(booked, "document.querySelector('#workbench .banner-ok')?.textContent.includes("+quote(booked)+")")
	}
	assign("Rosa", "09:00", "1 of 2 booked")
	w.holds(t, all, j, map[string][]string{
		"north board": {"open-north", rosaLane}, "north wall": {rosaWall}, "Rosa": {"day" + day},
	})
	assign("Maya", "", "2 of 2 booked")
	maya := map[string][]string{
		"north wall": {"wall-north-guest" + day}, "Maya": {"day" + day},
		"south board": {"lane-south-" + w.people["Maya"] + day}, "south wall": {"wall-south-" + w.people["Maya"] + day},
	}
	full := map[string][]string{
		"north board": {rosaLane, "lane-north-guest" + day}, "Rosa": {"day" + day},
		"north wall": {rosaWall, "wall-north-guest" + day}, "Maya": maya["Maya"], "south board": maya["south board"], "south wall": maya["south wall"],
	}
	w.holds(t, all, j, full)
	all["Maya"].await("the time of the crew", "document.querySelector('"+cardsOf(j.id)+"').textContent.includes('09:00–10:00')")

	ann.press("#"+rosaLane+" a", "the panel", "document.querySelectorAll('#workbench .held').length === 2")
	ann.check("the panel of a crew", axe(t), 1280)
	looked().shoot(ann, "crew-panel", 1280, 360)
	ann.look(1280, 800, "light")
	ann.press("#workbench a[aria-label='Unassign Rosa Díaz']", "the form", "document.getElementById('removal') !== null")
	ann.click("#removal .submit")
	ann.await("it is done", "document.querySelector('#workbench .banner-ok') !== null")
	maya["north board"] = []string{"open-north", "lane-north-guest" + day}
	w.holds(t, all, j, maya)
	all["Rosa"].await("the notice", "document.getElementById('withdrawn-"+j.id+"') !== null")

	ann.press("#workbench .job-acts a[href*='/cancellation']", "the form", "document.getElementById('act') !== null")
	ann.set("#act-reason", "customer")
	ann.click("#act .submit")
	all["Maya"].await("the notice", "document.getElementById('withdrawn-"+j.id+"')?.textContent.includes('was cancelled')")
	w.holds(t, all, j, nil)

	for name, secrets := range map[string][]string{"Rosa": {"Maya", w.people["Maya"]}, "Maya": {"Rosa", w.people["Rosa"]}} {
		for _, f := range all[name].stream.facts(before, w.head()+1) {
			for _, secret := range secrets {
				if strings.Contains(f.data, secret) {
					t.Errorf("%s: the stream says %q: %s", name, secret, f.data)
				}
			}
		}
	}
	for _, s := range all {
		s.sound()
	}
}
