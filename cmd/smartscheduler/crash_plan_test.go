package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// The kinds of change that a writer makes.
const (
	deedAssign   = "assign"
	deedReassign = "reassign"
	deedUnassign = "unassign"
)

// deed is one change that a writer plans.
type deed struct {
	number int
	// job is the place of the job among the writer's own.
	job  int
	kind string
	// from has the job before the change, to has it afterwards; "" is nobody.
	from, to string
	key      string
	// pause comes before the deed.
	pause time.Duration
	// again: it is sent once more after its answer.
	again bool
}

// plan makes the deeds of one writer, one after the other. No other writer
// changes his jobs, so they depend on the seed alone, whatever is killed.
type plan struct {
	rng    *rand.Rand
	name   string
	people []string
	holder []string
	pace   time.Duration
	made   int
}

// newPlan plans for a number of jobs; pace bounds the pauses.
func newPlan(seed uint64, writer, jobs int, pace time.Duration) *plan {
	return &plan{
		rng: rand.New(rand.NewPCG(seed, uint64(writer)+1)), name: fmt.Sprintf("%d-%d", seed, writer),
		people: []string{"Rosa", "Lee", "Maya", "Kofi"}, holder: make([]string, jobs), pace: pace,
	}
}

func (p *plan) next() deed {
	p.made++
	d := deed{
		number: p.made, job: p.rng.IntN(len(p.holder)), key: fmt.Sprintf("%s-%d", p.name, p.made),
		pause: time.Duration(p.rng.Int64N(int64(p.pace) + 1)), again: p.rng.IntN(4) == 0,
	}
	d.from, d.to = p.holder[d.job], p.people[p.rng.IntN(len(p.people))]
	switch remove := p.rng.IntN(3) == 0; {
	case d.from == "":
		d.kind = deedAssign
	case remove || d.from == d.to:
		d.kind, d.to = deedUnassign, ""
	default:
		d.kind = deedReassign
	}
	p.holder[d.job] = d.to
	return d
}

// The kinds of kill.
const (
	killProgram    = "kill -9 of the program"
	killPostmaster = "kill -9 of PostgreSQL's first process"
	stopImmediate  = "stop of PostgreSQL in immediate mode"
)

// kill is one step of the killer.
type kill struct {
	kind string
	// after is how long everything works before it.
	after time.Duration
}

// killPlan makes the killer's steps, block by block.
type killPlan struct {
	rng  *rand.Rand
	left []string
}

// killBlock are the kills of a block; their order is drawn.
var killBlock = [...]string{
	killProgram, killProgram, killProgram, killProgram, killProgram, killProgram, killProgram, killProgram,
	killPostmaster, stopImmediate,
}

func newKillPlan(seed uint64) *killPlan {
	return &killPlan{rng: rand.New(rand.NewPCG(seed, 0))}
}

func (p *killPlan) next() kill {
	if p.done() {
		p.left = slices.Clone(killBlock[:])
		p.rng.Shuffle(len(p.left), func(i, j int) { p.left[i], p.left[j] = p.left[j], p.left[i] })
	}
	k := kill{kind: p.left[0], after: 300*time.Millisecond + time.Duration(p.rng.Int64N(int64(1700*time.Millisecond)))}
	p.left = p.left[1:]
	return k
}

// done tells whether a block is complete.
func (p *killPlan) done() bool { return len(p.left) == 0 }

// TestCrashPlanFollowsTheSeed: the same seed makes the same changes and kills,
// so that a run can be repeated; another seed makes others.
func TestCrashPlanFollowsTheSeed(t *testing.T) {
	t.Parallel()
	written := func(seed uint64) string {
		changes, kills, text := newPlan(seed, 3, 2, time.Second), newKillPlan(seed), ""
		for range 200 {
			text += fmt.Sprintf("%+v %+v\n", changes.next(), kills.next())
		}
		return text
	}
	first, again, other := written(7), written(7), written(8)
	if first != again || first == other {
		t.Error("a plan does not follow its seed")
	}
}
