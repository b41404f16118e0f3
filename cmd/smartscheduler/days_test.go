package main

import (
	"strings"
	"testing"
	"time"
)

// TestDaysReachEveryScreen gives both days of a job to somebody with the real forms:
// the second is proposed at the same time of the next day, and each stands on its
// own date on every screen, which says which day it is.
func TestDaysReachEveryScreen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	j := w.job("north", "Lay a big floor")
	w.exec(`update jobs set days = 2, window_end = window_end + interval '2 days', window_end_local = window_end_local + interval '2 days' where id = $1`, j.id)
	w.exec(`insert into visits (job_id, number) values ($1, 2)`, j.id)
	all := w.screens(t, app.base)
	ann := all["north board"].tab
	first, err := time.Parse(time.DateOnly, w.today)
	if err != nil {
		t.Fatal(err)
	}
	day, next := "-"+w.today, "-"+first.AddDate(0, 0, 1).Format(time.DateOnly)
	lane, wall := "lane-north-"+w.people["Rosa"]+day, "wall-north-"+w.people["Rosa"]+day
	card := "document.querySelector('" + cardsOf(j.id) + "')?.textContent"

	assign := func(number, clock, booked string) {
		t.Helper()
		ann.press("#open-north "+cardsOf(j.id)+" .button-small", "the form", "document.querySelector('#assign input[name=visit]')?.value === "+quote(number))
		ann.fill(w, "Rosa", clock)
		ann.await(booked, "document.querySelector('#workbench .banner-ok')?.textContent.includes("+quote(booked)+")")
	}
	assign("1", "09:00", "1 of 2 days booked")
	w.holds(t, all, j, map[string][]string{
		"north board": {"open-north", lane}, "north wall": {wall}, "Rosa": {"day" + day},
	})
	for _, screen := range []string{"north wall", "Rosa"} {
		all[screen].tab.await("which day it is", card+".includes('day 1 of 2')")
	}
	if open := get[string](ann, "document.querySelector('#open-north "+cardsOf(j.id)+"').textContent"); !strings.Contains(open, "day 2 of 2 is open · 1 of 2 days booked") {
		t.Errorf("the open card says %q", open)
	}
	assign("2", "", "2 of 2 days booked")
	w.holds(t, all, j, map[string][]string{
		"north board": {lane}, "north wall": {wall}, "Rosa": {"day" + day, "day" + next},
	})
	ann.press("#"+lane+" a", "the panel", "document.querySelectorAll('#workbench .held').length === 2")
	ann.check("the panel of several days", axe(t), 1280)
	looked().shoot(ann, "days-panel", 1280, 360)
	all["Rosa"].tab.await("the second day at the same time", "document.querySelector('#day"+next+" .card').textContent.includes('09:00')")
	for _, s := range all {
		s.sound()
	}
}
