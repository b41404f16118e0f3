package main

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
)

// TestDeliveryPageReadsItselfAgain looks at the operator's page in a browser: it
// shows what is new without losing the reader's place, asks nothing while
// nobody looks, asks at once when somebody does again, and says when it gets no
// answer.
func TestDeliveryPageReadsItselfAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	p := w.desk(t, app.base, "Ada")
	call(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
		window.turns = [];
		window.asked = 0;
		const every = setInterval, send = fetch;
		setInterval = (f, ms) => ms === 5000 ? turns.push(f) : every(f, ms);
		fetch = (...what) => { asked += 1; return send(...what); };
	`})
	p.look(360, 500, "light")
	p.open("/admin/delivery")
	p.await("it will ask again", `turns.length === 1`)
	get[bool](p, `(scrollTo(0, 200), true)`)
	add := func(name string) {
		w.exec(`insert into delivery_processes select $1, build, started_at, now(), null, epoch, position, 0, '{}', '{}', '[]' from delivery_processes limit 1`, name)
	}
	shows := func(name string) {
		p.await("it shows "+name, `document.getElementById('delivery').textContent.includes('`+name+`')`)
	}
	eventually(t, "the program has reported", func() bool { return ask[int](w, `select count(*) from delivery_processes`) == 1 })
	add("desk-8")
	get[bool](p, `(window.first = document.querySelector('#delivery h2'), turns[0](), true)`)
	shows("desk-8")
	if !get[bool](p, `scrollY === 200 && first.isConnected`) {
		t.Error("the reader lost his place")
	}

	hide := func(hidden string) {
		get[bool](p, `(Object.defineProperty(document, 'hidden', { configurable: true, value: `+hidden+` }), true)`)
	}
	hide("true")
	add("desk-9")
	asked := get[int](p, `asked`)
	// What is to be asked is asked before any timer runs.
	const turn = `(turns[0](), document.dispatchEvent(new Event('visibilitychange')), new Promise((done) => setTimeout(() => done(asked), 0)))`
	if n := get[int](p, turn); n != asked {
		t.Errorf("it asked %d times while nobody looked", n-asked)
	}
	hide("false")
	if n := get[int](p, `(`+strings.TrimPrefix(turn, `(turns[0](), `)); n == asked {
		t.Error("it waits although somebody looks again")
	}
	shows("desk-9")

	app.stop()
	get[bool](p, `(turns[0](), true)`)
	p.await("it says that it has no answer", `/No answer since \d\d:\d\d:\d\d/.test(document.getElementById('poll-state').textContent)`)
	shows("desk-9")
	p.sound()
}
