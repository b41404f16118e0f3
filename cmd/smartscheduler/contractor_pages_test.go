package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"smartscheduler/schedule"
)

// TestC8TimeOffShowsTheClashes enters time off in a browser: the job that is
// booked in it is listed before anything is saved, and after "Save anyway" the
// open board says so without a reload.
func TestC8TimeOffShowsTheClashes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	source := axe(t)
	a := looked()
	j := w.job("north", "Tile the porch")
	w.staff(app.base, "Ada").assign(j, "Rosa", "09:30")
	rosa := w.people["Rosa"]
	board := w.desk(t, app.base, "Ann").open("/dispatch/north").live()
	hours := `document.getElementById('who-north-` + rosa + `').nextElementSibling.textContent`
	board.await("Rosa's hours", hours+` === '06:00–22:00'`)

	p := board.another().open("/contractors/" + rosa)
	p.check("contractor", source, 1280)
	a.shoot(p, "contractor", 1280, 360)
	p.open("/contractors/" + rosa + "/days")
	p.check("time off", source, 360)
	p.submit("#days", "what is missing", `document.getElementById('days-from-error') !== null`)
	p.check("time off refused", source, 1280)
	a.shoot(p, "days-errors", 1280, 360)
	p.set("#days-from", w.today)
	p.set("#days-note", "Dentist")
	p.click("#days .submit")
	p.await("the clash", `document.querySelector('.banner [href="/jobs/`+j.id+`"]') !== null`)
	p.sameAs("what was typed", `document.getElementById('days-note').value`, "Dentist")
	p.check("time off with a clash", source, 1280)
	a.shoot(p, "days-clash", 1280, 360)
	board.sameAs("the board before", hours, "06:00–22:00")
	p.click("#days .submit")
	p.says("/contractors/"+rosa, "The days are saved.")
	p.says("/contractors/"+rosa, "off on")
	p.check("contractor with time off", source, 360)
	a.shoot(p, "contractor-off", 1280, 360)
	board.await("the board says so", hours+` === 'Off: Dentist'`)
	board.awaitCard(j, "lane-north-"+rosa+"-"+w.today)
	board.sound()
	p.sound()
}

// TestContractorInTwoTabs changes a contractor in two tabs of a browser: the
// second is shown yours and now, and keeps what was typed.
func TestContractorInTwoTabs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	source := axe(t)
	a := looked()
	path := "/contractors/" + w.people["Maya"] + "/details"
	first := w.desk(t, app.base, "Ada").open(path)
	first.check("contractor form", source, 1280)
	a.shoot(first, "contractor-form", 1280, 360)
	second := first.another().open(path)
	first.set("#contractor-phone", "555-0142")
	first.click("#contractor .submit")
	first.says("/contractors/"+w.people["Maya"], "The changes are saved.")
	second.set("#contractor-phone", "555-0143")
	second.click("#contractor .submit")
	second.await("both versions", `document.querySelector('.compare')?.innerText.includes('555-0142')`)
	second.sameAs("what was typed", `document.getElementById('contractor-phone').value`, "555-0143")
	second.check("contractor form, stale", source, 1280)
	a.shoot(second, "contractor-stale", 1280, 360)
	second.set("#contractor-name", "")
	second.set("#contractor-hours-mon", "25-26")
	second.set("#contractor-hours-tue", "all day")
	second.set("#contractor-lat", "91")
	second.submit("#contractor", "what is wrong", `document.getElementById('contractor-name-error') !== null`)
	second.check("contractor form with errors", source, 1280)
	a.shoot(second, "contractor-errors", 1280, 360)
	for _, page := range []struct{ name, path string }{
		{"contractors", "/contractors"}, {"contractor-new", "/contractors/new"},
		{"contractors-none", "/contractors?q=nobody+at+all"}, {"skills", "/admin/skills"},
	} {
		first.open(page.path)
		first.check(page.name, source, 1280)
		a.shoot(first, page.name, 1280, 360)
	}
	first.set("#skill-name", "tile")
	first.click("#skill button")
	first.await("the name is taken", `document.getElementById('skill-name-error') !== null`)
	first.check("skills refused", source, 360)
	a.shoot(first, "skills-errors", 1280, 360)
	first.sound()
	second.sound()
}

// TestS5ContractorMovesRegion moves Kofi from tomorrow on, after asking what is to
// become of his jobs; his row leaves the board of tomorrow and comes to the other
// without a reload, what is kept stays a guest, what is released is open, and
// today's board keeps him. When tomorrow begins, his phone says so once.
func TestS5ContractorMovesRegion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	a := looked()
	today, err := schedule.ParseDay(w.today)
	if err != nil {
		t.Fatal(err)
	}
	tomorrow := today.Add(1).String()
	kept, released, now := w.job("south", "Kept by Kofi"), w.job("south", "Released by Kofi"), w.job("south", "Done by Kofi")
	ada := w.staff(app.base, "Ada")
	ada.assign(now, "Kofi", "09:30")
	for j, start := range map[job]string{kept: "T09:30", released: "T13:00"} {
		w.exec(`update jobs set window_start_local = window_start_local + interval '1 day', window_end_local = window_end_local + interval '1 day',
		  window_start = window_start + interval '1 day', window_end = window_end + interval '1 day' where id = $1`, j.id)
		ada.post(http.StatusSeeOther, "/jobs/"+j.id+"/assignments", ada.form(j, url.Values{"contractor_id": {w.people["Kofi"]}, "start": {tomorrow + start}}))
	}
	kofi := w.people["Kofi"]
	stays := w.desk(t, app.base, "Bo").open("/dispatch/south").live()
	south := stays.another().open("/dispatch/south?date=" + tomorrow).live()
	north := w.desk(t, app.base, "Ann").open("/dispatch/north?date=" + tomorrow).live()
	phone := w.mobile(t, app.base, "Kofi").live()
	p := w.desk(t, app.base, "Ada").open("/contractors/" + kofi + "/details")
	p.set("#contractor-home", "north")
	p.set("#contractor-from", "2020-01-01")
	p.click("#contractor .submit")
	p.await("the day is over", `document.getElementById('contractor-from-error') !== null`)
	p.check("a move in the past", axe(t), 360)
	a.shoot(p, "contractor-moves-error", 1280, 360)
	p.set("#contractor-from", tomorrow)
	p.click("#contractor .submit")
	p.await("both jobs are listed", `document.querySelectorAll('input[name=release]').length === 2`)
	p.check("contractor who moves", axe(t), 1280)
	a.shoot(p, "contractor-moves", 1280, 360)
	south.awaitCard(released, "lane-south-"+kofi+"-"+tomorrow)
	p.click("label[for=release-" + released.id + "]")
	p.click("#contractor .submit")
	p.says("/contractors/"+kofi, "The changes are saved.")
	p.says("/contractors/"+kofi, "Moves to North on")
	p.says("/contractors/"+kofi, "guest")
	p.check("contractor with a move to come", axe(t), 360)
	a.shoot(p, "contractor-move-to-come", 1280, 360)
	where := func() {
		t.Helper()
		south.await("the row has left", `document.getElementById('who-south-`+kofi+`') === null`)
		south.awaitCard(kept, "lane-south-guest-"+tomorrow)
		south.awaitCard(released, "open-south")
		north.await("the row has come", `document.getElementById('who-north-`+kofi+`') !== null`)
		north.awaitCard(kept, "lane-north-"+kofi+"-"+tomorrow)
		stays.awaitCard(now, "lane-south-"+kofi+"-"+w.today)
	}
	where()
	phone.awaitCard(kept, "day-"+tomorrow)
	phone.awaitNoCard(released)
	if n, err := w.db.CarryOutMoves(t.Context(), time.Now().AddDate(0, 0, 1)); n != 1 || err != nil {
		t.Fatalf("%d moves, %v", n, err)
	}
	phone.await("the notice", `document.querySelectorAll('#moved-home').length === 1 && document.getElementById('moved-home').innerText.includes('North')`)
	where()
	phone.check("phone after the move", axe(t), 360)
	a.shoot(phone, "phone-moved", 360)
	phone.click("#moved-home button")
	phone.await("it is waved away", `document.getElementById('moved-home') === null`)

	// A file moves him back: both boards and his phone show it.
	w.exec(`update contractors set external_id = 'K-1' where id = $1`, kofi)
	file := filepath.Join(t.TempDir(), "people.csv")
	people := "external_id,name,home_region,served_regions,skills,hours,phone,email\nK-1,Kofi Mensah,south,,tile,Mon-Sun 06:00-22:00,555-0100,\n"
	if err := os.WriteFile(file, []byte(people), 0o600); err != nil {
		t.Fatal(err)
	}
	p.choose(file, "contractors")
	p.click("#confirm .submit")
	south.await("the row is back", `document.getElementById('who-south-`+kofi+`') !== null`)
	south.awaitCard(kept, "lane-south-"+kofi+"-"+tomorrow)
	north.await("the row has left again", `document.getElementById('who-north-`+kofi+`') === null`)
	phone.await("one notice", `document.querySelectorAll('#moved-home').length === 1 && document.getElementById('moved-home').innerText.includes('South')`)
	for _, page := range []*tab{stays, south, north, phone, p} {
		page.sound()
	}
}

// looked is an album for pictures that are looked at and not kept.
func looked() album {
	if os.Getenv("ALL_SCREENSHOTS") == "" {
		return album{}
	}
	return album{dir: os.Getenv("SCREENSHOTS")}
}
