package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/handlers"
)

const racers = 32

// team signs in four dispatchers of north and gives each racer a browser of
// one of them.
func (o *office) team() (browsers []*browser) {
	o.t.Helper()
	for _, name := range []string{"Ann", "Bo", "Cleo", "Dev"} {
		b := o.person(handlers.RoleDispatcher, name, "north")
		for range racers / 4 {
			browsers = append(browsers, b.clone())
		}
	}
	return browsers
}

// atOnce releases all requests together.
func atOnce(n int, request func(i int) *httptest.ResponseRecorder) []*httptest.ResponseRecorder {
	answers := make([]*httptest.ResponseRecorder, n)
	start := make(chan struct{})
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			<-start
			answers[i] = request(i)
		})
	}
	close(start)
	group.Wait()
	return answers
}

// oneWinner returns who won, or fails unless one answer is 200 and all others
// are 409.
func oneWinner(t *testing.T, answers []*httptest.ResponseRecorder) (winner int) {
	t.Helper()
	winner = -1
	for i, a := range answers {
		switch {
		case a.Code == http.StatusOK && winner < 0:
			winner = i
		case a.Code != http.StatusConflict:
			t.Fatalf("racer %d got %d (the winner is %d): %.500s", i, a.Code, winner, a.Body)
		}
	}
	if winner < 0 {
		t.Fatal("nobody won")
	}
	return winner
}

var slotButton = regexp.MustCompile(`name="slot" value="([^"]+)"`)

// slotsOf reads the free starts that a refusal offers.
func slotsOf(answer *httptest.ResponseRecorder) (slots []string) {
	for _, m := range slotButton.FindAllStringSubmatch(answer.Body.String(), -1) {
		slots = append(slots, m[1])
	}
	return slots
}

// TestP12ExactlyOneWinner races 32 dispatchers for overlapping times of one
// contractor, each with a job of his own, 200 times.
func TestP12ExactlyOneWinner(t *testing.T) {
	t.Parallel()
	const rounds = 200
	o := newOffice(t)
	team := o.team()
	rosa := o.addContractor("north", "Rosa Díaz")
	day := soonDay()
	entries := make([]job, racers)
	for i := range entries {
		entries[i] = o.addJob("north", day, func(n *db.NewJob) { n.DurationMinutes = 60 + 5*i })
	}
	seed := uint64(20270302)
	random := rand.New(rand.NewPCG(seed, 1))
	t.Logf("seed %d", seed)
	for round := range rounds {
		starts := make([]string, racers)
		for i := range starts {
			// All contain 11:00, and hardly two are the same.
			starts[i] = fmt.Sprintf("%sT10:%02d", day, random.IntN(60))
		}
		before := o.logged(events.KindJobAssigned)
		answers := atOnce(racers, func(i int) *httptest.ResponseRecorder { return team[i].assign(entries[i], rosa, starts[i]) })
		winner := oneWinner(t, answers)
		if n := o.logged(events.KindJobAssigned) - before; n != 1 {
			t.Fatalf("round %d: %d JobAssigned in the log, want 1", round, n)
		}
		if n := o.count(`select count(*) from assignments where active`); n != 1 {
			t.Fatalf("round %d: %d active assignments", round, n)
		}
		o.checkLosers(answers, winner, entries[winner].number, winner/(racers/4))
		loser := (winner + 1 + round%(racers-1)) % racers
		slot := slotsOf(answers[loser])[round%3]
		got := team[0].post("/jobs/"+entries[loser].id+"/assignments", entries[loser].fields("contractor_id", rosa, "slot", slot))
		if got.Code != http.StatusOK {
			t.Fatalf("round %d: the offered slot %s is refused: %d %.500s", round, slot, got.Code, got.Body)
		}
		for _, i := range []int{winner, loser} {
			wantStatus(t, team[0].change(o, entries[i].id, "removal"), http.StatusOK)
			entries[i] = o.jobNow(entries[i].id)
		}
	}
	o.noDeadlock()
}

// checkLosers wants every loser to learn who won, where and by whom.
func (o *office) checkLosers(answers []*httptest.ResponseRecorder, winner int, number string, who int) {
	o.t.Helper()
	said := regexp.MustCompile(`Rosa Díaz was just booked [A-Z][a-z]{2} \d+ [A-Z][a-z]{2} \d\d:\d\d–\d\d:\d\d on ` +
		number + ` by ` + []string{"Ann", "Bo", "Cleo", "Dev"}[who] + `\.`)
	for i, a := range answers {
		if i == winner {
			continue
		}
		if !said.MatchString(a.Body.String()) {
			o.t.Fatalf("racer %d is not told that %s won: %.2000s", i, number, a.Body)
		}
		if slots := slotsOf(a); len(slots) != 3 || slots[0] == slots[1] || slots[1] == slots[2] {
			o.t.Fatalf("racer %d is offered %q, want three starts", i, slots)
		}
	}
}

// noDeadlock asks the server how many deadlocks it had to break. A connection
// reports what it saw at the latest when it ends.
func (o *office) noDeadlock() {
	o.t.Helper()
	if err := errors.Join(o.db.Close(), o.relayDB.Close(), o.replayDB.Close()); err != nil {
		o.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for open := 1; open > 0; {
		err := o.owner.QueryRowContext(ctx, `select count(*) from pg_stat_activity
		  where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`).Scan(&open)
		if err != nil {
			o.t.Fatal(err)
		}
	}
	if n := o.count(`select deadlocks from pg_stat_database where datname = current_database()`); n != 0 {
		o.t.Errorf("PostgreSQL broke %d deadlocks, want 0", n)
	}
}

// TestP12TouchingRanges books 10–11 and 11–12 at the same moment: both are
// right.
func TestP12TouchingRanges(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	team := o.team()
	for round := range 20 {
		rosa := o.addContractor("north", "Rosa "+strconv.Itoa(round))
		day := soonDay()
		a, b := o.addJob("north", day), o.addJob("north", day)
		answers := atOnce(2, func(i int) *httptest.ResponseRecorder {
			return team[i].assign([]job{a, b}[i], rosa, day+[]string{"T10:00", "T11:00"}[i])
		})
		for i, got := range answers {
			if got.Code != http.StatusOK {
				t.Fatalf("round %d: %d is %d: %.500s", round, i, got.Code, got.Body)
			}
		}
	}
}

// TestP12OneJob races 32 dispatchers who give one job to 32 contractors.
func TestP12OneJob(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	team := o.team()
	var contractors []string
	for i := range racers {
		contractors = append(contractors, o.addContractor("north", "Contractor "+strconv.Itoa(i)))
	}
	day := soonDay()
	for range 8 {
		j := o.addJob("north", day)
		before := o.logged(events.KindJobAssigned)
		answers := atOnce(racers, func(i int) *httptest.ResponseRecorder { return team[i].assign(j, contractors[i], day+"T10:00") })
		winner := oneWinner(t, answers)
		if n := o.logged(events.KindJobAssigned) - before; n != 1 {
			t.Fatalf("%d JobAssigned in the log, want 1", n)
		}
		want := j.number + " was just given to Contractor " + strconv.Itoa(winner) + ","
		for i, a := range answers {
			if i != winner && !strings.Contains(a.Body.String(), want) {
				t.Fatalf("racer %d is not told %q: %.2000s", i, want, a.Body)
			}
		}
		wantStatus(t, team[0].change(o, j.id, "removal"), http.StatusOK)
	}
	o.noDeadlock()
}

// TestP12ReassignBothWays swaps the jobs of two contractors at the same time,
// in both directions, so that the locks are wanted in opposite orders.
func TestP12ReassignBothWays(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	team := o.team()
	lee, maya := o.addContractor("north", "Lee"), o.addContractor("south", "Maya")
	day := soonDay()
	var jobs []string
	for i := range 8 {
		j := o.addJob("north", day)
		jobs = append(jobs, j.id)
		who := []string{lee, maya}[i%2]
		wantStatus(t, team[0].assign(j, who, fmt.Sprintf("%sT%02d:00", day, 9+i)), http.StatusOK)
	}
	for range 10 {
		answers := atOnce(len(jobs), func(i int) *httptest.ResponseRecorder {
			to := lee
			if o.card(jobs[i]).ContractorID == lee {
				to = maya
			}
			return team[i].change(o, jobs[i], "contractor", "contractor_id", to)
		})
		if codes := codesOf(answers); slices.Max(codes) != http.StatusOK {
			t.Fatalf("answers are %v, want 200: the times do not overlap", codes)
		}
	}
	o.noDeadlock()
}

func codesOf(answers []*httptest.ResponseRecorder) (codes []int) {
	for _, a := range answers {
		codes = append(codes, a.Code)
	}
	return codes
}

// TestP12LastPlace races pairs of dispatchers for the last place of a crew: one
// gets it, and the other reads that the crew is complete and who came last.
func TestP12LastPlace(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	team := o.team()
	first := o.addContractor("north", "Ida")
	pair := []string{o.addContractor("north", "Lee"), o.addContractor("south", "Maya")}
	day := soonDay()
	for range 25 {
		j := o.addJob("north", day, func(n *db.NewJob) { n.Headcount = 2 })
		wantStatus(t, team[0].assign(j, first, day+"T10:00"), http.StatusOK)
		j = o.jobNow(j.id)
		before := o.logged(events.KindJobAssigned)
		answers := atOnce(2, func(i int) *httptest.ResponseRecorder { return team[i*racers/2].assign(j, pair[i], day+"T10:00") })
		winner := oneWinner(t, answers)
		if n := o.logged(events.KindJobAssigned) - before; n != 1 {
			t.Fatalf("%d JobAssigned in the log, want 1", n)
		}
		who := []string{"Lee", "Maya"}[winner]
		wantSaid(t, answers[1-winner], http.StatusConflict, j.number+" has its whole crew: 2 of 2 booked. Last came "+who+",", "Nothing was saved.")
		if n := o.count(`select count(*) from assignments where active and job_id = $1`, j.id); n != 2 {
			t.Fatalf("%d have it, want 2", n)
		}
		wantStatus(t, team[0].act(o, j.id, "cancellation", "reason", "duplicate"), http.StatusOK)
	}
	o.noDeadlock()
}
