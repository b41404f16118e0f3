package db_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/schedule"
)

// daysJob adds a job of so many days, two hours on each, that may be done within
// six days from the usual one.
func (d *desk) daysJob(region string, days int) string {
	d.t.Helper()
	return d.job(region, func(n *db.NewJob) { n.Days, n.WindowEnd = days, n.WindowStart.AddDays(5) })
}

// on is a wall time on a date, counted from the usual one.
func on(t testing.TB, days int, clock string) string {
	t.Helper()
	return wall(t, tuesday+"T"+clock).AddDays(days).String()
}

func (d *desk) assignDay(job string, day int, who, start string) (db.Outcome, error) {
	d.t.Helper()
	return d.db.Assign(context.Background(), db.Assign{Command: d.command(job), JobID: job, ContractorID: who, Visit: day, At: d.times(start, "")})
}

// wantDays wants so many days of a job to be booked and one to be the next open
// one, 0 for none.
func (d *desk) wantDays(job string, status schedule.JobStatus, full, open int) {
	d.t.Helper()
	for _, card := range d.crew(job) {
		if card.Status != status || card.FullDays != full || card.OpenDay != open {
			d.t.Errorf("it is %s with %d days booked and day %d open, want %s, %d and %d", card.Status, card.FullDays, card.OpenDay, status, full, open)
		}
	}
}

// TestDaysAreBooked: each day of a job is given to somebody on a date of its own, in
// their order, and the job waits in the open list until all are.
func TestDaysAreBooked(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee, maya := d.contractor("north", "Lee"), d.contractor("south", "Maya")
	job := d.daysJob("north", 3)
	d.wantDays(job, schedule.JobOpen, 0, 1)
	first := d.must(d.assign(job, lee, on(t, 1, "09:00"), ""))
	d.wantDays(job, schedule.JobPartiallyAssigned, 1, 2)
	for start, says := range map[string]string{
		on(t, 1, "14:00"): "Day 1 of this job is on Wed 3 Mar: day 2 must be on a later date.",
		on(t, 0, "09:00"): "Day 1 of this job is on Wed 3 Mar: day 2 must be on a later date.",
	} {
		_, err := d.assign(job, lee, start, "")
		if got := invalidAt(t, err, "start").Message; got != says {
			t.Errorf("%s is refused with %q", start, got)
		}
	}
	third := d.must(d.assignDay(job, 3, lee, on(t, 4, "09:00")))
	d.wantDays(job, schedule.JobPartiallyAssigned, 2, 2)
	_, err := d.assignDay(job, 3, maya, on(t, 5, "09:00"))
	refusedBy(t, err, db.ConflictTaken)
	_, err = d.assignDay(job, 4, maya, on(t, 5, "09:00"))
	invalidAt(t, err, "")
	_, err = d.assign(job, maya, on(t, 4, "14:00"), "")
	if got := invalidAt(t, err, "start").Message; got != "Day 3 of this job is on Sat 6 Mar: day 2 must be on an earlier date." {
		t.Errorf("the second day after the third is refused with %q", got)
	}
	second := d.must(d.assign(job, maya, on(t, 2, "22:00"), ""))
	d.wantDays(job, schedule.JobAssigned, 3, 0)
	_, err = d.db.Move(t.Context(), db.Move{Command: d.command(job), AssignmentID: second.AssignmentID, At: d.times(on(t, 4, "18:00"), "")})
	invalidAt(t, err, "start")
	d.must(d.db.Move(t.Context(), db.Move{Command: d.command(job), AssignmentID: second.AssignmentID, At: d.times(on(t, 3, "09:00"), "")}))
	// Lee has the first and the third day: the second as well is no second place.
	given := d.must(d.db.Reassign(t.Context(), db.Reassign{Command: d.command(job), AssignmentID: second.AssignmentID, ContractorID: lee}))
	_, err = d.db.Reassign(t.Context(), db.Reassign{Command: d.command(job), AssignmentID: third.AssignmentID, ContractorID: maya, At: d.times(on(t, 3, "12:00"), "")})
	invalidAt(t, err, "start")
	d.must(d.db.Unassign(t.Context(), db.Unassign{Command: d.command(job), AssignmentID: first.AssignmentID}))
	d.wantDays(job, schedule.JobPartiallyAssigned, 2, 1)
	var places string
	d.scan(&places, `select string_agg(v.number || ' ' || a.place, ', ' order by v.number) from assignments a join visits v on v.id = a.visit_id where a.active`)
	if places != "2 1, 3 1" {
		t.Errorf("day and place are %s", places)
	}
	vacancy := db.Vacancy(d.crew(job), 0)
	if vacancy.Day != 1 || vacancy.Assigned() || given.AssignmentID == "" {
		t.Errorf("the vacancy is day %d", vacancy.Day)
	}
	d.must(d.cancel(job))
}

// TestCrewOfDays: a crew may come on each day, and a day is booked when all of them
// have it.
func TestCrewOfDays(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee, maya := d.contractor("north", "Lee"), d.contractor("north", "Maya")
	job := d.job("north", func(n *db.NewJob) { n.Days, n.Headcount, n.WindowEnd = 2, 2, n.WindowStart.AddDays(3) })
	d.must(d.assign(job, lee, on(t, 0, "09:00"), ""))
	d.wantDays(job, schedule.JobPartiallyAssigned, 0, 1)
	_, err := d.assign(job, lee, on(t, 0, "14:00"), "")
	if got := invalidAt(t, err, "contractor_id").Message; got != "This contractor has day 1 of the job already." {
		t.Errorf("twice on a day is refused with %q", got)
	}
	if v := db.Vacancy(d.crew(job), 0); v.Day != 1 || !v.Start.Time.Equal(eastern(t, on(t, 0, "09:00"))) {
		t.Errorf("the second of the crew is wanted on day %d at %v", v.Day, v.Start)
	}
	d.must(d.assign(job, maya, on(t, 0, "09:00"), ""))
	d.wantDays(job, schedule.JobPartiallyAssigned, 1, 2)
	d.must(d.assign(job, lee, on(t, 1, "09:00"), ""))
	_, err = d.edit(job, func(n *db.NewJob) { n.Headcount = 1 })
	if got := invalidAt(t, err, "headcount").Message; got != "On one day 2 contractors have this job: take it off one of them first." {
		t.Errorf("the message is %q", got)
	}
	d.must(d.assign(job, maya, on(t, 1, "09:00"), ""))
	d.wantDays(job, schedule.JobAssigned, 2, 0)
}

// TestDaysChange: days are added and taken away, but no day that is booked; each has
// twelve hours at the most and the window room for all of them.
func TestDaysChange(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee := d.contractor("north", "Lee")
	job := d.daysJob("north", 1)
	d.must(d.assign(job, lee, on(t, 0, "09:00"), ""))
	to := func(days int) error {
		_, err := d.edit(job, func(n *db.NewJob) { n.Days = days })
		return err
	}
	if err := to(3); err != nil {
		t.Fatal(err)
	}
	if e := d.last(); strings.Join(e.Fields.Changed, " ") != "days" {
		t.Errorf("it says %v", e.Fields.Changed)
	}
	d.wantDays(job, schedule.JobPartiallyAssigned, 1, 2)
	ended := d.must(d.assignDay(job, 3, lee, on(t, 2, "09:00")))
	if got := invalidAt(t, to(2), "days").Message; got != "Day 3 is booked: take it off its contractor first, or leave it at 3 days." {
		t.Errorf("the message is %q", got)
	}
	d.must(d.db.Unassign(t.Context(), db.Unassign{Command: d.command(job), AssignmentID: ended.AssignmentID}))
	for _, days := range []int{2, 3, 1} {
		if err := to(days); err != nil {
			t.Fatal(err)
		}
	}
	d.wantDays(job, schedule.JobAssigned, 0, 0)
	invalidAt(t, to(7), "window_end")
	_, err := d.edit(job, func(n *db.NewJob) { n.Days, n.DurationMinutes = 2, 721 })
	invalidAt(t, err, "duration_minutes")
	job = d.daysJob("north", 2)
	out := d.must(d.db.CopyJob(t.Context(), db.CopyJob{Command: d.command(job), JobID: job, First: calendarDay(t, "2032-03-09"), Times: 1}))
	if card := d.card(out.JobID); card.Days != 2 || card.OpenDay != 1 {
		t.Errorf("the copy has %d days", card.Days)
	}
}

// TestDayRace lets pairs of dispatchers give one day of a job to different people at
// the same moment: one gets it, and the job keeps one assignment for it.
func TestDayRace(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	team := []string{d.contractor("north", "Lee"), d.contractor("north", "Maya")}
	for round := range 15 {
		job := d.job("north", func(n *db.NewJob) {
			n.Days, n.WindowStart = 2, n.WindowStart.AddDays(2*round)
			n.WindowEnd = n.WindowStart.AddDays(2)
		})
		cmd, day := d.command(job), 1+round%2
		start := on(t, 2*round+day-1, "09:00")
		errs := make([]error, len(team))
		var group sync.WaitGroup
		for i, who := range team {
			group.Go(func() {
				_, errs[i] = d.db.Assign(context.Background(), db.Assign{Command: cmd, JobID: job, ContractorID: who, Visit: day, At: d.times(start, "")})
			})
		}
		group.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			refusedBy(t, err, db.ConflictTaken)
		}
		if card := d.card(job); won != 1 || card.Booked != 1 || card.Day != day || card.Status != schedule.JobPartiallyAssigned {
			t.Fatalf("round %d: %d won, %d are booked, of day %d", round, won, card.Booked, card.Day)
		}
	}
}

// TestNextDay: who can go on is proposed for his next working day at the same time
// of the clock, where he is free.
func TestNextDay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee := d.contractor("north", "Lee")
	d.exec(`delete from contractor_hours where contractor_id = $1 and weekday = 3`, lee)
	job := d.daysJob("north", 3)
	d.must(d.assign(job, lee, on(t, 0, "09:30"), ""))
	propose := func() time.Time {
		t.Helper()
		vacancy, now := db.Vacancy(d.crew(job), 0), eastern(t, on(t, -1, "00:00"))
		list, err := d.db.Availabilities(t.Context(), "north", vacancy.SlotsWithin(now), 100)
		if err != nil || len(list) != 1 {
			t.Fatalf("%d contractors, %v", len(list), err)
		}
		at, ok := list[0].NextDay(vacancy, now)
		if !ok || vacancy.Day != 2 {
			return time.Time{}
		}
		slots, err := list[0].Slots(vacancy, now, 1)
		if err != nil || len(slots) != 1 || slots[0].Start.After(at.Start) || !slots[0].Start.After(eastern(t, on(t, 1, "00:00")).Add(-1)) {
			t.Errorf("the first slot is %v, %v", slots, err)
		}
		return at.Start
	}
	// On Wednesdays he does not work.
	if got, want := propose(), eastern(t, on(t, 2, "09:30")); !got.Equal(want) {
		t.Errorf("proposed is %s, want %s", got, want)
	}
	d.must(d.assign(d.job("north"), lee, on(t, 2, "08:00"), on(t, 2, "10:00")))
	if got, want := propose(), eastern(t, on(t, 3, "09:30")); !got.Equal(want) {
		t.Errorf("proposed beside another job is %s, want %s", got, want)
	}
	d.must(d.assignDay(job, 3, lee, on(t, 3, "14:00")))
	if got := propose(); !got.IsZero() {
		t.Errorf("proposed between two days without room is %s", got)
	}
}
