package db_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

// crewOf adds a job that needs that many contractors.
func (d *desk) crewJob(region string, headcount int) string {
	d.t.Helper()
	return d.job(region, func(n *db.NewJob) { n.Headcount = headcount })
}

// TestCrewIsFilled: a job that needs two is partially assigned with one and waits
// in the open list until the second has it; a third is refused. What is done to
// one of them leaves the other alone.
func TestCrewIsFilled(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee, maya, rosa := d.contractor("north", "Lee"), d.contractor("south", "Maya"), d.contractor("north", "Rosa")
	job, at10 := d.crewJob("north", 2), tuesday+"T10:00"
	wants := func(status schedule.JobStatus, listed bool, holders ...string) {
		t.Helper()
		var names []string
		for _, card := range d.crew(job) {
			if card.Status != status || card.Booked != len(holders) {
				t.Errorf("it is %s with %d booked, want %s with %d", card.Status, card.Booked, status, len(holders))
			}
			if card.Assigned() {
				names = append(names, card.ContractorName)
			}
		}
		if !slices.Equal(sorted(names...), sorted(holders...)) {
			t.Errorf("%v have it, want %v", names, holders)
		}
		day := schedule.Span{Start: eastern(t, tuesday+"T00:00"), End: eastern(t, tuesday+"T00:00").Add(24 * time.Hour)}
		board, err := d.db.Board(t.Context(), "north", day)
		if err != nil || (len(board.Open) == 1) != listed || len(board.Lanes) != len(holders) {
			t.Errorf("the board has %d open jobs and %d cards, %v", len(board.Open), len(board.Lanes), err)
		}
	}
	wants(schedule.JobOpen, true)
	first := d.must(d.assign(job, lee, at10, ""))
	wants(schedule.JobPartiallyAssigned, true, "Lee")
	_, err := d.assign(job, lee, tuesday+"T15:00", "")
	invalidAt(t, err, "contractor_id")
	second := d.must(d.assign(job, maya, at10, ""))
	wants(schedule.JobAssigned, false, "Lee", "Maya")
	if e := d.last(); e.Kind != events.KindJobAssigned || e.PublishedTo != "dispatch/north dispatch/south contractor/"+maya {
		t.Errorf("the second is told to %s", e.PublishedTo)
	}
	_, err = d.assign(job, rosa, at10, "")
	if c := refusedBy(t, err, db.ConflictTaken); c.AssignmentID != "" || c.Winner == nil || c.Winner.ContractorName != "Maya" {
		t.Errorf("the third lost against %+v", c.Winner)
	}
	moved := d.must(d.db.Move(t.Context(), db.Move{Command: d.command(job), AssignmentID: second.AssignmentID, At: d.times(tuesday+"T14:00", "")}))
	wants(schedule.JobAssigned, false, "Lee", "Maya")
	for _, card := range d.crew(job) {
		if want := eastern(t, at10); card.AssignmentID == first.AssignmentID && !card.Start.Time.Equal(want) {
			t.Errorf("Lee was moved as well, to %s", card.Start.Time)
		}
	}
	d.must(d.db.Unassign(t.Context(), db.Unassign{Command: d.command(job), AssignmentID: first.AssignmentID}))
	wants(schedule.JobPartiallyAssigned, true, "Maya")
	given := d.must(d.db.Reassign(t.Context(), db.Reassign{Command: d.command(job), AssignmentID: moved.AssignmentID, ContractorID: rosa}))
	wants(schedule.JobPartiallyAssigned, true, "Rosa")
	var places string
	if d.scan(&places, `select place::text from assignments where id = $1`, given.AssignmentID); places != "2" {
		t.Errorf("Rosa has place %s, not that of Maya", places)
	}
	d.must(d.assign(job, maya, at10, ""))
	_, err = d.db.Reassign(t.Context(), db.Reassign{Command: d.command(job), AssignmentID: given.AssignmentID, ContractorID: maya})
	invalidAt(t, err, "contractor_id")
	d.must(d.unassignOne(job, maya))
	_, err = d.db.Unassign(t.Context(), db.Unassign{Command: d.command(job), AssignmentID: first.AssignmentID})
	if c := refusedBy(t, err, db.ConflictTaken); c.AssignmentID != first.AssignmentID {
		t.Errorf("the conflict is about %q", c.AssignmentID)
	}
	d.must(d.assign(job, lee, at10, ""))
	wants(schedule.JobAssigned, false, "Lee", "Rosa")
	d.scan(&places, `select string_agg(place::text, ' ' order by place) from assignments where active`)
	if places != "1 2" {
		t.Errorf("the places taken are %s", places)
	}
}

// TestHeadcountChanges: it can't become smaller than those who are booked, and
// the job is open or full by the new number.
func TestHeadcountChanges(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	job := d.crewJob("north", 3)
	for _, name := range []string{"Lee", "Maya"} {
		d.must(d.assign(job, d.contractor("north", name), tuesday+"T10:00", ""))
	}
	to := func(n int) error {
		_, err := d.edit(job, func(j *db.NewJob) { j.Headcount = n })
		return err
	}
	if err := invalidAt(t, to(1), "headcount"); !strings.Contains(err.Message, "2 contractors have this job") {
		t.Errorf("the message is %q", err.Message)
	}
	for n, want := range map[int]schedule.JobStatus{2: schedule.JobAssigned, 4: schedule.JobPartiallyAssigned} {
		if err := to(n); err != nil {
			t.Fatal(err)
		}
		e := d.last()
		if card := d.card(job); card.Status != want || card.Headcount != n || strings.Join(e.Fields.Changed, " ") != "headcount" || e.PublishedTo != "dispatch/north" {
			t.Errorf("with %d needed it is %s, logged %v for %s", n, card.Status, e.Fields.Changed, e.PublishedTo)
		}
		day := schedule.Span{Start: eastern(t, tuesday+"T00:00"), End: eastern(t, tuesday+"T00:00").Add(24 * time.Hour)}
		board, err := d.db.Board(t.Context(), "north", day)
		if err != nil || len(board.Open) != n/4 || len(board.Lanes) != 2 {
			t.Errorf("with %d needed %d jobs are open, %v", n, len(board.Open), err)
		}
	}
}

// TestCrewIsTold: what concerns the job as a whole goes to everybody who has it,
// each of their homes once.
func TestCrewIsTold(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee, maya, kofi := d.contractor("north", "Lee"), d.contractor("west", "Maya"), d.contractor("west", "Kofi")
	job := d.crewJob("south", 3)
	for _, id := range []string{lee, maya, kofi} {
		d.must(d.assign(job, id, tuesday+"T10:00", ""))
	}
	everybody := strings.Join([]string{"dispatch/south dispatch/north contractor/" + lee, "dispatch/west contractor/" + maya, "contractor/" + kofi}, " ")
	d.must(d.edit(job, func(n *db.NewJob) { n.Title = "Lay two floors" }))
	if e := d.last(); e.PublishedTo != everybody || e.ContractorID != "" {
		t.Errorf("the title is told to %s", e.PublishedTo)
	}
	_, err := d.db.HoldJob(t.Context(), d.about(job, "no tiles"))
	refusedBy(t, err, db.ConflictState)
	d.must(d.unassignOne(job, kofi))
	_, err = d.db.HoldJob(t.Context(), d.about(job, "no tiles"))
	refusedBy(t, err, db.ConflictState)
	d.must(d.assign(job, kofi, tuesday+"T10:00", ""))
	d.must(d.cancel(job))
	if e := d.last(); e.Kind != events.KindJobCancelled || e.PublishedTo != everybody {
		t.Errorf("the cancellation is told to %s", e.PublishedTo)
	}
	left, err := d.db.PhoneChanges(t.Context(), []string{lee, maya, kofi}, []string{job})
	if err != nil || len(left) != 3 {
		t.Errorf("%d phones say so, %v", len(left), err)
	}
}

func (d *desk) unassignOne(job, contractor string) (db.Outcome, error) {
	d.t.Helper()
	for _, card := range d.crew(job) {
		if card.ContractorID == contractor {
			return d.db.Unassign(context.Background(), db.Unassign{Command: d.command(job), AssignmentID: card.AssignmentID})
		}
	}
	return db.Outcome{}, errors.New("he does not have it")
}

// TestCopyKeepsHeadcount, with nobody booked.
func TestCopyKeepsHeadcount(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	job := d.crewJob("north", 2)
	d.must(d.assign(job, d.contractor("north", "Lee"), tuesday+"T10:00", ""))
	out := d.must(d.db.CopyJob(t.Context(), db.CopyJob{Command: d.command(job), JobID: job, First: calendarDay(t, "2032-03-09"), Times: 1}))
	if card := d.card(out.JobID); card.Headcount != 2 || card.Booked != 0 || card.Status != schedule.JobOpen {
		t.Errorf("the copy is %s with %d of %d", card.Status, card.Booked, card.Headcount)
	}
}

// TestOnePlaceOneContractor: the database itself keeps a place of a crew from
// being given twice.
func TestOnePlaceOneContractor(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	job := d.crewJob("north", 2)
	d.must(d.assign(job, d.contractor("north", "Lee"), tuesday+"T10:00", ""))
	_, err := d.owner.ExecContext(t.Context(), `insert into assignments (visit_id, job_id, contractor_id, during, source, audit_id, place)
	  select visit_id, job_id, $1, during, source, audit_id, place from assignments`, d.contractor("north", "Maya"))
	if err == nil || !strings.Contains(err.Error(), "assignments_one_per_place") {
		t.Errorf("a second contractor for the same place: %v", err)
	}
}

// TestLastPlaceRace lets several dispatchers give the last place of a crew to
// different people at the same moment.
func TestLastPlaceRace(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var team []string
	for _, name := range []string{"Lee", "Maya", "Rosa", "Kofi", "Ana"} {
		team = append(team, d.contractor("north", name))
	}
	for round := range 20 {
		job := d.crewJob("north", 2)
		start := eastern(t, tuesday+"T00:00").AddDate(0, 0, round).Format("2006-01-02T15:04")
		d.must(d.assign(job, team[0], start, ""))
		cmd := d.command(job)
		errs := make([]error, len(team)-1)
		var group sync.WaitGroup
		for i, who := range team[1:] {
			group.Go(func() {
				_, errs[i] = d.db.Assign(context.Background(), db.Assign{Command: cmd, JobID: job, ContractorID: who, At: d.times(start, "")})
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
		if card := d.card(job); won != 1 || card.Booked != 2 || card.Status != schedule.JobAssigned {
			t.Fatalf("round %d: %d won, %d are booked, it is %s", round, won, card.Booked, card.Status)
		}
	}
}
