package handlers

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"smartscheduler/db"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// everybody is up to how many contractors the form lists those of other
// regions as well.
const everybody = 100

// proposal is when a contractor would do a job.
type proposal struct {
	of db.Availability
	at schedule.Span
	// booked says that this is the time that the job, or its crew, has already.
	booked bool
	// soft are the rules about hours that it breaks; notes are what else to
	// know.
	soft  []schedule.Reason
	notes []string
	// declined says that he does not want this job.
	declined bool
}

// candidates lists who can take a job and when, the best first, and who
// cannot, with every reason, as p may read them. Who is on the crew is neither.
func (h *Handlers) candidates(ctx context.Context, p Principal, card db.Card, crew []db.Card, z zones) ([]views.Candidate, []views.Refusal, error) {
	now := h.now()
	list, err := h.db.Availabilities(ctx, card.Region, card.SlotsWithin(now), everybody)
	if err != nil {
		return nil, nil, err
	}
	names, err := h.db.SkillNames(ctx)
	if err != nil {
		return nil, nil, err
	}
	declined, err := h.db.Declined(ctx, card.JobID)
	if err != nil {
		return nil, nil, err
	}
	s := search{card: card, zones: z, now: now, skills: names}
	var able []proposal
	var refused []views.Refusal
	for _, a := range list {
		if slices.ContainsFunc(crew, heldBy(a.ID)) {
			continue
		}
		if !p.MaySee(a.HomeRegion) {
			a.Exceptions = schedule.WithoutNotes(a.Exceptions)
		}
		found, against, err := s.propose(a)
		if err != nil {
			return nil, nil, err
		}
		if len(against) > 0 {
			refused = append(refused, views.Refusal{ContractorID: a.ID, Name: a.Name, Reasons: details(against)})
			continue
		}
		if reason, said := declined[a.ID]; said {
			found.declined, found.notes = true, append(found.notes, "declined this job: "+stepReasonWords(reason))
		}
		able = append(able, found)
	}
	slices.SortStableFunc(able, compareProposals)
	out := make([]views.Candidate, len(able))
	for i, p := range able {
		out[i] = p.candidate(z)
	}
	return out, refused, nil
}

// compareProposals puts first who need not change the appointment, then those
// who serve the region, then those within their hours, then the earlier. Who
// declined the job comes after all others.
func compareProposals(x, y proposal) int {
	return cmp.Or(
		first(!x.declined, !y.declined),
		first(x.booked && len(x.soft) == 0, y.booked && len(y.soft) == 0),
		first(x.of.Serves, y.of.Serves),
		first(len(x.soft) == 0, len(y.soft) == 0),
		x.at.Start.Compare(y.at.Start),
	)
}

func first(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x:
		return -1
	}
	return 1
}

func (p proposal) candidate(z zones) views.Candidate {
	v := views.Candidate{
		ContractorID: p.of.ID, Name: p.of.Name, Start: schedule.WallTimeIn(p.at.Start, z.job).String(),
		Offset: schedule.OffsetIfRepeated(p.at.Start, z.job), Slot: dayRange(p.at, z.job, z.region),
		Warnings: append(details(p.soft), p.notes...),
	}
	switch {
	case p.booked && len(p.soft) == 0:
		v.Slot = "free at the booked time"
	case p.booked:
		v.Slot = "at the booked time"
	}
	if !p.of.Serves {
		v.Notes = append(v.Notes, "from another region: "+p.of.HomeName)
	}
	return v
}

// search is what all proposals for one job have in common.
type search struct {
	card   db.Card
	zones  zones
	now    time.Time
	skills map[string]string
}

// propose finds the time at which a contractor would best do the job, or says
// what keeps him from it. Nobody may have two jobs at once or lack a skill;
// hours and days off are for the dispatcher to decide.
func (s search) propose(a db.Availability) (p proposal, against []schedule.Reason, err error) {
	p.of = a
	if s.card.Start.Valid {
		if against = s.hard(a, s.card.At()); len(against) == 0 {
			p.at, p.booked = s.card.At(), true
			p.soft, err = s.soft(a, p.at)
			return p, nil, err
		}
		p.notes = []string{"not at the booked time: " + strings.Join(details(against), ", ")}
	}
	if at, ok := a.NextDay(s.card, s.now); ok && len(s.hard(a, at)) == 0 {
		p.at = at
		return p, nil, nil
	}
	slots, err := a.Slots(s.card, s.now, 1)
	if err == nil && len(slots) == 0 {
		slots, err = a.UnbookedSlots(s.card, s.now, 1)
	}
	if err != nil {
		return p, nil, err
	}
	if len(slots) == 0 {
		return p, s.noTime(a), nil
	}
	p.at = slots[0]
	if against = s.hard(a, p.at); len(against) > 0 {
		return p, against, nil
	}
	if !p.at.Start.Before(s.card.WindowEnd) {
		p.notes = append(p.notes, "not free in the promised window")
	}
	p.soft, err = s.soft(a, p.at)
	return p, nil, err
}

// soft lists what a dispatcher may decide against.
func (s search) soft(a db.Availability, at schedule.Span) ([]schedule.Reason, error) {
	hours, err := a.HoursReasons(at)
	if err != nil {
		return nil, err
	}
	_, long, err := a.DayReasons(at, s.card.AssignmentID)
	return append(hours, long...), err
}

// noTime says why a contractor is never free for the job: what he is booked
// for when it was promised, and the skills that end before he would be free.
func (s search) noTime(a db.Availability) []schedule.Reason {
	within := s.card.SlotsWithin(s.now)
	against := append(s.skillReasons(a, within.End), s.overlapReasons(a, windowOf(s.card))...)
	if len(against) == 0 {
		until := dayLabel(within.End.In(s.zones.job))
		against = []schedule.Reason{{Rule: schedule.RuleOverlap, Detail: "no free " + lengthLabel(s.card.DurationMinutes) + " until " + until}}
	}
	return against
}

func (s search) skillReasons(a db.Availability, at time.Time) []schedule.Reason {
	return schedule.SkillReasons(s.card.Skills, a.Skills, at.In(s.zones.job).Format(time.DateOnly),
		func(slug string) string { return s.skills[slug] })
}

func (s search) overlapReasons(a db.Availability, at schedule.Span) []schedule.Reason {
	booked := make([]schedule.Booking, len(a.Bookings))
	for i, b := range a.Bookings {
		booked[i] = schedule.Booking{Span: b.Span, Job: numberOf(b.JobNumber)}
	}
	return schedule.OverlapReasons(at, booked, s.zones.job)
}

// hard lists what nobody may decide against.
func (s search) hard(a db.Availability, at schedule.Span) []schedule.Reason {
	against := append(s.skillReasons(a, at.Start), s.overlapReasons(a, at)...)
	// His zone has been read as well as the skills; an unknown one fails in soft.
	if long, _, err := a.DayReasons(at, s.card.AssignmentID); err == nil {
		against = append(against, long...)
	}
	return against
}

func details(reasons []schedule.Reason) []string {
	var words []string
	for _, r := range reasons {
		words = append(words, r.Detail)
	}
	return words
}
