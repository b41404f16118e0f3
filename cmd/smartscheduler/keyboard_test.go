package main

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

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
}

func keyboardFlows() []keyboardFlow {
	choose := func(h *hands) {
		h.reach("the contractors", "#assign input[name=contractor_id]")
		h.press(" ")
		h.press(kb.Enter)
		h.await("it is done", saidDone)
	}
	return []keyboardFlow{
		{"Assign", func(h *hands, j job) {
			h.enter("Assign", cardsOf(j.id)+" a[href*='/assignments/new']", "the form", formIsThere)
			choose(h)
		}},
		{"Reassign", func(h *hands, j job) {
			h.panel(j)
			h.form("contractor")
			choose(h)
		}},
		{"Move", func(h *hands, j job) {
			h.panel(j)
			h.form("times")
			h.reach("the start", "#move-start")
			for range 3 { // month, day and year come before the hour
				h.press(kb.Tab)
			}
			h.press(kb.ArrowUp)
			h.enter("the button", "#move .submit", "it is done", saidDone)
		}},
		{"Unassign", func(h *hands, j job) {
			h.panel(j)
			h.form("removal")
			h.enter("the button", "#removal .submit", "it is done", saidDone)
		}},
		{"Put on hold", func(h *hands, j job) {
			h.panel(j)
			h.form("hold")
			h.reach("the reason", "#workbench [name=override_reason]")
			h.write("no tiles")
			h.enter("the button", "#workbench form .submit", "it is done", saidDone)
		}},
		{"Look up the story", func(h *hands, j job) {
			h.panel(j)
			h.enter("the story", "#workbench a[href='/jobs/"+j.id+"']", "the story", `document.querySelector('.story-entry') !== null`)
		}},
		{"Print the day", func(h *hands, _ job) {
			h.enter("the link", "a[href*='/sheet']", "the sheet", `location.pathname.endsWith('/sheet')`)
		}},
		{"Cancel", func(h *hands, j job) {
			h.panel(j)
			h.form("cancellation")
			h.reach("the reason", "#workbench [name=reason]")
			h.press(kb.ArrowDown)
			h.enter("the button", "#workbench form .submit", "it is done", saidDone)
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
	j := w.job("north", "Tile the hall")
	w.jobs("north", 3)
	p := w.desk(t, app.base, "Ann")
	for _, flow := range keyboardFlows() {
		h := &hands{tab: p.open("/dispatch/north").live()}
		if flow.name == "Cancel" {
			// What was put on hold is open again.
			w.exec(`update jobs set status = 'open' where id = $1`, j.id)
			p.open("/dispatch/north").live()
		}
		h.skip()
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
