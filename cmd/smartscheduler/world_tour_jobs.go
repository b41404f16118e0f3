package main

import (
	"fmt"
	"math"

	"smartscheduler/db"
	"smartscheduler/schedule"
)

// tourCustomers are invented, and written as people write their names.
func tourCustomers() []string {
	return []string{
		"Zoë O'Malley", "Ridge Diner", "Bäckerei Süßkind", "مكتبة الياسمين", "Pine & Parcel 📦", "José Ángel Ibáñez",
		"N'Diaye Books", "Ångström Optics", "Familie von Oberlechner-Hinterstoisser", "The Velvet Anvil",
		"Chen Wěi", "Tallulah Barr", "Moss Hollow School", "D'Souza & Daughters",
	}
}

// tourJob is one line of the table of jobs.
type tourJob struct {
	key, title, street, postcode string
	lat, lng                     float64
	// exact keeps the point as it is; others are moved a little by the seed.
	exact bool
	skill string
	// minutes is for each of the days, if there are several.
	minutes, days int
	priority      string
	// The promised window: its day and clock, and the same of its end.
	fromDay  int
	from     string
	toDay    int
	to       string
	notes    string
	assignee string
	start    string
}

// tourTable holds the jobs of the week. Every day has a job in each region, on
// Saturday and Sunday those that last into the next day.
func tourTable() []tourJob {
	return []tourJob{
		{key: "T-01", title: "Refinish the hall floor", street: "Lantern Row", postcode: "37402", lat: 35.046, lng: -85.309,
			skill: "hardwood", minutes: 180, fromDay: mon, from: "08:00", toDay: mon, to: "12:00", assignee: "rosa", start: "09:00"},
		{key: "T-02", title: "Replace a leaking water heater", street: "Quarry Bend", postcode: "30741", lat: 34.95, lng: -85.28,
			skill: "plumbing", minutes: 120, priority: "high", fromDay: mon, from: "08:00", toDay: mon, to: "12:00", assignee: "kofi", start: "08:30"},
		{key: "T-03", title: "Carpet two bedrooms", street: "Heron Street", postcode: "37405", lat: 35.09, lng: -85.3,
			skill: "carpet", minutes: 120, fromDay: tue, from: "10:00", toDay: tue, to: "12:00", assignee: "lee", start: "10:00"},
		{key: "T-04", title: "Connect a fibre line", street: "Sycamore Walk", postcode: "30736", lat: 34.91, lng: -85.12,
			skill: "telecom", minutes: 90, fromDay: tue, from: "13:00", toDay: tue, to: "17:00"},
		// The planted clash: Kofi alone has a gas licence, and T-06 has him.
		{key: "T-05", title: "Gas stove does not light", street: "Ferry Lane", postcode: "37403", lat: 35.04, lng: -85.28,
			skill: "gas", minutes: 90, priority: "rush", fromDay: wed, from: "10:00", toDay: wed, to: "12:00"},
		{key: "T-06", title: "Service the rooftop cooling", street: "Mill Race", postcode: "30707", lat: 34.86, lng: -85.3,
			skill: "hvac", minutes: 180, fromDay: wed, from: "09:00", toDay: wed, to: "13:00", assignee: "kofi", start: "09:30"},
		// The planted border: exactly on the edge that north and south share.
		{key: "T-07", title: "Repair the stage floor", street: "State Line Road", lat: 34.985, lng: -85.28, exact: true,
			skill: "hardwood", minutes: 150, fromDay: thu, from: "13:00", toDay: thu, to: "17:00", assignee: "leo", start: "13:00"},
		// The planted expired skill: Lee's ended the day before, Rosa is off.
		{key: "T-08", title: "Tile the kitchen wall", street: "Orchard Close", postcode: "30742", lat: 34.93, lng: -85.25,
			skill: "tile", minutes: 240, fromDay: thu, from: "08:00", toDay: thu, to: "15:00"},
		{key: "T-09", title: "Heat pump makes a noise", street: "Signal View", postcode: "37377", lat: 35.13, lng: -85.34,
			skill: "hvac", minutes: 90, priority: "high", fromDay: fri, from: "08:00", toDay: fri, to: "12:00"},
		{key: "T-10", title: "Lay oak in the reading room", street: "Chapel Hill", postcode: "30725", lat: 34.92, lng: -85.34,
			skill: "hardwood", minutes: 180, fromDay: fri, from: "13:00", toDay: fri, to: "17:00", assignee: "rosa", start: "13:00"},
		{key: "T-11", title: "Sand and seal, two days", street: "Garnet Avenue", postcode: "37343", lat: 35.15, lng: -85.23,
			skill: "hardwood", minutes: 420, days: 2, fromDay: sat, from: "08:00", toDay: sun, to: "18:00", assignee: "leo", start: "10:00",
			notes: "The first coat dries overnight; the house stays locked."},
		{key: "T-12", title: "Move the exchange after closing time", street: "Depot Square", postcode: "30721", lat: 34.77, lng: -84.97,
			skill: "telecom", minutes: 360, fromDay: sat, from: "19:00", toDay: sun, to: "06:00", assignee: "maya", start: "20:00"},
		// The planted outsider: west of both regions.
		{key: "T-13", title: "Survey for a new line", street: "Old Ferry Road", postcode: "35740", lat: 34.945, lng: -85.72, exact: true,
			skill: "telecom", minutes: 60, fromDay: wed, from: "09:00", toDay: wed, to: "17:00"},
	}
}

func (t *tour) jobs() []db.WorldJob {
	table := append(tourTable(), t.clockChange())
	jobs := make([]db.WorldJob, len(table))
	for i, row := range table {
		jobs[i] = t.job(i, row)
	}
	return jobs
}

// clockChange is the planted night on which the clocks change next: its window
// has an hour that does not exist, or one that happens twice.
func (t *tour) clockChange() tourJob {
	_, change := t.monday.ZoneBounds()
	days := int(math.Round(change.Sub(t.monday).Hours() / 24))
	return tourJob{
		key: "T-14", title: "Restart the ovens' ventilation", street: "Baker Street", postcode: "37404", lat: 35.03, lng: -85.27,
		skill: "hvac", minutes: 60, fromDay: days, from: "00:30", toDay: days, to: "03:30",
		notes: "The ovens may stand still on this night only, on which the clocks change.",
	}
}

func (t *tour) job(i int, row tourJob) db.WorldJob {
	point := schedule.Point{Lat: row.lat, Lng: row.lng}
	if !row.exact {
		point.Lat, point.Lng = t.nearby(row.lat), t.nearby(row.lng)
	}
	priority := "normal"
	if row.priority != "" {
		priority = row.priority
	}
	job := db.WorldJob{
		Job: db.NewJob{
			ExternalID: row.key, Title: row.title,
			CustomerName: t.customers[i%len(t.customers)], CustomerPhone: fmt.Sprintf("423-555-01%02d", 10+i),
			Site: db.Site{
				Address:  fmt.Sprintf("%d %s", 1+t.random.IntN(240), row.street),
				Postcode: row.postcode, Point: &point,
			},
			Skills: []string{row.skill}, DurationMinutes: row.minutes, Days: row.days, Priority: priority,
			WindowStart: t.at(row.fromDay, row.from), WindowEnd: t.at(row.toDay, row.to), Notes: row.notes,
		},
		Contractor: row.assignee,
	}
	if row.assignee != "" {
		job.Start = t.at(row.fromDay, row.start)
	}
	return job
}

// nearby moves degrees by at most 0.0099, on a grid of 0.0001, so that the
// number is written the same everywhere.
func (t *tour) nearby(degrees float64) float64 {
	return math.Round(degrees*1e4+float64(t.random.IntN(199)-99)) / 1e4
}
