package handlers

import (
	"cmp"

	"github.com/labstack/echo/v4"

	"smartscheduler/events"
	"smartscheduler/views"
)

// addAudiences lists the groups that an event was published to, with what each was
// shown of it. Walls follow the dispatchers of their region.
func (h *Handlers) addAudiences(c echo.Context, t telling, view *views.EventDetail) error {
	var ids []string
	for _, s := range t.PublishedTo {
		if id := s.ContractorID(); id != "" {
			ids = append(ids, id)
		}
	}
	names := map[string]string{}
	if len(ids) > 0 {
		var err error
		if names, err = h.db.ContractorNames(c.Request().Context(), ids); err != nil {
			return err
		}
	}
	for _, s := range t.PublishedTo {
		if id := s.ContractorID(); id != "" {
			who := cmp.Or(names[id], "A former contractor")
			view.Audiences = append(view.Audiences, views.Audience{Stream: string(s), Who: who + ", on the phone", Shown: t.shownToContractor()})
			continue
		}
		region := s.Region()
		if region == events.Unrouted {
			view.Audiences = append(view.Audiences, views.Audience{
				Stream: string(s), Who: "All dispatchers, at the queue of unrouted jobs", Shown: t.shownOnBoard(region)})
			continue
		}
		view.Audiences = append(view.Audiences,
			views.Audience{Stream: string(s), Who: "Dispatchers of " + t.places.name(region), Shown: t.shownOnBoard(region)},
			views.Audience{Stream: string(events.KioskStream(region)), Who: "Walls of " + t.places.name(region) + ", which follow its dispatchers",
				Shown: t.shownOnWall()})
	}
	return nil
}

// shownOnBoard says what the dispatchers of a region were shown. Every card is as the
// job was when it was sent.
func (t telling) shownOnBoard(region string) string {
	switch t.Kind {
	case events.KindJobAssigned, events.KindJobRescheduled:
		return "The job in the lane of " + t.contractor() + "."
	case events.KindJobUnassigned:
		return "The job out of the lane of " + t.contractor() + "."
	case events.KindAssignmentDeclined, events.KindAssignmentExpired:
		return "The job out of the lane of " + t.contractor() + ", and among the open ones."
	case events.KindJobCreated:
		return "The job among the open ones."
	case events.KindJobCancelled:
		return "The job away from the board."
	case events.KindJobRegionChanged:
		switch region {
		case t.ToRegion:
			return "The job on this board from now on."
		case t.FromRegion:
			return "The job away from this board, but for contractors at home here."
		}
	}
	if !t.aboutJob() {
		return rereads
	}
	return "The card of the job as it is now."
}

// shownOnWall is shownOnBoard for displays that hang where everybody passes.
func (t telling) shownOnWall() string {
	if !t.aboutJob() {
		return rereads
	}
	return "What is booked of the job, without customer, phone and house number."
}

// shownToContractor says what somebody was shown on the phone.
func (t telling) shownToContractor() string {
	switch t.Kind {
	case events.KindJobAssigned:
		return "The job on the list, with time, place and customer."
	case events.KindJobUnassigned:
		return "The job as withdrawn, and not who has it now."
	case events.KindJobCancelled:
		return "The job as withdrawn."
	case events.KindAssignmentDeclined, events.KindAssignmentExpired:
		return "The job away from the list."
	case events.KindJobRescheduled:
		return "The job at its new time."
	}
	if !t.aboutJob() {
		return rereads
	}
	return "The job as it is now."
}

// rereads is what a page does with an event that brings no card.
const rereads = "Nothing by itself: pages read their content again."

// aboutJob tells whether the event brings the card of a job.
func (t telling) aboutJob() bool { return t.JobID != "" }
