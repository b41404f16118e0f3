package main

import (
	"strings"

	"smartscheduler/db"
	"smartscheduler/schedule"
)

// plantedJob is a job of the week that is there for a reason.
type plantedJob struct {
	key, title, address, postcode string
	lat, lng                      float64
	// region is where it falls; its clock is that of the job.
	region   string
	skills   []string
	minutes  int
	day      int
	from, to string
	// who has it, one name or several, from start on the same day, and why against
	// his hours. crew is how many have to come, if more than one.
	who, start, reason string
	crew               int
}

// plantedJobs are the jobs of the troubles and of the crews.
func plantedJobs() []plantedJob { return append(troubledJobs(), crewJobs()...) }

// crewJobs need several contractors; one of them lacks the second.
func crewJobs() []plantedJob {
	return []plantedJob{
		{key: "P-14", title: "Lay the ballroom floor", address: "400 Signal View", postcode: "37377", lat: 35.131, lng: -85.339, region: "north",
			skills: []string{"hardwood"}, minutes: 480, day: fri, from: "08:00", to: "10:00", who: "rosa friedrich", start: "08:00", crew: 2},
		{key: "P-15", title: "Carpet tiles for the call centre", address: "88 Nine Oaks", postcode: "37311", lat: 35.161, lng: -84.869, region: "ridge",
			skills: []string{"carpet"}, minutes: 240, day: thu, from: "08:00", to: "10:00", who: "wren layla", start: "08:00", crew: 2},
		{key: "P-16", title: "Lift out the old rooftop unit", address: "15 Clay Pigeon Road", postcode: "30736", lat: 34.911, lng: -85.121, region: "south",
			skills: []string{"hvac"}, minutes: 180, day: fri, from: "10:00", to: "12:00", who: "kofi imani ana", start: "10:00", crew: 3},
		{key: "P-17", title: "Hang the furnace", address: "2 Tanner's Alley", postcode: "35772", lat: 34.871, lng: -85.829, region: "bridgeport",
			skills: []string{"hvac"}, minutes: 180, day: fri, from: "13:00", to: "15:00", who: "zbigniew", start: "13:00", crew: 2},
	}
}

// troubledJobs are the jobs of the troubles.
func troubledJobs() []plantedJob {
	return []plantedJob{
		{key: "P-01", title: "Repair the stage floor", address: "1 State Line Road", lat: 34.985, lng: -85.28, region: "north",
			skills: []string{"hardwood"}, minutes: 150, day: thu, from: "13:00", to: "15:00"},
		{key: "P-02", title: "Survey for a new line", address: "77 Old Ferry Road", postcode: "35801", lat: 34.945, lng: -86.42, region: "north",
			skills: []string{"telecom"}, minutes: 60, day: thu, from: "10:00", to: "12:00"},
		{key: "P-03", title: "Rooftop unit does not cool", address: "5 Painted Bluff Drive", postcode: "35740", lat: 34.951, lng: -85.712, region: "bridgeport",
			skills: []string{"hvac"}, minutes: 120, day: thu, from: "08:00", to: "10:00", who: "leo", start: "09:00"},
		{key: "P-04", title: "Carpet two bedrooms", address: "12 Heron Street", postcode: "37405", lat: 35.09, lng: -85.3, region: "north",
			skills: []string{"carpet"}, minutes: 120, day: fri, from: "10:00", to: "12:00"},
		{key: "P-05", title: "Fit two basins", address: "12 Heron Street", postcode: "37405", lat: 35.09, lng: -85.3, region: "north",
			skills: []string{"plumbing"}, minutes: 60, day: fri, from: "10:00", to: "12:00", who: "ben", start: "10:30"},
		{key: "P-06", title: "Wire the gas alarm to the exchange", address: "240 Depot Square", postcode: "37402", lat: 35.047, lng: -85.31, region: "north",
			skills: []string{"gas", "telecom"}, minutes: 180, day: fri, from: "10:00", to: "12:00"},
		{key: "P-07", title: "Replace the school's pumps, first part", address: "9 Moss Hollow", postcode: "37343", lat: 35.151, lng: -85.231, region: "north",
			skills: []string{"plumbing"}, minutes: 240, day: thu, from: "06:00", to: "08:00", who: "ben", start: "06:30", reason: "The school is closed on this day only."},
		{key: "P-08", title: "Replace the school's pumps, second part", address: "9 Moss Hollow", postcode: "37343", lat: 35.151, lng: -85.231, region: "north",
			skills: []string{"plumbing"}, minutes: 240, day: thu, from: "10:00", to: "12:00", who: "ben", start: "10:30"},
		{key: "P-09", title: "Restart the school's heating", address: "9 Moss Hollow", postcode: "37343", lat: 35.151, lng: -85.231, region: "north",
			skills: []string{"hvac"}, minutes: 240, day: thu, from: "13:00", to: "15:00", who: "ben", start: "14:30", reason: "The school is closed on this day only."},
		{key: "P-10", title: "Move the gas line while the ovens stand still", address: "31 Baker Street", postcode: "37404", lat: 35.03, lng: -85.27, region: "north",
			skills: []string{"gas"}, minutes: 120, day: sun, from: "00:45", to: "03:15"},
		{key: "P-11", title: "Tile the kitchen wall", address: "8 Orchard Close", postcode: "30742", lat: 34.93, lng: -85.25, region: "south",
			skills: []string{"tile"}, minutes: 180, day: fri, from: "13:00", to: "15:00"},
		{key: "P-12", title: "Lay oak in the reading room", address: "60 Kettle Creek Road", postcode: "30721", lat: 34.7, lng: -85, region: "south",
			skills: []string{"hardwood"}, minutes: 120, day: thu, from: "15:00", to: "17:00"},
		// Nobody's trouble: its point lies in the lake, its postcode is ridge's.
		{key: "P-13", title: "Connect the boathouse", address: "3 Lake View", postcode: "37361", lat: 34.9, lng: -84.67, region: "ridge",
			skills: []string{"telecom"}, minutes: 90, day: fri, from: "08:00", to: "10:00"},
	}
}

func (p plantedJob) job(c calendar) db.WorldJob {
	j := db.WorldJob{
		Job: db.NewJob{
			ExternalID: p.key, Title: p.title, CustomerName: "Planted & Sons", CustomerPhone: "423-555-0100",
			Site:   db.Site{Address: p.address, Postcode: p.postcode, Point: &schedule.Point{Lat: p.lat, Lng: p.lng}},
			Skills: p.skills, DurationMinutes: p.minutes, Priority: "normal",
			WindowStart: c.at(p.day, p.from), WindowEnd: c.at(p.day, p.to), Headcount: p.crew,
		},
		Reason: p.reason,
	}
	if people := strings.Fields(p.who); len(people) > 0 {
		j.Contractor, j.Crew = people[0], people[1:]
		j.Start, j.Progress = c.at(p.day, p.start), schedule.Accepted
	}
	return j
}

// without is a mix that leaves out a planted job.
func (m mix) without(p plantedJob) mix {
	length := halfDay
	switch {
	case p.minutes <= 90:
		length = short
	case p.minutes == 480:
		length = fullDay
	}
	m.lengths, m.priorities = m.lengths.less(length), m.priorities.less("normal")
	if p.who != "" {
		m.outcomes, m.held = m.outcomes.less(held), m.held.less(p.day)
		return m
	}
	m.outcomes, m.open = m.outcomes.less(open), m.open.less(p.day)
	return m
}
