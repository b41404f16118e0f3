package db

import (
	"slices"

	"smartscheduler/events"
)

// maxPlanSkills bounds the skills that an event repeats, in bytes before and after
// together; of more it says only that they changed.
const maxPlanSkills = 800

// updated announces what a job changes into, with the fields of the plan as they
// were and as they are.
func (j *storedJob) updated(to jobJSON, changes []string) events.JobUpdated {
	fact := events.JobUpdated{JobID: j.ID, Region: to.Region, Changed: changes}
	was := events.Plan{
		WindowStartUTC: j.Start.UTC(), WindowEndUTC: j.End.UTC(), TimeZone: j.Zone, DurationMinutes: j.Minutes,
		Headcount: j.Headcount, Days: j.Days, Priority: j.Priority, Skills: skillSet(j.Skills),
	}
	is := events.Plan{
		WindowStartUTC: to.Start.UTC(), WindowEndUTC: to.End.UTC(), TimeZone: to.Zone, DurationMinutes: to.Minutes,
		Headcount: to.Headcount, Days: to.Days, Priority: to.Priority, Skills: to.Skills,
	}
	planned := slices.DeleteFunc(slices.Clone(changes), func(name string) bool {
		return name == "skills" && bytesOf(was.Skills)+bytesOf(is.Skills) > maxPlanSkills
	})
	if anyOf(planned, "window", "duration", "headcount", "days", "priority", "skills") {
		before, after := only(was, planned), only(is, planned)
		fact.Before, fact.After = &before, &after
	}
	return fact
}

// only is the part of a plan that changed.
func only(p events.Plan, changes []string) (part events.Plan) {
	for _, name := range changes {
		switch name {
		case "window":
			part.WindowStartUTC, part.WindowEndUTC, part.TimeZone = p.WindowStartUTC, p.WindowEndUTC, p.TimeZone
		case "duration":
			part.DurationMinutes = p.DurationMinutes
		case "headcount":
			part.Headcount = p.Headcount
		case "days":
			part.Days = p.Days
		case "priority":
			part.Priority = p.Priority
		case "skills":
			part.Skills = p.Skills
		}
	}
	return part
}

func bytesOf(words []string) (n int) {
	for _, w := range words {
		n += len(w)
	}
	return n
}
