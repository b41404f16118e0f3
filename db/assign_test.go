package db_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

func TestAssign(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rosa := d.contractor("south", "Rosa Díaz")
	job := d.job("north")
	out := d.must(d.assign(job, rosa, tuesday+"T10:00", ""))
	card, e := d.card(job), d.last()
	if !card.Assigned() || card.AssignmentID != out.AssignmentID || card.ContractorID != rosa || card.Status != schedule.JobAssigned ||
		card.AssignmentStatus != schedule.Assigned || card.Version != 2 {
		t.Errorf("the card is %+v", card)
	}
	if e.Kind != events.KindJobAssigned || e.JobID != job || e.ContractorID != rosa || e.ActorID != d.ann.UserID ||
		e.Fields.AssignmentID != out.AssignmentID || e.Fields.AssignmentVersion != 1 || len(out.EventIDs) != 1 || out.EventIDs[0] != e.Fields.EventID {
		t.Errorf("logged %+v with %s", e, e.Payload)
	}
	if e.PublishedTo != "dispatch/north dispatch/south contractor/"+rosa {
		t.Errorf("published to %q", e.PublishedTo)
	}
	if strings.Contains(string(e.Payload), "Ida") || strings.Contains(string(e.Payload), "Test Lane") || strings.Contains(string(e.Payload), "Rosa") {
		t.Errorf("the payload names people: %s", e.Payload)
	}
}

func TestAssignRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rosa, gone := d.contractor("north", "Rosa Díaz"), d.contractor("north", "Gus")
	d.exec(`update contractors set active = false where id = $1`, gone)
	d.exec(`insert into skills (slug, name) values ('gas', 'Gas'), ('tile', 'Tile')`)
	d.exec(`insert into contractor_skills (contractor_id, skill, valid_until) values ($1, 'tile', $2::date - 1)`, rosa, tuesday)
	job := d.job("north")
	skilled := func(skill string) string {
		return d.job("north", func(n *db.NewJob) { n.Skills = []string{skill} })
	}
	stranger := d.dispatcher("Bo", "south")
	try := func(job, contractor, start, end string, change ...func(*db.Assign)) error {
		cmd := db.Assign{Command: d.command(job), JobID: job, ContractorID: contractor, At: d.times(start, end)}
		for _, c := range change {
			c(&cmd)
		}
		_, err := d.db.Assign(t.Context(), cmd)
		return err
	}
	at10 := tuesday + "T10:00"
	before := d.state()
	for name, check := range map[string]func(t *testing.T){
		"UnknownJob": func(t *testing.T) {
			cmd := db.Assign{Command: db.Command{By: d.ann, Version: 1}, JobID: uuid.NewString(), ContractorID: rosa, At: d.times(at10, "")}
			_, err := d.db.Assign(t.Context(), cmd)
			wantErr(t, err, db.ErrNotFound)
		},
		"ForeignRegion": func(t *testing.T) {
			wantErr(t, try(job, rosa, at10, "", func(cmd *db.Assign) { cmd.By = stranger }), db.ErrNotFound)
		},
		"MalformedJob": func(t *testing.T) {
			cmd := db.Assign{Command: db.Command{By: d.ann, Version: 1}, JobID: "nonsense", ContractorID: rosa, At: d.times(at10, "")}
			_, err := d.db.Assign(t.Context(), cmd)
			wantErr(t, err, db.ErrNotFound)
		},
		"UnknownContractor":   func(t *testing.T) { invalidAt(t, try(job, uuid.NewString(), at10, ""), "contractor_id") },
		"MalformedContractor": func(t *testing.T) { invalidAt(t, try(job, "nonsense", at10, ""), "contractor_id") },
		"InactiveContractor":  func(t *testing.T) { invalidAt(t, try(job, gone, at10, ""), "contractor_id") },
		"EndBeforeStart":      func(t *testing.T) { invalidAt(t, try(job, rosa, at10, tuesday+"T09:00"), "end") },
		"EndAtStart":          func(t *testing.T) { invalidAt(t, try(job, rosa, at10, at10), "end") },
		"TooLong":             func(t *testing.T) { invalidAt(t, try(job, rosa, at10, "2032-03-09T10:01"), "end") },
		"SkillMissing": func(t *testing.T) {
			err := invalidAt(t, try(skilled("gas"), rosa, at10, ""), "contractor_id")
			if !strings.Contains(err.Message, "Rosa Díaz") || !strings.Contains(err.Message, "Gas") {
				t.Errorf("message is %q", err.Message)
			}
		},
		"SkillExpired": func(t *testing.T) {
			err := invalidAt(t, try(skilled("tile"), rosa, at10, ""), "contractor_id")
			if !strings.Contains(err.Message, "Tile") {
				t.Errorf("message is %q", err.Message)
			}
		},
		"Stale": func(t *testing.T) {
			refusedBy(t, try(job, rosa, at10, "", func(cmd *db.Assign) { cmd.Version++ }), db.ConflictStale)
		},
		"Closed": func(t *testing.T) {
			cancelled := d.job("north")
			d.exec(`update jobs set status = 'cancelled' where id = $1`, cancelled)
			c := refusedBy(t, try(cancelled, rosa, at10, ""), db.ConflictState)
			var transition *schedule.TransitionError
			if !errors.As(c, &transition) || transition.State != "cancelled" {
				t.Errorf("the conflict does not tell the state: %v", c)
			}
		},
	} {
		t.Run(name, check)
	}
	var n int
	d.scan(&n, `select count(*) from assignments`)
	if n != 0 || d.last().Kind != events.KindJobCreated || before == "" {
		t.Errorf("%d assignments after refusals only, last event %s", n, d.last().Kind)
	}
}

// TestAssignSkillOnLastDay: a skill counts on the whole of its last day, which
// is the day of the start at the site.
func TestAssignSkillOnLastDay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rosa := d.contractor("west", "Rosa Díaz")
	d.exec(`insert into skills (slug, name) values ('tile', 'Tile')`)
	d.exec(`insert into contractor_skills (contractor_id, skill, valid_until) values ($1, 'tile', $2)`, rosa, tuesday)
	late := d.job("west", func(n *db.NewJob) { n.Skills = []string{"tile"} })
	// 23:30 in Chicago is the next day in UTC and in New York.
	d.must(d.assign(late, rosa, tuesday+"T23:30", ""))
	next := d.job("west", func(n *db.NewJob) { n.Skills = []string{"tile"} })
	_, err := d.assign(next, rosa, "2032-03-03T09:00", "")
	invalidAt(t, err, "contractor_id")
}

// TestAssignTaken: whoever comes second learns who has the job.
func TestAssignTaken(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rosa, lee := d.contractor("north", "Rosa Díaz"), d.contractor("north", "Lee")
	job := d.job("north")
	stale := d.command(job)
	d.must(d.assign(job, rosa, tuesday+"T10:00", ""))
	_, err := d.db.Assign(t.Context(), db.Assign{Command: stale, JobID: job, ContractorID: lee, At: d.times(tuesday+"T10:00", "")})
	c := refusedBy(t, err, db.ConflictTaken)
	if c.Winner == nil || c.Winner.ContractorName != "Rosa Díaz" || c.Winner.By != "Ann" || !c.Winner.Start.Equal(eastern(t, tuesday+"T10:00")) {
		t.Errorf("winner is %+v", c.Winner)
	}
}

// TestFreeSlotsAreBookable takes every slot that a conflict offers, one after
// the other, under conditions that make other slots impossible.
func TestFreeSlotsAreBookable(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.exec(`insert into skills (slug, name) values ('tile', 'Tile')`)
	rosa := d.contractor("north", "Rosa Díaz")
	d.exec(`insert into contractor_skills (contractor_id, skill, valid_until) values ($1, 'tile', $2)`, rosa, tuesday)
	// Her Tuesday is full but for an hour and a half at the end.
	blocker := d.job("north", func(n *db.NewJob) { n.DurationMinutes = 8*60 + 30 })
	d.must(d.assign(blocker, rosa, tuesday+"T08:00", ""))
	conflict := func(minutes int, skills ...string) (string, *db.Conflict) {
		job := d.job("north", func(n *db.NewJob) { n.DurationMinutes, n.Skills = minutes, skills })
		_, err := d.assign(job, rosa, tuesday+"T10:00", "")
		return job, refusedBy(t, err, db.ConflictOverlap)
	}
	t.Run("BookAll", func(t *testing.T) {
		job, c := conflict(60)
		if len(c.Free) != 3 || !c.Free[0].Start.Equal(eastern(t, tuesday+"T16:30")) {
			t.Fatalf("free are %v", c.Free)
		}
		d.bookAll(job, rosa, c.Free)
	})
	t.Run("SkillExpires", func(t *testing.T) {
		job, c := conflict(90, "tile")
		if len(c.Free) != 1 || !c.Free[0].Start.Equal(eastern(t, tuesday+"T16:30")) {
			t.Fatalf("free are %v; on Wednesday the skill has expired", c.Free)
		}
		d.bookAll(job, rosa, c.Free)
	})
}

func (d *desk) bookAll(job, contractor string, slots []schedule.Span) {
	d.t.Helper()
	for _, s := range slots {
		loc, err := schedule.LoadZone(d.card(job).Zone)
		if err != nil {
			d.t.Fatal(err)
		}
		d.must(d.assign(job, contractor, schedule.WallTimeIn(s.Start, loc).String(), ""))
		if got := d.card(job).At(); !got.Start.Equal(s.Start) || !got.End.Equal(s.End) {
			d.t.Errorf("booked %v, offered %v", got, s)
		}
		d.must(d.unassign(job, ""))
	}
}

// TestFreeSlotsKeepTheLength: who moves an assignment that was made longer than
// planned is offered slots in which all of it fits.
func TestFreeSlotsKeepTheLength(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rosa := d.contractor("north", "Rosa Díaz")
	job, other := d.job("north"), d.job("north")
	d.must(d.assign(job, rosa, tuesday+"T08:00", tuesday+"T12:00")) // 4 h, planned were 2
	d.must(d.assign(other, rosa, tuesday+"T13:00", tuesday+"T15:00"))
	_, err := d.move(job, tuesday+"T12:30", "")
	c := refusedBy(t, err, db.ConflictOverlap)
	loc, err := schedule.LoadZone("America/New_York")
	if err != nil || len(c.Free) != 3 {
		t.Fatalf("free are %v, %v", c.Free, err)
	}
	for _, s := range c.Free {
		if s.Duration() != 4*time.Hour {
			t.Errorf("a slot of %s is offered, and 4 h are needed", s.Duration())
		}
		if s.Start.Equal(d.card(job).Start.Time) {
			continue // where it is already
		}
		d.must(d.move(job, schedule.WallTimeIn(s.Start, loc).String(), ""))
	}
}

// TestAssignLocalTimes is S4 of the project's days: the clock changes.
func TestAssignLocalTimes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee := d.contractor("north", "Lee")
	job := func(minutes int) string {
		return d.job("north", func(n *db.NewJob) { n.DurationMinutes = minutes })
	}
	t.Run("LengthIsKept", func(t *testing.T) {
		id := job(360)
		d.must(d.assign(id, lee, "2027-03-13T22:00", ""))
		e := d.last()
		if e.Fields.EndLocal != "2027-03-14T05:00" || e.Fields.EndUTC.Sub(e.Fields.StartUTC) != 6*time.Hour {
			t.Errorf("payload is %s", e.Payload)
		}
	})
	t.Run("Missing", func(t *testing.T) {
		_, err := d.assign(job(60), lee, "2027-03-14T02:30", "")
		if got := invalidAt(t, err, "start"); !strings.Contains(got.Message, "01:59 or 03:00") {
			t.Errorf("message is %q", got.Message)
		}
	})
	t.Run("Repeated", func(t *testing.T) {
		_, err := d.assign(job(60), lee, "2027-11-07T01:30", "")
		got := invalidAt(t, err, "start")
		var local *schedule.LocalTimeError
		if !errors.As(got, &local) || len(local.Choices) != 2 {
			t.Fatalf("no choices: %v", got)
		}
		for i, offset := range []string{"-04:00", "-05:00"} {
			id := job(60)
			at := d.times("2027-11-07T01:30", "")
			at.StartOffset = offset
			d.must(d.db.Assign(t.Context(), db.Assign{Command: d.command(id), JobID: id, ContractorID: lee, At: at}))
			if want := time.Date(2027, 11, 7, 5+i, 30, 0, 0, time.UTC); !d.card(id).Start.Time.Equal(want) {
				t.Errorf("%s is %s, want %s", offset, d.card(id).Start.Time, want)
			}
		}
	})
}

// TestAssignWritesTheCandidates: the audit record holds who was considered and
// what spoke against them, as it was then.
func TestAssignWritesTheCandidates(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.exec(`insert into skills (slug, name) values ('gas', 'Gas')`)
	able, busy, unskilled, expired := d.contractor("north", "Able"), d.contractor("north", "Busy"), d.contractor("north", "Cy"), d.contractor("north", "Dan")
	elsewhere := d.contractor("south", "Elsewhere")
	for _, id := range []string{able, busy} {
		d.exec(`insert into contractor_skills (contractor_id, skill) values ($1, 'gas')`, id)
	}
	d.exec(`insert into contractor_skills (contractor_id, skill, valid_until) values ($1, 'gas', '2031-12-31')`, expired)
	d.must(d.assign(d.job("north"), busy, tuesday+"T11:00", ""))
	job := d.job("north", func(n *db.NewJob) { n.Skills = []string{"gas"} })
	d.must(d.assign(job, able, tuesday+"T10:00", ""))
	audits, err := d.db.AuditsOf(t.Context(), job)
	if err != nil || len(audits) != 1 {
		t.Fatalf("%d audit records, %v", len(audits), err)
	}
	decision, err := d.db.DecisionOf(t.Context(), audits[0].ID)
	if err != nil || decision.JobNumber != d.card(job).Number || decision.RulesVersion != schedule.RulesVersion {
		t.Fatalf("the decision is %+v, %v", decision, err)
	}
	var got []string
	for _, c := range decision.Candidates {
		if c.ContractorID == elsewhere {
			t.Error("a contractor of another region was considered")
		}
		got = append(got, fmt.Sprintf("%s:%s", c.Name, c.Rule))
	}
	if want := "Able: Busy:overlap Cy:skill_missing Dan:skill_expired"; strings.Join(got, " ") != want || unskilled == "" {
		t.Errorf("candidates are %q, want %q", got, want)
	}
}
