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

// expected is one event that a command has to log.
type expected struct {
	kind       events.Kind
	contractor string
	to         []string
}

// model is what the test believes: who holds which job in which region. It
// shares nothing with the code but the names of the streams.
type model struct {
	home   map[string]string // of each contractor
	region map[string]string // of each job
	holder map[string]string // of each job, "" for nobody
	hour   map[string]int    // of the start of each held job
}

func dispatch(region string) string { return "dispatch/" + region }

func phone(id string) string { return "contractor/" + id }

// assigned is the line of JobAssigned in the table: J, H and C.
func (m *model) assigned(job, who string) expected {
	return expected{events.KindJobAssigned, who, sorted(dispatch(m.region[job]), dispatch(m.home[who]), phone(who))}
}

// TestHistory runs random commands and holds every event against the table of
// the catalogue: one event per change, for exactly the streams of its line, and
// nothing at all for a command that was refused.
func TestHistory(t *testing.T) {
	t.Parallel()
	const seed, steps = 7, 400
	d := newDesk(t)
	r := rand.New(rand.NewPCG(seed, seed))
	m := &model{home: map[string]string{}, region: map[string]string{}, holder: map[string]string{}, hour: map[string]int{}}
	regions := []string{"north", "south", "west"}
	var contractors, jobs []string
	for i := range 5 {
		id := d.contractor(regions[i%3], fmt.Sprint("Contractor ", i))
		contractors, m.home[id] = append(contractors, id), regions[i%3]
	}
	for i := range 6 {
		// By hand, so that only the address and the choice decide what changes.
		id := d.job(regions[i%3], func(n *db.NewJob) {
			n.Site = db.Site{Address: "0 Test Lane", RegionOverride: regions[i%3]}
		})
		jobs, m.region[id] = append(jobs, id), regions[i%3]
	}
	done, logged := map[string]int{}, len(d.log())
	for step := range steps {
		job := jobs[r.IntN(len(jobs))]
		act := []string{"assign", "reassign", "move", "unassign", "site"}[r.IntN(5)]
		who, hour := contractors[r.IntN(len(contractors))], 8+r.IntN(8)
		before := d.state()
		want, legal := m.step(act, job, who, hour, regions[r.IntN(3)], r.IntN(2) == 0)
		err := d.run(act, job, who, hour, m)
		var conflict *db.Conflict
		var invalid *db.Invalid
		switch {
		case err == nil && !legal:
			t.Fatalf("seed %d step %d: %s succeeded, and should not", seed, step, act)
		case err != nil && !errors.As(err, &conflict) && !errors.As(err, &invalid) && !errors.Is(err, db.ErrNotFound):
			t.Fatalf("seed %d step %d: %s: %v", seed, step, act, err)
		case err != nil && legal:
			t.Fatalf("seed %d step %d: %s is refused: %v", seed, step, act, err)
		case err != nil:
			if d.state() != before {
				t.Fatalf("seed %d step %d: a refused %s changed something", seed, step, act)
			}
			continue
		}
		done[act]++
		wantEvents(t, fmt.Sprintf("seed %d step %d: %s", seed, step, act), d.logAfter(logged), want)
		logged += len(want)
	}
	for _, act := range []string{"assign", "reassign", "move", "unassign", "site"} {
		if done[act] < 10 {
			t.Errorf("only %d × %s was carried out: %v", done[act], act, done)
		}
	}
	d.checkPositions(t)
	d.checkHolders(t, m)
}

// step tells whether a command is legal, and what it has to log. It moves the
// model on.
func (m *model) step(act, job, who string, hour int, region string, address bool) (want []expected, legal bool) {
	j, old := dispatch(m.region[job]), m.holder[job]
	switch act {
	case "assign":
		if old != "" || m.busy(who, hour, "") {
			return nil, false
		}
		m.holder[job], m.hour[job] = who, hour
		return []expected{m.assigned(job, who)}, true
	case "reassign":
		if old == "" || old == who || m.busy(who, m.hour[job], job) {
			return nil, false
		}
		m.holder[job] = who
		homes := []string{j, dispatch(m.home[old]), dispatch(m.home[who])}
		return []expected{
			{events.KindJobUnassigned, old, sorted(append(slices.Clone(homes), phone(old))...)},
			{events.KindJobAssigned, who, sorted(append(slices.Clone(homes), phone(who))...)},
		}, true
	case "move":
		if old == "" || m.hour[job] == hour || m.busy(old, hour, job) {
			return nil, false
		}
		m.hour[job] = hour
		return []expected{{events.KindJobRescheduled, old, sorted(j, dispatch(m.home[old]), phone(old))}}, true
	case "unassign":
		if old == "" {
			return nil, false
		}
		m.holder[job] = ""
		return []expected{{events.KindJobUnassigned, old, sorted(j, dispatch(m.home[old]), phone(old))}}, true
	}
	if !address && region == m.region[job] {
		return nil, false // nothing differs
	}
	return m.site(job, region, address), true
}

// site is a correction of the site: by hand it changes the region only.
func (m *model) site(job, region string, address bool) []expected {
	from, who := m.region[job], m.holder[job]
	m.region[job] = region
	m.hour[job+" address"]++
	if !address {
		m.hour[job+" address"]--
	}
	to := []string{dispatch(from), dispatch(region)}
	kind := events.KindJobRegionChanged
	if from == region {
		kind = events.KindJobUpdated
	} else if who != "" {
		to = append(to, dispatch(m.home[who]))
	}
	if who != "" && address {
		to = append(to, phone(who))
	}
	return []expected{{kind, who, sorted(to...)}}
}

// busy tells whether somebody has another job within the two hours. Hours are
// Eastern; the tests' jobs all keep that zone for their times.
func (m *model) busy(who string, hour int, except string) bool {
	for job, holder := range m.holder {
		if holder == who && job != except && m.hour[job] < hour+2 && hour < m.hour[job]+2 {
			return true
		}
	}
	return false
}

// run runs the command against the database. The model has moved on already.
func (d *desk) run(act, job, who string, hour int, m *model) (err error) {
	card := d.card(job)
	// Zones differ by region; the hours of the model are Eastern.
	loc, err := schedule.LoadZone(card.Zone)
	if err != nil {
		d.t.Fatal(err)
	}
	start := schedule.WallTimeIn(eastern(d.t, fmt.Sprintf("%sT%02d:00", tuesday, hour)), loc).String()
	switch act {
	case "assign":
		_, err = d.assign(job, who, start, "")
	case "reassign":
		_, err = d.reassign(job, who, "", "", "")
	case "move":
		_, err = d.move(job, start, "")
	case "unassign":
		_, err = d.unassign(job, "")
	case "site":
		site := db.Site{Address: fmt.Sprint(m.hour[job+" address"], " Test Lane"), RegionOverride: m.region[job]}
		_, err = d.edit(job, func(n *db.NewJob) { n.Site = site })
	}
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

// checkHolders wants every job to be where the model has it.
func (d *desk) checkHolders(t *testing.T, m *model) {
	t.Helper()
	held := 0
	for job, region := range m.region {
		card := d.card(job)
		if card.ContractorID != m.holder[job] || card.Region != region || card.Open() != (m.holder[job] == "") {
			t.Errorf("job %s is held by %q in %s, want %q in %s", job, card.ContractorID, card.Region, m.holder[job], region)
		}
		if m.holder[job] != "" {
			held++
			if want := eastern(t, fmt.Sprintf("%sT%02d:00", tuesday, m.hour[job])); !card.Start.Time.Equal(want) || card.At().Duration() != 2*time.Hour {
				t.Errorf("job %s is at %v, want %s", job, card.At(), want)
			}
		}
	}
	var active int
	d.scan(&active, `select count(*) from assignments where active`)
	if active != held {
		t.Errorf("%d active assignments, want %d", active, held)
	}
}
