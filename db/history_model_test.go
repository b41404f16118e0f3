package db_test

import (
	"slices"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// expected is one event that a command has to log.
type expected struct {
	kind       events.Kind
	contractor string
	to         []string
}

// place is one place of a crew: who has it, on which day of the job, and the date,
// counted from the first, and the hour at which it starts.
type place struct {
	who             string
	visit, on, hour int
	// state is how far he is.
	state schedule.AssignmentStatus
}

// model is what the test believes: who is on the crew of which job in which
// region. It shares nothing with the code but the names of the streams.
type model struct {
	home      map[string]string // of each contractor
	region    map[string]string // of each job
	crew      map[string][]place
	headcount map[string]int
	days      map[string]int
	address   map[string]int
	// last is what was last done to a job, if that can be undone.
	last map[string]done
}

// done is a command that was carried out: who had the job before, and its events.
type done struct {
	before []place
	events []expected
}

func dispatch(region string) string { return "dispatch/" + region }

func phone(id string) string { return "contractor/" + id }

// assigned is the line of JobAssigned in the table: J, H and C.
func (m *model) assigned(job, who string) expected {
	return expected{events.KindJobAssigned, who, sorted(dispatch(m.region[job]), dispatch(m.home[who]), phone(who))}
}

// step tells whether a command is legal, and what it has to log. It moves the
// model on.
func (m *model) step(c change) (want []expected, legal bool) {
	if c.act == "undo" {
		return m.undo(c.job)
	}
	before := slices.Clone(m.crew[c.job])
	if want, legal = m.stepForth(c); !legal {
		return nil, false
	}
	delete(m.last, c.job)
	if slices.Contains([]string{"assign", "reassign", "move", "unassign"}, c.act) {
		m.last[c.job] = done{before, want}
	}
	return want, true
}

// undo is the line of ActionUndone: as the events that are undone.
func (m *model) undo(job string) (want []expected, legal bool) {
	last, ok := m.last[job]
	if !ok {
		return nil, false
	}
	now := m.crew[job]
	m.crew[job] = slices.DeleteFunc(slices.Clone(now), func(p place) bool { return !slices.Contains(last.before, p) })
	for _, p := range last.before {
		if !slices.Contains(now, p) && m.busy(p, "", 0) {
			m.crew[job] = now
			return nil, false
		}
	}
	m.crew[job] = last.before
	delete(m.last, job)
	for _, e := range last.events {
		want = append(want, expected{events.KindActionUndone, e.contractor, e.to})
	}
	return want, true
}

// stepForth is step for everything but an undo.
func (m *model) stepForth(c change) (want []expected, legal bool) {
	crew := m.crew[c.job]
	switch c.act {
	case "assign":
		wanted := place{c.who, m.visit(c.job, c.visit), c.on, c.hour, schedule.Assigned}
		if wanted.visit == 0 || m.has(c.job, wanted) || !m.inOrder(c.job, wanted) || m.busy(wanted, "", 0) {
			return nil, false
		}
		m.crew[c.job] = append(crew, wanted)
		return []expected{m.assigned(c.job, c.who)}, true
	case "days":
		if c.crew == m.days[c.job] || slices.ContainsFunc(crew, func(p place) bool { return p.visit > c.crew }) {
			return nil, false
		}
		m.days[c.job] = c.crew
		return []expected{{events.KindJobUpdated, m.only(c.job), sorted(dispatch(m.region[c.job]))}}, true
	case "headcount":
		if c.crew == m.headcount[c.job] || slices.ContainsFunc(crew, func(p place) bool { return m.onVisit(c.job, p.visit) > c.crew }) {
			return nil, false
		}
		m.headcount[c.job] = c.crew
		return []expected{{events.KindJobUpdated, m.only(c.job), sorted(dispatch(m.region[c.job]))}}, true
	case "site":
		if !c.address && c.region == m.region[c.job] {
			return nil, false // nothing differs
		}
		return m.site(c.job, c.region, c.address), true
	}
	if len(crew) == 0 {
		return nil, false
	}
	return m.stepOn(c, &crew[c.at])
}

// stepOn is step for a command about one of a crew.
func (m *model) stepOn(c change, held *place) (want []expected, legal bool) {
	j, old := dispatch(m.region[c.job]), held.who
	switch c.act {
	case "reassign":
		wanted := place{c.who, held.visit, held.on, held.hour, schedule.Assigned}
		if m.has(c.job, wanted) || m.busy(wanted, c.job, c.at) {
			return nil, false
		}
		*held = wanted
		homes := []string{j, dispatch(m.home[old]), dispatch(m.home[c.who])}
		return []expected{
			{events.KindJobUnassigned, old, sorted(append(slices.Clone(homes), phone(old))...)},
			{events.KindJobAssigned, c.who, sorted(append(slices.Clone(homes), phone(c.who))...)},
		}, true
	case "move":
		wanted := place{old, held.visit, c.on, c.hour, schedule.Assigned}
		if held.state == schedule.EnRoute || held.on == wanted.on && held.hour == wanted.hour || !m.inOrder(c.job, wanted) || m.busy(wanted, c.job, c.at) {
			return nil, false
		}
		*held = wanted
		return []expected{{events.KindJobRescheduled, old, sorted(j, dispatch(m.home[old]), phone(old))}}, true
	}
	kind, legal := m.stepOf(c.act, held)
	if !legal {
		return nil, false
	}
	if c.act == "unassign" || c.act == "decline" || c.act == "expire" {
		m.crew[c.job] = slices.Delete(m.crew[c.job], c.at, c.at+1)
	}
	return []expected{{kind, old, sorted(j, dispatch(m.home[old]), phone(old))}}, true
}

// stepOf is what becomes of one place, with its event.
func (m *model) stepOf(act string, held *place) (kind events.Kind, legal bool) {
	switch act {
	case "accept":
		legal = held.state == schedule.Assigned
		if legal {
			held.state = schedule.Accepted
		}
		return events.KindAssignmentAccepted, legal
	case "travel":
		legal = held.state == schedule.Accepted && !m.onTheRoad(held.who)
		if legal {
			held.state = schedule.EnRoute
		}
		return events.KindTravelStarted, legal
	case "decline":
		return events.KindAssignmentDeclined, held.state != schedule.EnRoute
	case "expire":
		return events.KindAssignmentExpired, held.state == schedule.Assigned
	}
	return events.KindJobUnassigned, true
}

// onTheRoad tells whether somebody is on his way to some job.
func (m *model) onTheRoad(who string) bool {
	for _, crew := range m.crew {
		if slices.ContainsFunc(crew, func(p place) bool { return p.who == who && p.state == schedule.EnRoute }) {
			return true
		}
	}
	return false
}

// has tells whether somebody is on the crew of a day of a job.
func (m *model) has(job string, wanted place) bool {
	return slices.ContainsFunc(m.crew[job], func(p place) bool { return p.who == wanted.who && p.visit == wanted.visit })
}

// onVisit counts who has a day of a job.
func (m *model) onVisit(job string, visit int) (n int) {
	for _, p := range m.crew[job] {
		if p.visit == visit {
			n++
		}
	}
	return n
}

// visit is the day of a job that somebody can be added to: the one that is wanted,
// or the first if that is 0. It is 0 if there is none.
func (m *model) visit(job string, wanted int) int {
	for v := 1; v <= m.days[job]; v++ {
		if (wanted == 0 || wanted == v) && m.onVisit(job, v) < m.headcount[job] {
			return v
		}
	}
	return 0
}

// inOrder tells whether a later day of a job stays on a later date.
func (m *model) inOrder(job string, wanted place) bool {
	for _, p := range m.crew[job] {
		if p.visit != wanted.visit && (p.visit < wanted.visit) != (p.on < wanted.on) || p.visit != wanted.visit && p.on == wanted.on {
			return false
		}
	}
	return true
}

// full tells whether everybody has every day of a job.
func (m *model) full(job string) bool { return len(m.crew[job]) == m.headcount[job]*m.days[job] }

// only is the contractor of an event about a whole job: who alone has all that is
// booked of it.
func (m *model) only(job string) string {
	crew := m.crew[job]
	if len(crew) == 0 || slices.ContainsFunc(crew, func(p place) bool { return p.who != crew[0].who }) {
		return ""
	}
	return crew[0].who
}

// site is a correction of the site: by hand it changes the region only.
func (m *model) site(job, region string, address bool) []expected {
	from := m.region[job]
	m.region[job] = region
	if address {
		m.address[job]++
	}
	to := []string{dispatch(from), dispatch(region)}
	kind := events.KindJobRegionChanged
	if from == region {
		kind = events.KindJobUpdated
	}
	for _, p := range m.crew[job] {
		if from != region {
			to = append(to, dispatch(m.home[p.who]))
		}
		if address {
			to = append(to, phone(p.who))
		}
	}
	return []expected{{kind, m.only(job), sorted(to...)}}
}

// busy tells whether somebody has anything else within the two hours than the
// place of a crew. Hours are Eastern; the tests' jobs all keep that zone for
// their times.
func (m *model) busy(wanted place, exceptJob string, except int) bool {
	for job, crew := range m.crew {
		for i, p := range crew {
			if p.who == wanted.who && p.on == wanted.on && (job != exceptJob || i != except) && p.hour < wanted.hour+2 && wanted.hour < p.hour+2 {
				return true
			}
		}
	}
	return false
}
