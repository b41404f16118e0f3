package main

import (
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

// history is a business to which random things happen.
type history struct {
	t    testing.TB
	db   *db.DB
	raw  *sql.DB
	rand *rand.Rand
	by   db.Actor
	jobs []string
	// contractors are their ids.
	contractors []string
	done        map[string]int
}

// newHistory has the regions of the tour and one further west in Central time.
func newHistory(t testing.TB, d *db.DB, raw *sql.DB, r *rand.Rand) *history {
	t.Helper()
	h := &history{t: t, db: d, raw: raw, rand: r, done: make(map[string]int)}
	monday, err := demoMonday(roundTripDay, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	w := tourWorld(1, monday, password)
	w.Regions = append(w.Regions, db.Region{Slug: "west", Name: `West "of the river"`, Zone: "America/Chicago",
		Geometry: `{"type":"Polygon","coordinates":[[[-86.5,34.6],[-85.6,34.6],[-85.6,35.35],[-86.5,35.35],[-86.5,34.6]]]}`, Postcodes: []string{"357*"}})
	err = d.SeedWorld(t.Context(), w)
	user, errUser := d.UserByEmail(t.Context(), "admin@example.com")
	if err := errors.Join(err, errUser); err != nil {
		t.Fatal(err)
	}
	h.by = db.Actor{UserID: user.ID, Kind: events.ActorDispatcher, AllRegions: true}
	for _, c := range w.Contractors {
		h.contractors = append(h.contractors, w.ContractorID(c.Key))
	}
	// Numbers have gaps.
	if _, err := raw.ExecContext(t.Context(), `select setval('jobs_number_seq', 4000)`); err != nil {
		t.Fatal(err)
	}
	for _, j := range w.Jobs {
		h.jobs = append(h.jobs, w.JobID(j.Job.ExternalID))
	}
	return h
}

// run carries out so many commands, of which some are refused.
func (h *history) run(steps int) {
	h.t.Helper()
	acts := map[string]func() error{
		"create": h.create, "assign": h.assign, "move": h.move, "reassign": h.reassign, "unassign": h.unassign,
		"hold": h.hold, "release": h.release, "cancel": h.cancel, "edit": h.edit, "days": h.days, "contractor": h.contractor, "progress": h.progress,
	}
	order := []string{"create", "create", "create", "assign", "assign", "assign", "assign", "move", "reassign", "reassign", "reassign", "unassign", "hold", "hold",
		"release", "cancel", "edit", "edit", "days", "contractor", "progress"}
	for range steps {
		act := anyOf(h, order)
		err := acts[act]()
		var invalid *db.Invalid
		var conflict *db.Conflict
		var clashes *db.Clashes
		if err != nil && !errors.As(err, &invalid) && !errors.As(err, &conflict) && !errors.As(err, &clashes) {
			h.t.Fatalf("%s: %v", act, err)
		}
		if err == nil {
			h.done[act]++
		}
	}
	h.elsewhere()
	for act := range acts {
		if h.done[act] == 0 {
			h.t.Errorf("no %s was carried out: %v", act, h.done)
		}
	}
}

func anyOf[T any](h *history, list []T) T { return list[h.rand.IntN(len(list))] }

// oddTexts are what people write.
func oddTexts() []string {
	return []string{"Lay a floor", "=1+1", "-", "@home, ring; twice", "He said \"no\"", "'=quoted", "+1 (423) 555-0142", "two  blanks",
		"مكتبة الياسمين", "📦 parcel", "a'b", "<b>bold</b>", "\\."}
}

// oddLines are what they write in several lines.
func oddLines() []string {
	return append(oddTexts(), "", "first\n\nthird, with a comma", "- a\n- b", "=1\n=2")
}

func (h *history) wall(day, hour int) schedule.WallTime {
	h.t.Helper()
	first, err := time.Parse(time.DateOnly, roundTripDay)
	if err != nil {
		h.t.Fatal(err)
	}
	return schedule.WallTimeFromDB(first.AddDate(0, 0, day).Add(time.Duration(hour) * time.Hour))
}

func (h *history) newJob() db.NewJob {
	day, hour := h.rand.IntN(8), 7+h.rand.IntN(6)
	n := db.NewJob{
		Title: anyOf(h, oddTexts()), CustomerName: anyOf(h, oddTexts()), CustomerPhone: anyOf(h, []string{"", "+1 423", "555-0142"}),
		DurationMinutes: anyOf(h, []int{15, 45, 60, 120, 600}), Headcount: anyOf(h, []int{1, 1, 1, 2, 3}), Priority: anyOf(h, []string{"normal", "high", "rush"}), Notes: anyOf(h, oddLines()),
		Skills: anyOf(h, [][]string{nil, {"tile"}, {"gas", "hvac"}, {"hardwood"}}), WindowStart: h.wall(day, hour), WindowEnd: h.wall(day, hour+2+h.rand.IntN(30)),
		Site: db.Site{Address: anyOf(h, oddTexts()), Postcode: anyOf(h, []string{"", "37402", "30701"}), AccessNotes: anyOf(h, oddLines())},
	}
	if h.rand.IntN(8) == 0 {
		// An hour that happens twice where the job is, if it is in the east.
		n.WindowStart, n.WindowStartOffset = schedule.WallTimeFromDB(time.Date(2027, 11, 7, 1, 30, 0, 0, time.UTC)), "-05:00"
		n.WindowEnd = schedule.WallTimeFromDB(time.Date(2027, 11, 7, 9, 0, 0, 0, time.UTC))
	}
	if len(h.jobs)%5 == 4 {
		n.Days, n.WindowEnd = 2, n.WindowStart.AddDays(4)
	}
	if h.rand.IntN(4) > 0 {
		n.Site.Point = &schedule.Point{Lat: 34.5 + h.rand.Float64(), Lng: -86.6 + 2*h.rand.Float64()}
	}
	n.Site.RegionOverride = anyOf(h, []string{"", "", "", "", "north", "south", "west", "unrouted"})
	return n
}

func (h *history) create() error {
	n := h.newJob()
	if h.rand.IntN(2) == 0 {
		n.ExternalID = fmt.Sprintf("=X-%d", len(h.jobs))
	}
	id, err := h.db.CreateJob(h.t.Context(), db.Command{By: h.by}, n)
	if err == nil {
		h.jobs = append(h.jobs, id)
	}
	return err
}

// jobWith picks a job in a state, any if nobody is in that.
func (h *history) jobWith(wanted func(db.Card) bool) db.Card {
	h.t.Helper()
	cards, err := h.db.Cards(h.t.Context(), h.jobs)
	if err != nil {
		h.t.Fatal(err)
	}
	slices.SortFunc(cards, func(a, b db.Card) int { return int(a.Number - b.Number) })
	if some := slices.DeleteFunc(slices.Clone(cards), func(c db.Card) bool { return !wanted(c) }); len(some) > 0 {
		return anyOf(h, some)
	}
	return anyOf(h, cards)
}

// assigned picks a job that somebody has: the tour has some at any time.
func (h *history) assigned() db.Card { return h.jobWith(db.Card.Assigned) }

func (h *history) command(c db.Card) db.Command {
	return db.Command{By: h.by, Version: c.Version, OverrideReason: "because"}
}

func (h *history) times() db.Times {
	return db.Times{Start: h.wall(h.rand.IntN(8), 6+h.rand.IntN(16))}
}

func (h *history) assign() error {
	c := h.jobWith(db.Card.Open)
	_, err := h.db.Assign(h.t.Context(), db.Assign{Command: h.command(c), JobID: c.JobID, ContractorID: anyOf(h, h.contractors), At: h.times()})
	return err
}

func (h *history) move() error {
	c := h.assigned()
	_, err := h.db.Move(h.t.Context(), db.Move{Command: h.command(c), AssignmentID: c.AssignmentID, At: h.times()})
	return err
}

func (h *history) reassign() error {
	c := h.assigned()
	_, err := h.db.Reassign(h.t.Context(), db.Reassign{Command: h.command(c), AssignmentID: c.AssignmentID, ContractorID: anyOf(h, h.contractors)})
	return err
}

func (h *history) unassign() error {
	c := h.assigned()
	_, err := h.db.Unassign(h.t.Context(), db.Unassign{Command: h.command(c), AssignmentID: c.AssignmentID})
	return err
}

func (h *history) hold() error {
	c := h.jobWith(db.Card.Open)
	_, err := h.db.HoldJob(h.t.Context(), db.JobCommand{Command: h.command(c), JobID: c.JobID})
	return err
}

func (h *history) release() error {
	c := h.jobWith(func(c db.Card) bool { return c.Status == schedule.JobOnHold })
	_, err := h.db.ReleaseJob(h.t.Context(), db.JobCommand{Command: h.command(c), JobID: c.JobID})
	return err
}

func (h *history) cancel() error {
	c := h.jobWith(func(db.Card) bool { return true })
	_, err := h.db.CancelJob(h.t.Context(), db.JobCommand{Command: h.command(c), JobID: c.JobID}, events.CancelCustomer)
	return err
}

func (h *history) edit() error {
	c := h.jobWith(func(db.Card) bool { return true })
	n, err := c.Entered()
	if err != nil {
		return err
	}
	to := h.newJob()
	n.Title, n.Notes, n.Site, n.Priority = to.Title, to.Notes, to.Site, to.Priority
	_, err = h.db.EditJob(h.t.Context(), db.EditJob{Command: h.command(c), JobID: c.JobID, Job: n})
	return err
}

func (h *history) record() db.ContractorRecord {
	h.t.Helper()
	r, err := h.db.ContractorRecord(h.t.Context(), anyOf(h, h.contractors), h.now())
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

func (h *history) now() time.Time { return h.wall(0, 0).DB() }

func (h *history) days() error {
	r, first := h.record(), h.rand.IntN(8)
	from, err := schedule.ParseDay(h.wall(first, 0).DB().Format(time.DateOnly))
	if err != nil {
		return err
	}
	cmd := db.ChangeDays{By: h.by, ContractorID: r.ID, Version: r.Version, From: from, To: from.Add(h.rand.IntN(3)), Kind: db.DaysOff, Note: anyOf(h, oddTexts()), Now: h.now()}
	if h.rand.IntN(2) == 0 {
		cmd.Kind, cmd.Start, cmd.End, cmd.Note = db.DaysHours, "10:00", "24:00", ""
	}
	err = h.db.ChangeDays(h.t.Context(), cmd)
	var clashes *db.Clashes
	if errors.As(err, &clashes) {
		cmd.Confirmed = clashes.Digest()
		err = h.db.ChangeDays(h.t.Context(), cmd)
	}
	return err
}

// contractor adds one, now and then an inactive one.
func (h *history) contractor() error {
	f := db.ContractorFields{
		Name: fmt.Sprintf("%s %d", anyOf(h, oddTexts()), len(h.contractors)), Phone: "+44 20", Home: anyOf(h, []string{"north", "south", "west"}),
		Serves: []string{"north"}, Active: h.rand.IntN(4) > 0, AutoAccept: len(h.contractors)%2 == 0, Skills: []schedule.Skill{{Slug: "tile", ValidUntil: "2027-03-10"}, {Slug: "gas"}},
		Hours: append(week("00:00", "06:00", 2, 3), week("18:00", "24:00", 1, 2)...),
	}
	if h.rand.IntN(2) == 0 {
		f.Base = &schedule.Point{Lat: 35.1, Lng: -85.123456}
	}
	id, err := h.db.CreateContractor(h.t.Context(), db.Command{By: h.by, Key: uuid.NewString()}, f)
	if err == nil {
		h.contractors = append(h.contractors, id)
	}
	return err
}

// elsewhere moves a job that somebody has into the zone of another region: it
// keeps its own, because its instants are booked.
func (h *history) elsewhere() {
	h.t.Helper()
	c := h.jobWith(func(c db.Card) bool {
		return c.AssignmentStatus == schedule.Assigned && c.Region != "west" && c.Region != "unrouted"
	})
	n, err := c.Entered()
	if err != nil {
		h.t.Fatal(err)
	}
	n.Site.RegionOverride = "west"
	if _, err := h.db.EditJob(h.t.Context(), db.EditJob{Command: h.command(c), JobID: c.JobID, Job: n}); err != nil {
		h.t.Fatal(err)
	}
}

// progress is what a contractor's phone will do.
func (h *history) progress() error {
	c := h.jobWith(func(c db.Card) bool { return c.Assigned() && !c.Shared() })
	if !c.Assigned() || c.Shared() {
		return &db.Invalid{}
	}
	to := anyOf(h, [][2]string{{"accepted", "assigned"}, {"en_route", "assigned"}, {"paused", "in_progress"}, {"completed", "completed"}, {"incomplete", "incomplete"}})
	_, err := h.raw.ExecContext(h.t.Context(), `with a as (update assignments set status = $2 where id = $1) update jobs set status = $3 where id = $4`,
		c.AssignmentID, to[0], to[1], c.JobID)
	return err
}
