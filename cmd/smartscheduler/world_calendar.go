package main

import (
	"fmt"
	"time"

	"smartscheduler/db"
	"smartscheduler/schedule"
)

// calendar has the days of a demo world, from its Monday at midnight in
// demoZone.
type calendar struct{ monday time.Time }

// Days of a world, counted from its Monday.
const (
	mon = iota
	tue
	wed
	thu
	fri
	sat
	sun
	nextMon
)

// date is the local date of a day.
func (c calendar) date(day int) string { return c.monday.AddDate(0, 0, day).Format(time.DateOnly) }

// at is a wall time on a day, "24:00" the end of it.
func (c calendar) at(day int, clock string) schedule.WallTime {
	h, m := 0, 0
	_, _ = fmt.Sscanf(clock, "%d:%d", &h, &m)
	d := c.monday.AddDate(0, 0, day)
	return schedule.WallTimeFromDB(time.Date(d.Year(), d.Month(), d.Day(), h, m, 0, 0, time.UTC))
}

// week is the same hours on several ISO weekdays.
func week(start, end string, weekdays ...int) []schedule.Hours {
	hours := make([]schedule.Hours, len(weekdays))
	for i, day := range weekdays {
		hours[i] = schedule.Hours{Weekday: day, Start: start, End: end}
	}
	return hours
}

// skills lists skills that don't end.
func skills(slugs ...string) []schedule.Skill {
	list := make([]schedule.Skill, len(slugs))
	for i, slug := range slugs {
		list[i] = schedule.Skill{Slug: slug}
	}
	return list
}

// demoSkills are the trades of every demo world.
func demoSkills() []db.Skill {
	return []db.Skill{
		{Slug: "hardwood", Name: "Hardwood"}, {Slug: "tile", Name: "Tile"}, {Slug: "carpet", Name: "Carpet"},
		{Slug: "hvac", Name: "HVAC"}, {Slug: "gas", Name: "Gas"}, {Slug: "plumbing", Name: "Plumbing"},
		{Slug: "telecom", Name: "Telecom"},
	}
}

// demoStaff are the users of every demo world.
func demoStaff(password string) []db.WorldUser {
	return []db.WorldUser{
		{Email: "admin@example.com", Name: "Ada Okafor", Role: "admin", Password: password},
		{Email: tourDispatcher, Name: "Ann Whitfield", Role: "dispatcher", Password: password, Regions: []string{"north"}},
		{Email: "bo@example.com", Name: "Bo Lindqvist", Role: "dispatcher", Password: password, Regions: []string{"south"}},
		{Email: "vera@example.com", Name: "Vera Novák", Role: "auditor", Password: password},
	}
}
