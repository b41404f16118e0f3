package handlers

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// candidateRows is how many candidates a page of a decision shows.
const candidateRows = 100

// audit shows a decision about a job to the staff who may see the job's region.
func (h *Handlers) audit(c echo.Context) error {
	q, err := query(c)
	if err != nil {
		return err
	}
	p, _ := principal(c)
	id, err := pathID(c, "auditID")
	if err != nil {
		return err
	}
	d, err := h.db.DecisionOf(c.Request().Context(), id)
	if err != nil {
		return err
	}
	if !p.MaySee(d.Region) {
		return db.ErrNotFound
	}
	known, err := h.places(c)
	if err != nil {
		return err
	}
	view, err := decisionView(d, known)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(q.Get("page"))
	if err != nil || number < 1 || (number-1)*candidateRows >= len(d.Candidates) {
		number = 1
	}
	addCandidates(&view, d, p, number)
	page, err := h.page(c, "Decision about "+view.JobNumber, "events")
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.AuditPage(page, view))
}

// decisionView is a decision without its candidates.
func decisionView(d db.Decision, known places) (views.Decision, error) {
	loc, err := schedule.LoadZone(d.Zone)
	if err != nil {
		return views.Decision{}, fmt.Errorf("zone of job %s: %w", d.JobID, err)
	}
	view := views.Decision{
		AuditID: d.ID, What: decided(d), JobNumber: numberOf(d.JobNumber), JobHref: "/jobs/" + d.JobID,
		When: momentIn(d.CreatedAt, zones{job: loc, region: known.clock(d.Region)}), Instant: instant(d.CreatedAt),
		Actor: cmp.Or(d.ActorName, "The system"), How: howDecided(d), Reason: reasonOf(d.Audit), Counted: consideredWords(d),
	}
	if d.RulesVersion > 0 {
		view.Version = strconv.Itoa(d.RulesVersion)
	}
	for _, pos := range d.Events {
		view.Events = append(view.Events, views.EventLink{Position: strconv.FormatInt(pos, 10), Href: eventPath(pos)})
	}
	var rules []string
	for _, c := range d.Candidates {
		if c.Rule != "" && !slices.Contains(rules, c.Rule) {
			rules = append(rules, c.Rule)
			view.Rules = append(view.Rules, views.RuleText{Words: ruleWords(c.Rule), Text: schedule.RuleText(d.RulesVersion, c.Rule)})
		}
	}
	return view, nil
}

// addCandidates adds a page of the candidates: the chosen one, then those against
// whom nothing spoke, then the others.
func addCandidates(view *views.Decision, d db.Decision, p Principal, page int) {
	rank := func(c db.AuditCandidate) int {
		switch {
		case c.ContractorID == d.ContractorID:
			return 0
		case c.Rule == "":
			return 1
		}
		return 2
	}
	slices.SortStableFunc(d.Candidates, func(a, b db.AuditCandidate) int { return rank(a) - rank(b) })
	first, last := (page-1)*candidateRows, min(page*candidateRows, len(d.Candidates))
	for _, c := range d.Candidates[first:last] {
		v := views.AuditCandidate{
			Name: cmp.Or(c.Name, "a former contractor"), Against: ruleWords(c.Rule), Chosen: rank(c) == 0 && !tookOff(d),
		}
		if c.Name != "" && p.MaySee(c.Home) {
			v.Href = "/contractors/" + c.ContractorID
		}
		view.Candidates = append(view.Candidates, v)
	}
	view.Pager = pagerOf(auditPath(d.ID), nil, page, last < len(d.Candidates))
}

// tookOff tells whether the decision took the job off its contractor.
func tookOff(d db.Decision) bool { return d.Action == "unassign" }

// decided says what was decided.
func decided(d db.Decision) string {
	who := cmp.Or(d.ContractorName, "a former contractor")
	switch d.Action {
	case "assign":
		return "Assigned to " + who
	case "reassign":
		return "Taken off the one who had it and given to " + who
	case "move":
		return "Moved for " + who
	case "unassign":
		return "Taken off " + who
	case "cancel":
		return "Cancelled"
	case "hold":
		return "Put on hold"
	case "release":
		return "Released: open again"
	case "undo":
		return "Undone: the job is as it was before"
	case "accept":
		return "Accepted for " + who
	case "decline":
		return "Declined by " + who
	case "pause":
		return "Paused by " + who
	case "complete":
		return "Completed for " + who
	case "incomplete":
		return "Left by " + who + ", not done"
	}
	return d.Action
}

// howDecided says through what it was decided.
func howDecided(d db.Decision) string {
	switch {
	case d.ActorKind == events.ActorImport:
		return "by an import"
	case d.Source == string(events.SourceAuto):
		return "by the ranking"
	case d.ActorKind == events.ActorContractor:
		return "on the phone"
	}
	return "by hand"
}

// consideredWords says how many were considered.
func consideredWords(d db.Decision) string {
	switch {
	case len(d.Candidates) == 0:
		return "Nobody: this was not about who does the job."
	case d.ActorKind == events.ActorImport:
		return "Who else could have had it is not known: the file said who has it."
	}
	free := 0
	for _, c := range d.Candidates {
		if c.Rule == "" {
			free++
		}
	}
	return fmt.Sprintf("%d considered, %d of them with nothing against them", len(d.Candidates), free)
}
