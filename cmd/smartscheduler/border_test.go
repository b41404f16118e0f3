package main

import (
	"context"
	"testing"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

// jobAt adds an open job whose region follows from its place.
func (w *world) jobAt(title string, lat, lng float64) job {
	w.t.Helper()
	system := db.Actor{Kind: events.ActorSystem, AllRegions: true}
	id, err := w.db.CreateJob(context.Background(), db.Command{By: system}, db.NewJob{
		Title: title, Skills: []string{"tile"}, DurationMinutes: 60, Priority: "normal",
		Site:        db.Site{Address: "12 Elm Street", Point: &schedule.Point{Lat: lat, Lng: lng}},
		WindowStart: w.wall("08:00"), WindowEnd: w.wall("18:00"),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return job{id, ask[string](w, `select 'J-' || number from jobs where id = $1`, id)}
}

// TestS7Border is the seventh day of the project's days in the life: a job on the
// border says by what rule it is where it is; one outside of everything is
// counted on every board; one that was placed wrongly and is corrected while it
// is assigned leaves one region and enters the other on boards and walls alike.
func TestS7Border(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec(`update regions set geometry = '{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1],[0,0]]]}' where slug = 'north'`)
	w.exec(`update regions set geometry = '{"type":"Polygon","coordinates":[[[1,0],[2,0],[2,1],[1,1],[1,0]]]}' where slug = 'south'`)
	app := startProgram(t, w.dsn)
	border, wrong := w.jobAt("On the border", 0.5, 1), w.jobAt("Placed wrongly", 0.5, 1.5)
	w.staff(app.base, "Ada").assign(wrong, "Rosa", "09:00")
	all := w.screens(t, app.base, "north board", "north wall", "south board", "south wall")
	ann, bo := all["north board"].tab, all["south board"].tab

	ann.awaitCard(border, "open-north")
	ann.press(cardsOf(border.id)+" a", "the panel says why",
		"document.querySelector('#workbench [data-panel-job=\""+border.id+"\"]')?.innerText.includes('on the border: chosen by rule')")

	const badge = `document.getElementById('unrouted-count').textContent === `
	for _, p := range []*tab{ann, bo} {
		p.await("no job is unrouted", badge+"'0'")
	}
	w.jobAt("Outside of everything", 20, 20)
	for _, p := range []*tab{ann, bo} {
		p.await("one job is unrouted", badge+"'1'")
	}

	all["south board"].awaitCard(wrong, "lane-south-guest-"+w.today)
	all["south wall"].awaitCard(wrong, "wall-south-guest-"+w.today)
	w.step(t, all, wrong, func() {
		bo.jobAction(wrong, "details")
		bo.set("#job-lng", "0.5")
		bo.click("#job .submit")
	}, map[string]string{
		"north board": "lane-north-" + w.people["Rosa"] + "-" + w.today, "north wall": "wall-north-" + w.people["Rosa"] + "-" + w.today,
	}, "south board", "south wall")
	if got := ask[string](w, `select string_agg(array_to_string(published_to, ' '), '; ') from event_log where event_type = 'JobRegionChanged'`); got != "dispatch/south dispatch/north contractor/"+w.people["Rosa"] {
		t.Errorf("JobRegionChanged went to %s", got)
	}
	if got := ask[string](w, `select contractor_id::text from assignments where job_id = $1 and active`, wrong.id); got != w.people["Rosa"] {
		t.Errorf("%s has the job, want Rosa", got)
	}
	for _, s := range all {
		s.sound()
	}
}
