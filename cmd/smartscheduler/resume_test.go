package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
)

// change makes one random change that is possible: each job has two hours of
// the day to itself, so that no contractor is ever booked twice.
func (c *client) change(rng *rand.Rand, list []job) {
	c.t.Helper()
	i := rng.IntN(len(list))
	j := list[i]
	names := []string{"Rosa", "Lee", "Maya"}
	name := names[rng.IntN(len(names))]
	clock := clockOf(6+2*i, 15*rng.IntN(4))
	holder := ask[string](c.w, `select coalesce((select split_part(c.name, ' ', 1) from assignments a
	  join contractors c on c.id = a.contractor_id where a.job_id = $1 and a.active), '')`, j.id)
	now := ask[string](c.w, `select coalesce((select to_char(lower(a.during) at time zone j.zone, 'HH24:MI') from assignments a
	  join jobs j on j.id = a.job_id where a.job_id = $1 and a.active), '')`, j.id)
	if clock == now { // a move that moves nothing is refused
		clock = clockOf(7+2*i, 0)
	}
	switch pick := rng.IntN(3); {
	case holder == "":
		c.assign(j, name, clock)
	case pick == 0:
		c.unassign(j)
	case pick == 1 && name != holder:
		c.reassign(j, name)
	default:
		c.move(j, clock)
	}
}

// trouble is what happens to the connections in one cycle, in words.
func (m *middlebox) trouble(rng *rand.Rand) string {
	var how, outage string
	switch rng.IntN(4) {
	case 0:
		how = "ended"
		m.end()
	case 1:
		how = "closed"
		m.cut(false)
	case 2:
		how = "reset"
		m.cut(true)
	case 3:
		bytes := rng.Int64N(900)
		how = fmt.Sprintf("torn after %d bytes", bytes)
		m.tear(bytes)
	}
	switch rng.IntN(3) {
	case 0:
		outage = "no outage"
	case 1:
		outage = "refused"
		m.refuse()
	case 2:
		outage = "answered 503"
		m.answer.Store(http.StatusServiceUnavailable)
	}
	return how + ", " + outage
}

// heal ends the outage of a cycle; a torn stream is ended too, in case that
// nothing came that could tear it.
func (m *middlebox) heal() {
	m.answer.Store(0)
	m.mu.Lock()
	address := m.listener
	m.mu.Unlock()
	_ = address.Close()
	m.listen()
	m.cut(true)
}

// caughtUp waits until the page has everything up to a position, and keeps it
// from waiting out its pauses, as the return of a network does.
func (p *tab) caughtUp(pos int64) {
	p.t.Helper()
	p.await("position "+str(pos)+" is on the screen",
		"(dispatchEvent(new Event('online')), probe.applied >= "+str(pos)+
			" && document.getElementById('state').dataset.state === 'live')")
}

// lasting is the content without the notices, which a fresh page no longer has.
func (p *tab) lasting() string {
	p.t.Helper()
	return get[string](p, `((root) => {
		for (const notice of root.querySelectorAll('#notices > li')) notice.remove();
		return (`+plain+`)(root);
	})(document.getElementById('content').cloneNode(true))`)
}

// TestNoGapInTheLifeOfAPage cuts the connection of a board and a phone again
// and again, in every way that networks know, while jobs change before, in
// between and after. Afterwards each page shows what a fresh one shows.
func TestNoGapInTheLifeOfAPage(t *testing.T) {
	t.Parallel()
	const cycles, seed = 24, 20270308
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	box := newMiddlebox(t, app.base)
	list := w.jobs("north", 8)
	ada := w.staff(app.base, "Ada")
	pages := map[string]*tab{
		"/dispatch/north": w.desk(t, box.base, "Ann").open("/dispatch/north").live(),
		"/contractor":     w.mobile(t, box.base, "Rosa").live(),
	}
	fresh := make(map[string]*tab)
	for path, p := range pages {
		fresh[path] = p.another()
		fresh[path].base = app.base
	}
	for cycle := range uint64(cycles) {
		rng := rand.New(rand.NewPCG(seed, cycle))
		if rng.IntN(5) == 0 {
			for path, p := range pages {
				p.open(path).live()
			}
		}
		for range rng.IntN(4) {
			ada.change(rng, list)
		}
		what := box.trouble(rng)
		missed := rng.IntN(21)
		for range missed {
			ada.change(rng, list)
		}
		box.heal()
		pos := w.fence().first
		for path, p := range pages {
			p.caughtUp(pos)
			if got, want := p.lasting(), fresh[path].open(path).lasting(); got != want {
				t.Fatalf("%s, seed %d, cycle %d (%s, %d changes meanwhile): the page shows\n%s\nand a fresh one\n%s",
					path, seed, cycle, what, missed, got, want)
			}
		}
		t.Logf("seed %d, cycle %d: %s, %d changes meanwhile: equal", seed, cycle, what, missed)
	}
	for _, p := range pages {
		p.sound()
	}
}
