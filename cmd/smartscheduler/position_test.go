package main

import (
	"net/http"
	"strings"
	"testing"
)

// TestP06BadPositionsAreAnsweredInBand shows that no position that a client may
// send is answered by anything but 200 and a stream, with one resync before
// what is live, in the header and in the address, and that the header wins.
func TestP06BadPositionsAreAnsweredInBand(t *testing.T) {
	t.Parallel()
	const path = "/streams/dispatch/north"
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	now := w.fence()
	// A session may hold a dozen streams.
	sessions := []*client{w.staff(app.base, "Ann"), w.staff(app.base, "Ann"), w.staff(app.base, "Ann"), w.staff(app.base, "Ann")}
	ann := sessions[0]
	ann.listen(path).passed(w.fence().first)
	epoch := strings.SplitN(ask[string](w, `select epoch || '-' || pos from event_head`), "-", 2)[0]
	good := epoch + "-" + str(now.last)
	streams := make(map[string]*listener)
	open := func(what, query string, header ...string) {
		streams[what] = sessions[len(streams)%len(sessions)].listen(path+query, header...)
	}
	for _, bad := range []string{"0", "-1", "1-1", "null", epoch, epoch + "-", epoch + "-01", epoch + "-999999", epoch + "-9223372036854775808"} {
		open("header "+bad, "", "Last-Event-ID", bad)
		open("address "+bad, "?after="+bad)
		open("header over address "+bad, "?after="+good, "Last-Event-ID", bad)
	}
	open("unreadable query", "?after=%zz")
	open("semicolon", "?after="+good+";x=1")
	fine := map[string]*listener{
		"header over bad address": ann.listen(path+"?after=nonsense", "Last-Event-ID", good),
		"address":                 ann.listen(path + "?after=" + good),
		"none":                    ann.listen(path),
	}
	end := w.fence().first
	resyncs := func(l *listener) (n int) {
		l.passed(end)
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, f := range l.frames {
			if f.event == "resync" {
				n++
			}
		}
		return n
	}
	for what, l := range streams {
		l.until("what is live", func(f frame) bool { return f.fact() && f.pos() == end })
		if n := resyncs(l); n != 1 {
			t.Errorf("%s: %d resyncs, not 1", what, n)
		}
	}
	for what, l := range fine {
		if n := resyncs(l); n != 0 {
			t.Errorf("%s: %d resyncs for a position that is good", what, n)
		}
	}
}

// TestP06PageIsRightAfterAResync shows that a page that comes back with a
// position that is too old, of another history, of the future or of no sense at
// all gets one resync and then shows what a fresh page shows; and that one
// whose regions were quiet while thousands of events were logged for others
// goes on without.
func TestP06PageIsRightAfterAResync(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	box := newMiddlebox(t, app.base)
	ada := w.staff(app.base, "Ada")
	j := w.job("north", "Tile the hall")
	p := w.desk(t, box.base, "Ann").open("/dispatch/north").live()
	fresh := p.another()
	// hello repeats the position that was asked for, and proves nothing.
	get[bool](p, `(document.addEventListener('htmx:sse:after:message', (e) => {
		if (e.detail.message.event === 'hello') probe.applied = 0;
		if (e.detail.message.event === 'resync') probe.resyncs = (probe.resyncs ?? 0) + 1;
	}), true)`)
	away := func(what, position string, resyncs int, meanwhile func()) {
		before := get[int](p, `probe.resyncs ?? 0`)
		box.answer.Store(http.StatusServiceUnavailable)
		box.cut(true)
		p.await("it is away", `document.getElementById('state').dataset.state === 'reconnecting'`)
		if position != "" {
			get[bool](p, `(document.getElementById('live')._htmx.sse.lastEventId = `+quote(position)+`, true)`)
		}
		meanwhile()
		box.answer.Store(0)
		p.caughtUp(w.fence().first)
		if got, want := p.lasting(), fresh.open("/dispatch/north").lasting(); got != want {
			t.Errorf("%s: the page shows\n%s\nand a fresh one\n%s", what, got, want)
		}
		if n := get[int](p, `probe.resyncs ?? 0`) - before; n != resyncs {
			t.Errorf("%s: %d resyncs, not %d", what, n, resyncs)
		}
	}
	epoch := strings.SplitN(ask[string](w, `select epoch || '-' || pos from event_head`), "-", 2)[0]
	away("nonsense", "nonsense", 1, func() { ada.assign(j, "Rosa", "09:00") })
	away("another history", "7-1", 1, func() { ada.move(j, "10:00") })
	away("the future", epoch+"-999999", 1, func() { ada.unassign(j) })
	away("the past", "", 0, func() { ada.assign(j, "Lee", "11:00") })
	away("others' events", "", 0, func() { w.flood("south", 1100); ada.move(j, "12:00") })
	away("too old", "", 1, func() { w.flood("north", 1100); ada.unassign(j) })
	p.sound()
}

// flood logs events of the marker for the board of one region, and waits until
// they have positions.
func (w *world) flood(region string, n int) {
	w.t.Helper()
	w.exec(`insert into event_log (batch, event_id, event_type, schema_version, region, job_id, payload, published_to, actor_kind)
	  select currval('event_log_id_seq'), e, 'JobUpdated', 1, 'west', $1::uuid,
	    jsonb_build_object('type', 'JobUpdated', 'schemaVersion', 1, 'eventId', e, 'jobId', $1::uuid, 'region', 'west', 'changed', '[]'::jsonb),
	    array['dispatch/' || $2], 'system'
	  from (select gen_random_uuid() as e from generate_series(1, $3), nextval('event_log_id_seq') s) made`, w.marker, region, n)
	w.fence()
}
