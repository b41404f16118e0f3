package db_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

// change is a random command: what is to be done to which job, and to which of
// its crew, or with whom and when.
type change struct {
	act, job string
	// at is the index in the crew of who is taken off or moved.
	at  int
	who string
	// visit is the day of the job, 0 for the first that needs somebody; on the date,
	// counted from the first.
	visit, on, hour int
	region          string
	address         bool
	crew            int
}

// acts are what random commands do.
func acts() []string {
	return []string{
		"assign", "assign", "assign", "assign", "reassign", "reassign", "move", "move", "unassign", "undo", "undo", "site", "headcount", "days",
		"accept", "accept", "travel", "travel", "travel", "decline", "expire",
	}
}

// TestHistory runs random commands of dispatchers and contractors on jobs that
// need one contractor or several, on one day or several, and holds every event
// against the table of the catalogue: one event per change, for exactly the streams
// of its line, with its audit record where it has one, and nothing at all for a
// command that was refused. Afterwards every active assignment stands on exactly one row of its
// job and one of its contractor.
func TestHistory(t *testing.T) {
	t.Parallel()
	const seed, steps = 7, 700
	d := newDesk(t)
	r := rand.New(rand.NewPCG(seed, seed))
	m := &model{home: map[string]string{}, region: map[string]string{}, crew: map[string][]place{}, headcount: map[string]int{}, days: map[string]int{}, address: map[string]int{}, last: map[string]done{}}
	regions := []string{"north", "south", "west"}
	var contractors, jobs []string
	for i := range 5 {
		id := d.contractor(regions[i%3], fmt.Sprint("Contractor ", i))
		contractors, m.home[id] = append(contractors, id), regions[i%3]
		d.phones[id] = d.signIn(id)
	}
	for i := range 6 {
		// By hand, so that only the address and the choice decide what changes.
		id := d.job(regions[i%3], func(n *db.NewJob) {
			n.Site = db.Site{Address: "0 Test Lane", RegionOverride: regions[i%3]}
			n.Headcount, n.Days = 1+i/2, 1+i%3
			n.WindowEnd = n.WindowStart.AddDays(3)
		})
		jobs, m.region[id], m.headcount[id], m.days[id] = append(jobs, id), regions[i%3], 1+i/2, 1+i%3
	}
	done, logged, decided := map[string]int{}, len(d.log()), 0
	for step := range steps {
		c := change{
			act: acts()[r.IntN(len(acts()))], job: jobs[r.IntN(len(jobs))], who: contractors[r.IntN(len(contractors))],
			hour: 8 + r.IntN(8), region: regions[r.IntN(3)], address: r.IntN(2) == 0, crew: 1 + r.IntN(3),
			visit: r.IntN(4), on: r.IntN(3),
		}
		c.at = r.IntN(max(len(m.crew[c.job]), 1))
		what := fmt.Sprintf("seed %d step %d: %s", seed, step, c.act)
		held := d.assignmentAt(m, c)
		before := d.state()
		want, legal := m.step(c)
		err := d.run(c, held, m)
		var conflict *db.Conflict
		var invalid *db.Invalid
		switch {
		case err == nil && !legal:
			t.Fatalf("%s succeeded, and should not", what)
		case err != nil && !errors.As(err, &conflict) && !errors.As(err, &invalid) && !errors.Is(err, db.ErrNotFound):
			t.Fatalf("%s: %v", what, err)
		case err != nil && legal:
			t.Fatalf("%s is refused: %v", what, err)
		case err != nil:
			if d.state() != before {
				t.Fatalf("%s was refused and changed something", what)
			}
			continue
		}
		done[c.act]++
		rows := d.logAfter(logged)
		wantEvents(t, what, rows, want)
		decided = d.wantDecision(what, c, rows, decided)
		logged += len(want)
	}
	for _, act := range acts() {
		if done[act] < 5 {
			t.Errorf("only %d × %s was carried out: %v", done[act], act, done)
		}
	}
	d.checkPositions(t)
	d.checkCrews(t, m)
	d.checkRows(t, m, regions, contractors)
}

// assignmentAt is the id of the assignment that a command is about, "" for none.
func (d *desk) assignmentAt(m *model, c change) string {
	d.t.Helper()
	if len(m.crew[c.job]) == 0 {
		return ""
	}
	p := m.crew[c.job][c.at]
	for _, card := range d.crew(c.job) {
		if card.ContractorID == p.who && card.Day == p.visit && card.Start.Time.Equal(hourOf(d.t, p.on, p.hour)) {
			return card.AssignmentID
		}
	}
	d.t.Fatalf("nobody has job %s as %+v", c.job, p)
	return ""
}

// hourOf is an hour on a date, counted from the first.
func hourOf(t testing.TB, on, hour int) time.Time {
	t.Helper()
	return eastern(t, fmt.Sprintf("%sT%02d:00", tuesday, hour)).AddDate(0, 0, on)
}

// run runs the command against the database. The model has moved on already.
func (d *desk) run(c change, held string, m *model) (err error) {
	// Zones differ by region; the hours of the model are Eastern.
	loc, err := schedule.LoadZone(d.card(c.job).Zone)
	if err != nil {
		d.t.Fatal(err)
	}
	start := schedule.WallTimeIn(hourOf(d.t, c.on, c.hour), loc).String()
	switch c.act {
	case "assign":
		_, err = d.db.Assign(d.t.Context(), db.Assign{Command: d.command(c.job), JobID: c.job, ContractorID: c.who, Visit: c.visit, At: d.times(start, "")})
	case "reassign":
		_, err = d.db.Reassign(d.t.Context(), db.Reassign{Command: d.because(c.job), AssignmentID: held, ContractorID: c.who})
	case "move":
		_, err = d.db.Move(d.t.Context(), db.Move{Command: d.command(c.job), AssignmentID: held, At: d.times(start, "")})
	case "unassign":
		_, err = d.db.Unassign(d.t.Context(), db.Unassign{Command: d.because(c.job), AssignmentID: held})
	case "undo":
		var event string
		d.scan(&event, `select event_id from event_log where job_id = $1 order by id desc limit 1`, c.job)
		_, err = d.undo(event)
	case "accept", "decline", "travel", "expire":
		err = d.runStep(c, held)
	case "days":
		_, err = d.edit(c.job, func(n *db.NewJob) { n.Days = c.crew })
	case "headcount":
		_, err = d.edit(c.job, func(n *db.NewJob) { n.Headcount = c.crew })
	case "site":
		site := db.Site{Address: fmt.Sprint(m.address[c.job], " Test Lane"), RegionOverride: m.region[c.job]}
		_, err = d.edit(c.job, func(n *db.NewJob) { n.Site = site })
	}
	return err
}

// because is command with a reason.
func (d *desk) because(jobID string) db.Command {
	cmd := d.command(jobID)
	cmd.OverrideReason = "a reason"
	return cmd
}

// runStep does what a contractor does, or the clock to him.
func (d *desk) runStep(c change, held string) error {
	if held == "" {
		return db.ErrNotFound
	}
	if c.act == "expire" {
		// Nobody else's time is over.
		d.exec(`update assignments set answer_by = answer_by - interval '1 day' where id = $1`, held)
		n, err := d.db.ExpireOffers(d.t.Context(), 0)
		d.exec(`update assignments set answer_by = answer_by + interval '1 day' where id = $1`, held)
		if err == nil && n == 0 {
			err = db.ErrNotFound
		}
		return err
	}
	var who string
	d.scan(&who, `select contractor_id from assignments where id = $1`, held)
	cmd := db.Advance{Command: db.Command{By: d.phones[who]}, AssignmentID: held, Act: schedule.Act(c.act)}
	d.scan(&cmd.Version, `select version from assignments where id = $1`, held)
	if cmd.Act.NeedsWhy() {
		cmd.Reason = "too_far"
	}
	_, err := d.db.Advance(d.t.Context(), cmd)
	return err
}

// wantEvents holds what was logged against what had to be.
func wantEvents(t *testing.T, what string, rows []logRow, want []expected) {
	t.Helper()
	if len(rows) != len(want) {
		t.Fatalf("%s logged %d events, want %d", what, len(rows), len(want))
	}
	for i, e := range rows {
		to := sorted(strings.Fields(e.PublishedTo)...)
		if e.Kind != want[i].kind || e.ContractorID != want[i].contractor || !slices.Equal(to, want[i].to) ||
			len(to) != len(strings.Fields(e.PublishedTo)) {
			t.Fatalf("%s: event %d is %s of %q for %q; want %s of %q for %q", what, i,
				e.Kind, e.ContractorID, e.PublishedTo, want[i].kind, want[i].contractor, want[i].to)
		}
		if e.CorrelationID == "" || e.CorrelationID != rows[0].CorrelationID {
			t.Fatalf("%s: correlation ids are %q and %q", what, rows[0].CorrelationID, e.CorrelationID)
		}
	}
}

// wantDecision holds the audit records against the catalogue: one for each decision
// about who does a job and when, and each answer with a reason, which all of its
// events name, and none for anything else. It returns how many there are.
func (d *desk) wantDecision(what string, c change, rows []logRow, before int) (now int) {
	d.t.Helper()
	if slices.Contains([]string{"assign", "reassign", "move", "unassign", "undo", "decline"}, c.act) {
		now = 1
	}
	var newest string
	if d.scan(&newest, `select coalesce((select id || ' ' || action from audit_records where job_id = $1 order by created_at desc, id limit 1), '')`, c.job); now == 0 {
		newest = ""
	}
	id, action, _ := strings.Cut(newest, " ")
	for _, e := range rows {
		if e.Fields.AuditID != id || action != "" && action != c.act {
			d.t.Fatalf("%s: %s names the decision %q; the newest is %q", what, e.Kind, e.Fields.AuditID, newest)
		}
	}
	now += before
	var all int
	if d.scan(&all, `select count(*) from audit_records`); all != now {
		d.t.Fatalf("%s: %d audit records, want %d", what, all, now)
	}
	return now
}

// checkPositions wants the order of the log to be that of the commands, with
// both events of a reassignment next to each other.
func (d *desk) checkPositions(t *testing.T) {
	t.Helper()
	sequenceAll(t, d.db)
	rows := d.log()
	for i, e := range rows {
		if e.Pos == nil || *e.Pos != int64(i+1) {
			t.Fatalf("event %d has position %v", i, e.Pos)
		}
		if e.Fields.ReplacesAssignmentID == "" {
			continue
		}
		first := rows[i-1]
		if first.Kind != events.KindJobUnassigned || first.CorrelationID != e.CorrelationID || first.JobID != e.JobID ||
			first.Fields.Reason != "reassigned" || first.Fields.ReplacedBy != e.ContractorID ||
			first.Fields.AssignmentID != e.Fields.ReplacesAssignmentID {
			t.Fatalf("before the JobAssigned of a reassignment stands %s", first.Payload)
		}
	}
}

// checkCrews wants every job to be where the model has it, with its crew.
func (d *desk) checkCrews(t *testing.T, m *model) {
	t.Helper()
	held := 0
	for job, region := range m.region {
		var got, want []string
		for _, card := range d.crew(job) {
			if card.Assigned() {
				got = append(got, fmt.Sprint(card.ContractorID, card.Day, card.Start.Time.UTC(), card.At().Duration()))
			}
			if card.Region != region || card.Booked != len(m.crew[job]) || card.Headcount != m.headcount[job] || card.Days != m.days[job] ||
				card.OpenDay != m.visit(job, 0) || card.Status != schedule.Planned(len(m.crew[job]), m.headcount[job]*m.days[job]) {
				t.Errorf("job %s in %s is %s, %d of %d; the model has %d of %d in %s", job, card.Region, card.Status,
					card.Booked, card.Headcount, len(m.crew[job]), m.headcount[job], region)
			}
		}
		for _, p := range m.crew[job] {
			want = append(want, fmt.Sprint(p.who, p.visit, hourOf(t, p.on, p.hour).UTC(), 2*time.Hour))
		}
		held += len(want)
		if !slices.Equal(sorted(got...), sorted(want...)) {
			t.Errorf("job %s is held by %v, want %v", job, got, want)
		}
	}
	var active int
	d.scan(&active, `select count(*) from assignments where active`)
	if active != held {
		t.Errorf("%d active assignments, want %d", active, held)
	}
}

// checkRows wants every active assignment once on the board of its job's region,
// once on that of its contractor's home and once on his phone, and nowhere else;
// and every job that waits for somebody once in the open list of its region.
func (d *desk) checkRows(t *testing.T, m *model, regions, contractors []string) {
	t.Helper()
	day := schedule.Span{Start: eastern(t, tuesday+"T00:00"), End: eastern(t, tuesday+"T00:00").AddDate(0, 0, 3)}
	var got, want []string
	for _, region := range regions {
		board, err := d.db.Board(t.Context(), region, day)
		if err != nil {
			t.Fatal(err)
		}
		for _, card := range board.Lanes {
			got = append(got, "board "+region+" "+card.AssignmentID)
		}
		for _, card := range board.Open {
			got = append(got, "open "+region+" "+card.JobID)
		}
	}
	for _, who := range contractors {
		agenda, err := d.db.Agenda(t.Context(), who, day)
		if err != nil {
			t.Fatal(err)
		}
		for _, card := range agenda.Cards {
			got = append(got, "phone "+who+" "+card.AssignmentID)
		}
	}
	for job, region := range m.region {
		if !m.full(job) {
			want = append(want, "open "+region+" "+job)
		}
		for _, card := range d.crew(job) {
			if card.Assigned() {
				want = append(want, "phone "+card.ContractorID+" "+card.AssignmentID, "board "+region+" "+card.AssignmentID)
			}
			if home := m.home[card.ContractorID]; card.Assigned() && home != region {
				want = append(want, "board "+home+" "+card.AssignmentID)
			}
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the rows are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
