package main

import (
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
)

// remembers runs in every page before its own script: what the stream brought
// and how often the page was loaded outlives the page.
const remembers = `(() => {
	const add = (name, value) => sessionStorage.setItem(name, JSON.stringify([...JSON.parse(sessionStorage.getItem(name) ?? '[]'), value]));
	if (location.pathname !== '/kiosk') return;
	add('loads', location.pathname);
	document.addEventListener('htmx:sse:after:message', (e) => {
		if (!e.detail.message.event) add('took', Number(e.detail.message.id.split('-')[1]));
		if (e.detail.message.event === 'resync') add('resyncs', e.detail.message.id);
	});
})()`

// remembered is what was added under a name.
func remembered[T any](p *tab, name string) []T {
	p.t.Helper()
	return get[[]T](p, `JSON.parse(sessionStorage.getItem(`+quote(name)+`) ?? '[]')`)
}

// TestS3KioskOverAServerUpgrade cuts the wall of the north off, upgrades the
// server and lets four events occur. The wall turns amber and says its age; then
// it takes what it missed once and in order, or in one snapshot, and loads itself
// once, because the build is another. A cut of three hours ends in one resync. No
// hand touches the wall. SOAK=1 makes the first cut a minute long.
func TestS3KioskOverAServerUpgrade(t *testing.T) {
	t.Parallel()
	h := newHealing(t)
	h.wall = h.newTab(t, h.box.base)
	call(h.wall, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: remembers})
	h.enrolled(h.wall, "north").live()
	h.fresh = h.wall.another()
	h.right("before")
	start, build := h.head(), get[string](h.wall, buildOfPage)
	loads, took := len(remembered[string](h.wall, "loads")), len(remembered[int64](h.wall, "took"))

	h.box.refuse()
	h.box.cut(true)
	h.wall.passes(60 * time.Second)
	h.wall.await("it is amber and says how old", stateIs("stale")+` && /^no news for ([6-9]|1[01])\d s$/.test(document.getElementById('state-clock').textContent)`)
	h.changes()
	h.changes()
	h.app.terminate()
	h.app = startChild(t, h.dsn)
	h.ada.base = h.app.base
	h.box.lead(h.app.base)
	h.changes()
	h.changes()
	var missed []int64
	eventually(t, "four events are in the log", func() bool { missed = h.logged(start); return len(missed) == 4 })
	h.box.listen()
	h.wall.await("it loads itself", buildOfPage+` !== `+quote(build)+` && `+stateIs("live"))
	h.right("after the upgrade")
	// What the page of the old build did not take the new one shows from the start.
	got := remembered[int64](h.wall, "took")[took:]
	got = slices.DeleteFunc(got, func(pos int64) bool { return pos > missed[3] })
	if len(got) > 4 || !slices.Equal(got, missed[:len(got)]) {
		t.Errorf("the wall took %v, not %v or the beginning of that", got, missed)
	}
	// Another cut, and the same build again: it goes on without loading itself.
	h.box.cut(true)
	h.changes()
	h.right("after another cut")
	if n := len(remembered[string](h.wall, "loads")) - loads; n != 1 {
		t.Errorf("the wall loaded itself %d times, not once", n)
	}
	if n := len(remembered[string](h.wall, "resyncs")); n != 0 {
		t.Errorf("%d resyncs although everything was in the log", n)
	}

	h.box.refuse()
	h.box.cut(true)
	h.flood("north", 1100)
	h.changes()
	h.wall.ahead(3 * time.Hour)
	h.wall.await("it is red and says how old", stateIs("lost")+` && document.getElementById('state-clock').textContent === 'no news for 3 h 0 min'`)
	h.box.listen()
	h.right("after three hours")
	if n := len(remembered[string](h.wall, "resyncs")); n != 1 {
		t.Errorf("%d resyncs after three hours, not 1", n)
	}
	if n := len(remembered[string](h.wall, "loads")) - loads; n != 1 {
		t.Errorf("after three hours the wall had loaded itself %d times, not once", n)
	}
	h.wall.sound()
}
