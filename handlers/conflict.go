package handlers

import (
	"fmt"
	"time"

	"smartscheduler/db"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// overlapView says who booked the contractor, and offers free starts.
func overlapView(conflict *db.Conflict, z zones) (*views.Conflict, error) {
	v := &views.Conflict{Message: "The contractor was booked at that time just now."}
	if w := conflict.Winner; w != nil {
		loc, err := schedule.LoadZone(w.Zone)
		if err != nil {
			return nil, fmt.Errorf("zone of job %s: %w", w.JobID, err)
		}
		v.Message = fmt.Sprintf("%s was just booked %s on %s%s.", w.ContractorName,
			dayRange(schedule.Span{Start: w.Start, End: w.End}, loc, z.job), numberOf(w.JobNumber), byWhom(w.By))
	}
	for _, s := range conflict.Free {
		v.Slots = append(v.Slots, views.Slot{
			Start: schedule.WallTimeIn(s.Start, z.job).String(), Offset: schedule.OffsetIfRepeated(s.Start, z.job),
			Label: dayRange(s, z.job, z.job),
		})
	}
	v.NoneFree = conflict.ContractorID != "" && len(v.Slots) == 0
	return v, nil
}

// conflictSentence says in one sentence why a command came too late.
func conflictSentence(conflict *db.Conflict, card db.Card, z zones) string {
	number := numberOf(card.Number)
	switch conflict.Kind {
	case db.ConflictTaken:
		if card.Shared() {
			return crewSentence(conflict, card, z)
		}
		if w := conflict.Winner; w != nil {
			return fmt.Sprintf("%s was just given to %s, %s%s.", number, w.ContractorName,
				dayRange(schedule.Span{Start: w.Start, End: w.End}, z.job, z.region), byWhom(w.By))
		}
		return number + " was just taken off its contractor and is open again."
	case db.ConflictState:
		return sentence(conflict.Err.Error())
	case db.ConflictBusy:
		return "Somebody else changed this at the same moment. Send it once more."
	}
	return number + " changed since you opened the form."
}

// crewSentence says why a command about a crew came too late.
func crewSentence(conflict *db.Conflict, card db.Card, z zones) string {
	number := numberOf(card.Number)
	if conflict.AssignmentID != "" {
		return "This booking of " + number + " was just ended. " + bookedOf(card) + " now."
	}
	said := number + " has its whole crew: " + bookedOf(card)
	if card.Days > 1 {
		said = "This day of " + number + " was just given away: " + bookedOf(card)
	}
	if w := conflict.Winner; w != nil {
		said += fmt.Sprintf(". Last came %s, %s%s", w.ContractorName,
			dayRange(schedule.Span{Start: w.Start, End: w.End}, z.job, z.region), byWhom(w.By))
	}
	return said + "."
}

func byWhom(name string) string {
	if name == "" {
		return ""
	}
	return " by " + name
}

// wallLabel writes a typed wall time for people, with the offset that was chosen
// in an hour that repeats.
func wallLabel(typed, offset string, loc *time.Location) string {
	w, err := schedule.ParseWallTime(typed)
	if err != nil {
		return typed
	}
	if at, err := schedule.Resolve(w, loc, offset); err == nil {
		return momentLabel(at, loc)
	}
	return w.DB().Format("Mon 2 Jan 15:04")
}

// momentLabel writes an instant as "Sun 7 Nov 01:30 EST".
func momentLabel(at time.Time, loc *time.Location) string {
	return dayLabel(at.In(loc)) + " " + schedule.ClockLabel(at, loc, loc)
}

func startLabel(card db.Card, z zones) string {
	if !card.Assigned() {
		return "not assigned"
	}
	return momentLabel(card.Start.Time, z.job)
}
