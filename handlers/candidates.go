package handlers

import (
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

// candidates lists who can take a job, the earliest free start first, and who
// cannot, with every reason.
func (h *Handlers) candidates(ctx context.Context, card db.Card, z zones) ([]views.Candidate, []views.Refusal, error) {
	now := h.now()
	list, err := h.db.Availabilities(ctx, card.Region, card.SlotsWithin(now), everybody)
	if err != nil {
		return nil, nil, err
	}
	names, err := h.db.SkillNames(ctx)
	if err != nil {
		return nil, nil, err
	}
	type ranked struct {
		views.Candidate
		at     time.Time
		serves bool
	}
	var able []ranked
	var refused []views.Refusal
	for _, a := range list {
		if a.ID == card.ContractorID {
			continue
		}
		slots, err := a.Slots(card, now, 1)
		if err != nil {
			return nil, nil, err
		}
		if reasons := whyNot(a, card, z, slots, names); len(reasons) > 0 {
			refused = append(refused, views.Refusal{Name: a.Name, Reasons: reasons})
			continue
		}
		able = append(able, ranked{candidate(a, card, z, slots[0]), slots[0].Start, a.Serves})
	}
	slices.SortStableFunc(able, func(x, y ranked) int {
		if x.serves != y.serves {
			if x.serves {
				return -1
			}
			return 1
		}
		return x.at.Compare(y.at)
	})
	out := make([]views.Candidate, len(able))
	for i, r := range able {
		out[i] = r.Candidate
	}
	return out, refused, nil
}

// whyNot lists everything that keeps a contractor from a job.
func whyNot(a db.Availability, card db.Card, z zones, slots []schedule.Span, names map[string]string) []string {
	date := card.WindowStart
	if len(slots) > 0 {
		date = slots[0].Start
	}
	var reasons []string
	for _, r := range schedule.SkillReasons(card.Skills, a.Skills, date.In(z.job).Format(time.DateOnly),
		func(slug string) string { return names[slug] }) {
		reasons = append(reasons, r.Detail)
	}
	if len(slots) > 0 {
		return reasons
	}
	for _, b := range a.Bookings {
		if b.Overlaps(windowOf(card)) {
			reasons = append(reasons, "booked "+clockRange(b.Span, z.job, z.job)+" on "+numberOf(b.JobNumber))
		}
	}
	for _, e := range a.Exceptions {
		if e.Off && e.Day == card.WindowStart.In(z.job).Format(time.DateOnly) {
			reasons = append(reasons, strings.TrimSpace("off that day "+e.Note))
		}
	}
	return append(reasons, "no free "+lengthLabel(card.DurationMinutes)+" in the window or the week after it")
}

func candidate(a db.Availability, card db.Card, z zones, slot schedule.Span) views.Candidate {
	v := views.Candidate{
		ContractorID: a.ID, Name: a.Name, Start: schedule.WallTimeIn(slot.Start, z.job).String(),
		Offset: offsetIfRepeated(slot.Start, z.job), Slot: dayRange(slot, z.job, z.region),
	}
	if !a.Serves {
		v.Notes = append(v.Notes, "from another region: "+a.HomeRegion)
	}
	if !slot.Start.Before(card.WindowEnd) {
		v.Warnings = append(v.Warnings, "not free in the promised window")
	}
	return v
}
