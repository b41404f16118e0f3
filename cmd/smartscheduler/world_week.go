package main

import (
	"fmt"
	"strings"
	"time"

	"smartscheduler/db"
	"smartscheduler/schedule"
)

// The four regions of the week share their edges: north and south the state
// line, both of them one with ridge in the east and one with bridgeport in the
// west. A lake is a hole in ridge, and a corner of ridge lies over south.
const (
	weekNorth      = `{"type":"Polygon","coordinates":[[[-85.6,35],[-85.42,34.985],[-85.1,34.985],[-84.95,34.97],[-84.95,35.35],[-85.6,35.35],[-85.6,35]]]}`
	weekSouth      = `{"type":"Polygon","coordinates":[[[-85.6,34.6],[-84.95,34.6],[-84.95,34.97],[-85.1,34.985],[-85.42,34.985],[-85.6,35],[-85.6,34.6]]]}`
	weekRidge      = `{"type":"Polygon","coordinates":[[[-84.95,34.6],[-84.4,34.6],[-84.4,35.35],[-84.95,35.35],[-84.95,34.97],[-84.95,34.75],[-85.05,34.75],[-85.05,34.65],[-84.95,34.65],[-84.95,34.6]],[[-84.72,34.86],[-84.72,34.93],[-84.62,34.93],[-84.62,34.86],[-84.72,34.86]]]}`
	weekBridgeport = `{"type":"Polygon","coordinates":[[[-86.1,34.6],[-85.6,34.6],[-85.6,35],[-85.6,35.35],[-86.1,35.35],[-86.1,34.6]]]}`
)

func weekRegions() []db.Region {
	return []db.Region{
		{Slug: "north", Name: "North", Zone: demoZone, Geometry: weekNorth, Postcodes: []string{"373*", "374*"}},
		{Slug: "south", Name: "South", Zone: demoZone, Geometry: weekSouth, Postcodes: []string{"307*"}},
		{Slug: "ridge", Name: "Ridge", Zone: demoZone, Geometry: weekRidge, Postcodes: []string{"37311", "37361"}},
		{Slug: "bridgeport", Name: "Bridgeport", Zone: "America/Chicago", Geometry: weekBridgeport, Postcodes: []string{"357*"}},
	}
}

func weekPlaces() []place {
	return []place{
		{"north", "37402", 350460, -853090}, {"north", "37405", 350900, -853000}, {"north", "37343", 351500, -852300},
		{"north", "37377", 351300, -853400}, {"north", "37421", 350400, -852000},
		{"south", "30741", 349500, -852800}, {"south", "30736", 349100, -851200}, {"south", "30707", 348600, -853000},
		{"south", "30721", 347900, -850100},
		{"ridge", "37311", 351600, -848700}, {"ridge", "37361", 352000, -846200}, {"ridge", "30705", 347800, -847700},
		{"bridgeport", "35740", 349500, -857150}, {"bridgeport", "35772", 348700, -858300},
	}
}

// weekWorld is the demo world week: a firm with four regions, 24 contractors and
// 180 jobs, as it stands on its Wednesday at 10:40. The same arguments give the
// same world on every machine. monday is midnight in demoZone.
func weekWorld(seed uint64, monday time.Time, password string) (db.World, error) {
	c := calendar{monday}
	w := db.World{Name: "week", Regions: weekRegions(), Skills: demoSkills(), Contractors: weekContractors(c), Users: weekUsers(password)}
	d, err := newDealer(seed, c, w.Regions, w.Contractors, weekPlaces())
	if err != nil {
		return w, err
	}
	m := weekMix()
	for _, p := range plantedJobs() {
		job := p.job(c)
		w.Jobs = append(w.Jobs, job)
		m = m.without(p)
		if p.who == "" {
			continue
		}
		start, err := schedule.Resolve(job.Start, d.zones[p.region], "")
		if err != nil {
			return w, fmt.Errorf("job %s: %w", p.key, err)
		}
		for _, who := range strings.Fields(p.who) {
			d.book(who, schedule.Span{Start: start, End: start.Add(time.Duration(p.minutes) * time.Minute)})
		}
	}
	w.Jobs = append(w.Jobs, d.deal(m, "W")...)
	return w, nil
}

// weekMix is what the jobs of the week are, the planted ones among them.
func weekMix() mix {
	return mix{
		outcomes:   counts[string]{held: 96 + 3, declined: 3, expired: 2, open: 70, cancelled: 6},
		lengths:    counts[string]{short: 54, halfDay: 90, fullDay: 27, days: 9},
		priorities: counts[string]{"rush": 18, "high": 27, "normal": 135},
		held:       counts[int]{mon: 17, tue: 20, wed: 22, thu: 16, fri: 12, sat: 4, sun: 2, nextMon: 6},
		open:       counts[int]{mon: 2, tue: 2, wed: 10, thu: 17, fri: 18, sat: 6, sun: 4, nextMon: 22},
		incomplete: 3,
	}
}

// weekUsers are those of every world, and a dispatcher for the two other
// regions.
func weekUsers(password string) []db.WorldUser {
	return append(demoStaff(password), db.WorldUser{
		Email: "cleo@example.com", Name: "Cleo Abernathy", Role: "dispatcher", Password: password, Regions: []string{"ridge", "bridgeport"},
	})
}
