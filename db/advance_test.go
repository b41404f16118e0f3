package db_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

// tap is a step of a contractor with his newest assignment to a job.
func (d *desk) tap(by db.Actor, jobID string, act schedule.Act, change ...func(*db.Advance)) (db.Outcome, error) {
	d.t.Helper()
	cmd := db.Advance{Command: db.Command{By: by}, Act: act}
	d.scan(&cmd.AssignmentID, `select id from assignments where job_id = $1 and contractor_id = $2 order by created_at desc limit 1`, jobID, by.ContractorID)
	d.scan(&cmd.Version, `select version from assignments where id = $1`, cmd.AssignmentID)
	for _, c := range change {
		c(&cmd)
	}
	return d.db.Advance(context.Background(), cmd)
}

// atWork gives a job to a contractor from some time before now for two hours and
// lets him start.
func (d *desk) atWork(by db.Actor, before time.Duration) (jobID string) {
	d.t.Helper()
	jobID = d.job("north")
	start := schedule.WallTimeIn(time.Now().Add(-before), eastern(d.t, tuesday+"T08:00").Location())
	d.must(d.assign(jobID, by.ContractorID, start.String(), ""))
	d.must(d.tap(by, jobID, schedule.ActAccept))
	d.must(d.tap(by, jobID, schedule.ActStart))
	return jobID
}

// TestOneJobAtATime: who is on the way or at work on one job cannot set out for
// another, and is told which it is; after a pause he can.
func TestOneJobAtATime(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rosa := d.signIn(d.contractor("north", "Rosa"))
	first, second := d.atWork(rosa, time.Hour), d.job("north")
	d.must(d.assign(second, rosa.ContractorID, tuesday+"T10:00", ""))
	d.must(d.tap(rosa, second, schedule.ActAccept))
	for _, act := range []schedule.Act{schedule.ActTravel, schedule.ActStart} {
		before := d.state()
		_, err := d.tap(rosa, second, act)
		if c := refusedBy(t, err, db.ConflictState); c.Err == nil || d.state() != before {
			t.Errorf("%s is refused with %v", act, err)
		}
	}
	d.must(d.tap(rosa, first, schedule.ActPause, func(a *db.Advance) { a.Reason = "parts" }))
	d.must(d.tap(rosa, second, schedule.ActTravel))
	_, err := d.tap(rosa, first, schedule.ActResume)
	refusedBy(t, err, db.ConflictState)
}

// TestEarlyEndFreesTheTime: the end of the work becomes the end of the assignment,
// so that what is left can be given away; an end that is later takes no time from
// the next job.
func TestEarlyEndFreesTheTime(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rosa := d.signIn(d.contractor("north", "Rosa"))
	end := func(job string) (length time.Duration, ended bool) {
		card := d.card(job)
		d.scan(&ended, `select ended_at is not null from assignments where id = $1`, card.AssignmentID)
		return card.At().Duration(), ended
	}
	early := d.atWork(rosa, time.Hour)
	d.must(d.tap(rosa, early, schedule.ActComplete))
	if e := d.last(); e.Kind != events.KindJobCompleted {
		t.Errorf("logged %s", e.Payload)
	}
	if length, ended := end(early); length < time.Hour || length > 90*time.Minute || !ended {
		t.Errorf("of two hours that were done after one %s are taken", length)
	}
	late := d.atWork(d.signIn(d.contractor("north", "Lee")), 3*time.Hour)
	lee := d.card(late).ContractorID
	next := d.job("north")
	at := d.card(late).End.Time.Add(30 * time.Minute)
	d.must(d.assign(next, lee, schedule.WallTimeIn(at, eastern(t, tuesday+"T08:00").Location()).String(), ""))
	d.must(d.db.Advance(t.Context(), db.Advance{Command: db.Command{By: d.ann}, AssignmentID: d.card(late).AssignmentID, Act: schedule.ActComplete}))
	if length, ended := end(late); length != 2*time.Hour || !ended {
		t.Errorf("a late end with a job after it takes %s, ended %v", length, ended)
	}
	over := d.atWork(d.signIn(d.contractor("north", "Maya")), 3*time.Hour)
	d.must(d.db.Advance(t.Context(), db.Advance{Command: db.Command{By: d.ann}, AssignmentID: d.card(over).AssignmentID, Act: schedule.ActComplete}))
	if length, _ := end(over); length < 3*time.Hour {
		t.Errorf("a late end with nothing after it takes %s", length)
	}
	ahead := d.signIn(d.contractor("north", "Kofi"))
	soon := d.atWork(ahead, -5*time.Hour)
	d.must(d.tap(ahead, soon, schedule.ActComplete))
	if card := d.card(soon); card.Start.Time.After(time.Now()) {
		t.Errorf("what was done five hours early still takes the time from %s", card.Start.Time)
	}
}

// TestThePhonesClock: the time of a tap that was sent later is believed when it can
// be, and else the time of its arrival counts; the event has both.
func TestThePhonesClock(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rosa := d.signIn(d.contractor("north", "Rosa"))
	job := d.job("north")
	d.must(d.assign(job, rosa.ContractorID, tuesday+"T10:00", ""))
	d.exec(`update assignments set created_at = now() - interval '1 hour'`)
	for _, tt := range []struct {
		act      schedule.Act
		at       time.Time
		believed bool
	}{
		{schedule.ActAccept, time.Now().Add(-7 * time.Minute), true},
		{schedule.ActTravel, time.Now().Add(time.Minute), true},
		{schedule.ActArrive, time.Now().Add(3 * time.Minute), false},
		{schedule.ActStart, time.Now().Add(-2 * time.Hour), false},
		{schedule.ActComplete, time.Time{}, false},
	} {
		d.must(d.tap(rosa, job, tt.act, func(a *db.Advance) { a.ClientAt = tt.at }))
		var said struct {
			At   time.Time  `db:"at"`
			Said *time.Time `db:"said"`
		}
		d.scan(&said, `select (payload ->> 'at')::timestamptz as at, (payload ->> 'clientAt')::timestamptz as said from event_log order by id desc limit 1`)
		if believed := said.At.Equal(tt.at.Truncate(time.Microsecond)); believed != tt.believed {
			t.Errorf("%s at %s was taken as %s", tt.act, tt.at, said.At)
		}
		if !tt.believed && time.Since(said.At).Abs() > time.Minute || (said.Said == nil) != tt.at.IsZero() {
			t.Errorf("%s at %s was received at %s, said %v", tt.act, tt.at, said.At, said.Said)
		}
	}
}

// TestTheTimeToAnswer: an offer has the limit of its region, a rush job the short
// one; far other times begin it anew, and who accepts everything is not asked.
func TestTheTimeToAnswer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rosa := d.signIn(d.contractor("north", "Rosa"))
	limit := func(job string) (minutes float64) {
		d.scan(&minutes, `select coalesce(extract(epoch from answer_by - offered_at) / 60, 0) from assignments where job_id = $1 and active`, job)
		return minutes
	}
	d.exec(`update regions set answer_minutes = 45 where slug = 'north'`)
	job, rush := d.job("north"), d.job("north", func(n *db.NewJob) { n.Priority = "rush" })
	d.must(d.assign(job, rosa.ContractorID, tuesday+"T10:00", ""))
	d.must(d.assign(rush, rosa.ContractorID, tuesday+"T14:00", ""))
	if limit(job) != 45 || limit(rush) != 5 {
		t.Errorf("the limits are %v and %v minutes", limit(job), limit(rush))
	}
	d.must(d.tap(rosa, job, schedule.ActAccept))
	d.exec(`update assignments set answer_by = answer_by - interval '20 min', offered_at = offered_at - interval '20 min' where job_id = $1`, job)
	d.must(d.move(job, tuesday+"T10:15", ""))
	if got := d.card(job); got.AssignmentStatus != schedule.Accepted || time.Until(got.AnswerBy.Time) > 30*time.Minute {
		t.Errorf("moved a little it is %s, to be answered by %s", got.AssignmentStatus, got.AnswerBy.Time)
	}
	d.must(d.move(job, tuesday+"T11:00", ""))
	if got := d.card(job); got.AssignmentStatus != schedule.Assigned || time.Until(got.AnswerBy.Time) < 40*time.Minute {
		t.Errorf("moved far it is %s, to be answered by %s", got.AssignmentStatus, got.AnswerBy.Time)
	}
	_, err := d.tap(rosa, job, schedule.ActAccept, func(a *db.Advance) { a.Version = 1 })
	refusedBy(t, err, db.ConflictStale)

	lee := d.contractor("north", "Lee")
	d.exec(`update contractors set auto_accept = true where id = $1`, lee)
	logged := len(d.log())
	d.must(d.reassign(job, lee, "", "", ""))
	d.must(d.move(job, tuesday+"T16:00", ""))
	var kinds []events.Kind
	for _, e := range d.logAfter(logged) {
		kinds = append(kinds, e.Kind)
	}
	want := []events.Kind{events.KindJobUnassigned, events.KindJobAssigned, events.KindAssignmentAccepted, events.KindJobRescheduled, events.KindAssignmentAccepted}
	if got := d.card(job); len(kinds) != len(want) || kinds[2] != want[2] || kinds[4] != want[4] || got.AssignmentStatus != schedule.Accepted || got.AnswerBy.Valid {
		t.Errorf("who accepts everything has it as %s, logged %v", got.AssignmentStatus, kinds)
	}
	if e := d.last(); e.CorrelationID != d.log()[len(d.log())-2].CorrelationID {
		t.Error("the answer at once has another correlation id")
	}
}

// TestOffersEndOnce: an offer ends when its time is over and not before, once however
// many look for it, and the late answer is refused.
func TestOffersEndOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rosa := d.signIn(d.contractor("south", "Rosa"))
	var jobs []string
	for i := range 5 {
		job := d.job("north")
		d.must(d.assign(job, rosa.ContractorID, tuesday+"T"+[]string{"08", "10", "12", "14", "16"}[i]+":00", ""))
		jobs = append(jobs, job)
	}
	d.must(d.tap(rosa, jobs[4], schedule.ActAccept))
	if n, err := d.db.ExpireOffers(t.Context(), 29*time.Minute); n != 0 || err != nil {
		t.Fatalf("before the time is over %d ended, %v", n, err)
	}
	logged := len(d.log())
	var wait sync.WaitGroup
	ended := make([]int, 3)
	for i := range ended {
		wait.Go(func() {
			n, err := d.db.ExpireOffers(context.Background(), 31*time.Minute)
			if err != nil {
				t.Error(err)
			}
			ended[i] = n
		})
	}
	wait.Wait()
	if ended[0]+ended[1]+ended[2] != 4 || len(d.log()) != logged+4 {
		t.Errorf("%v offers ended with %d events", ended, len(d.log())-logged)
	}
	for _, e := range d.logAfter(logged) {
		if e.Kind != events.KindAssignmentExpired || e.PublishedTo != "dispatch/north dispatch/south contractor/"+rosa.ContractorID {
			t.Errorf("logged %s for %q", e.Kind, e.PublishedTo)
		}
	}
	card := d.card(jobs[0])
	if !card.Open() || card.LostStatus != schedule.Expired || card.LostBy != "Rosa" || d.card(jobs[4]).AssignmentStatus != schedule.Accepted {
		t.Errorf("the job is %s, lost by %s of %s", card.Status, card.LostStatus, card.LostBy)
	}
	_, err := d.tap(rosa, jobs[0], schedule.ActAccept)
	refusedBy(t, err, db.ConflictState)
	late := d.job("north")
	d.must(d.assign(late, rosa.ContractorID, tuesday+"T08:00", ""))
	d.exec(`update assignments set answer_by = now() where job_id = $1 and active`, late)
	_, err = d.tap(rosa, late, schedule.ActAccept)
	refusedBy(t, err, db.ConflictState)
}
