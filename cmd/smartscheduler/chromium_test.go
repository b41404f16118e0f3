package main

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// chromium is the one browser process of these tests. The first test that needs
// it starts it and the last one that uses it stops it.
type chromium struct {
	mu     sync.Mutex
	users  int
	ctx    context.Context
	cancel context.CancelFunc
}

// browser is shared by tests that cannot hand it to each other.
var browser chromium

func (b *chromium) acquire(t testing.TB) context.Context {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.users == 0 {
		allocator, stop := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
			chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))...)
		ctx, cancel := chromedp.NewContext(allocator)
		b.ctx, b.cancel = ctx, func() { cancel(); stop() }
		if err := chromedp.Do(ctx); err != nil {
			b.cancel()
			t.Fatalf("the browser tests need Chromium (apt-get install -y chromium): %v", err)
		}
	}
	b.users++
	t.Cleanup(b.release)
	return b.ctx
}

func (b *chromium) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.users--; b.users > 0 {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	_ = chromedp.Cancel(ctx) // ends the process, by force if need be
	b.cancel()
}

// tab is a page in a browser profile of its own.
type tab struct {
	t    testing.TB
	ctx  context.Context
	base string

	mu sync.Mutex
	// faults are uncaught errors of the page's script.
	faults []string
}

// watch runs in every page before its own script: it keeps what the page would
// hide from a test. applied is the position up to which the stream was swapped
// in, opened counts its streams.
const watch = `(() => {
	window.probe = { csp: [], applied: 0, opened: 0, frames: [] };
	addEventListener('securitypolicyviolation', (e) => probe.csp.push(e.violatedDirective + ' ' + e.blockedURI));
	document.addEventListener('htmx:sse:after:connection', () => { probe.opened += 1; });
	const took = (id) => {
		const pos = Number(String(id).split('-')[1]);
		if (pos > probe.applied) probe.applied = pos;
		return pos;
	};
	// What the page leaves out, because it shows it already, keeps its name.
	document.addEventListener('htmx:sse:after:message', (e) => {
		const pos = took(e.detail.message.id);
		if (!e.detail.message.event) probe.frames.push(pos);
	});
})()`

// tab opens an empty page in a new profile.
func newTab(t testing.TB, base string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser.acquire(t), chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	return startTab(t, ctx, base)
}

// another opens a second page in the profile of the first.
func (p *tab) another() *tab {
	p.t.Helper()
	ctx, cancel := chromedp.NewContext(p.ctx)
	p.t.Cleanup(cancel)
	return startTab(p.t, ctx, p.base)
}

func startTab(t testing.TB, ctx context.Context, base string) *tab {
	t.Helper()
	p := &tab{t: t, ctx: ctx, base: base}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		t.Fatal(err)
	}
	call(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watch})
	p.look(1280, 800, "light")
	return p
}

func (p *tab) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			text += " " + x.Description
		}
		p.faults = append(p.faults, text)
	case *log.EventEntryAdded:
		if strings.Contains(e.Entry.Text, "Content Security Policy") {
			p.faults = append(p.faults, e.Entry.Text)
		}
	}
}

// sound fails the test if the page's script has failed or the page broke its
// own security policy.
func (p *tab) sound() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, fault := range p.faults {
		p.t.Errorf("in the page: %s", fault)
	}
	p.faults = nil
}

// call runs one command of the browser's own protocol.
func call[P, R any](p *tab, command cdp.Command[P, R], params P) R {
	p.t.Helper()
	result, err := chromedp.Call(p.ctx, command, params)
	if err != nil {
		p.t.Fatalf("%s: %v", command.Method, err)
	}
	return result
}

// do runs steps within patience.
func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("at %s: %v", p.where(), err)
	}
}

func (p *tab) where() string {
	ctx, cancel := context.WithTimeout(p.ctx, time.Second)
	defer cancel()
	at, _ := chromedp.Run(ctx, chromedp.Location())
	return at
}

// open goes to a page of the program.
func (p *tab) open(path string) *tab {
	p.t.Helper()
	p.do(chromedp.Navigate(p.base + path))
	return p
}

// look sets the size of the window and the colour scheme.
func (p *tab) look(width, height int64, scheme string) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(width, height))
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
}

// get evaluates an expression in the page, and waits for it if it is a promise.
func get[T any](p *tab, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("at %s: %.200s: %v", p.where(), expression, err)
	}
	return value
}

// await waits until an expression is true in the page, also across a change of
// the page.
func (p *tab) await(what, expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	for ctx.Err() == nil {
		if p.soon(ctx, expression) {
			return
		}
	}
	state := get[string](p, `JSON.stringify({visible: document.visibilityState, ...document.getElementById('state')?.dataset, ...window.probe})`)
	text := get[string](p, `(document.querySelector('main') ?? document.body).innerText.replace(/\s+/g, ' ').slice(0, 1500)`)
	p.t.Fatalf("at %s: never happened: %s\nThe state is %s\nThe page reads:\n%s", p.where(), what, state, text)
}

// soon tells whether an expression comes true within two seconds. When the page
// has just changed under the question the answer is no.
func (p *tab) soon(ctx context.Context, expression string) bool {
	ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`new Promise((done) => {
		const test = () => { try { return !!(`+expression+`); } catch { return false; } };
		const end = performance.now() + 2000;
		const look = () => { if (test() || performance.now() > end) { clearInterval(timer); done(test()); } };
		const timer = setInterval(look, 5);
		look();
	})`, chromedp.EvalAwaitPromise))
	return err == nil && ok
}

// press clicks and waits for what that brings. A live update may move what is
// clicked between the look and the press, so it is clicked again, as people do,
// when nothing comes of it.
func (p *tab) press(selector, what, expression string) {
	p.t.Helper()
	p.click(selector)
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	for ctx.Err() == nil && !p.soon(ctx, expression) {
		get[bool](p, `(() => { document.querySelector(`+quote(selector)+`)?.click(); return true; })()`)
	}
	p.await(what, expression)
}

// click presses the mouse on the first element of a selector. A live update may
// replace the element between the look and the press; then it looks again.
func (p *tab) click(selector string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	for {
		err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(selector)))
		if err == nil {
			return
		}
		if !strings.Contains(err.Error(), "Could not find node") {
			p.t.Fatalf("at %s: click %s: %v", p.where(), selector, err)
		}
	}
}

// set gives a field a value as typing does.
func (p *tab) set(selector, value string) {
	p.t.Helper()
	get[bool](p, `(() => {
		const el = document.querySelector(`+quote(selector)+`);
		el.value = `+quote(value)+`;
		el.dispatchEvent(new Event('input', {bubbles: true}));
		el.dispatchEvent(new Event('change', {bubbles: true}));
		return true;
	})()`)
}

// quote writes a string for a script.
func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always has a spelling
	}
	return string(text)
}

// try runs a script for what it does; it may be called from any goroutine.
func (p *tab) try(script string) error {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	return chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](script))
}

// sameAs compares what an expression gives with what it should.
func (p *tab) sameAs(what, expression, want string) {
	p.t.Helper()
	if got := get[string](p, expression); got != want {
		p.t.Errorf("%s: %q, not %q", what, got, want)
	}
}
