package main

import (
	"testing"
)

// TestJobFormsReachEveryScreen: what Ann does to a job with its forms stands at
// once on another dispatcher's board, on the wall and on the contractor's phone.
func TestJobFormsReachEveryScreen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	held, open := w.job("north", "Tile the hall"), w.job("north", "Tile the attic")
	w.staff(app.base, "Ann").assign(held, "Rosa", "09:00")
	all := w.screens(t, app.base, "north board", "north wall", "south board", "Rosa", "Lee")
	reader := w.staff(app.base, "Ada")
	all["Ada"] = &screen{
		name: "Ada", tab: w.desk(t, app.base, "Ada").open("/dispatch/north").live(),
		stream: reader.listen("/streams/dispatch/north+unrouted"), reload: func() string { return reader.get("/dispatch/north") },
	}
	ann := all["north board"].tab
	says := func(j job, text string, screens ...string) {
		t.Helper()
		for _, name := range screens {
			all[name].await("the card says "+text, "document.querySelector('"+cardsOf(j.id)+"').textContent.includes("+quote(text)+")")
		}
	}
	lane := "lane-north-" + w.people["Rosa"] + "-" + w.today

	w.step(t, all, held, func() {
		ann.jobAction(held, "details")
		ann.set("#job-title", "Tile the kitchen & hall")
		ann.set("#job-priority", "rush")
		ann.set("#job-access_notes", "Key under the mat")
		ann.click("#job .submit")
		says(held, "Tile the kitchen & hall", "north board", "Ada", "Rosa")
		says(held, "Rush", "north board", "Ada", "Rosa", "north wall")
		says(held, "Key under the mat", "Rosa")
	}, map[string]string{
		"north board": lane, "Ada": lane, "Rosa": "day-" + w.today, "north wall": "wall-north-" + w.people["Rosa"] + "-" + w.today,
	})

	w.step(t, all, open, func() {
		ann.jobAction(open, "hold")
		ann.set("#act-override_reason", "waits for the tiles")
		ann.click("#act .submit")
		says(open, "On hold", "north board", "Ada")
	}, map[string]string{"north board": "open-north", "Ada": "open-north"}, "north wall")

	w.step(t, all, held, func() {
		ann.jobAction(held, "cancellation")
		ann.set("#act-reason", "customer")
		ann.click("#act .submit")
	}, nil, "north board", "Ada", "Rosa", "north wall")
	all["Rosa"].await("the notice", "document.getElementById('withdrawn-"+held.id+"')?.textContent.includes('was cancelled')")
	for _, s := range all {
		s.sound()
	}
}

// jobAction opens the panel of a job and then one of the forms about the job as
// a whole.
func (p *tab) jobAction(j job, form string) {
	p.t.Helper()
	p.press(cardsOf(j.id)+" a", "the panel of "+j.number,
		"document.querySelector('#workbench [data-panel-job=\""+j.id+"\"] .job-acts') !== null")
	p.press("#workbench .job-acts a[href*='/"+form+"']", "the form", "document.querySelector('#workbench form[data-job=\""+j.id+"\"]') !== null")
}
