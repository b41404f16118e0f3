package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"smartscheduler/events"
)

// TestDeliveryOfTwoProcesses looks at two processes of one database as the
// operator does: both are there with their streams, one that is killed falls
// silent, one that is stopped says so, and errors appear.
func TestDeliveryOfTwoProcesses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := startChild(t, w.dsn, "INSTANCE=desk-1"), startChild(t, w.dsn, "INSTANCE=desk-2")
	ada := w.staff(first.base, "Ada")
	ada.listen("/streams/dispatch/north+unrouted")
	w.phone(first.base, "Rosa").listen("/streams/contractor/" + w.people["Rosa"])
	there := w.staff(second.base, "Ann").listen("/streams/dispatch/north")
	w.phone(second.base, "Lee").listen("/streams/contractor/" + w.people["Lee"])
	w.phone(second.base, "Maya").listen("/streams/contractor/" + w.people["Maya"])
	j := w.job("north", "Tile the hall")
	ada.assign(j, "Rosa", "09:00")
	w.awaitRung("it is noted that it was sent", j, 1)
	fence := w.fence()
	there.passed(fence.first)

	page := ""
	says := func(what string, patterns ...string) {
		t.Helper()
		eventually(t, what, func() bool {
			page = words(ada.get("/admin/delivery"))
			return !slices.ContainsFunc(patterns, func(p string) bool { return !regexp.MustCompile(p).MatchString(page) })
		})
	}
	defer func() {
		if t.Failed() {
			t.Logf("the page says\n%s", page)
		}
	}()
	head := str(fence.last)
	says("both processes are there", `Log head `+head, `desk-1 \(answers you\) Alive `+head+` 0 0 ms \d+ ms 2 `, `desk-2 Alive `+head+` 0 0 ms \d+ ms 3 `)
	says("their streams are counted", `Group desk-1 desk-2 All contractors 1 2 3 dispatch/north 1 1 2 dispatch/unrouted 1 0 1 `)
	event := words(ada.get("/events/" + str(fence.first)))
	if !regexp.MustCompile(`desk-1 .{20,35} \d+ ms \d None`).MatchString(event) || !regexp.MustCompile(`desk-2 .{20,35} \d+ ms \d None`).MatchString(event) {
		t.Errorf("who sent the event and when: %s", event)
	}

	// Nobody may number events: an error of both, and its end.
	w.exec(`revoke execute on function event_log_sequence(integer) from smartscheduler_app`)
	says("errors appear", `desk-1 sequence .{0,60}permission denied`, `desk-2 sequence .{0,60}permission denied`)
	w.exec(`grant execute on function event_log_sequence(integer) to smartscheduler_app`)
	says("they are over", `desk-1 sequence .{0,60}permission denied.{0,60}over after`)

	second.kill()
	// Its last report grows old without a wait. It has not said that it stopped.
	w.exec(`update delivery_processes set seen_at = seen_at - interval '20 seconds' where instance = 'desk-2'`)
	says("the killed one is silent", `desk-2 Silent since \d`, `desk-1 \(answers you\) Alive`)
	third := startChild(t, w.dsn, "INSTANCE=desk-2")
	says("it is started again", `desk-2 Alive`)
	third.terminate()
	says("it says that it stopped", `desk-2 Stopped \d.*What desk-1 Events published`)
	if strings.Contains(page, "Silent") {
		t.Error("somebody is silent")
	}
}

// TestInstanceNames: a process has a name that people can read.
func TestInstanceNames(t *testing.T) {
	t.Parallel()
	if got := instanceName("desk-1"); got != "desk-1" {
		t.Errorf("configured: %s", got)
	}
	if got := instanceName(""); !regexp.MustCompile(`^.{1,30}-\d+$`).MatchString(got) {
		t.Errorf("by itself: %s", got)
	}
	for _, name := range []string{"desk 1", "désk", "a/b", strings.Repeat("x", 61)} {
		env := func(key string) string { return map[string]string{"INSTANCE": name}[key] }
		if _, err := readConfig(nil, env, &transcript{}); err == nil || !strings.Contains(err.Error(), "INSTANCE") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestGroups: very many groups make no large report.
func TestGroups(t *testing.T) {
	t.Parallel()
	streams := map[events.Stream]int{"dispatch/north": 3}
	for range 7 {
		streams[events.ContractorStream(strings.Repeat("x", len(streams)))] = 2
	}
	if got, want := grouped(streams), (map[string]int{"dispatch/north": 3, "contractors": 14}); !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	for i := range 100 {
		streams[events.KioskStream("r-"+str(int64(i)))] = 1
	}
	got := grouped(streams)
	if got["dispatch/north"] != 3 || got["contractors"] != 14 || got["others"] != 52 || len(got) != maxGroups+1 {
		t.Errorf("%d groups: %v", len(got), got)
	}
}
