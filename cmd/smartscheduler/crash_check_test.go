package main

import (
	"fmt"
	"strings"
)

// logged is an event about an assignment, as the log has it.
type logged struct {
	pos                       int64
	kind, contractor, startAt string
	assignment                string
}

// said is what the deed must have logged, in order, as kind and contractor.
func (r *record) said() [][2]string {
	switch r.kind {
	case deedAssign:
		return [][2]string{{"JobAssigned", r.to}}
	case deedUnassign:
		return [][2]string{{"JobUnassigned", r.from}}
	default:
		return [][2]string{{"JobUnassigned", r.from}, {"JobAssigned", r.to}}
	}
}

// checkLedger compares what the writers were told with what the database has:
// each answered change has its events once and in order, one without an answer
// all of them or none, and nothing else is there.
func (r *crash) checkLedger() {
	log := r.readLog()
	for _, w := range r.writers {
		for i, j := range w.jobs {
			w.checkJob(i, log[j.id])
			delete(log, j.id)
		}
	}
	for id, events := range log {
		r.violate("P1", "job %s has %d events, and nobody changed it", id, len(events))
	}
	r.checkRows()
}

// readLog reads all events about assignments by job, in the order of the
// commits, which for one job is that of the ids.
func (r *crash) readLog() map[string][]logged {
	names := make(map[string]string)
	for name, id := range r.w.people {
		names[id] = name
	}
	rows, err := r.w.owner.Query(`select job_id, coalesce(pos, 0), event_type, contractor_id,
	    coalesce(payload->>'startLocal', ''), payload->>'assignmentId'
	  from event_log where event_type in ('JobAssigned', 'JobUnassigned') order by id`)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	log := make(map[string][]logged)
	for rows.Next() {
		var e logged
		var id string
		if err := rows.Scan(&id, &e.pos, &e.kind, &e.contractor, &e.startAt, &e.assignment); err != nil {
			r.t.Fatal(err)
		}
		e.contractor = names[e.contractor]
		log[id] = append(log[id], e)
	}
	if err := rows.Err(); err != nil {
		r.t.Fatal(err)
	}
	return log
}

// checkJob compares the changes of one job with its events.
func (w *writer) checkJob(job int, events []logged) {
	at := 0
	for _, rec := range w.done {
		if rec.job != job {
			continue
		}
		for _, want := range rec.said() {
			if problem := w.differs(rec, want, events, at); problem != "" {
				w.run.violate("P1", "writer %d, change %d, %s, answered %d: %s", w.n, rec.number, rec.kind, rec.status, problem)
				return
			}
			at++
		}
	}
	rest := events[at:]
	if p := w.pending; p != nil && p.job == job && len(rest) > 0 {
		for i, want := range p.said() {
			if problem := w.differs(p, want, rest, i); problem != "" {
				w.run.violate("P1", "writer %d, change %d, %s, not answered: %s", w.n, p.number, p.kind, problem)
				return
			}
		}
		rest = rest[len(p.said()):]
		w.run.halfDone.Add(1)
	}
	if len(rest) > 0 {
		w.run.violate("P1", "writer %d: %d events of job %s stand for no change: %+v", w.n, len(rest), w.jobs[job].number, rest)
	}
	for i := 1; i < len(events); i++ {
		if events[i].pos > 0 && events[i].pos <= events[i-1].pos {
			w.run.violate("P4", "job %s: position %d comes after %d", w.jobs[job].number, events[i].pos, events[i-1].pos)
		}
	}
}

// differs says what is wrong with the event that a change should have at a place.
func (w *writer) differs(rec *record, want [2]string, events []logged, at int) string {
	if at >= len(events) {
		return fmt.Sprintf("no %s of %s was logged", want[0], want[1])
	}
	e := events[at]
	switch {
	case e.kind != want[0] || e.contractor != want[1]:
		return fmt.Sprintf("the log has %s of %s where %s of %s should be", e.kind, e.contractor, want[0], want[1])
	case e.kind == "JobAssigned" && e.startAt != w.run.w.today+"T"+w.clocks[rec.job]:
		return "it was logged for " + e.startAt
	case e.kind == "JobAssigned" && rec.assignment != "" && rec.assignment != e.assignment:
		return "it was logged with another assignment than the answer said"
	}
	return ""
}

// checkRows holds the assignments, the events and the stored outcomes against
// each other.
func (r *crash) checkRows() {
	for what, query := range map[string]string{
		"assignments and events that don't have each other": `
with told as (
  select payload->>'assignmentId' as id, contractor_id, count(*) filter (where event_type = 'JobAssigned') as given,
    count(*) filter (where event_type = 'JobUnassigned') as taken
  from event_log where event_type in ('JobAssigned', 'JobUnassigned') group by 1, 2)
select count(*) from told full join assignments a on a.id::text = told.id and a.contractor_id = told.contractor_id
where a.id is null or told.given is distinct from 1 or told.taken is distinct from case when a.active then 0 else 1 end`,
		"stored outcomes without their events": `
select count(*) from idempotency_keys k, jsonb_array_elements_text(k.result->'eventIds') as e (id)
where not exists (select from event_log l where l.event_id = e.id::uuid)`,
		"jobs whose status is not that of their assignment": `
select count(*) from jobs j where (j.status = 'assigned') <> exists (select from assignments a where a.job_id = j.id and a.active)`,
	} {
		if n := ask[int](r.w, query); n != 0 {
			r.violate("P1", "%d %s", n, what)
		}
	}
	var keys []string
	for _, w := range r.writers {
		for _, rec := range w.done {
			keys = append(keys, rec.key)
		}
	}
	lost := ask[int](r.w, `select count(*) from unnest($1::text[]) k (key) where not exists (select from idempotency_keys i where i.key = k.key)`,
		"{"+strings.Join(keys, ",")+"}")
	if lost != 0 {
		r.violate("P1", "%d answered changes left no outcome", lost)
	}
}
