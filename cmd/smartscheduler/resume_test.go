package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
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

// trouble is what happens to the connections in one cycle, in words. Twelve
// cycles have each way to break with each outage after it.
func (m *middlebox) trouble(cycle uint64, rng *rand.Rand) string {
	var how, outage string
	switch cycle % 4 {
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
	switch cycle / 4 % 3 {
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

// TestP05NoGapInTheLifeOfAPage shows that a board and a phone whose connections
// break again and again, in every way that networks know, while jobs change
// before, in between and after, always come to show what a fresh page shows,
// and that a plain EventSource of the browser's own misses nothing either.
// SOAK=1 makes it 200 cycles, with up to 20 changes missed in each instead of 8.
func TestP05NoGapInTheLifeOfAPage(t *testing.T) {
	t.Parallel()
	const seed = 20270308
	cycles, most := 12, 8
	if os.Getenv("SOAK") != "" {
		cycles, most = 200, 20
	}
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
	start := w.fence().last
	native := pages["/dispatch/north"].another().open("/healthz").native(start, ask[int64](w, `select epoch from event_head`))
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
		what := box.trouble(cycle, rng)
		missed := rng.IntN(most + 1)
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
		native.has(w, start, pos, cycle)
		t.Logf("seed %d, cycle %d: %s, %d changes meanwhile: equal", seed, cycle, what, missed)
	}
	for _, p := range pages {
		p.sound()
	}
}

// native opens a stream as any page may, with the browser's own EventSource.
// That one gives up at a 503; the page then opens another after its last id.
func (p *tab) native(pos, epoch int64) *tab {
	p.t.Helper()
	get[bool](p, `(() => {
		window.got = [];
		window.last = '`+str(epoch)+`-`+str(pos)+`';
		let opened = 0;
		const open = () => {
			opened = Date.now();
			window.source = new EventSource('/streams/dispatch/north+unrouted?format=json&after=' + last);
			for (const name of ['hello', 'hb', 'resync', 'JobAssigned', 'JobUnassigned', 'JobRescheduled', 'JobUpdated', 'JobCreated']) {
				source.addEventListener(name, (e) => {
					last = e.lastEventId;
					if (name === 'resync') got.push('resync');
					if (name.startsWith('Job')) got.push(Number(last.split('-')[1]));
				});
			}
			source.onerror = () => { if (source.readyState === EventSource.CLOSED) setTimeout(open, 100); };
		};
		open();
		// The pause that the server asks for is for real life.
		addEventListener('online', () => { if (source.readyState === EventSource.CONNECTING && Date.now() > opened + 1000) { source.close(); open(); } });
		return true;
	})()`)
	return p
}

// has waits until the native stream has come to a position, and compares what
// it got with the log.
func (p *tab) has(w *world, start, pos int64, cycle uint64) {
	p.t.Helper()
	p.await("the native stream is at "+str(pos), `(source.readyState === EventSource.OPEN || dispatchEvent(new Event('online'))) && got.at(-1) >= `+str(pos))
	want, err := json.Marshal(w.positions(start, pos))
	if err != nil {
		p.t.Fatal(err)
	}
	if got := get[string](p, `JSON.stringify(got)`); got != string(want) {
		p.t.Fatalf("cycle %d: the native stream got %s, not %s", cycle, got, want)
	}
}
