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
		cards, ok := now.cards[w.Event.JobID]
		if !ok {
			continue
		}
		if out[i], err = now.fragment(ctx, w.Stream, cards); err != nil {
			return nil, fmt.Errorf("fragment of job %s for %s: %w", w.Event.JobID, w.Stream, err)
		}
	}
	return out, nil
}

// present is what fragments are drawn from.
type present struct {
	// cards are those of each job: one for each who has it, or one of nobody.
	cards map[string][]db.Card
	// changes is what contractors who want to know have not acknowledged of a job.
	changes map[held][]db.PhoneChange
	// unrouted counts the unrouted jobs, if somebody wants to know.
	unrouted int
}

// held is a job of a contractor, also one that he had.
type held struct{ contractorID, jobID string }

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
	now.cards = make(map[string][]db.Card, len(cards))
	for _, c := range cards {
		now.cards[c.JobID] = append(now.cards[c.JobID], c)
	}
	if now.changes, err = f.readChanges(ctx, wants); err != nil {
		return now, err
	}
	if counts {
		now.unrouted, err = f.DB.CountUnrouted(ctx)
	}
	return now, err
}

func (f Fragments) readChanges(ctx context.Context, wants []relay.Want) (map[held][]db.PhoneChange, error) {
	var contractors, jobs []string
	for _, w := range wants {
		if id := w.Stream.ContractorID(); id != "" && w.Event.JobID != "" {
			contractors, jobs = append(contractors, id), append(jobs, w.Event.JobID)
		}
	}
	if len(jobs) == 0 {
		return nil, nil
	}
	list, err := f.DB.PhoneChanges(ctx, contractors, jobs)
	if err != nil {
		return nil, err
	}
	found := make(map[held][]db.PhoneChange, len(list))
	for _, c := range list {
		key := held{c.ContractorID, c.JobID}
		found[key] = append(found[key], c)
	}
	return found, nil
}

func heldBy(contractorID string) func(db.Card) bool {
	return func(c db.Card) bool { return c.ContractorID == contractorID }
}

// fragment draws what one stream shows of one job, of which these are the cards.
func (now present) fragment(ctx context.Context, s events.Stream, cards []db.Card) ([]byte, error) {
	switch {
	case s.IsDispatch():
		f, err := dispatchFragment(cards, s.Region())
		if err != nil {
			return nil, err
		}
		if s.Region() == events.Unrouted {
			f.Unrouted = &now.unrouted
		}
		return draw(ctx, views.Dispatch(f))
	case s.IsKiosk():
		f, err := kioskFragment(cards, s.Region())
		if err != nil {
			return nil, err
		}
		return draw(ctx, views.Kiosk(f))
	}
	f, err := now.contractorFragment(cards, s.ContractorID())
	if err != nil {
		return nil, err
	}
	return draw(ctx, views.Contractor(f))
}

func dispatchFragment(cards []db.Card, region string) (views.DispatchFragment, error) {
	f := views.DispatchFragment{Region: region, JobID: cards[0].JobID}
	for i, c := range cards {
		z, err := zonesOf(c)
		if err != nil {
			return f, err
		}
		if i == 0 && c.Listed() && c.Region == region {
			card := openCard(c, z)
			f.Open = &card
			f.Rows = append(f.Rows, openRow(card, c, z))
		}
		for _, day := range boardDays(c, region, z) {
			place := views.LanePlace{LaneID: views.GuestLaneID(region, day.String()), Card: laneCard(c, region, z, day)}
			if c.ContractorHome == region {
				place.LaneID = views.LaneID(region, c.ContractorID, day.String())
			}
			f.Lanes = append(f.Lanes, place)
			f.Rows = append(f.Rows, views.RowOfLane(place.Card, c.ContractorName))
		}
	}
	return f, nil
}

func kioskFragment(cards []db.Card, region string) (views.KioskFragment, error) {
	f := views.KioskFragment{JobID: cards[0].JobID}
	for _, c := range cards {
		z, err := zonesOf(c)
		if err != nil {
			return f, err
		}
		for _, day := range boardDays(c, region, z) {
			place := views.WallPlace{ListID: views.GuestWallID(region, day.String()), Card: wallCard(c, region, z)}
			if c.ContractorHome == region {
				place.ListID = views.WallID(region, c.ContractorID, day.String())
			}
			f.Places = append(f.Places, place)
		}
	}
	return f, nil
}

// contractorFragment shows him what he has of the job, and nothing of what others
// have.
func (now present) contractorFragment(cards []db.Card, contractorID string) (views.ContractorFragment, error) {
	changes, err := phoneChanges(now.changes[held{contractorID, cards[0].JobID}])
	f := views.ContractorFragment{JobID: cards[0].JobID, Changes: changes}
	if err != nil {
		return f, err
	}
	for _, c := range cards {
		if c.ContractorID != contractorID {
			continue
		}
		z, err := zonesOf(c)
		if err != nil {
			return f, err
		}
		place := views.PhonePlace{Card: phoneCard(c, z, changes)}
		for _, day := range schedule.DaysOf(c.At(), z.home) {
			place.Dates = append(place.Dates, day.String())
		}
		f.Places = append(f.Places, place)
	}
	return f, nil
}
