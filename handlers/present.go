package handlers

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// zones are the locations that a card's times are written in.
type zones struct{ job, region, home *time.Location }

// zonesOf loads the zones of a card.
func zonesOf(c db.Card) (z zones, err error) {
	if z.job, err = schedule.LoadZone(c.Zone); err != nil {
		return z, fmt.Errorf("zone of job %s: %w", c.JobID, err)
	}
	if z.region, err = schedule.LoadZone(c.RegionZone); err != nil {
		return z, fmt.Errorf("zone of region %s: %w", c.Region, err)
	}
	z.home = z.region
	if c.HomeZone != "" {
		if z.home, err = schedule.LoadZone(c.HomeZone); err != nil {
			return z, fmt.Errorf("zone of region %s: %w", c.ContractorHome, err)
		}
	}
	return z, nil
}

// numberOf writes a job's number as people say it.
func numberOf(number int64) string { return "J-" + strconv.FormatInt(number, 10) }

func windowOf(c db.Card) schedule.Span {
	return schedule.Span{Start: c.WindowStart, End: c.WindowEnd}
}

// sortKey orders cards by an instant and then by number; the page compares
// groups of digits as numbers.
func sortKey(at time.Time, number int64) string {
	return fmt.Sprintf("%d %d", at.Unix(), number)
}

func placeOf(c db.Card) string {
	if c.Postcode == "" || strings.Contains(c.Address, c.Postcode) {
		return c.Address
	}
	return c.Address + ", " + c.Postcode
}

// openCard is a job in the open list of its region.
func openCard(c db.Card, z zones) views.OpenCard {
	card := views.OpenCard{
		JobID: c.JobID, Number: numberOf(c.Number), Title: c.Title, Customer: c.CustomerName, Place: placeOf(c),
		Window: dayRange(windowOf(c), z.job, z.region), Duration: lengthLabel(c.DurationMinutes), Minutes: c.DurationMinutes,
		Skills: c.SkillNames, SkillSlugs: c.Skills, Priority: c.Priority, Status: jobStatus(c.Status), Region: c.Region, Text: searchText(c),
		Sort: sortKey(c.WindowStart, c.Number), Start: instant(c.WindowStart), End: instant(c.WindowEnd),
	}
	card.Lost = lostWords(c, z)
	if c.Shared() {
		card.Crew = bookedOf(c)
	}
	if c.Days > 1 && c.Open() {
		card.Crew = fmt.Sprintf("day %d of %d is open · %s", c.OpenDay, c.Days, card.Crew)
	}
	if !c.Open() {
		// After all that can be planned now.
		card.Sort = sortKey(c.WindowStart.AddDate(500, 0, 0), c.Number)
	}
	if c.Region == events.Unrouted {
		card.Reason = whyUnrouted(c)
	}
	return card
}

// laneCard is an assigned job on the board of a region, on one of its dates.
func laneCard(c db.Card, board string, z zones, day schedule.Day) views.LaneCard {
	loc := z.region
	card := views.LaneCard{
		AssignmentID: c.AssignmentID, JobID: c.JobID, Number: numberOf(c.Number), Title: c.Title, Skills: c.SkillNames, SkillSlugs: c.Skills,
		Priority: c.Priority, Status: assignmentStatus(c.AssignmentStatus), Region: board, Date: day.String(), Day: dayOf(c), Text: laneText(c, board),
		Sort: sortKey(c.Start.Time, c.Number), Start: instant(c.Start.Time), End: instant(c.End.Time),
	}
	if board != c.Region {
		loc = z.home
		card.Elsewhere = c.RegionName
	}
	if board != c.ContractorHome {
		card.Contractor = c.ContractorName
	}
	if board == c.Region { // the only one whose stream tells when it changes
		card.Awareness = cardAwareness(c, z.job)
	}
	span := day.In(loc)
	card.Time = clockRange(c.At(), z.job, loc)
	card.Quarter, card.Quarters = quarters(c.At(), span, loc)
	if c.AssignmentStatus == schedule.Assigned && c.AnswerBy.Valid {
		card.Offered, card.AnswerBy = instant(c.OfferedAt.Time), instant(c.AnswerBy.Time)
		card.Marks = append(card.Marks, views.Mark{Slug: "answer", Label: "Answer until " + answerUntil(c, z)})
	}
	card.Before = c.Start.Time.Before(span.Start)
	card.After = c.End.Time.After(span.End)
	return card
}

// boardDays lists the days on which a board shows an assigned card, in the
// zone of that board, and none when it does not show it at all.
func boardDays(c db.Card, board string, z zones) []schedule.Day {
	switch {
	case !c.Assigned():
		return nil
	case board == c.Region:
		return schedule.DaysOf(c.At(), z.region)
	case board == c.ContractorHome:
		return schedule.DaysOf(c.At(), z.home)
	}
	return nil
}

// phoneCard is a job on the phone of the contractor who holds it, with what he has
// not acknowledged.
func phoneCard(c db.Card, z zones, changes []views.PhoneChange) views.PhoneCard {
	return views.PhoneCard{
		AssignmentID: c.AssignmentID, JobID: c.JobID, Number: numberOf(c.Number), Title: c.Title,
		Time: clockRange(c.At(), z.job, z.home), Duration: lengthLabel(int(c.At().Duration() / time.Minute)),
		Customer: c.CustomerName, Phone: c.CustomerPhone, Address: placeOf(c), DirectionsURL: directions(c),
		AccessNotes: c.AccessNotes, Notes: c.Notes, Skills: c.SkillNames, Priority: c.Priority,
		Status: assignmentStatus(c.AssignmentStatus), Day: dayOf(c), News: c.News, Change: changeMark(changes, c.AssignmentID),
		Sort: sortKey(c.Start.Time, c.Number), Start: instant(c.Start.Time), End: instant(c.End.Time),
		Version: c.AssignmentVersion, Steps: phoneSteps(c.AssignmentStatus), AnswerBy: answerUntil(c, z),
	}
}

// directions is a link to a map service, by point if there is one. The phone's
// own map opens it.
func directions(c db.Card) string {
	to := placeOf(c)
	if c.Lat.Valid {
		to = fmt.Sprintf("%.6f,%.6f", c.Lat.Float64, c.Lng.Float64)
	}
	return "https://www.google.com/maps/dir/?api=1&destination=" + url.QueryEscape(to)
}

// wallCard is an assigned job on a public wall. It holds nothing by which a
// customer could be known.
func wallCard(c db.Card, region string, z zones) views.WallCard {
	loc := z.region
	if region != c.Region {
		loc = z.home
	}
	card := views.WallCard{
		AssignmentID: c.AssignmentID, JobID: c.JobID, Number: numberOf(c.Number), Time: clockRange(c.At(), z.job, loc), Skills: c.SkillNames,
		Priority: c.Priority, Status: assignmentStatus(c.AssignmentStatus), Day: dayOf(c),
		Sort: sortKey(c.Start.Time, c.Number), Start: instant(c.Start.Time), End: instant(c.End.Time),
	}
	if region != c.ContractorHome {
		card.Contractor = c.ContractorName
	}
	return card
}

// bookedOf says how much of the crew a job has, or how many of its days are
// planned.
func bookedOf(c db.Card) string {
	if c.Days == 1 {
		return fmt.Sprintf("%d of %d booked", c.Booked, c.Headcount)
	}
	said := fmt.Sprintf("%d of %d days booked", c.FullDays, c.Days)
	if c.Headcount > 1 {
		said += fmt.Sprintf(" (%d of %d places)", c.Booked, c.Places())
	}
	return said
}

// dayOf says which day of its job a card is about, "" when it has but one.
func dayOf(c db.Card) string {
	if c.Days == 1 || c.Day == 0 {
		return ""
	}
	return fmt.Sprintf("day %d of %d", c.Day, c.Days)
}

// jobSummary is what forms say of a job.
func jobSummary(c db.Card, z zones) views.JobSummary {
	return views.JobSummary{
		JobID: c.JobID, Number: numberOf(c.Number), Title: c.Title, Customer: c.CustomerName, Place: placeOf(c),
		Window: dayRange(windowOf(c), z.job, z.job), Duration: lengthLabel(c.DurationMinutes), Skills: c.SkillNames,
		Priority: c.Priority, ZoneLabel: zoneLabel(z.job, c.WindowStart), Zone: c.Zone, Headcount: c.Headcount, Days: c.Days,
	}
}
