package handlers_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"smartscheduler/events"
	"smartscheduler/handlers"
)

// changesIn returns the elements that tell of changes of a job.
func changesIn(html, jobID string) []string {
	var found []string
	for _, element := range regexp.MustCompile(`(?s)<li id="(?:change|withdrawn)-.*?</li>`).FindAllString(html, -1) {
		if strings.Contains(element, `data-change-job="`+jobID+`"`) {
			found = append(found, element)
		}
	}
	return found
}

// changeIn is the only one, "" for none.
func changeIn(t testing.TB, html, jobID string) string {
	t.Helper()
	found := changesIn(html, jobID)
	if len(found) > 1 {
		t.Errorf("%d changes of one job: %s", len(found), found)
	}
	return strings.Join(found, "")
}

// newsOf is what receipts call a change or a card.
func newsOf(element string) string {
	m := regexp.MustCompile(`data-news="([^"]+)"`).FindStringSubmatch(element)
	if m == nil {
		return ""
	}
	return m[1]
}

// ok says that a contractor knows of a change.
func (b *browser) ok(news string) int {
	assignment, number, _ := strings.Cut(news, ":")
	return b.post("/assignments/"+assignment+"/acknowledgement", url.Values{"news": {number}, "act": {"acknowledge"}, "client_at": {"2026-11-23T09:04:00Z"}}).Code
}

// TestChangeCards: a phone, also one that was away or is loaded again, tells
// what is new, moved or gone until its contractor says OK, on all his devices and
// in the bytes of the stream.
func TestChangeCards(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	address := o.live()
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	leeID, mayaID := o.addContractor("north", "Lee"), o.addContractor("north", "Maya")
	lee, maya := o.phone(leeID), o.phone(mayaID)
	start, stream := positionOn(t, lee), "/streams/contractor/"+leeID
	live := o.follow(address, lee, stream)
	day := o.today()
	j := o.addJob("north", day)
	change := func() string { return changeIn(t, lee.get("/contractor").Body.String(), j.id) }
	// same wants the change of the frame to be that of the page, and one that says so.
	same := func(kind events.Kind, words string) string {
		t.Helper()
		got := live.one(kind)
		if c := changeIn(t, got.data, j.id); c != change() || !strings.Contains(c, words) || (c == "") != (words == "") {
			t.Errorf("%s: the stream has\n%s\nand the page\n%s\nwant %q", kind, c, change(), words)
		}
		return change()
	}

	wantStatus(t, ann.assign(j, leeID, day+"T09:00"), http.StatusOK)
	isNew := same(events.KindJobAssigned, "New:")
	if code := maya.ok(newsOf(isNew)); code != http.StatusNotFound {
		t.Errorf("an OK of Maya is answered with %d", code)
	}
	if code := lee.ok(newsOf(isNew)); code != http.StatusSeeOther {
		t.Errorf("an OK is answered with %d", code)
	}
	same(events.KindAwarenessChanged, "")
	wantStatus(t, ann.change(o, j.id, "times", "start", day+"T13:00"), http.StatusOK)
	moved := same(events.KindJobRescheduled, "09:00–10:00</s>, now <strong>")
	if page := lee.get("/contractor").Body.String(); newsOf(cardIn(page, j.id)) != newsOf(moved) || !strings.Contains(cardIn(page, j.id), `<span class="change-mark">was `) {
		t.Errorf("the card is %s", cardIn(page, j.id))
	}
	if late := o.follow(address, lee, stream+"?after="+start).domain(3)[2]; changeIn(t, late.data, j.id) != moved {
		t.Errorf("a replay has\n%s", late.data)
	}

	wantStatus(t, ann.change(o, j.id, "contractor", "contractor_id", mayaID), http.StatusOK)
	gone := same(events.KindJobUnassigned, "was taken off your list")
	if strings.Contains(gone, mayaID) || strings.Contains(gone, "Maya") || !strings.HasPrefix(gone, `<li id="withdrawn-`+j.id) {
		t.Errorf("what he is told is %s", gone)
	}
	if c := changeIn(t, maya.get("/contractor").Body.String(), j.id); !strings.Contains(c, "New:") || newsOf(c) == newsOf(gone) {
		t.Errorf("Maya is told %s", c)
	}
	if code := lee.ok(newsOf(moved)); code != http.StatusConflict || change() != gone {
		t.Errorf("an OK to what is over is answered with %d", code)
	}
	lee.ok(newsOf(gone))
	same(events.KindAwarenessChanged, "")
	wantStatus(t, ann.change(o, j.id, "removal"), http.StatusOK)
	if change() != "" || changeIn(t, maya.get("/contractor").Body.String(), j.id) == "" {
		t.Error("a change of Maya's list is not told her alone")
	}
}

// TestReceipts takes what a contractor's own page says of his own assignments, as
// they are now, and of nothing else.
func TestReceipts(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	leeID := o.addContractor("north", "Lee")
	lee, maya := o.phone(leeID), o.phone(o.addContractor("north", "Maya"))
	day := o.today()
	j := o.addJob("north", day)
	wantStatus(t, ann.assign(j, leeID, day+"T09:00"), http.StatusOK)
	held := o.card(j.id).AssignmentID
	say := func(b *browser, receipt string, code, reached int) {
		t.Helper()
		if got := b.post("/receipts", url.Values{"receipt": {receipt}}).Code; got != code || o.card(j.id).Reached != reached {
			t.Errorf("%s is answered with %d, and the rung is %d", receipt, got, o.card(j.id).Reached)
		}
	}
	for _, bad := range []string{
		"", "x", held, held + ":1:seen", held + ":1:acknowledged:", held + ":1:sent:", held + ":x:seen:", held + ":-1:seen:",
		"x:1:seen:", held + ":1:seen:x", held + ":1:seen:99999999999999999999", held + ":1:seen:1:1", strings.Repeat(held+":1:seen:\n", 51) + held + ":1:seen:",
	} {
		say(lee, bad, http.StatusUnprocessableEntity, 0)
	}
	say(maya, held+":1:seen:", http.StatusNoContent, 0)
	say(maya, "00000000-0000-0000-0000-000000000000:1:seen:", http.StatusNoContent, 0)
	say(lee, held+":1:on-screen:1700000000000", http.StatusNoContent, 2)
	say(lee, held+":1:seen:", http.StatusNoContent, 3)
	board := ann.get("/dispatch/north?date=" + day).Body.String()
	if card := cardIn(board, j.id); !strings.Contains(card, `data-rung="3"`) || !strings.Contains(card, `<span class="sr-only">Seen</span>`) {
		t.Errorf("the board has %s", card)
	}
	whole := *ann
	whole.header = nil
	page := whole.get("/jobs/" + j.id).Body.String()
	if !strings.Contains(page, "Lee&#39;s phone: sent ") || !strings.Contains(page, "Lee&#39;s phone: on screen ") {
		t.Errorf("the panel and the story don't say what he knows: %s", page)
	}
	for range 120 {
		lee.post("/receipts", url.Values{"receipt": {held + ":1:seen:"}})
	}
	say(lee, held+":1:seen:", http.StatusTooManyRequests, 3)
	say(maya, held+":1:seen:", http.StatusNoContent, 3)
}
