package main

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// screen is one page of somebody, and beside it a plain reader of the same
// stream.
type screen struct {
	name string
	*tab
	stream *listener
	// reload fetches the page afresh without a browser.
	reload func() string
	// before is the content of the page before the step under test.
	before string
}

// screens opens what two regions have, boards, phones and walls: all, or those
// that are named.
func (w *world) screens(t *testing.T, base string, names ...string) map[string]*screen {
	t.Helper()
	all := make(map[string]*screen)
	add := func(name string, page func() *tab, reader func() *client, path, stream string) {
		if len(names) > 0 && !slices.Contains(names, name) {
			return
		}
		r := reader()
		all[name] = &screen{name: name, tab: page().live(), stream: r.listen(stream), reload: func() string { return r.get(path) }}
	}
	for name, region := range map[string]string{"Ann": "north", "Bo": "south"} {
		add(region+" board", func() *tab { return w.desk(t, base, name).open("/dispatch/" + region) },
			func() *client { return w.staff(base, name) }, "/dispatch/"+region, "/streams/dispatch/"+region+"+unrouted")
		add(region+" wall", func() *tab { return w.wallScreen(t, base, region) },
			func() *client { return w.display(base, region) }, "/kiosk", "/streams/kiosk/"+region)
	}
	for _, name := range []string{"Rosa", "Lee", "Maya"} {
		add(name, func() *tab { return w.mobile(t, base, name) },
			func() *client { return w.phone(base, name) }, "/contractor", "/streams/contractor/"+w.people[name])
	}
	return all
}

// step runs one change and then looks at every screen: those of where show the
// job's card in the list named there and nowhere else, those of gone have lost
// it, and to all others nothing at all has come.
func (w *world) step(t *testing.T, all map[string]*screen, j job, change func(), where map[string]string, gone ...string) {
	t.Helper()
	after := w.fence()
	for _, s := range all {
		s.passed(after.first)
		s.stream.passed(after.first)
		s.before = s.content()
	}
	change()
	concerned := make(map[string]bool)
	for name, list := range where {
		concerned[name] = true
		all[name].awaitCard(j, list)
		w.sameBytes(t, all[name], j, after.last)
	}
	for _, name := range gone {
		concerned[name] = true
		all[name].awaitNoCard(j)
	}
	before := w.fence()
	for name, s := range all {
		s.passed(before.first)
		s.stream.passed(before.first)
		facts := s.stream.facts(after.last, before.first)
		if concerned[name] {
			if len(facts) == 0 {
				t.Errorf("%s: the page changed but a plain reader of its stream got nothing", name)
			}
			continue
		}
		for _, f := range facts {
			t.Errorf("%s got %s of %s, which does not concern it: %s", name, f.event, f.id, f.data)
		}
		if now := s.content(); now != s.before {
			t.Errorf("%s changed, which is not concerned, from\n%s\nto\n%s", name, s.before, now)
		}
	}
}

// aware is how far a job got to a phone, which changes by itself while a test
// looks.
var aware = regexp.MustCompile(`(?s)<span class="aware".*?</span></span>`)

func unaware(html string) string { return aware.ReplaceAllString(html, "") }

// upserted finds the card in the fragment of a stream.
var upserted = regexp.MustCompile(`(?s)<hx-upsert [^>]*>(<li id="card-.*?)</hx-upsert>`)

// sameBytes compares the card as the stream brought it with the card of a page
// that is drawn now: in bytes over HTTP, and as the browser holds them.
func (w *world) sameBytes(t *testing.T, s *screen, j job, after int64) {
	t.Helper()
	f := s.stream.until("the card of "+j.number, func(f frame) bool {
		return f.fact() && f.pos() > after && strings.Contains(f.data, ` data-job="`+j.id)
	})
	// The stream may have several frames of a change; the last one stands.
	for _, later := range s.stream.facts(f.pos(), f.pos()+2) {
		f = later
	}
	card := upserted.FindStringSubmatch(f.data)
	if card == nil {
		t.Errorf("%s: no card in the frame %q", s.name, f.data)
		return
	}
	if page := s.reload(); !strings.Contains(unaware(page), unaware(card[1])) {
		t.Errorf("%s: the page does not hold the bytes of the stream:\n%s\nThe page:\n%s", s.name, card[1], page)
	}
	held := s.card(j)
	drawn := get[string](s.tab, `fetch(location.href).then((r) => r.text()).then((text) =>
		(`+plain+`)(new DOMParser().parseFromString(text, 'text/html').querySelector('`+cardsOf(j.id)+`')))`)
	if held != drawn {
		t.Errorf("%s: the page holds\n%s\nand a fresh one\n%s", s.name, held, drawn)
	}
}

// TestAssignmentReachesEveryScreen is the product in one test: a dispatcher
// works with the real forms, and every screen that must know shows it, and no
// other.
func TestAssignmentReachesEveryScreen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	j := w.job("north", "Tile the <kitchen> & hall")
	all := w.screens(t, app.base)
	ann := all["north board"].tab
	at := func(prefix, who string) string { return prefix + "-" + w.people[who] + "-" + w.today }

	w.step(t, all, j, func() {
		ann.press(cardsOf(j.id)+" .button-small", "the form", "document.getElementById('assign') !== null")
		ann.fill(w, "Rosa", "09:00")
	}, map[string]string{
		"north board": at("lane-north", "Rosa"), "Rosa": "day-" + w.today, "north wall": at("wall-north", "Rosa"),
	})

	rosaBefore := w.head()
	w.step(t, all, j, func() {
		ann.action(j, "Reassign")
		ann.fill(w, "Maya", "")
	}, map[string]string{
		"north board": "lane-north-guest-" + w.today, "north wall": "wall-north-guest-" + w.today,
		"south board": at("lane-south", "Maya"), "south wall": at("wall-south", "Maya"), "Maya": "day-" + w.today,
	}, "Rosa")
	all["Rosa"].await("the notice", "document.getElementById('withdrawn-"+j.id+"') !== null")

	w.step(t, all, j, func() {
		ann.action(j, "Move")
		ann.set("#move-end", "")
		ann.set("#move-start", w.today+"T14:30")
		ann.click("#move .submit")
	}, map[string]string{
		"north board": "lane-north-guest-" + w.today, "north wall": "wall-north-guest-" + w.today,
		"south board": at("lane-south", "Maya"), "south wall": at("wall-south", "Maya"), "Maya": "day-" + w.today,
	})
	for _, name := range []string{"north board", "north wall", "south board", "south wall", "Maya"} {
		all[name].await("the new time", "document.querySelector('"+cardsOf(j.id)+"').textContent.includes('14:30–15:30')")
	}

	w.step(t, all, j, func() {
		ann.action(j, "Unassign")
		ann.click("#removal .submit")
	}, map[string]string{"north board": "open-north"}, "north wall", "south board", "south wall", "Maya")

	// Nobody who lost the job reads who has it now, and no wall reads what is public.
	for name, secrets := range map[string][]string{
		"Rosa": {"Maya", w.people["Maya"]}, "Maya": {"Rosa", w.people["Rosa"]},
		"north wall": {"Cora", "Elm", "555", "kitchen"}, "south wall": {"Cora", "Elm", "555", "kitchen"},
	} {
		for _, f := range all[name].stream.facts(rosaBefore, w.head()+1) {
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
	w.outsidersAreRefused(t, app.base)
}

// outsidersAreRefused asks for streams and pages that are somebody else's.
func (w *world) outsidersAreRefused(t *testing.T, base string) {
	t.Helper()
	rosa, bo, wall := w.phone(base, "Rosa"), w.staff(base, "Bo"), w.display(base, "north")
	for _, try := range []struct {
		who  *client
		path string
		want int
	}{
		{rosa, "/streams/contractor/" + w.people["Lee"], http.StatusNotFound},
		{rosa, "/streams/dispatch/north", http.StatusNotFound},
		{rosa, "/streams/kiosk/north", http.StatusNotFound},
		{bo, "/streams/dispatch/north", http.StatusNotFound},
		{bo, "/streams/dispatch/north+south", http.StatusNotFound},
		{bo, "/streams/contractor/" + w.people["Maya"], http.StatusNotFound},
		{bo, "/dispatch/north", http.StatusNotFound},
		{wall, "/streams/kiosk/south", http.StatusNotFound},
		{wall, "/streams/dispatch/north", http.StatusNotFound},
		{w.client(base), "/streams/dispatch/north", http.StatusUnauthorized},
	} {
		status, _, body := try.who.do(try.who.request(http.MethodGet, try.path, nil))
		if status != try.want || strings.Contains(body, "card-") {
			t.Errorf("GET %s is %d, not %d: %.100s", try.path, status, try.want, body)
		}
	}
}

// action opens the panel of an assigned job and then one of its forms.
func (p *tab) action(j job, label string) {
	p.t.Helper()
	p.press(cardsOf(j.id)+" a", "the panel of "+j.number,
		"document.querySelector('#workbench [data-panel-job=\""+j.id+"\"] .held-actions') !== null")
	p.press("#workbench .held-actions a[href*='"+map[string]string{
		"Move": "/times", "Reassign": "/contractor", "Unassign": "/removal",
	}[label]+"']", "the form", "document.querySelector('#workbench form[data-job=\""+j.id+"\"]') !== null")
}

// fill chooses a contractor in the open form, and a time if one is given, and
// sends it.
func (p *tab) fill(w *world, name, clock string) {
	p.t.Helper()
	choice := "#candidate-" + w.people[name]
	p.await("the form offers "+name, "document.querySelector('"+choice+"') !== null")
	p.click("label[for='candidate-" + w.people[name] + "']")
	if clock != "" {
		p.set("#assign-start", w.today+"T"+clock)
	}
	p.click("#assign .submit")
}
