package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// age makes all that is logged look older; the log itself refuses every change.
func (w *world) age(interval string) {
	w.t.Helper()
	tx, err := w.owner.BeginTx(w.t.Context(), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, s := range []string{`set local session_replication_role = replica`, `update event_log set created_at = created_at - interval '` + interval + `'`} {
		if _, err := tx.Exec(s); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		w.t.Fatal(err)
	}
}

// TestS6MisclickUndone: Ann gives a job to the wrong contractor and takes it back by
// keyboard. It is at its old place in the open list on all boards, and his phone
// says that it was a mistake. What was accepted meanwhile, or is too long ago, stays
// as it is, and Ann reads why and what to do instead.
func TestS6MisclickUndone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	list := w.jobs("north", 3)
	j := list[1]
	all := w.screens(t, app.base, "north board", "north wall", "Lee")
	ann, second := all["north board"].tab, w.desk(t, app.base, "Ada").open("/dispatch/north").live()
	lane, day := "lane-north-"+w.people["Lee"]+"-"+w.today, "day-"+w.today
	order := `[...document.getElementById('open-north').children].map((card) => card.dataset.job).join(' ')`
	before, head := get[string](ann, order), w.head()
	give := func(clock string) {
		t.Helper()
		ann.press("#open-north "+cardsOf(j.id)+" .button-small", "the form", "document.getElementById('assign') !== null")
		ann.fill(w, "Lee", clock)
		ann.await("the confirmation", `document.querySelector('#workbench .banner-ok form[action^="/undo/"]') !== null`)
		for _, s := range []*tab{ann, second} {
			s.awaitCard(j, lane)
		}
		all["Lee"].awaitCard(j, day)
	}

	give("09:00")
	// The confirmation has the focus, and Undo is the next thing to come to.
	ann.do(chromedp.KeyEvent(kb.Tab))
	ann.sameAs("the focus", `document.activeElement.textContent`, "Undo")
	ann.do(chromedp.KeyEvent(kb.Enter))
	ann.await("it is undone", `document.querySelector('#workbench .banner-ok')?.textContent.startsWith('Undone: `+j.number+`')`)
	ann.sameAs("the focus afterwards", `document.activeElement.className`, "banner banner-ok")
	for _, s := range []*tab{ann, second} {
		s.awaitCard(j, "open-north")
		s.sameAs("the order of the open list", order, before)
	}
	all["Lee"].await("the phone tells him", "document.getElementById('withdrawn-"+j.id+"')?.textContent.includes('withdrawn – please ignore')")
	w.holds(t, all, j, map[string][]string{"north board": {"open-north"}})
	// How far Lee's phone got is logged as well, as soon as it says so.
	log := ask[string](w, `select string_agg(event_type, ' ' order by pos) from event_log
	  where pos > $1 and job_id = $2 and event_type <> 'AwarenessChanged'`, head, j.id)
	undone := ask[int](w, `select count(*) from event_log u join event_log e on e.event_id::text = u.payload->>'undoOf' and e.event_type = 'JobAssigned' where u.event_type = 'ActionUndone'`)
	if log != "JobAssigned ActionUndone" || undone != 1 {
		t.Errorf("the log has %s, %d of them an undoing of the assignment", log, undone)
	}

	give("10:00")
	w.exec(`update assignments set status = 'accepted', version = version + 1, updated_at = now() where job_id = $1 and active`, j.id)
	ann.click(`#workbench .banner-ok form[action^="/undo/"] button`)
	ann.await("the refusal", `document.querySelector('#workbench .banner-bad') !== null`)
	said := get[string](ann, `document.querySelector('#workbench .banner-bad').innerText`)
	if !regexp.MustCompile(`^Lee Park accepted \d+ s ago\.\s+Nothing was undone\.\s+Unassign instead\?`).MatchString(said) {
		t.Errorf("Ann reads %q", said)
	}
	all["Lee"].awaitCard(j, day)
	ann.press("#workbench .banner-bad a", "the way out", `document.querySelector('#workbench form[action$="/removal"]') !== null`)
	ann.click("#workbench .submit")
	ann.await("the confirmation", `document.querySelector('#workbench .banner-ok') !== null`)
	ann.awaitCard(j, "open-north")

	give("11:00")
	w.age("10 minutes 1 second")
	ann.click(`#workbench .banner-ok form[action^="/undo/"] button`)
	ann.await("the refusal", `document.querySelector('#workbench .banner-bad')?.innerText.startsWith('That was more than 10 minutes ago.')`)
	ann.open("/jobs/" + j.id)
	ann.sameAs("the job offers it no more", `String(document.querySelector('form[action^="/undo/"]'))`, "null")
	ann.sameAs("it offers to unassign", `String(document.querySelector('#workbench a[href$="/removal"]') !== null)`, "true")
	if story := get[string](ann, `document.querySelector('.story').innerText`); !strings.Contains(story, "Undone: Assigned to Lee Park") {
		t.Errorf("the story reads %s", story)
	}
	for _, s := range []*tab{ann, second, all["Lee"].tab, all["north wall"].tab} {
		s.sound()
	}
}
