package views_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/chromedp/chromedp"

	"smartscheduler/views"
)

// bigWall has 20 contractors and 79 jobs with the guest's, forty of them of one
// contractor, who alone fills more than a screen.
func bigWall() views.KioskPage {
	k := wallOf(20, func(i int) int {
		if i == 7 {
			return 40
		}
		return 2
	})
	guest := cannedWallCard(600)
	guest.Contractor = nameLong
	k.GuestCards = []views.WallCard{guest}
	return k
}

// wallOf has contractors with so many jobs each, with long names and skills and
// a day of a long job.
func wallOf(contractors int, jobs func(i int) int) views.KioskPage {
	k := views.KioskPage{Region: "north", RegionName: "North", Date: "2027-03-09", DateLabel: "Tuesday 9 March"}
	for i := range contractors {
		row := views.WallRow{ContractorID: contractorID(i), Contractor: cannedNames()[i%len(cannedNames())], Idle: []string{"Free", "Not working"}[i%2]}
		for j := range jobs(i) {
			card := cannedWallCard(400 + 50*i + j)
			card.Skills = []string{"Hardwood", "Plumbing", nameLong}
			if j == 1 {
				card.Day = "day 2 of 3"
			}
			row.Cards = append(row.Cards, card)
		}
		k.Rows = append(k.Rows, row)
	}
	return k
}

// wallDesk serves a wall.
func wallDesk(t *testing.T, k views.KioskPage) *desk {
	t.Helper()
	return newDesk(t, wallPage(k, "1-10"))
}

// wallPage is a wall as it was at a position.
func wallPage(k views.KioskPage, at string) templ.Component {
	page := cannedLivePage("North", "", "kiosk", "/streams/kiosk/north?after="+at)
	page.User = nil
	page.Live.Zone, page.Live.Date, page.Live.Today = "America/New_York", k.Date, true
	return views.KioskWall(page, k)
}

// ownTimers lets a test run what the wall does every quarter of a minute, every
// ten seconds and every five minutes.
const ownTimers = `window.timers = {}; const every = setInterval;
	setInterval = (f, ms) => { if (f.name && ms > 1000) timers[f.name + ' ' + ms] = f; else return every(f, ms); };
	const turn = () => timers['turn 15000'](), turnDay = () => timers['turnThePage 10000'](), nudge = () => timers['nudge 300000']();`

// openWall loads the wall in a window of this size and waits until it is live.
func openWall(t *testing.T, ctx context.Context, d *desk, width, height int64, scheme string) {
	t.Helper()
	do(t, ctx, look(width, height, scheme), chromedp.Navigate(d.url+"/desk"))
	await(t, ctx, `document.getElementById('state').dataset.state === 'live' && timers['turn 15000'] !== undefined`)
}

// wholeCards are the ids of the cards and the names that stand whole on the page.
const wholeCards = `(() => {
	const view = document.getElementById('wall-rows'), box = view.getBoundingClientRect();
	const [above, , below = above] = (getComputedStyle(view).clipPath.match(/[\d.]+/g) ?? ['0']).map(Number);
	return [...view.querySelectorAll('.card-wall, .wall-who')].filter((c) => c.checkVisibility()).filter((c) => { const r = c.getBoundingClientRect();
		return r.top >= box.top + above - 2 && r.bottom <= box.bottom - below + 2 && r.right <= box.right + 1; }).map((c) => c.id);
})()`

// cutCards counts the cards of which a page shows a part.
const cutCards = `(() => {
	const view = document.getElementById('wall-rows'), box = view.getBoundingClientRect();
	const [above, , below = above] = (getComputedStyle(view).clipPath.match(/[\d.]+/g) ?? ['0']).map(Number);
	const [top, bottom] = [box.top + above, box.bottom - below];
	return [...view.querySelectorAll('.card-wall')].map((c) => c.getBoundingClientRect())
		.filter((r) => r.bottom > top + 2 && r.top < bottom - 2 && (r.top < top - 2 || r.bottom > bottom + 2)).length;
})()`

// TestWallShowsEverything turns the pages of a wall that holds more than fits:
// each card and each name is at some time wholly to be seen, and nothing is
// small.
func TestWallShowsEverything(t *testing.T) {
	t.Parallel()
	sixty := wallOf(60, func(i int) int { return 2 * (i % 3) * (i % 2) })
	empty := wallOf(12, func(int) int { return 0 })
	for _, c := range []struct {
		name                       string
		wall                       views.KioskPage
		width, height, text, pages int64
	}{
		{"small", bigWall(), 1280, 720, 18, 12}, {"usual", bigWall(), 1920, 1080, 28, 12}, {"great", bigWall(), 3840, 2160, 56, 12},
		{"sixty", sixty, 1920, 1080, 28, 8}, {"nothing to do", empty, 1920, 1080, 28, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := wallDesk(t, c.wall)
			ctx := newBrowser(t)
			do(t, ctx, chromedp.Func(onLoad(ownTimers)))
			openWall(t, ctx, d, c.width, c.height, "dark")
			seen := evaluate[string](t, ctx, `(() => {
				const view = document.getElementById('wall-rows');
				const all = [...view.querySelectorAll('.card-wall, .wall-who')].filter((c) => c.checkVisibility());
				const shown = new Set(), labels = [];
				let turned = 0, cut = 0;
				do {
					`+wholeCards+`.forEach((id) => shown.add(id));
					cut += `+cutCards+`;
					labels.push(document.getElementById('wall-page').textContent);
					turn();
					turned += 1;
				} while (view.scrollTop > 0 && turned < 50);
				return [(all.map((c) => c.id).filter((id) => !shown.has(id)).join(' ') || 'none') + ' unseen', new Set(labels).size === turned ? 'numbered' : labels.join(), cut + ' cut', turned <= `+fmt.Sprint(c.pages)+` ? 'few' : turned + ' pages'].join(', ');
			})()`)
			if want := "none unseen, numbered, 0 cut, few"; seen != want {
				t.Errorf("%s, want %s", seen, want)
			}
			small := evaluate[[]string](t, ctx, fmt.Sprintf(`[...document.querySelectorAll('body *')].filter((el) => [...el.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) && !el.closest('.sr-only, [hidden]') && parseFloat(getComputedStyle(el).fontSize) < %d).map((el) => el.className + ' ' + getComputedStyle(el).fontSize)`, c.text))
			if len(small) > 0 {
				t.Errorf("under %d px: %v", c.text, small)
			}
			if said := evaluate[bool](t, ctx, `document.querySelector('.wall-none').checkVisibility()`); said != (c.name == "nothing to do") {
				t.Errorf("the wall says that there are no jobs: %v", said)
			}
		})
	}
}

// contrasts are the pairs of colours of text on the wall that are less than 7:1,
// and how bright the brightest of its text and grounds are. Two colours that are
// half clear are laid over what is behind them.
const contrasts = `(() => {
	const rgba = (text) => { const n = text.match(/[\d.]+/g).map(Number); return [n[0], n[1], n[2], n[3] ?? 1]; };
	const over = (a, b) => a.slice(0, 3).map((v, i) => v * a[3] + b[i] * (1 - a[3]));
	const light = (c) => { const [r, g, b] = c.map((v) => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
	const ground = (el) => { const own = rgba(getComputedStyle(el).backgroundColor); return own[3] === 1 || !el.parentElement ? own.slice(0, 3) : over(own, ground(el.parentElement)); };
	const poor = new Set();
	let brightest = 0, count = 0;
	for (const el of document.querySelectorAll('body *')) {
		if (![...el.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || el.closest('.sr-only') || !el.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
		count += 1;
		const back = ground(el), text = over(rgba(getComputedStyle(el).color), back);
		const [a, b] = [light(back), light(text)];
		brightest = Math.max(brightest, a, b);
		const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
		if (ratio < 7) poor.add(el.className + ' ' + ratio.toFixed(2));
	}
	return {poor: [...poor], brightest, count};
})()`

// TestWallContrast measures the colours of all text of the wall as the browser
// has them: 7:1 in both schemes, by day and by night, in every state of the
// stream and of a card; and at night there is less than half the light.
func TestWallContrast(t *testing.T) {
	t.Parallel()
	k := bigWall()
	for i, when := range []string{"rush", "high", "normal"} {
		k.Rows[0].Cards = append(k.Rows[0].Cards, cannedWallCard(900+i))
		k.Rows[0].Cards[2+i].Priority = when
	}
	d := wallDesk(t, k)
	ctx := newBrowser(t)
	do(t, ctx, chromedp.Func(onLoad(ownTimers)))
	type measured struct {
		Poor      []string
		Brightest float64
		Count     int
	}
	for _, scheme := range []string{"light", "dark"} {
		openWall(t, ctx, d, 1920, 1080, scheme)
		do(t, ctx, chromedp.Evaluate[chromedp.Void](`['past', 'now', 'later'].forEach((when, i) => document.querySelectorAll('.card-wall').forEach((c, n) => { if (n % 3 === i) c.dataset.when = when; })); 0`))
		var light []float64
		for _, hour := range []string{"", "night"} {
			for _, state := range []string{"live", "reconnecting", "degraded", "stale", "lost", "ended"} {
				m := evaluate[measured](t, ctx, `(() => {
					document.documentElement.className = 'kiosk `+hour+`';
					document.getElementById('state').dataset.state = document.documentElement.dataset.link = '`+state+`';
					return `+contrasts+`;
				})()`)
				if m.Count < 10 && state != "ended" || m.Count == 0 {
					t.Errorf("only %d texts were measured", m.Count)
				}
				if len(m.Poor) > 0 {
					t.Errorf("%s %q %s: under 7:1: %v", scheme, hour, state, m.Poor)
				}
				if state == "live" {
					light = append(light, m.Brightest)
				}
			}
		}
		if light[1] > light[0]/2 {
			t.Errorf("%s: the brightest is %.2f at night and %.2f by day", scheme, light[1], light[0])
		}
	}
}

// TestWallKeepsItsPage lets the wall change before, on and after the page that
// is looked at, also as a whole: the page goes on showing most of what it showed.
func TestWallKeepsItsPage(t *testing.T) {
	t.Parallel()
	k := wallOf(30, func(int) int { return 2 })
	d := wallDesk(t, k)
	ctx := newBrowser(t)
	do(t, ctx, chromedp.Func(onLoad(ownTimers)))
	openWall(t, ctx, d, 1920, 1080, "dark")
	do(t, ctx, chromedp.Evaluate[chromedp.Void](`turn(); turn(); 0`))
	before := evaluate[[]string](t, ctx, wholeCards)
	held := func(what string) {
		t.Helper()
		now := evaluate[[]string](t, ctx, `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(`+wholeCards+`))))`)
		kept := 0
		for _, id := range before {
			if slices.Contains(now, id) {
				kept++
			}
		}
		if kept < len(before)/2 {
			t.Errorf("%s: of %d only %d are still on the page: %v", what, len(before), kept, now)
		}
		if label := evaluate[string](t, ctx, `document.getElementById('wall-page').textContent`); strings.HasPrefix(label, "Page 1 ") {
			t.Errorf("%s: the wall is at %q", what, label)
		}
		before = now
	}
	pos := 10
	put := func(n, row int) {
		pos++
		d.send(fmt.Sprintf("1-%d", pos), "JobAssigned", views.Kiosk(views.KioskFragment{JobID: jobID(n), Places: []views.WallPlace{
			{ListID: views.WallID("north", contractorID(row), k.Date), Card: cannedWallCard(n)}}}))
		await(t, ctx, `document.getElementById('wall-north-`+contractorID(row)+`-`+k.Date+`')?.querySelector('#card-`+jobID(n)+`') != null`)
	}
	do(t, ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector('.wall-foot').style.paddingTop = '70px'; 0`))
	await(t, ctx, cutCards+` === 0`)
	held("a higher bar below")
	for i := range 12 {
		put(3000+i, i%2) // rows of the first page grow
	}
	held("more above")
	put(3100, 29)
	held("more below")
	for _, row := range []int{0, 1, 2, 3} { // rows of the first page go to the end
		for _, card := range k.Rows[row].Cards {
			pos++
			d.send(fmt.Sprintf("1-%d", pos), "JobUnassigned", views.Kiosk(views.KioskFragment{JobID: card.JobID}))
			await(t, ctx, `document.getElementById('card-`+card.AssignmentID+`') === null`)
		}
	}
	held("less above")
	k.Rows = append([]views.WallRow{{ContractorID: contractorID(77), Contractor: nameLong, Cards: []views.WallCard{cannedWallCard(3200)}}}, k.Rows...)
	d.show(wallPage(k, "1-500"))
	d.frames <- frame("1-490", "resync", `{"reason":"behind"}`)
	await(t, ctx, `document.getElementById('who-`+contractorID(77)+`') !== null`)
	held("all of it read again")
}

// TestWallByItself moves the wall's hours: the picture shifts and stays in the
// window, the night is darker, and at midnight of its region, whatever the
// display's own clock says, it shows the new day, once.
func TestWallByItself(t *testing.T) {
	t.Parallel()
	k := bigWall()
	d := wallDesk(t, k)
	ctx := newBrowser(t)
	do(t, ctx, chromedp.Func(onLoad(ownTimers+`const real = Date.now; Date.now = () => real() + 30 * 3600e3;`)))
	openWall(t, ctx, d, 1920, 1080, "dark")
	at := func(utc string) {
		d.frames <- frame("1-10", "hello", `{"build":"b1","time":"2027-03-`+utc+`:30.123456Z"}`)
	}
	for _, c := range []struct{ utc, clock, night string }{
		{"09T20:00", "15:00", "false"}, {"10T01:59", "20:59", "false"}, {"10T02:00", "21:00", "true"}, {"10T04:59", "23:59", "true"},
	} {
		at(c.utc)
		await(t, ctx, `document.getElementById('clock').textContent === '`+c.clock+`' && String(document.documentElement.classList.contains('night')) === '`+c.night+`'`)
	}
	read := d.readings()
	turnDay := func() {
		do(t, ctx, chromedp.Evaluate[chromedp.Void](`turnDay(); 0`))
	}
	turnDay()
	k.Date, k.DateLabel = "2027-03-10", "Wednesday 10 March"
	d.show(wallPage(k, "1-20"))
	at("10T05:00")
	await(t, ctx, `document.getElementById('clock').textContent === '00:00'`)
	turnDay()
	await(t, ctx, `document.querySelector('.wall-date').textContent.includes('Wednesday 10 March')`)
	turnDay()
	at("10T10:59")
	await(t, ctx, `document.getElementById('clock').textContent === '05:59' && document.documentElement.classList.contains('night')`)
	at("10T11:00")
	await(t, ctx, `!document.documentElement.classList.contains('night')`)
	if n := d.readings() - read; n != 1 {
		t.Errorf("the new day was read %d times, not once", n)
	}

	places := evaluate[[]string](t, ctx, `[1, 2, 3, 4].map(() => {
		nudge();
		const main = document.getElementById('main'), at = main.getBoundingClientRect();
		const inside = [...main.querySelectorAll('#clock, #state, h1')].every((el) => { const r = el.getBoundingClientRect(); return r.right <= innerWidth && r.bottom <= innerHeight && r.left >= 0 && r.top >= 0; });
		return [Math.round(at.left), Math.round(at.top), inside].join(' ');
	})`)
	if got := strings.Join(places, ", "); got != "6 0 true, 6 6 true, 0 6 true, 0 0 true" {
		t.Errorf("the picture moves to %s", got)
	}
}
