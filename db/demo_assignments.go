package db

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// decisions are what was decided about the jobs of a world, with the rows and
// events that Assign and CancelJob would have written one by one. It keeps the
// bookings, so that each record has the candidates as they were then.
type decisions struct {
	world World
	// people are the contractors by key; serving are those of each region, by
	// name.
	people  map[string]*worldPerson
	serving map[string][]*worldPerson

	audits      []worldAudit
	assignments []worldAssignment
	states      []worldState
	log         []events.Event
}

// worldPerson is a contractor with what he is booked for so far.
type worldPerson struct {
	WorldContractor
	id     string
	zone   *time.Location
	booked []schedule.Span
}

// worldAudit, worldAssignment and worldState are rows of batches.
type worldAudit struct {
	ID           string           `json:"id"`
	Action       auditAction      `json:"action"`
	JobID        string           `json:"job_id"`
	ContractorID *string          `json:"contractor_id"`
	Reason       string           `json:"override_reason"`
	Candidates   []AuditCandidate `json:"candidates"`
}

type worldAssignment struct {
	ID           string                    `json:"id"`
	Day          int                       `json:"day"`
	JobID        string                    `json:"job_id"`
	ContractorID string                    `json:"contractor_id"`
	Start        time.Time                 `json:"start_at"`
	End          time.Time                 `json:"end_at"`
	Status       schedule.AssignmentStatus `json:"status"`
	AuditID      string                    `json:"audit_id"`
	Place        int                       `json:"place"`
	Version      int                       `json:"version"`
}

type worldState struct {
	ID      string             `json:"id"`
	Status  schedule.JobStatus `json:"status"`
	Version int                `json:"version"`
}

// seedDecisions gives jobs to contractors and calls jobs off, in the order of
// the world. rows are the jobs as they were written.
func (w World) seedDecisions(ctx context.Context, tx *sqlx.Tx, rows []jobJSON) error {
	d, err := w.undecided()
	if err != nil {
		return err
	}
	for i, j := range w.Jobs {
		if err := d.decide(j, rows[i]); err != nil {
			return fmt.Errorf("job %s: %w", j.Job.ExternalID, err)
		}
	}
	return d.save(ctx, tx)
}

func (w World) undecided() (*decisions, error) {
	d := &decisions{world: w, people: make(map[string]*worldPerson), serving: make(map[string][]*worldPerson)}
	zones := make(map[string]*time.Location)
	for _, r := range w.Regions {
		zone, err := schedule.LoadZone(r.Zone)
		if err != nil {
			return nil, fmt.Errorf("zone of region %s: %w", r.Slug, err)
		}
		zones[r.Slug] = zone
	}
	byName := slices.SortedFunc(slices.Values(w.Contractors), func(a, b WorldContractor) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Key, b.Key))
	})
	for _, c := range byName {
		p := &worldPerson{WorldContractor: c, id: w.ContractorID(c.Key), zone: zones[c.Home]}
		d.people[c.Key] = p
		for _, region := range append([]string{c.Home}, c.Serves...) {
			d.serving[region] = append(d.serving[region], p)
		}
	}
	return d, nil
}

// decide notes what was decided about one job.
func (d *decisions) decide(j WorldJob, row jobJSON) error {
	state := worldState{ID: row.ID, Status: j.status(), Version: 1}
	zone, err := schedule.LoadZone(row.Zone)
	if err != nil {
		return err
	}
	held := &lockedJob{ID: row.ID, Region: row.Region, Zone: row.Zone, DurationMinutes: row.Minutes, Skills: row.Skills, Days: j.days(), location: zone}
	var holders []holder
	for i, key := range j.crew() {
		c, ok := d.people[key]
		if !ok {
			return &Invalid{Field: "contractor_id", Message: "There is no contractor " + key + "."}
		}
		for day := 1; day <= j.days(); day++ {
			if err := d.assign(j, held, c, day, i+1); err != nil {
				return err
			}
			state.Version++
		}
		holders = append(holders, holder{ContractorID: c.id, Homes: []string{c.Home}})
	}
	if len(holders) > 0 && j.progress(1) != schedule.Assigned {
		state.Version++
	}
	if j.Cancelled != "" {
		d.cancel(j, held, holders)
		state.Version = max(state.Version, 2)
	}
	if state.Version > 1 {
		d.states = append(d.states, state)
	}
	return nil
}

// assign gives one place of a job on one of its days to a contractor.
func (d *decisions) assign(j WorldJob, held *lockedJob, c *worldPerson, day, place int) error {
	key := j.Job.ExternalID
	if place > 1 {
		key += "/" + c.Key
	}
	if day > 1 {
		key += fmt.Sprintf("/day %d", day)
	}
	held.day = day
	at, err := held.span(Times{Start: j.Start.AddDays(day - 1)}, held.duration())
	if err != nil {
		return err
	}
	reason := ""
	if j.Cancelled == "" {
		reason = j.Reason
	}
	candidates, err := d.candidates(held, at, c, reason)
	if err != nil {
		return err
	}
	audit, id := d.world.id("audit", key), d.world.id("assignment", key)
	d.audits = append(d.audits, worldAudit{ID: audit, Action: auditAssign, JobID: held.ID, ContractorID: &c.id, Reason: reason, Candidates: candidates})
	row := worldAssignment{
		ID: id, Day: day, JobID: held.ID, ContractorID: c.id, Start: at.Start, End: at.End,
		Status: j.progress(day), AuditID: audit, Place: place, Version: 1,
	}
	if row.Status != schedule.Assigned {
		row.Version = 2
	}
	d.assignments = append(d.assignments, row)
	event := held.newEvent(systemActor(), d.world.id("correlation", key), c.id, streamsOf(held.Region, c.id, c.Home),
		held.assigned(id, c.id, at, audit, ""))
	event.ID = d.world.id("event/assigned", key)
	d.log = append(d.log, event)
	if j.status() != schedule.JobOpen && j.status() != schedule.JobCancelled {
		c.booked = append(c.booked, at)
	}
	return nil
}

// cancel calls a job off that holders have, perhaps nobody.
func (d *decisions) cancel(j WorldJob, held *lockedJob, crew holders) {
	key := j.Job.ExternalID
	audit := d.world.id("audit/cancelled", key)
	d.audits = append(d.audits, worldAudit{ID: audit, Action: auditCancel, JobID: held.ID, Reason: j.Reason, Candidates: []AuditCandidate{}})
	event := held.newEvent(systemActor(), d.world.id("correlation/cancelled", key), crew.only(), crew.streams(held.Region),
		events.JobCancelled{JobID: held.ID, Region: held.Region, Reason: j.Cancelled, By: events.ActorSystem, AuditID: audit})
	event.ID = d.world.id("event/cancelled", key)
	d.log = append(d.log, event)
}

// candidates are all who could have been chosen, as insertAudit finds them. It
// returns *Invalid if the chosen one cannot do the job, or not without a reason.
func (d *decisions) candidates(held *lockedJob, at schedule.Span, chosen *worldPerson, reason string) ([]AuditCandidate, error) {
	date := at.Start.In(held.location).Format(time.DateOnly)
	asked := d.serving[held.Region]
	if !slices.Contains(asked, chosen) {
		asked = append(slices.Clip(asked), chosen)
	}
	list := make([]AuditCandidate, len(asked))
	for i, c := range asked {
		rule := c.hardRule(held.Skills, date, at)
		if c == chosen {
			soft := ""
			if rule == "" {
				rule, soft = c.timeRules(at, reason)
			}
			if rule != "" {
				return nil, &Invalid{Field: "contractor_id", Message: c.Name + " cannot have it: " + rule + "."}
			}
			rule = soft
		}
		list[i] = AuditCandidate{ContractorID: c.id, Rule: rule}
	}
	return list, nil
}

func (c *worldPerson) hardRule(skills []string, date string, at schedule.Span) string {
	if reasons := schedule.SkillReasons(skills, c.Skills, date, nil); len(reasons) > 0 {
		return reasons[0].Rule
	}
	if slices.ContainsFunc(c.booked, at.Overlaps) {
		return schedule.RuleOverlap
	}
	return ""
}

// timeRules are the rules by which his times forbid a booking for that reason, and
// by which they speak against it, as timeReasons finds them; "" is none.
func (c *worldPerson) timeRules(at schedule.Span, reason string) (forbids, against string) {
	full, long := schedule.DayReasons(at, c.booked, c.zone)
	soft := append(schedule.HoursReasons(at, c.Hours, c.Exceptions, c.zone), long...)
	switch {
	case len(full) > 0:
		return full[0].Rule, ""
	case len(long) > 0 && reason == "":
		return long[0].Rule, ""
	case len(soft) > 0:
		return "", soft[0].Rule
	}
	return "", ""
}

// save writes everything that was decided.
func (d *decisions) save(ctx context.Context, tx *sqlx.Tx) error {
	err := execBatches(ctx, tx, "write audit records", `
	  insert into audit_records (id, action, job_id, contractor_id, source, actor_kind, override_reason, weights_version, candidates)
	  select id, action, job_id, contractor_id, 'manual', 'system', override_reason, `+strconv.Itoa(schedule.RulesVersion)+`, candidates
	    from json_to_recordset($1::json) as x(id uuid, action text, job_id uuid, contractor_id uuid, override_reason text, candidates jsonb)`, d.audits)
	if err != nil {
		return err
	}
	err = execBatches(ctx, tx, "insert assignments", `
	  insert into assignments (id, visit_id, job_id, contractor_id, during, status, source, audit_id, place, version)
	  select x.id, v.id, x.job_id, x.contractor_id, tstzrange(start_at, end_at), x.status, 'manual', x.audit_id, x.place, x.version
	    from json_to_recordset($1::json) as x(id uuid, day integer, job_id uuid, contractor_id uuid, start_at timestamptz,
	      end_at timestamptz, status text, audit_id uuid, place integer, version integer)
	    join visits v on v.job_id = x.job_id and v.number = x.day`, d.assignments)
	if err != nil {
		return err
	}
	err = execBatches(ctx, tx, "set the states of jobs", `
	  update jobs j set status = x.status, version = x.version
	    from json_to_recordset($1::json) as x(id uuid, status text, version integer) where j.id = x.id`, d.states)
	if err != nil {
		return err
	}
	return appendInBatches(ctx, tx, d.log)
}
