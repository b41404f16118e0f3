package handlers

import (
	"context"
	"fmt"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/events/relay"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// Fragments draws what streams show of jobs, as they are now, for the relay.
type Fragments struct {
	// DB is where the current cards are read.
	DB *db.DB
}

var _ relay.Fragments = Fragments{}

// Fragments implements relay.Fragments with few queries for all wants. A stream
// never shows more than its audience may know now: the card if the job belongs
// on its screens, else only that it has left.
func (f Fragments) Fragments(ctx context.Context, wants []relay.Want) ([][]byte, error) {
	now, err := f.read(ctx, wants)
	if err != nil {
		return nil, fmt.Errorf("fragments: %w", err)
	}
	out := make([][]byte, len(wants))
	for i, w := range wants {
		card, ok := now.cards[w.Event.JobID]
		if !ok {
			continue
		}
		if out[i], err = now.fragment(ctx, w.Stream, card); err != nil {
			return nil, fmt.Errorf("fragment of job %s for %s: %w", card.JobID, w.Stream, err)
		}
	}
	return out, nil
}

// present is what fragments are drawn from.
type present struct {
	cards map[string]db.Card // by job
	// withdrawn holds what was taken off whom, if somebody who lost a job wants
	// to know.
	withdrawn map[loss]db.Withdrawn
	// unrouted counts the unrouted jobs, if somebody wants to know.
	unrouted int
}

// loss is a job that a contractor does not hold.
type loss struct{ contractorID, jobID string }

// read reads what the wants ask for.
func (f Fragments) read(ctx context.Context, wants []relay.Want) (now present, err error) {
	var ids []string
	counts := false
	for _, w := range wants {
		if w.Event.JobID != "" {
			ids = append(ids, w.Event.JobID)
		}
		counts = counts || w.Stream == events.DispatchStream(events.Unrouted)
	}
	cards, err := f.DB.Cards(ctx, ids)
	if err != nil {
		return now, err
	}
	now.cards = make(map[string]db.Card, len(cards))
	for _, c := range cards {
		now.cards[c.JobID] = c
	}
	if now.withdrawn, err = f.readWithdrawn(ctx, wants, now.cards); err != nil {
		return now, err
	}
	if counts {
		now.unrouted, err = f.DB.CountUnrouted(ctx)
	}
	return now, err
}

// readWithdrawn asks only of those who do not hold the job.
func (f Fragments) readWithdrawn(ctx context.Context, wants []relay.Want, cards map[string]db.Card) (map[loss]db.Withdrawn, error) {
	var contractors, jobs []string
	for _, w := range wants {
		card, ok := cards[w.Event.JobID]
		if id := w.Stream.ContractorID(); ok && id != "" && card.ContractorID != id {
			contractors, jobs = append(contractors, id), append(jobs, w.Event.JobID)
		}
	}
	if len(jobs) == 0 {
		return nil, nil
	}
	list, err := f.DB.Withdrawn(ctx, contractors, jobs)
	if err != nil {
		return nil, err
	}
	found := make(map[loss]db.Withdrawn, len(list))
	for _, w := range list {
		found[loss{w.ContractorID, w.JobID}] = w
	}
	return found, nil
}

// fragment draws what one stream shows of one job.
func (now present) fragment(ctx context.Context, s events.Stream, c db.Card) ([]byte, error) {
	z, err := zonesOf(c)
	if err != nil {
		return nil, err
	}
	switch {
	case s.IsDispatch():
		f := dispatchFragment(c, s.Region(), z)
		if s.Region() == events.Unrouted {
			f.Unrouted = &now.unrouted
		}
		return draw(ctx, views.Dispatch(f))
	case s.IsKiosk():
		return draw(ctx, views.Kiosk(kioskFragment(c, s.Region(), z)))
	}
	return draw(ctx, views.Contractor(now.contractorFragment(c, s.ContractorID(), z)))
}

func dispatchFragment(c db.Card, region string, z zones) views.DispatchFragment {
	f := views.DispatchFragment{Region: region, JobID: c.JobID}
	if c.Listed() && c.Region == region {
		card := openCard(c, z)
		f.Open = &card
	}
	for _, day := range boardDays(c, region, z) {
		place := views.LanePlace{LaneID: views.GuestLaneID(region, day.String()), Card: laneCard(c, region, z, day)}
		if c.ContractorHome == region {
			place.LaneID = views.LaneID(region, c.ContractorID, day.String())
		}
		f.Lanes = append(f.Lanes, place)
	}
	return f
}

func kioskFragment(c db.Card, region string, z zones) views.KioskFragment {
	f := views.KioskFragment{JobID: c.JobID}
	for _, day := range boardDays(c, region, z) {
		place := views.WallPlace{ListID: views.GuestWallID(region, day.String()), Card: wallCard(c, region, z)}
		if c.ContractorHome == region {
			place.ListID = views.WallID(region, c.ContractorID, day.String())
		}
		f.Places = append(f.Places, place)
	}
	return f
}

func (now present) contractorFragment(c db.Card, contractorID string, z zones) views.ContractorFragment {
	f := views.ContractorFragment{JobID: c.JobID}
	if c.ContractorID == contractorID {
		card := phoneCard(c, z)
		f.Card = &card
		for _, day := range schedule.DaysOf(c.At(), z.home) {
			f.Dates = append(f.Dates, day.String())
		}
	} else if w, ok := now.withdrawn[loss{contractorID, c.JobID}]; ok {
		notice := noticeOf(w)
		f.Withdrawn = &notice
	}
	return f
}
