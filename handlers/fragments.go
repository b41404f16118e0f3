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

// Fragments implements relay.Fragments with one query for all wants. A stream
// never shows more than its audience may know now: the card if the job belongs
// on its screens, else only that it has left.
func (f Fragments) Fragments(ctx context.Context, wants []relay.Want) ([][]byte, error) {
	byID, unrouted, err := f.read(ctx, wants)
	if err != nil {
		return nil, fmt.Errorf("fragments: %w", err)
	}
	out := make([][]byte, len(wants))
	for i, w := range wants {
		card, ok := byID[w.Event.JobID]
		if !ok {
			continue
		}
		if out[i], err = fragment(ctx, w.Stream, card, unrouted); err != nil {
			return nil, fmt.Errorf("fragment of job %s for %s: %w", card.JobID, w.Stream, err)
		}
	}
	return out, nil
}

// read returns the cards of the jobs, by id, and how many jobs are unrouted if
// somebody wants to know.
func (f Fragments) read(ctx context.Context, wants []relay.Want) (map[string]db.Card, int, error) {
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
		return nil, 0, err
	}
	byID := make(map[string]db.Card, len(cards))
	for _, c := range cards {
		byID[c.JobID] = c
	}
	if !counts {
		return byID, 0, nil
	}
	unrouted, err := f.DB.CountUnrouted(ctx)
	return byID, unrouted, err
}

// fragment draws what one stream shows of one job.
func fragment(ctx context.Context, s events.Stream, c db.Card, unrouted int) ([]byte, error) {
	z, err := zonesOf(c)
	if err != nil {
		return nil, err
	}
	switch {
	case s.IsDispatch():
		f := dispatchFragment(c, s.Region(), z)
		if s.Region() == events.Unrouted {
			f.Unrouted = &unrouted
		}
		return draw(ctx, views.Dispatch(f))
	case s.IsKiosk():
		return draw(ctx, views.Kiosk(kioskFragment(c, s.Region(), z)))
	}
	return draw(ctx, views.Contractor(contractorFragment(c, s.ContractorID(), z)))
}

func dispatchFragment(c db.Card, region string, z zones) views.DispatchFragment {
	f := views.DispatchFragment{Region: region, JobID: c.JobID}
	if c.Open() && c.Region == region {
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

func contractorFragment(c db.Card, contractorID string, z zones) views.ContractorFragment {
	f := views.ContractorFragment{JobID: c.JobID, Number: numberOf(c.Number)}
	if c.ContractorID == contractorID {
		card := phoneCard(c, z)
		f.Card = &card
		for _, day := range schedule.DaysOf(c.At(), z.home) {
			f.Dates = append(f.Dates, day.String())
		}
	}
	return f
}
