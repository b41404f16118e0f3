package main

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// hands work a page by its keyboard alone and count what they do: a key pressed is
// one action, and so is a text typed.
type hands struct {
	*tab
	actions int
}

// press presses one key.
func (h *hands) press(key string) {
	h.t.Helper()
	h.do(chromedp.KeyEvent(key))
	h.actions++
}

// write types a text.
func (h *hands) write(text string) {
	h.t.Helper()
	h.do(chromedp.KeyEvent(text))
	h.actions++
}

// reach presses Tab until something is focused.
func (h *hands) reach(what, selector string) {
	h.t.Helper()
	var passed []string
	for range 150 {
		h.press(kb.Tab)
		if get[bool](h.tab, `document.activeElement.matches(`+quote(selector)+`)`) {
			if !get[bool](h.tab, `document.activeElement.matches(':focus-visible')`) {
				h.t.Errorf("%s does not show that it is focused", what)
			}
			return
		}
		passed = append(passed, get[string](h.tab, `(document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent).trim().slice(0, 30)`))
	}
	h.t.Fatalf("at %s: Tab never comes to %s (%s), but to %q", h.where(), what, selector, passed)
}

// enter goes to something and presses Enter there.
func (h *hands) enter(what, selector, then, expression string) {
	h.t.Helper()
	h.reach(what, selector)
	h.press(kb.Enter)
	h.await(then, expression)
}

const (
	formIsThere = `document.querySelector('#workbench form[data-job]') !== null`
	saidDone    = `document.querySelector('#workbench .banner-ok') !== null`
)

// skip goes past the navigation.
func (h *hands) skip() {
	h.t.Helper()
	h.reach("the way past the navigation", ".skip")
	h.press(kb.Enter)
}

// panel opens the panel of a job from its card.
func (h *hands) panel(j job) {
	h.t.Helper()
	h.enter("the card", cardsOf(j.id)+" a", "the panel", `document.querySelector('#workbench [data-panel-job="`+j.id+`"]') !== null`)
}

// form opens a form from the panel.
func (h *hands) form(name string) {
	h.t.Helper()
	h.enter(name, "#workbench a[href*='/"+name+"']", "the form", formIsThere)
}

// keyboardFlow is a task of a dispatcher at the board of north, done by keyboard.
type keyboardFlow struct {
	name string
	do   func(h *hands, j job)
	// short is set when it needs no way past the navigation.
	short bool
}

// placing gives the next open job away by short cuts, on the lane that is offered.
func placing(h *hands) {
	h.t.Helper()
	h.press("j")
	h.press(kb.Enter)
	h.await("the job is held", `document.querySelector('#main[data-holding] #assign') !== null`)
	h.press("p")
	h.await("a lane has the focus", `document.activeElement.matches('[data-place]:focus-visible')`)
	h.press(kb.Enter)
	h.await("the form is filled in", `document.activeElement.matches('#assign .submit')`)
	h.press(kb.Enter)
	h.await("it is done", saidDone)
}

// view goes to another view of the board.
func (h *hands) view(key, name string) {
	h.t.Helper()
	h.press(key)
	h.await("the view "+name, `document.querySelector('#content[data-view="`+name+`"]') !== null`)
	h.live()
}

func keyboardFlows() []keyboardFlow {
	choose := func(h *hands) {
		h.reach("the contractors", "#assign input[name=contractor_id]")
		h.press(" ")
		h.press(kb.Enter)
		h.await("it is done", saidDone)
	}
	return append(shortFlows(), []keyboardFlow{
		{name: "Assign", do: func(h *hands, j job) {
			h.enter("Assign", cardsOf(j.id)+" a[href*='/assignments/new']", "the form", formIsThere)
			choose(h)
		}},
		{name: "Reassign", do: func(h *hands, j job) {
			h.panel(j)
			h.form("contractor")
			choose(h)
		}},
		{name: "Move", do: func(h *hands, j job) {
			h.panel(j)
			h.form("times")
			h.reach("the start", "#move-start")
			for range 3 { // month, day and year come before the hour
				h.press(kb.Tab)
			}
			h.press(kb.ArrowUp)
			h.enter("the button", "#move .submit", "it is done", saidDone)
		}},
		{name: "Unassign", do: func(h *hands, j job) {
			h.panel(j)
			h.form("removal")
			h.enter("the button", "#removal .submit", "it is done", saidDone)
		}},
		{name: "Put on hold", do: func(h *hands, j job) {
			h.panel(j)
			h.form("hold")
			h.reach("the reason", "#workbench [name=override_reason]")
			h.write("no tiles")
			h.enter("the button", "#workbench form .submit", "it is done", saidDone)
		}},
		{name: "Look up the story", do: func(h *hands, j job) {
			h.panel(j)
			h.enter("the story", "#workbench a[href='/jobs/"+j.id+"']", "the story", `document.querySelector('.story-entry') !== null`)
		}},
		{name: "Print the day", do: func(h *hands, _ job) {
			h.enter("the link", "a[href*='/sheet']", "the sheet", `location.pathname.endsWith('/sheet')`)
		}},
		{name: "Cancel", do: func(h *hands, j job) {
			h.panel(j)
			h.form("cancellation")
			h.reach("the reason", "#workbench [name=reason]")
			h.press(kb.ArrowDown)
			h.enter("the button", "#workbench form .submit", "it is done", saidDone)
		}},
	}...)
}

// shortFlows use the short cuts of one letter.
func shortFlows() []keyboardFlow {
	return []keyboardFlow{
		{name: "Place on a lane", short: true, do: func(h *hands, _ job) { placing(h) }},
		{name: "Place in the week", short: true, do: func(h *hands, _ job) {
			h.view("w", "week")
			placing(h)
		}},
		{name: "Open a job of the day by job", short: true, do: func(h *hands, _ job) {
			h.view("b", "jobs")
			h.skip()
			h.enter("a row", ".job-rows a", "the panel", `document.querySelector('#workbench [data-panel-job]') !== null`)
		}},
		{name: "Search", short: true, do: func(h *hands, j job) {
			// Pressed as by a hand: a key that has done its work types nothing.
			call(h.tab, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Key: "/"})
			h.actions++
			h.write(j.number)
			h.await("only that job", `document.querySelectorAll('#open-north > li:not([hidden])').length === 1`)
		}},
	}
}

// TestKeyboardAlone does a dispatcher's work by keyboard alone, beginning at the top
// of a fresh board each time, in no more actions than docs/keyboard.md says.
func TestKeyboardAlone(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/keyboard.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := make(map[string]int)
	for _, row := range regexp.MustCompile(`(?m)^\| ([A-Z][^|]*) \|.*\| (\d+) \|$`).FindAllStringSubmatch(string(page), -1) {
		listed[strings.TrimSpace(row[1])], _ = strconv.Atoi(row[2])
	}
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	w.jobs("north", 2)
	j := w.job("north", "Tile the hall")
	w.jobs("north", 3)
	p := w.desk(t, app.base, "Ann")
	for _, flow := range append(keyboardFlows(), scenarioFlows(w, w.staff(app.base, "Ada"))...) {
		h := &hands{tab: p.open("/dispatch/north").live()}
		if flow.name == "Cancel" {
			// What was put on hold is open again.
			w.exec(`update jobs set status = 'open' where id = $1`, j.id)
			p.open("/dispatch/north").live()
		}
		if !flow.short {
			h.skip()
		}
		flow.do(h, j)
		switch most, ok := listed[flow.name]; {
		case !ok:
			t.Errorf("%s takes %d actions and is not in docs/keyboard.md", flow.name, h.actions)
		case h.actions > most:
			t.Errorf("%s takes %d actions, docs/keyboard.md says %d", flow.name, h.actions, most)
		default:
			t.Logf("%s: %d actions", flow.name, h.actions)
		}
		delete(listed, flow.name)
	}
	for name := range listed {
		t.Errorf("docs/keyboard.md lists %q, which is not tried", name)
	}
	if n := ask[int](w, `select count(*) from event_log where job_id = $1`, j.id); n != 8 {
		t.Errorf("the job has %d events, not created, assigned, unassigned and assigned, moved, unassigned, held and cancelled", n)
	}
	p.sound()
}
