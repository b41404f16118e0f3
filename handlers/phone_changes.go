package handlers

import (
	"fmt"
	"time"

	"smartscheduler/db"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// phoneChanges are what contractors have not acknowledged, as their phones show
// it.
func phoneChanges(changes []db.PhoneChange) ([]views.PhoneChange, error) {
	list := make([]views.PhoneChange, 0, len(changes))
	for _, c := range changes {
		job, err := schedule.LoadZone(c.Zone)
		if err != nil {
			return nil, fmt.Errorf("zone of job %s: %w", c.JobID, err)
		}
		home, err := schedule.LoadZone(c.HomeZone)
		if err != nil {
			return nil, fmt.Errorf("zone of the home of contractor %s: %w", c.ContractorID, err)
		}
		mine := c.Kind == db.ChangeNew || c.Kind == db.ChangeMoved
		if !mine {
			job = home // what becomes of the job since, its zone too, his phone is not told
		}
		view := views.PhoneChange{
			AssignmentID: c.AssignmentID, News: c.News, JobID: c.JobID, Number: numberOf(c.Number), Kind: string(c.Kind),
			Now: dayRange(c.Now(), job, home), Sort: changeKey(c.At, c.Number),
		}
		if c.WasStart.Valid {
			view.Was = dayRange(c.Was(), job, home)
		}
		if mine {
			view.Title = c.Title
		}
		list = append(list, view)
	}
	return list, nil
}

// changeMark is what the card of a job says of a change of it.
func changeMark(changes []views.PhoneChange, assignmentID string) string {
	for _, c := range changes {
		switch {
		case c.AssignmentID != assignmentID:
		case c.Kind == string(db.ChangeNew):
			return "New"
		case c.Kind == string(db.ChangeMoved):
			return "was " + c.Was
		}
	}
	return ""
}

// changeKey is the sortKey of a change. Several of a second stay in their order.
func changeKey(at time.Time, number int64) string {
	return fmt.Sprintf("%d %d", at.UnixMicro(), number)
}
