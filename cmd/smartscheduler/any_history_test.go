package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

// historian does random things to jobs, straight in the database of a world.
type historian struct {
	w        *world
	r        *rand.Rand
	jobs     []job
	dispatch db.Actor
	done     map[string]int
}

func newHistorian(w *world, seed uint64) *historian {
	w.t.Helper()
	h := &historian{w: w, r: rand.New(rand.NewPCG(seed, seed)), done: map[string]int{}, dispatch: db.Actor{
		UserID: ask[string](w, `select id from users where name = 'Ada'`), Kind: events.ActorDispatcher, AllRegions: true,
	}}
	h.jobs = append(w.jobs("north", 3), w.jobs("south", 2)...)
	h.jobs = append(h.jobs, w.job("unrouted", "Nowhere near"))
	w.exec(`update jobs set headcount = 2 where id = $1`, h.jobs[0].id)
	w.exec(`update contractors set auto_accept = true where id = $1`, w.people["Kofi"])
	return h
}

// some does so many random things; what the state of a job forbids is refused and
// counts as well.
func (h *historian) some(n int) {
	h.w.t.Helper()
	for range n {
		j := h.jobs[h.r.IntN(len(h.jobs))]
		cards, err := h.w.db.CrewOf(h.w.t.Context(), j.id)
		if err != nil {
			h.w.t.Fatal(err)
		}
		act := h.act(cards[h.r.IntN(len(cards))])
		name, err := act()
		var conflict *db.Conflict
		var invalid *db.Invalid
		switch {
		case err == nil:
			h.done[name]++
		case !errors.As(err, &conflict) && !errors.As(err, &invalid) && !errors.Is(err, db.ErrNotFound):
			h.w.t.Fatalf("%s: %v", name, err)
		}
	}
}

// act chooses what is done to a job, or with one of those who have it.
func (h *historian) act(card db.Card) func() (string, error) {
	ctx := h.w.t.Context()
	cmd := db.Command{By: h.dispatch, Version: card.Version, OverrideReason: "as it happens"}
	at := db.Times{Start: h.w.wall(fmt.Sprintf("%02d:00", 8+h.r.IntN(9)))}
	who := h.w.people[[]string{"Rosa", "Lee", "Maya", "Kofi"}[h.r.IntN(4)]]
	whole := db.JobCommand{Command: cmd, JobID: card.JobID}
	named := func(name string, run func() (db.Outcome, error)) func() (string, error) {
		return func() (string, error) { _, err := run(); return name, err }
	}
	step := func(act schedule.Act) func() (string, error) {
		return named("step", func() (db.Outcome, error) {
			own := db.Actor{UserID: h.dispatch.UserID, Kind: events.ActorContractor, ContractorID: card.ContractorID}
			return h.w.db.Advance(ctx, db.Advance{Command: db.Command{By: own, Version: card.AssignmentVersion}, AssignmentID: card.AssignmentID, Act: act})
		})
	}
	choices := []func() (string, error){
		named("undo", func() (db.Outcome, error) {
			last := ask[string](h.w, `select event_id from event_log where job_id = $1 order by id desc limit 1`, card.JobID)
			return h.w.db.Undo(ctx, db.Undo{By: h.dispatch, EventID: last})
		}),
		named("region", func() (db.Outcome, error) {
			n, err := card.Entered()
			if err != nil {
				return db.Outcome{}, err
			}
			n.Site.RegionOverride = []string{"north", "south", ""}[h.r.IntN(3)]
			n.Title = "Tile room " + uuid.NewString()[:4]
			return h.w.db.EditJob(ctx, db.EditJob{Command: cmd, JobID: card.JobID, Job: n})
		}),
		named("hold", func() (db.Outcome, error) { return h.w.db.HoldJob(ctx, whole) }),
		named("release", func() (db.Outcome, error) { return h.w.db.ReleaseJob(ctx, whole) }),
	}
	if h.r.IntN(25) == 0 {
		return named("cancel", func() (db.Outcome, error) { return h.w.db.CancelJob(ctx, whole, events.CancelCustomer) })
	}
	assign := named("assign", func() (db.Outcome, error) {
		return h.w.db.Assign(ctx, db.Assign{Command: cmd, JobID: card.JobID, ContractorID: who, At: at})
	})
	choices = append(choices, assign, assign)
	if card.Assigned() {
		choices = append(choices,
			named("move", func() (db.Outcome, error) {
				return h.w.db.Move(ctx, db.Move{Command: cmd, AssignmentID: card.AssignmentID, At: at})
			}),
			named("reassign", func() (db.Outcome, error) {
				return h.w.db.Reassign(ctx, db.Reassign{Command: cmd, AssignmentID: card.AssignmentID, ContractorID: who})
			}),
			named("unassign", func() (db.Outcome, error) {
				return h.w.db.Unassign(ctx, db.Unassign{Command: cmd, AssignmentID: card.AssignmentID})
			}),
			step(schedule.ActAccept), step(schedule.ActTravel), step(schedule.ActStart))
	}
	return choices[h.r.IntN(len(choices))]
}

// anyPage is a page that has to come to show what a fresh one shows.
type anyPage struct {
	name string
	*tab
}

// whole is all that the page shows, but for the fences of the test.
func (p anyPage) whole(w *world, root string) string {
	p.t.Helper()
	return get[string](p.tab, `(`+root+`).then((doc) => { const copy = doc.getElementById('content').cloneNode(true);
		copy.querySelector('#withdrawn-`+w.marker+`')?.remove(); return (`+plain+`)(copy); })`)
}

// TestAnyHistoryOnAnyPage does random things to jobs of two regions while boards,
// walls and phones are open: live ones, ones that lose their connection and resume,
// and ones that are opened in the middle. When all is quiet each shows exactly what
// a page shows that is loaded then, and every assignment stands once on each row
// that it belongs to.
func TestAnyHistoryOnAnyPage(t *testing.T) {
	t.Parallel()
	const seed, steps = 5, 50
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	box := newMiddlebox(t, app.base)
	h := newHistorian(w, seed)
	var pages []anyPage
	board := func(name, base, who, region string) *tab {
		p := w.desk(t, base, who).open("/dispatch/" + region).live()
		pages = append(pages, anyPage{name + " board of " + region, p})
		return p
	}
	phone := func(name, base, who string) *tab {
		p := w.mobile(t, base, who).live()
		pages = append(pages, anyPage{name + " phone of " + who, p})
		return p
	}
	view := func(name, base, path string) {
		pages = append(pages, anyPage{name, w.desk(t, base, "Ada").open(path).live()})
	}
	board("live", app.base, "Ann", "north")
	phone("live", app.base, "Lee")
	pages = append(pages, anyPage{"live wall of south", w.wallScreen(t, app.base, "south").live()})
	board("resumed", box.base, "Ann", "north")
	phone("resumed", box.base, "Rosa")
	view("resumed week of two regions", box.base, "/dispatch/north+south?view=week")
	h.some(steps)
	box.answer.Store(http.StatusServiceUnavailable)
	box.cut(true)
	h.some(steps)
	board("late", app.base, "Bo", "south")
	phone("late", app.base, "Maya")
	view("late list by job of two regions", app.base, "/dispatch/north+south?view=jobs")
	h.some(steps)
	box.answer.Store(0)
	box.cut(true)
	h.some(steps)
	end := w.fence()
	for _, p := range pages {
		p.caughtUp(end.first)
		shows := p.whole(w, `Promise.resolve(document)`)
		fresh := p.whole(w, `fetch(location.href).then((r) => r.text()).then((text) => new DOMParser().parseFromString(text, 'text/html'))`)
		if shows != fresh {
			at := 0
			for at < min(len(shows), len(fresh)) && shows[at] == fresh[at] {
				at++
			}
			from := max(0, at-300)
			t.Errorf("%s, seed %d: from %d on it shows\n%.1500s\nand a fresh one\n%.1500s", p.name, seed, at, shows[from:], fresh[from:])
		}
		p.sound()
	}
	w.checkAssignments(t, pages)
	t.Logf("done: %v", h.done)
	for _, act := range []string{"assign", "move", "reassign", "unassign", "undo", "region", "hold", "step"} {
		if h.done[act] == 0 {
			t.Errorf("%s never happened: %v", act, h.done)
		}
	}
}

// checkAssignments wants every active assignment once on the board of its job's
// region, once on that of its contractor's home, and on no other.
func (w *world) checkAssignments(t *testing.T, pages []anyPage) {
	t.Helper()
	for _, p := range pages {
		_, region, found := strings.Cut(p.name, " board of ")
		if !found {
			continue
		}
		want := ask[string](w, `select coalesce(string_agg(a.id::text, ' ' order by a.id), '') from assignments a
		  join jobs j on j.id = a.job_id join contractors c on c.id = a.contractor_id where a.active and $1 in (j.region, c.home_region)`, region)
		got := get[string](p.tab, `[...document.querySelectorAll('#content .lane-cards > .card')].map((card) => card.id.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/)[0]).sort().join(' ')`)
		if got != want {
			t.Errorf("%s has the assignments\n%s\nwant\n%s", p.name, got, want)
		}
	}
}
