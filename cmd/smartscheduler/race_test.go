package main

import (
	"regexp"
	"testing"
)

// TestS1TwoDispatchersOneContractor lets Ann and Bo book Rosa for times that
// overlap, both through the real form and at the same moment. One wins. The
// other reads who won, and a free start of the form's own list is then taken. Times
// that only touch are both booked.
func TestS1TwoDispatchersOneContractor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	type desk struct {
		*tab
		name, region, clock string
		job                 job
	}
	desks := []desk{
		{name: "Ann", region: "north", clock: "10:00", job: w.job("north", "Tile the hall")},
		{name: "Bo", region: "south", clock: "10:30", job: w.job("south", "Tile the kitchen")},
	}
	events := w.head()
	for i := range desks {
		d := &desks[i]
		d.tab = w.desk(t, app.base, d.name).open("/dispatch/" + d.region).live()
		d.click(cardsOf(d.job.id) + " .button-small")
		d.await("the form offers Rosa", "document.getElementById('candidate-"+w.people["Rosa"]+"') !== null")
		d.click("label[for='candidate-" + w.people["Rosa"] + "']")
		d.set("#assign-start", w.today+"T"+d.clock)
		d.set("#assign-end", "")
	}
	sent := make(chan error, len(desks))
	for _, d := range desks {
		go func() {
			sent <- d.try(`document.querySelector('#assign .submit').click()`)
		}()
	}
	for range desks {
		if err := <-sent; err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range desks {
		d.await("an answer", `document.querySelector('#workbench .banner-ok, #assign .slots') !== null`)
	}
	winner, loser := desks[0], desks[1]
	if get[bool](winner.tab, `document.querySelector('#assign .slots') !== null`) {
		winner, loser = loser, winner
	}
	if n := ask[int](w, `select count(*) from assignments where active`); n != 1 {
		t.Fatalf("%d assignments are active, not 1", n)
	}
	said := get[string](loser.tab, `document.querySelector('#assign [role=alert]').textContent`)
	sentence := regexp.MustCompile(`Rosa Díaz was just booked .*` + winner.clock + `–.* on ` + winner.job.number + ` by ` + winner.name)
	if !sentence.MatchString(said) {
		t.Errorf("%s reads %q, which is not %s", loser.name, said, sentence)
	}
	if n := get[int](loser.tab, `document.querySelectorAll('#assign button[name=slot]').length`); n != 3 {
		t.Errorf("%s is offered %d slots, not 3", loser.name, n)
	}
	loser.sameAs("what was typed is kept", `document.getElementById('assign-start').value`, w.today+"T"+loser.clock)

	loser.click("#assign button[name=slot]")
	loser.click("#assign .submit")
	loser.await("the confirmation", `document.querySelector('#workbench .banner-ok') !== null`)
	if n := ask[int](w, `select count(*) from assignments where active`); n != 2 {
		t.Errorf("%d assignments are active, not 2", n)
	}
	if n := ask[int](w, `select count(*) from event_log where event_type = 'JobAssigned' and id > $1`, events); n != 2 {
		t.Errorf("%d JobAssigned were logged, not 2", n)
	}
	ada := w.staff(app.base, "Ada")
	ada.assign(w.job("north", "Tile the porch"), "Lee", "12:00")
	ada.assign(w.job("south", "Tile the cellar"), "Lee", "13:00")
	if n := ask[int](w, `select count(*) from assignments a join assignments b on lower(b.during) = upper(a.during) and b.contractor_id = a.contractor_id
	  where a.contractor_id = $1 and a.active and b.active`, w.people["Lee"]); n != 1 {
		t.Errorf("%d pairs of bookings touch, not 1", n)
	}
	for _, d := range desks {
		d.sound()
	}
}
