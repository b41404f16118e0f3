package db_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

// transitionTable is what may be done to an assignment in each state, by whom: c is
// the contractor who has it, d a dispatcher of its region or an administrator, s the
// clock. To is the
// state that follows, = that the assignment stays as it is. Everything that is not
// here is refused.
const transitionTable = `
act        | from                               | who | to          | event
accept     | assigned                           | c d | accepted    | AssignmentAccepted
decline    | assigned accepted                  | c   | declined    | AssignmentDeclined
expire     | assigned                           | s   | expired     | AssignmentExpired
move       | assigned accepted                  | d   | assigned    | JobRescheduled
travel     | accepted                           | c   | en_route    | TravelStarted
arrive     | en_route                           | c   | on_site     | ArrivedOnSite
start      | accepted en_route on_site          | c   | in_progress | JobStarted
pause      | in_progress                        | c   | paused      | JobPaused
resume     | paused                             | c   | in_progress | JobResumed
complete   | in_progress paused                 | c d | completed   | JobCompleted
incomplete | on_site in_progress paused         | c   | incomplete  | JobIncomplete
unassign   | assigned accepted en_route         | d   | unassigned  | JobUnassigned
reassign   | assigned accepted en_route         | d   | unassigned  | JobUnassigned JobAssigned
cancel     | assigned accepted en_route on_site in_progress paused | d | cancelled | JobCancelled
cancel     | incomplete declined expired unassigned | d | =        | JobCancelled
`

// transition is a line of the table.
type transition struct {
	act, to, events string
	from, who       []string
}

func transitions(t *testing.T) []transition {
	t.Helper()
	var list []transition
	for _, line := range strings.Split(strings.TrimSpace(transitionTable), "\n")[1:] {
		cells := strings.Split(line, "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		list = append(list, transition{act: cells[0], from: strings.Fields(cells[1]), who: strings.Fields(cells[2]), to: cells[3], events: cells[4]})
	}
	return list
}

// TestTransitions tries every act on an assignment in every state by everybody who
// might: what the table allows leads to its state with its events, and everything
// else is refused with the state that it is in, and changes nothing. For who has
// no business with it, it does not exist.
func TestTransitions(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	cells := &transitionCells{desk: d, rosa: d.contractor("south", "Rosa"), lee: d.contractor("north", "Lee")}
	cells.actors = map[string]db.Actor{
		"c": d.signIn(cells.rosa), "another contractor": d.signIn(cells.lee), "d": d.ann,
		"a dispatcher elsewhere": d.dispatcher("Bo", "south"), "s": {Kind: events.ActorSystem},
		// Whoever has no region: an auditor, a display, nobody. The routes turn them away
		// before, see TestP14NobodySeesWhatIsNotTheirs of handlers.
		"somebody without a region": {UserID: d.dispatcher("Vera").UserID, Kind: events.ActorDispatcher},
		"admin":                     d.admin(),
	}
	table := transitions(t)
	for _, from := range allStates() {
		// Refused ones change nothing, so one assignment will do for all of them.
		job, id := cells.inState(from)
		before := cells.state()
		for _, act := range actsOf(table) {
			for name, by := range cells.actors {
				// Nobody but the clock lets an offer end, and only a step has a contractor
				// as its author.
				if (act == "expire") != (name == "s") || by.ContractorID != "" && !schedule.Act(act).IsStep() {
					continue
				}
				if line := lineOf(table, act, from); line == nil || !slices.Contains(line.who, tableName(name)) {
					cells.refuse(t, act, from, name, job, id)
				}
			}
		}
		if cells.state() != before {
			t.Errorf("a refused act changed what was %s", from)
		}
		cells.over(job)
	}
	for _, line := range table {
		for _, from := range line.from {
			for name := range cells.actors {
				if slices.Contains(line.who, tableName(name)) {
					cells.allow(t, line, schedule.AssignmentStatus(from), name)
				}
			}
		}
	}
	t.Logf("%d cells were allowed and %d refused", cells.allowed, cells.refused)
	if cells.allowed < 50 || cells.refused < 400 {
		t.Errorf("%d cells were allowed and %d refused", cells.allowed, cells.refused)
	}
}

// tableName is where the table says what somebody may.
func tableName(name string) string {
	if name == "admin" {
		return "d"
	}
	return name
}

func allStates() []schedule.AssignmentStatus {
	return []schedule.AssignmentStatus{
		schedule.Assigned, schedule.Accepted, schedule.EnRoute, schedule.OnSite, schedule.InProgress, schedule.Paused,
		schedule.Completed, schedule.Incomplete, schedule.Declined, schedule.Expired, schedule.Unassigned, schedule.Cancelled,
	}
}

// transitionCells tries the cells of the table, each on a job of its own.
type transitionCells struct {
	*desk
	rosa, lee        string
	actors           map[string]db.Actor
	allowed, refused int
	// made counts the assignments, each on a day of its own.
	made int
}

// signIn makes a user of a contractor.
func (d *desk) signIn(contractorID string) db.Actor {
	d.t.Helper()
	var id string
	d.scan(&id, `insert into users (email, name, role, contractor_id) values ($1 || '@example.com', 'Phone', 'contractor', $1::uuid) returning id`, contractorID)
	return db.Actor{UserID: id, Kind: events.ActorContractor, ContractorID: contractorID}
}

// inState makes a job whose assignment is in a state, with the job in the state
// that follows.
func (c *transitionCells) inState(s schedule.AssignmentStatus) (job, assignment string) {
	c.t.Helper()
	job = c.job("north")
	c.made++
	day := schedule.WallTimeIn(eastern(c.t, tuesday+"T10:00").AddDate(0, 0, c.made), eastern(c.t, tuesday+"T10:00").Location())
	assignment = c.must(c.assign(job, c.rosa, day.String(), "")).AssignmentID
	c.exec(`update assignments set status = $2 where id = $1`, assignment, string(s))
	status := schedule.JobOpen
	switch s {
	case schedule.Cancelled:
		status = schedule.JobCancelled
	case schedule.Declined, schedule.Expired, schedule.Unassigned:
	default:
		status = schedule.Derived([]schedule.AssignmentStatus{s}, 1)
	}
	c.exec(`update jobs set status = $2 where id = $1`, job, string(status))
	return job, assignment
}

// allow wants the act to do what its line says, on a job of its own.
func (c *transitionCells) allow(t *testing.T, line transition, from schedule.AssignmentStatus, name string) {
	t.Helper()
	c.allowed++
	job, id := c.inState(from)
	logged := len(c.log())
	if err := c.do(line.act, job, id, c.actors[name]); err != nil {
		t.Errorf("%s from %s by %s is refused: %v", line.act, from, name, err)
		return
	}
	if line.to == "=" {
		line.to = string(from)
	}
	var status string
	c.scan(&status, `select status from assignments where id = $1`, id)
	var kinds []string
	for _, e := range c.logAfter(logged) {
		kinds = append(kinds, string(e.Kind))
		if to := "dispatch/north dispatch/south contractor/" + c.rosa; schedule.Act(line.act).IsStep() && e.PublishedTo != to {
			t.Errorf("%s goes to %q, want %q", e.Kind, e.PublishedTo, to)
		}
	}
	if status != line.to || strings.Join(kinds, " ") != line.events {
		t.Errorf("%s from %s by %s led to %s with %v, want %s with %s", line.act, from, name, status, kinds, line.to, line.events)
	}
	c.over(job)
}

// over puts the assignments of a job out of the way of the others.
func (c *transitionCells) over(job string) {
	c.t.Helper()
	c.exec(`update assignments set status = 'unassigned' where job_id = $1`, job)
}

// refuse wants the act refused: with the state that forbids it for who may do such
// things, and as if there were nothing for everybody else.
func (c *transitionCells) refuse(t *testing.T, act string, from schedule.AssignmentStatus, name, job, id string) {
	t.Helper()
	c.refused++
	err := c.do(act, job, id, c.actors[name])
	var conflict *db.Conflict
	var refused *schedule.TransitionError
	switch mine := tableName(name) == "d" && (!schedule.Act(act).IsStep() || schedule.Act(act).OnBehalf()) || name == "c" || name == "s"; {
	case err == nil:
		t.Errorf("%s from %s by %s is allowed", act, from, name)
	case !mine && !errors.Is(err, db.ErrNotFound):
		t.Errorf("%s from %s by %s: %v, want that there is nothing", act, from, name, err)
	case mine && !errors.As(err, &conflict):
		t.Errorf("%s from %s by %s: %v, want a conflict", act, from, name, err)
	case mine && name != "s" && conflict.Kind != db.ConflictTaken && !errors.As(err, &refused):
		t.Errorf("%s from %s by %s does not say why: %v", act, from, name, err)
	}
}

// actsOf are the acts of the table.
func actsOf(table []transition) (acts []string) {
	for _, line := range table {
		if !slices.Contains(acts, line.act) {
			acts = append(acts, line.act)
		}
	}
	return acts
}

// lineOf is the line about an act from a state, nil if there is none.
func lineOf(table []transition, act string, from schedule.AssignmentStatus) *transition {
	for i, line := range table {
		if line.act == act && slices.Contains(line.from, string(from)) {
			return &table[i]
		}
	}
	return nil
}

// do carries out one act. Moves go far, so that an acceptance is reset; reasons are
// always given.
func (c *transitionCells) do(act, job, id string, by db.Actor) error {
	ctx := context.Background()
	cmd := c.command(job)
	cmd.By, cmd.OverrideReason = by, "a reason"
	var err error
	switch act {
	case "expire":
		return c.expire(id)
	case "move":
		_, err = c.db.Move(ctx, db.Move{Command: cmd, AssignmentID: id, At: c.times(tuesday+"T14:00", "")})
	case "unassign":
		_, err = c.db.Unassign(ctx, db.Unassign{Command: cmd, AssignmentID: id})
	case "reassign":
		_, err = c.db.Reassign(ctx, db.Reassign{Command: cmd, AssignmentID: id, ContractorID: c.lee})
	case "cancel":
		_, err = c.db.CancelJob(ctx, db.JobCommand{Command: cmd, JobID: job}, events.CancelCustomer)
	default:
		advance := db.Advance{Command: cmd, AssignmentID: id, Act: schedule.Act(act)}
		c.scan(&advance.Version, `select version from assignments where id = $1`, id)
		if advance.Act.NeedsWhy() {
			advance.Reason = events.StepOther
		}
		_, err = c.db.Advance(ctx, advance)
	}
	return err
}

// expire lets the time of all offers end.
func (c *transitionCells) expire(id string) error {
	var answerBy *time.Time
	c.scan(&answerBy, `select answer_by from assignments where id = $1`, id)
	if answerBy == nil {
		return errors.New("it never had a limit")
	}
	done, err := c.db.ExpireOffers(context.Background(), time.Hour)
	if err == nil && done == 0 {
		return &db.Conflict{Kind: db.ConflictState, Err: errors.New("nothing expires")}
	}
	return err
}
