package main

import (
	"math/rand/v2"
	"time"

	"smartscheduler/db"
	"smartscheduler/schedule"
)

// tourContractor is the key of the contractor whose phone a visitor is shown.
const tourContractor = "rosa"

// tourDispatcher is who a visitor signs in as.
const tourDispatcher = "ann@example.com"

// The two regions of the tour share an edge: a straight stretch of it runs
// along 34.985° north, so that a job can stand exactly on it.
const (
	tourNorth = `{"type":"Polygon","coordinates":[[[-85.6,35],[-85.42,34.985],[-85.1,34.985],[-84.95,34.97],[-84.95,35.35],[-85.6,35.35],[-85.6,35]]]}`
	tourSouth = `{"type":"Polygon","coordinates":[[[-85.6,34.6],[-84.95,34.6],[-84.95,34.97],[-85.1,34.985],[-85.42,34.985],[-85.6,35],[-85.6,34.6]]]}`
)

// tour builds the world of the README: a firm with two regions, five
// contractors and fourteen jobs in the week of a Monday.
type tour struct {
	calendar
	random *rand.Rand
	// customers are dealt from the top.
	customers []string
}

// tourWorld is the demo world tour. The same arguments give the same world on
// every machine. monday is midnight in demoZone.
func tourWorld(seed uint64, monday time.Time, password string) db.World {
	t := tour{calendar: calendar{monday}, random: rand.New(rand.NewPCG(seed, 7)), customers: tourCustomers()}
	t.random.Shuffle(len(t.customers), func(i, k int) {
		t.customers[i], t.customers[k] = t.customers[k], t.customers[i]
	})
	return db.World{
		Name: "tour",
		Regions: []db.Region{
			{Slug: "north", Name: "North", Zone: demoZone, Geometry: tourNorth, Postcodes: []string{"373*", "374*"}},
			{Slug: "south", Name: "South", Zone: demoZone, Geometry: tourSouth, Postcodes: []string{"307*"}},
		},
		Skills:      demoSkills(),
		Contractors: t.contractors(),
		Users:       demoStaff(password),
		Jobs:        t.jobs(),
	}
}

func (t *tour) contractors() []db.WorldContractor {
	return []db.WorldContractor{
		{
			Key: tourContractor, Name: "Rosa Díaz", Phone: "423-555-0101", Email: "rosa@example.com", Home: "north",
			Base: schedule.Point{Lat: 35.062, Lng: -85.255}, Serves: []string{"south"},
			Skills: skills("hardwood", "tile"), Hours: week("08:00", "17:00", 1, 2, 3, 4, 5),
			Exceptions: []schedule.Exception{{Day: t.date(thu), Off: true, Note: "Dentist"}},
		},
		{
			// The planted trouble: his tile certificate ends on Wednesday.
			Key: "lee", Name: "Lee Nguyễn", Phone: "423-555-0102", Email: "lee@example.com", Home: "north",
			Base: schedule.Point{Lat: 35.11, Lng: -85.33}, Serves: []string{"south"},
			Skills: append(skills("carpet"), schedule.Skill{Slug: "tile", ValidUntil: t.date(wed)}),
			Hours:  append(week("08:00", "16:30", 1, 2, 3, 4, 5), week("09:00", "13:00", 6)...),
		},
		{
			Key: "leo", Name: "Leo D'Angelo", Phone: "423-555-0103", Email: "leo@example.com", Home: "north",
			Base: schedule.Point{Lat: 35.16, Lng: -85.21}, Skills: skills("hardwood", "hvac"),
			Hours: week("08:00", "17:00", 3, 4, 5, 6, 7),
		},
		{
			// The only one with a gas licence, in both regions.
			Key: "kofi", Name: "Kofi Mensah", Phone: "706-555-0104", Email: "kofi@example.com", Home: "south",
			Base: schedule.Point{Lat: 34.87, Lng: -85.29}, Serves: []string{"north"},
			Skills: skills("gas", "hvac", "plumbing"),
			Hours:  append(week("07:30", "16:00", 1, 2, 3, 4, 5, 6), week("10:00", "14:00", 7)...),
		},
		{
			Key: "maya", Name: "Maya Çelik", Phone: "706-555-0105", Email: "maya@example.com", Home: "south",
			Base: schedule.Point{Lat: 34.94, Lng: -85.24}, Skills: skills("telecom"),
			Hours: week("10:00", "18:00", 2, 3, 4, 5),
			Exceptions: []schedule.Exception{
				{Day: t.date(sat), Start: "18:00", End: "23:59", Note: "Night work"},
				{Day: t.date(sun), Start: "00:00", End: "06:00", Note: "Night work"},
			},
		},
	}
}
