package main

import (
	"bytes"
	"cmp"
	"context"
	"image"
	"image/color"
	"image/png"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"smartscheduler/handlers"
)

// newTour is the demo world of one fixed week, seen on its Monday at 09:40, with
// a few more jobs so that the day is a full one.
func newTour(t *testing.T) (w *world, base string) {
	t.Helper()
	w = emptyWorld(t)
	monday, err := demoMonday("2027-03-08", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	at := monday.Add(9*time.Hour + 40*time.Minute)
	w.zone, w.today = demoZone, "2027-03-08"
	if _, err := seedDemo(t.Context(), os.Getenv, w.db, "tour", 1, monday); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Rosa", "Lee", "Kofi"} {
		w.people[name] = ask[string](w, `select id from contractors where name like $1`, name+" %")
	}
	w.exec(`insert into contractor_skills select id, 'tile' from contractors on conflict do nothing`)
	w.standStill(at)
	base = startProgramAt(t, w)
	ada := w.client(base)
	ada.post(303, "/login", map[string][]string{"email": {"admin@example.com"}, "password": {demoPassword}})
	for _, more := range []struct{ title, name, clock string }{
		{"Grout the shower", "Lee", "08:30"}, {"Tile the porch", "Rosa", "13:00"}, {"Replace cracked tiles", "Lee", "11:00"},
		{"Seal the slate floor", "Kofi", "14:00"}, {"Tile behind the sink", "Rosa", "15:15"}, {"Measure the pool", "Lee", "14:30"},
	} {
		ada.assign(w.job("north", more.title), more.name, more.clock)
	}
	return w, base
}

// standStill lets the program and its pages have one time for ever.
func (w *world) standStill(at time.Time) {
	w.t.Helper()
	w.now, w.still = func() time.Time { return at }, true
	w.longSessions()
}

// longSessions lets sessions last: they are counted by the clock of the database,
// which is not ours.
func (w *world) longSessions() {
	w.t.Helper()
	w.exec(`create or replace function stay() returns trigger language plpgsql as $$ begin new.expiry := '2100-01-01'; return new; end $$`)
	w.exec(`create or replace trigger stay before insert or update on sessions for each row execute function stay()`)
}

// startProgramAt serves a world at the time of its own clock.
func startProgramAt(t *testing.T, w *world) (base string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	a, err := newApp(ctx, config{instance: "desk-1"}, w.dsn)
	if err != nil {
		t.Fatal(err)
	}
	a.now = w.now
	if w.ahead != nil {
		a.ahead = w.ahead
	}
	a.handlers = handlers.New(handlers.Options{
		DB: a.db, Broker: a.broker, Metrics: a.metrics, Build: "tour", Instance: a.instance, Now: w.now, Log: slog.New(slog.DiscardHandler),
	})
	var listeners [2]net.Listener
	for i := range listeners {
		if listeners[i], err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- a.run(ctx, &doors{pages: listeners[0], admin: listeners[1]}) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the program ended: %v", err)
		}
		a.close()
	})
	return "http://" + listeners[0].Addr().String()
}

// at makes the page's own clock stand where that of the world stands.
func (p *tab) at(now time.Time) *tab {
	p.t.Helper()
	ms := str(now.UnixMilli())
	call(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `(() => {
		const Real = Date;
		window.Date = class extends Real {
			constructor(...given) { if (given.length) super(...given); else super(` + ms + `); }
			static now() { return ` + ms + `; }
		};
	})()`})
	return p
}

// album takes the pictures of the pages, if it was given a directory.
type album struct {
	dir string
	// kept are those that the README shows; all others are looked at only.
	kept []string
}

// shoot looks at a page in every size: it must not scroll sideways. Pictures are
// taken in both schemes.
func (a album) shoot(p *tab, name string, widths ...int64) {
	p.t.Helper()
	schemes := []string{"light", "dark"}
	if a.dir == "" {
		schemes = schemes[:1]
	}
	for _, width := range widths {
		for _, scheme := range schemes {
			p.look(width, map[int64]int64{360: 740, 1280: 800}[width], scheme)
			if get[bool](p, `document.documentElement.scrollWidth > document.documentElement.clientWidth`) {
				p.t.Errorf("%s scrolls sideways at %d px", name, width)
			}
			a.save(p, name+"-"+strconv.FormatInt(width, 10)+"-"+scheme+".png")
		}
	}
}

func (a album) save(p *tab, file string) {
	p.t.Helper()
	if a.dir == "" || len(a.kept) > 0 && !slices.Contains(a.kept, file) {
		return
	}
	shot, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(a.dir, file), small(p.t, shot), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// small draws a picture again with its 256 most frequent colours, which takes a
// third of the bytes.
func small(t testing.TB, shot []byte) []byte {
	t.Helper()
	picture, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	type tone [3]uint8
	round := func(c color.Color) tone {
		r, g, b, _ := c.RGBA()
		return tone{uint8(r >> 8 &^ 3), uint8(g >> 8 &^ 3), uint8(b >> 8 &^ 3)}
	}
	size := picture.Bounds()
	count := make(map[tone]int)
	exact := make(map[tone]color.Color)
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			c := picture.At(x, y)
			count[round(c)]++
			exact[round(c)] = c
		}
	}
	var tones []tone
	for c := range count {
		tones = append(tones, c)
	}
	slices.SortFunc(tones, func(a, b tone) int { return cmp.Or(count[b]-count[a], slices.Compare(a[:], b[:])) })
	var palette color.Palette
	for _, c := range tones[:min(len(tones), 256)] {
		palette = append(palette, exact[c])
	}
	nearest := make(map[tone]uint8)
	drawn := image.NewPaletted(size, palette)
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			c := round(picture.At(x, y))
			if _, ok := nearest[c]; !ok {
				nearest[c] = uint8(palette.Index(exact[c]))
			}
			drawn.SetColorIndex(x, y, nearest[c])
		}
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, drawn); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestPagesOfTheTour walks through the demo world: every page fits a desk and a
// phone, light and dark. With SCREENSHOTS set to a directory it leaves there the
// pictures that the README shows, and with ALL_SCREENSHOTS set all others too.
func TestPagesOfTheTour(t *testing.T) {
	t.Parallel()
	w, base := newTour(t)
	a := album{dir: os.Getenv("SCREENSHOTS")}
	if os.Getenv("ALL_SCREENSHOTS") == "" {
		a.kept = []string{
			"board-1280-light.png", "board-1280-dark.png", "conflict-1280-light.png",
			"phone-360-light.png", "phone-360-dark.png", "kiosk-1280-dark.png",
			"assign-1280-light.png", "unrouted-1280-light.png", "new-job-1280-light.png", "job-1280-light.png",
			"log-1280-light.png", "event-1280-light.png", "delivery-1280-light.png", "board-360-light.png",
			"login-1280-light.png", "link-360-light.png", "enrol-1280-light.png",
		}
	}
	nobody := newTab(t, base).at(w.now())
	a.shoot(nobody.open("/login"), "login", 1280, 360)
	a.shoot(nobody.open("/kiosk"), "enrol", 1280, 360)
	a.shoot(nobody.open(w.link("Lee")), "link", 360)

	phone := newTab(t, base).at(w.now()).open(w.link("Rosa"))
	phone.click("main button")
	phone.await("the list", `document.querySelector('.phone') !== null`)
	a.shoot(phone.live(), "phone", 360, 1280)

	wall := newTab(t, base).at(w.now()).open("/kiosk")
	wall.do(chromedp.SendKeys(chromedp.CSS("#enrol-code"), w.code("north")), chromedp.Click(chromedp.CSS("#enrol button")))
	wall.await("the wall", `document.getElementById('wall-rows') !== null`)
	a.shoot(wall.live(), "kiosk", 1280, 360)

	ann := newTab(t, base).at(w.now()).open("/login")
	ann.do(
		chromedp.SendKeys(chromedp.CSS("#login-email"), "ann@example.com"),
		chromedp.SendKeys(chromedp.CSS("#login-password"), demoPassword),
		chromedp.Click(chromedp.CSS("#login button")),
	)
	ann.await("the board", `document.querySelector('main.board') !== null`)
	w.tourOfTheDesk(ann, a)

	ada := newTab(t, base).at(w.now()).open("/login")
	ada.do(
		chromedp.SendKeys(chromedp.CSS("#login-email"), "admin@example.com"),
		chromedp.SendKeys(chromedp.CSS("#login-password"), demoPassword),
		chromedp.Click(chromedp.CSS("#login button")),
	)
	ada.await("her home", `document.querySelector('.who') !== null`)
	w.troubledNeighbours()
	a.shoot(ada.open("/admin/delivery"), "delivery", 1280, 360)
	ada.sound()
}

// troubledNeighbours are two more processes: one that fell silent and one that
// was stopped.
func (w *world) troubledNeighbours() {
	w.t.Helper()
	w.exec(`insert into delivery_processes
	  select 'desk-2', build, started_at, seen_at - interval '40 seconds', null, epoch, position - 3, 2600, '{"dispatch/north": 4, "contractors": 11}',
	    '{"open": 15, "lastMillis": 8, "published": 31, "evicted": 2, "evictedLastHour": 2, "lagged": 5, "resyncs": {"too-old": 2}, "refused": 0, "replays": 9, "replayedEvents": 120}',
	    jsonb_build_array(jsonb_build_object('at', seen_at - interval '42 seconds', 'act', 'tail', 'text', 'read event log: dial tcp 10.0.0.5:5432: i/o timeout'))
	  from delivery_processes where instance = 'desk-1'`)
	w.exec(`insert into delivery_processes
	  select 'desk-0', 'c0ffee123456', started_at - interval '3 hours', seen_at - interval '1 hour', seen_at - interval '1 hour', epoch, position - 20, 0, '{}',
	    '{"open": 0, "lastMillis": 11}', '[]'
	  from delivery_processes where instance = 'desk-1'`)
}

func (w *world) tourOfTheDesk(ann *tab, a album) {
	a.shoot(ann.open("/dispatch/north").live(), "board", 1280, 360)
	a.shoot(ann.open("/dispatch/unrouted").live(), "unrouted", 1280, 360)
	a.shoot(ann.open("/jobs/new"), "new-job", 1280, 360)
	a.shoot(ann.open("/events"), "log", 1280, 360)
	a.shoot(ann.open("/events/"+str(w.head())), "event", 1280, 360)
	held := ask[string](w, `select j.id from jobs j join assignments a on a.job_id = j.id where j.title = 'Tile the porch'`)
	a.shoot(ann.open("/jobs/"+held), "job", 1280, 360)

	// The planted clash: the gas stove needs Kofi, who is on a roof.
	ann.look(1280, 800, "light")
	ann.open("/dispatch/north?date=2027-03-10")
	stove := ask[string](w, `select id from jobs where title = 'Gas stove does not light'`)
	ann.live().click(cardsOf(stove) + " .button-small")
	ann.await("the form", `document.querySelector('#assign .candidate') !== null`)
	a.shoot(ann, "assign", 1280, 360)
	ann.look(1280, 800, "light")
	ann.click("#assign .candidate")
	ann.set("#assign-start", "2027-03-10T10:00")
	ann.set("#assign-end", "")
	ann.click("#assign .submit")
	ann.await("the conflict", `document.querySelector('#assign .slots') !== null`)
	a.shoot(ann, "conflict", 1280, 360)
	ann.sound()
}
