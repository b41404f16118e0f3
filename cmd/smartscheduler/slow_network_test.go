package main

import (
	"cmp"
	"os"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
)

// slowNetwork is a network as Chromium plays it: each answer begins no sooner
// than Latency after its request, and all share one line.
type slowNetwork struct {
	name     string
	kilobits float64 // per second to the phone; half as much from it
	latency  float64 // milliseconds
}

// firstLoad is what a page measures of its own loading, in milliseconds after
// the reader asked for it.
type firstLoad struct {
	Paint, Largest, Next float64
	Bytes                int
	// Tap is from a tap to its line on the card.
	Tap float64
}

// seesNext notes the first frame in which the next job is open and big.
const seesNext = `(() => {
	const look = (at) => { if (document.querySelector('.card-phone[data-next] details[open]')) window.nextAt = at; else requestAnimationFrame(look); };
	requestAnimationFrame(look);
	new PerformanceObserver((list) => { window.largest = list.getEntries().at(-1).startTime; }).observe({ type: 'largest-contentful-paint', buffered: true });
})()`

// TestPhoneOverASlowNetwork loads the phone page with ten jobs for the first time
// over slow networks, taps, and logs how long it took. SOAK=1 makes it five times
// each; docs/performance.md has the figures.
func TestPhoneOverASlowNetwork(t *testing.T) {
	t.Parallel()
	rounds := 1
	if os.Getenv("SOAK") != "" {
		rounds = 5
	}
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	ada := w.staff(app.base, "Ada")
	jobs := w.jobs("north", 10)
	for i, j := range jobs {
		ada.assign(j, "Rosa", clockOf(7+i, 0))
	}
	p := w.mobile(t, app.base, "Rosa").live()
	call(p, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
	call(p, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true})
	call(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: seesNext})
	for _, line := range []slowNetwork{{"slow 4G", 1600, 150}, {"slow 3G", 400, 400}} {
		var loads []firstLoad
		for range rounds {
			loads = append(loads, p.loadsOver(line, cardsOf(jobs[9].id)))
		}
		middle := func(of func(firstLoad) float64) float64 {
			slices.SortFunc(loads, func(a, b firstLoad) int { return cmp.Compare(of(a), of(b)) })
			return of(loads[len(loads)/2])
		}
		t.Logf("| %s, %.0f kbit/s, %.0f ms | %d bytes | %.0f and %.0f ms | %.0f ms | %.0f ms |", line.name, line.kilobits, line.latency, loads[0].Bytes,
			middle(func(l firstLoad) float64 { return l.Paint }), middle(func(l firstLoad) float64 { return l.Largest }),
			middle(func(l firstLoad) float64 { return l.Next }), middle(func(l firstLoad) float64 { return l.Tap }))
	}
	p.sound()
}

// loadsOver loads the page, and taps Accept on a card and takes that back.
func (p *tab) loadsOver(line slowNetwork, card string) firstLoad {
	p.t.Helper()
	call(p, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{{
		Latency: line.latency, DownloadThroughput: line.kilobits * 1000 / 8, UploadThroughput: line.kilobits * 1000 / 16,
	}}})
	p.open("/contractor").live()
	p.await("the next job is seen", `window.nextAt > 0 && window.largest > 0`)
	p.tap(card, "Accept")
	load := get[firstLoad](p, `(() => {
		const [all] = performance.getEntriesByType('navigation');
		const files = [all, ...performance.getEntriesByType('resource').filter(({ name }) => name.includes('/static/'))];
		return {
			Paint: performance.getEntriesByName('first-contentful-paint')[0].startTime, Largest: largest, Next: nextAt,
			Bytes: files.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0), Tap: answered.at(-1),
		};
	})()`)
	p.click("[data-undo]")
	p.await("it is taken back", `document.querySelector('.tap-line') === null`)
	// The page and its stylesheet, one after the other.
	if load.Paint < 2*line.latency {
		p.t.Errorf("%s: painted after %.0f ms: the network is not slow", line.name, load.Paint)
	}
	if load.Bytes > 60<<10 {
		p.t.Errorf("%s: the first load is %d bytes", line.name, load.Bytes)
	}
	return load
}
