package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"smartscheduler/db"
	"smartscheduler/schedule"
)

// What the world load holds. The region north, the first, has as many
// contractors as the budget of a board names; the others share the rest.
const (
	loadPeople = 2000
	northCrowd = 60
	gridWide   = 8
)

// loadRegions is a grid of squares of half a degree with shared edges, five rows
// of eight. The two last columns keep Central time.
func loadRegions() []db.Region {
	names := strings.Fields(`North South Alder Birch Cedar Dogwood Elm Fern Gorse Hazel Ivy Juniper Kestrel Larch Maple Nettle
	  Oak Pine Quince Rowan Sorrel Thistle Umber Vetch Willow Yarrow Zinnia Ash Bramble Clover Daisy Elder Foxglove Ginger
	  Heather Iris Jasmine Laurel Mallow Osier`)
	regions := make([]db.Region, len(names))
	for i, name := range names {
		x, y := corner(i)
		regions[i] = db.Region{Slug: strings.ToLower(name), Name: name, Zone: demoZone, Geometry: fmt.Sprintf(
			`{"type":"Polygon","coordinates":[[[%[1]g,%[2]g],[%[3]g,%[2]g],[%[3]g,%[4]g],[%[1]g,%[4]g],[%[1]g,%[2]g]]]}`,
			float64(x)/1e4, float64(y)/1e4, float64(x+5000)/1e4, float64(y+5000)/1e4)}
		if i%gridWide >= gridWide-2 {
			regions[i].Zone = "America/Chicago"
		}
	}
	return regions
}

// corner is the south-west corner of a square of the grid, in ten-thousandths of
// a degree.
func corner(i int) (x, y int) { return -840000 - i%gridWide*5000, 320000 + i/gridWide*5000 }

// loadWorld is the demo world load: 40 regions, and 2,000 contractors and 20,000
// jobs or a part of them, a tenth for example; part divides 50. The same arguments
// give the same world on every machine. monday is midnight in demoZone.
func loadWorld(seed uint64, monday time.Time, password string, part int) (db.World, error) {
	w := db.World{Name: "load", Regions: loadRegions(), Skills: demoSkills(), Users: demoStaff(password)}
	random := rand.New(rand.NewPCG(seed, 11))
	for i := range loadPeople / part {
		home := 0
		if i >= northCrowd/part {
			home = 1 + i%(len(w.Regions)-1)
		}
		w.Contractors = append(w.Contractors, loadContractor(random, w, i, home))
	}
	var places []place
	for i, r := range w.Regions {
		x, y := corner(i)
		for k := range 4 {
			places = append(places, place{r.Slug, "", y + 500 + 1000*k, x + 4500 - 1000*k})
		}
	}
	d, err := newDealer(seed, calendar{monday}, w.Regions, w.Contractors, places)
	if err != nil {
		return w, err
	}
	w.Jobs = d.deal(loadMix().part(part), "L")
	return w, nil
}

func loadContractor(random *rand.Rand, w db.World, i, home int) db.WorldContractor {
	x, y := corner(home)
	c := db.WorldContractor{
		Key: fmt.Sprintf("c-%04d", i+1), Name: demoPerson(random), Phone: fmt.Sprintf("423-555-01%02d", i%100),
		Home:  w.Regions[home].Slug,
		Base:  schedule.Point{Lat: float64(y+random.IntN(5000)) / 1e4, Lng: float64(x+random.IntN(5000)) / 1e4},
		Hours: workdays(pick(random, []string{"07:00", "07:30", "08:00"}), pick(random, []string{"16:00", "16:30", "17:00", "18:00"})),
	}
	c.Email = c.Key + "@example.com"
	first := random.IntN(len(w.Skills))
	c.Skills = skills(w.Skills[first].Slug, w.Skills[(first+1+random.IntN(3))%len(w.Skills)].Slug)
	if random.IntN(5) == 0 {
		c.Hours = append(c.Hours, week("08:00", "14:00", 6)...)
		c.Serves = []string{w.Regions[(home+1)%len(w.Regions)].Slug}
	}
	return c
}

func loadMix() mix {
	return mix{
		outcomes:   counts[string]{held: 13500, declined: 150, expired: 100, open: 5750, cancelled: 500},
		lengths:    counts[string]{short: 6000, halfDay: 10000, fullDay: 3000, days: 1000},
		priorities: counts[string]{"rush": 2000, "high": 3000, "normal": 15000},
		held:       counts[int]{mon: 2200, tue: 2300, wed: 2400, thu: 2200, fri: 2000, sat: 400, nextMon: 2000},
		open:       counts[int]{wed: 900, thu: 1800, fri: 1700, sat: 200, nextMon: 1900},
		incomplete: 200,
	}
}
