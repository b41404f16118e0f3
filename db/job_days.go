package db

import (
	"fmt"
	"slices"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// places is how many assignments the job needs: everybody on every day.
func (j *lockedJob) places() int { return j.Headcount * j.Days }

// full tells whether everybody whom the job needs has it.
func (j *lockedJob) full() bool { return len(j.crew) >= j.places() }

// status is the state of a job that is being planned and of which so many places
// are filled.
func (j *lockedJob) status(booked int) schedule.JobStatus {
	return schedule.Planned(booked, j.places())
}

// chooseDay makes a day of the job the one that a new assignment is for; 0 is the
// first that needs somebody. It is false if nobody is needed then.
func (j *lockedJob) chooseDay(day int) bool {
	for d := 1; d <= j.Days; d++ {
		if (day == 0 || day == d) && len(j.onDay(d)) < j.Headcount {
			j.day = d
			return true
		}
	}
	return false
}

// onDay are those who have a day of the job, by place.
func (j *lockedJob) onDay(day int) []heldAssignment {
	var crew []heldAssignment
	for _, h := range j.crew {
		if h.Day == day {
			crew = append(crew, h)
		}
	}
	return crew
}

// dayOfJob is the day that the command is about, as events say it.
func (j *lockedJob) dayOfJob() events.DayOfJob { return dayOfJob(j.day, j.Days) }

// dayOfJob is empty for a job of one day.
func dayOfJob(day, days int) events.DayOfJob {
	if days < 2 {
		return events.DayOfJob{}
	}
	return events.DayOfJob{Day: day, Days: days}
}

// freePlace is the first place of the crew of the day that nobody has.
func (j *lockedJob) freePlace() int {
	crew := j.onDay(j.day)
	for i, h := range crew {
		if h.Place != i+1 {
			return i + 1
		}
	}
	return len(crew) + 1
}

// checkNew refuses a contractor who has that day of the job already: nobody fills
// two places. On other days he may come again.
func (j *lockedJob) checkNew(contractorID string) error {
	if !slices.ContainsFunc(j.onDay(j.day), func(h heldAssignment) bool { return h.ContractorID == contractorID }) {
		return nil
	}
	message := "This contractor has the job already."
	if j.Days > 1 {
		message = fmt.Sprintf("This contractor has day %d of the job already.", j.day)
	}
	return &Invalid{Field: "contractor_id", Message: message}
}

// checkDates keeps the days of a job in their order, each on a local date of its
// own: what is to begin then comes after the days before it and before those after
// it, as far as they are booked.
func (j *lockedJob) checkDates(at schedule.Span) error {
	for _, h := range j.crew {
		if words := outOfOrder(h.Day, schedule.DayIn(h.Start, j.location), j.day, schedule.DayIn(at.Start, j.location)); words != "" {
			return &Invalid{Field: "start", Message: words}
		}
	}
	return nil
}

// outOfOrder says what is wrong if one day of a job is booked on a date and another
// shall be on a date; "" if nothing is.
func outOfOrder(booked int, on schedule.Day, wanted int, date schedule.Day) string {
	side := ""
	switch {
	case booked < wanted && on.String() >= date.String():
		side = "later"
	case booked > wanted && on.String() <= date.String():
		side = "earlier"
	default:
		return ""
	}
	return fmt.Sprintf("Day %d of this job is on %s: day %d must be on %s date.", booked, on.Format("Mon 2 Jan"), wanted,
		map[string]string{"later": "a later", "earlier": "an earlier"}[side])
}

// tooSmall refuses a job with fewer days or places than are booked; booked are the
// days of those who have it. It is nil if all of them fit.
func tooSmall(booked []int, to jobJSON) *Invalid {
	crews := make(map[int]int)
	last, most := 0, 0
	for _, day := range booked {
		crews[day]++
		last, most = max(last, day), max(most, crews[day])
	}
	switch {
	case last > to.Days:
		return &Invalid{Field: "days", Message: fmt.Sprintf("Day %d is booked: take it off its contractor first, or leave it at %d days.", last, last)}
	case most > to.Headcount && to.Days > 1:
		return &Invalid{Field: "headcount", Message: fmt.Sprintf("On one day %d contractors have this job: take it off one of them first.", most)}
	case most > to.Headcount:
		return &Invalid{Field: "headcount", Message: tooFewPlaces(most)}
	}
	return nil
}

// bookedDays are the days of those who have the job.
func (j *lockedJob) bookedDays() []int {
	days := make([]int, len(j.crew))
	for i, h := range j.crew {
		days[i] = h.Day
	}
	return days
}
