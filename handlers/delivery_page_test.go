package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/handlers"
)

// said is what a page says, without its tags.
func said(rec *httptest.ResponseRecorder) string {
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(rec.Body.String(), " ")), " ")
}

func wantText(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("it does not say %q:\n%s", w, text)
		}
	}
}

// The operator sees every process: what goes on, what fell silent and since
// when, what stopped, with its streams, counts and errors.
func TestDeliveryPage(t *testing.T) {
	t.Parallel()
	o := newOffice(t, func(opts *handlers.Options) { opts.Instance = "desk-1" })
	ada := o.person(handlers.RoleAdmin, "Ada")
	empty := said(ada.get("/admin/delivery"))
	wantText(t, empty, "No process has reported yet", "No screen is connected", "Nothing has been counted", "Last errors None.")

	took, at := int64(12), time.Date(2027, 3, 8, 9, 0, 0, 0, time.UTC)
	over := at.Add(31 * time.Second)
	head, err := o.db.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []db.DeliveryProcess{
		{Instance: "desk-1", Build: "b1", StartedAt: at, Position: events.Position{Epoch: head.Epoch, Pos: 0}, Lag: 2500 * time.Millisecond,
			Streams:  map[string]int{"dispatch/north": 3, "contractors": 2},
			Counters: db.DeliveryCounters{Open: 5, LastMillis: &took, EvictedLastHour: 1, Evicted: 4, Resyncs: map[string]int64{"too-old": 3}},
			Errors:   []db.DeliveryError{{At: at, Act: "tail", Text: "no <route>", Until: &over}}},
		{Instance: "desk-2", Build: "b1", StartedAt: at, Streams: map[string]int{"dispatch/north": 1}, Counters: db.DeliveryCounters{Open: 1},
			Errors: []db.DeliveryError{{At: at.Add(time.Minute), Act: "event", Text: "cannot be rendered"}}},
		{Instance: "desk-3", Build: "b0", StartedAt: at, Stopped: true},
	} {
		if err := o.db.ReportDelivery(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	o.exec(`update delivery_processes set seen_at = seen_at - interval '14 seconds' where instance = 'desk-1'`)
	o.exec(`update delivery_processes set seen_at = '2027-03-08T09:02:03Z', stopped_at = null where instance = 'desk-2'`)
	// The future is no silence: the clock of the database was put back.
	text := said(ada.get("/admin/delivery"))
	wantText(t, text, "desk-2 Alive")
	o.exec(`update delivery_processes set seen_at = '2025-03-08T09:02:03Z' where instance = 'desk-2'`)
	o.exec(`insert into event_log (batch, event_id, event_type, schema_version, region, payload, published_to, actor_kind, created_at)
	  values (1, gen_random_uuid(), 'JobUpdated', 1, 'north', '{}', '{dispatch/north}', 'system', now() - interval '1 minute')`)
	o.sequence()
	text = said(ada.get("/admin/delivery"))
	wantText(t, text,
		"Log head 1 of history", "Oldest unpublished event 60 s",
		"desk-1 (answers you) Alive 0 1 2500 ms 12 ms 5 8 Mar 09:00:00 UTC b1",
		"desk-2 Silent since 8 Mar 09:02:03 UTC 0 1 0 ms – 1", "desk-3 Stopped",
		"Group desk-1 desk-2 All contractors 2 0 2 dispatch/north 3 1 4",
		"Evicted in the last hour 1 0 1", "Evicted: a reader stayed behind 4 0 4", "Streams refused 0 0 0", "Told to reload: too far behind 3 0 3",
		"8 Mar 09:01:00 UTC desk-2 event cannot be rendered – 8 Mar 09:00:00 UTC desk-1 tail no &lt;route&gt; over after 31 s",
	)
	for _, late := range []string{`class="late">60 s`, `class="number late">2500 ms`, `class="late-row"`, `data-state="silent"`} {
		wantText(t, ada.get("/admin/delivery").Body.String(), late)
	}
	full := ada.clone()
	full.header.Del("HX-Request-Type")
	if page, part := full.get("/admin/delivery").Body.String(), ada.get("/admin/delivery").Body.String(); !strings.Contains(page, "<html") || strings.Contains(part, "<html") {
		t.Error("the page is to be whole, and what it asks for again its content only")
	}
}

// What the page asks for by itself keeps nobody signed in.
func TestDeliveryPollIsNoActivity(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	polling, looking := o.person(handlers.RoleAdmin, "Ada"), o.person(handlers.RoleAdmin, "Ida")
	looking.header.Del("HX-Request-Type")
	o.clock.advance(29 * time.Minute)
	wantStatus(t, polling.get("/admin/delivery"), http.StatusOK)
	wantStatus(t, looking.get("/admin/delivery"), http.StatusOK)
	o.clock.advance(2 * time.Minute)
	if !looking.signedInNow() {
		t.Error("a person who opened the page is not active")
	}
	got := polling.get("/admin/delivery")
	if got.Code != http.StatusUnauthorized || !strings.HasPrefix(got.Header().Get("HX-Redirect"), "/login") {
		t.Errorf("the page kept the session alive by itself: it is answered %d and sent to %q", got.Code, got.Header().Get("HX-Redirect"))
	}
}

// The page of an event says which process sent it, how soon and to how many,
// and in plain words that nobody was there.
func TestEventSaysWhoSentIt(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	o.addJob("north", soonDay())
	o.sequence()
	wantText(t, said(ann.get("/events/1")), "Delivery No process sent this event to an open stream. It was delivered by replay only")
	o.exec(`insert into event_publications select 1, 'desk-1', created_at + interval '17 milliseconds', 3, null from event_log where pos = 1`)
	o.exec(`insert into event_publications select 1, 'desk-2', created_at + interval '21 seconds', 0, 'not rendered' from event_log where pos = 1`)
	// A clock that is behind makes no time negative.
	o.exec(`insert into event_publications select 1, 'desk-0', created_at - interval '1 second', 1, null from event_log where pos = 1`)
	text := said(ann.get("/events/1"))
	for _, line := range []string{`desk-1 .{20,35} 17 ms 3 None`, `desk-2 .{20,35} 21 s 0 not rendered`, `desk-0 .{20,35} 0 ms 1 None`} {
		if !regexp.MustCompile(line).MatchString(text) {
			t.Errorf("no %q in\n%s", line, text)
		}
	}
	if strings.Contains(text, "No process sent") {
		t.Error("it says that no process sent it")
	}
}
