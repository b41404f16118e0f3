package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

// place is where sites are, in ten-thousandths of a degree.
type place struct {
	region, postcode string
	lat, lng         int
}

// dealer makes the jobs of a large world and gives them to its contractors as
// dispatchers would: to who has the skill, within his hours, with time to drive,
// and starting in the promised window.
type dealer struct {
	calendar
	random *rand.Rand
	// now is when the world is seen.
	now    time.Time
	places map[string][]place
	zones  map[string]*time.Location
	people []*dealt
	jobs   []dealtJob
}

// dealt is a contractor with his time.
type dealt struct {
	db.WorldContractor
	working, busy []schedule.Span
}

// dealtJob is a job with when somebody has its days, if somebody has.
type dealtJob struct {
	db.WorldJob
	days []schedule.Span
}

func newDealer(seed uint64, c calendar, regions []db.Region, people []db.WorldContractor, places []place) (*dealer, error) {
	d := &dealer{
		calendar: c, random: rand.New(rand.NewPCG(seed, 7)), now: c.monday.AddDate(0, 0, wed).Add(10*time.Hour + 40*time.Minute),
		places: make(map[string][]place), zones: make(map[string]*time.Location),
	}
	for _, p := range places {
		d.places[p.region] = append(d.places[p.region], p)
	}
	for _, r := range regions {
		zone, err := schedule.LoadZone(r.Zone)
		if err != nil {
			return nil, fmt.Errorf("zone of region %s: %w", r.Slug, err)
		}
		d.zones[r.Slug] = zone
	}
	for _, p := range people {
		until := c.monday.AddDate(0, 0, nextMon+3)
		d.people = append(d.people, &dealt{
			WorldContractor: p, working: schedule.WorkingSpans(p.Hours, p.Exceptions, d.zones[p.Home], c.monday, until),
		})
	}
	return d, nil
}

// book keeps the time of a contractor free for a job that he has already.
func (d *dealer) book(key string, at schedule.Span) {
	for _, p := range d.people {
		if p.Key == key {
			p.busy = append(p.busy, at)
		}
	}
}

// deal makes the jobs of a mix. Their keys begin with prefix.
func (d *dealer) deal(m mix, prefix string) []db.WorldJob {
	for _, h := range m.hands(d.random) {
		d.jobs = append(d.jobs, d.job(h))
	}
	d.random.Shuffle(len(d.jobs), func(i, k int) { d.jobs[i], d.jobs[k] = d.jobs[k], d.jobs[i] })
	d.settle(m.incomplete)
	jobs := make([]db.WorldJob, len(d.jobs))
	for i, j := range d.jobs {
		jobs[i] = j.WorldJob
		jobs[i].Job.ExternalID = fmt.Sprintf("%s-%03d", prefix, i+1)
	}
	return jobs
}

// job makes the job of a hand. Of the cancelled ones every third was given to
// somebody before.
func (d *dealer) job(h hand) dealtJob {
	minutes, window := d.size(h)
	wanted := h.outcome != open && (h.outcome != cancelled || d.random.IntN(3) == 0)
	f, ok := found{}, false
	if wanted {
		f, ok = d.find(h.day, minutes, window)
	}
	if !ok {
		who := pick(d.random, d.people)
		f = found{day: h.day, region: who.Home, skill: pick(d.random, who.Skills).Slug}
	}
	window.day = f.day
	job := dealtJob{WorldJob: db.WorldJob{Job: d.newJob(h, f, minutes, window)}, days: f.days}
	if ok {
		f.who.busy = append(f.who.busy, f.days...)
		job.Contractor, job.Start = f.who.Key, schedule.WallTimeIn(f.days[0].Start, d.zones[f.region])
	}
	switch h.outcome {
	case declined:
		job.Progress = schedule.Declined
	case expired:
		job.Progress = schedule.Expired
	case cancelled:
		job.Progress, job.Cancelled, job.Reason = schedule.Cancelled, events.CancelCustomer, "Called the office: no visit is wanted any more."
	}
	return job
}

// promised is the window of a job as its customer was told: hours of one day,
// or of that day and some that follow.
type promised struct {
	day, more int
	from, to  string
}

// size chooses a length in minutes, of each day if the window has more than one,
// and a window from which a working day has room for it.
func (d *dealer) size(h hand) (minutes int, window promised) {
	windows := [][2]string{{"08:00", "10:00"}, {"10:00", "12:00"}, {"13:00", "15:00"}, {"15:00", "17:00"}}
	window = promised{day: h.day, from: "08:00", to: "10:00"}
	switch h.length {
	case short:
		minutes = 45 + 15*d.random.IntN(4)
	case halfDay:
		minutes = 120 + 30*d.random.IntN(5)
		windows = windows[:3-minutes/210]
	case fullDay:
		return 480, window
	default:
		window.more, window.to = 1+d.random.IntN(2), "17:00"
		return 480, window
	}
	hours := pick(d.random, windows)
	window.from, window.to = hours[0], hours[1]
	return minutes, window
}

func (d *dealer) newJob(h hand, f found, minutes int, w promised) db.NewJob {
	at := pick(d.random, d.places[f.region])
	point := schedule.Point{Lat: d.nearby(at.lat), Lng: d.nearby(at.lng)}
	several := 0
	if w.more > 0 {
		several = w.more + 1
	}
	return db.NewJob{
		Title: pick(d.random, demoTitles()[f.skill]), CustomerName: demoCustomer(d.random), CustomerPhone: fmt.Sprintf("423-555-01%02d", d.random.IntN(100)),
		Site: db.Site{
			Address:  fmt.Sprintf("%d %s", 1+d.random.IntN(980), pick(d.random, demoStreets())),
			Postcode: at.postcode, Point: &point,
		},
		Skills: []string{f.skill}, DurationMinutes: minutes, Days: several, Priority: h.priority,
		WindowStart: d.at(w.day, w.from), WindowEnd: d.at(w.day+w.more, w.to), Notes: pick(d.random, demoNotes()),
	}
}

// nearby moves ten-thousandths of a degree by at most 99 and gives degrees, as a
// number that is written the same everywhere.
func (d *dealer) nearby(units int) float64 { return float64(units+d.random.IntN(199)-99) / 1e4 }

// found is who can do a job, where and when.
type found struct {
	who           *dealt
	day           int
	region, skill string
	// days are the times on the days of the job.
	days []schedule.Span
}

// find looks for somebody who is free, on that day or else on a later one, or
// else on one from Monday on.
func (d *dealer) find(day, minutes int, w promised) (found, bool) {
	first := d.random.IntN(len(d.people))
	for i := range nextMon + 1 {
		on := (day + i) % (nextMon + 1)
		for k := range d.people {
			if f, ok := d.free(d.people[(first+k)%len(d.people)], on, minutes, w); ok {
				return f, true
			}
		}
	}
	return found{}, false
}

// free says whether a contractor could do a job of that length on a day: at home
// or, sometimes, in a region that he serves.
func (d *dealer) free(who *dealt, day, minutes int, w promised) (found, bool) {
	f := found{who: who, day: day, region: who.Home}
	if len(who.Serves) > 0 && d.random.IntN(4) == 0 {
		f.region = pick(d.random, who.Serves)
	}
	skill := pick(d.random, who.Skills)
	if skill.ValidUntil != "" && skill.ValidUntil < d.date(day+w.more) {
		return found{}, false
	}
	f.skill = skill.Slug
	late := time.Duration(0)
	if w.more == 0 {
		late = time.Duration(d.random.IntN(4)) * 15 * time.Minute
	}
	for n := range w.more + 1 {
		start, err := schedule.Resolve(d.at(day+n, w.from), d.zones[f.region], "")
		if err != nil {
			return found{}, false
		}
		start = start.Add(late)
		at := schedule.Span{Start: start, End: start.Add(time.Duration(minutes) * time.Minute)}
		if !who.works(at) || !who.unbooked(at) || who.tired(at, d.zones[who.Home]) {
			return found{}, false
		}
		f.days = append(f.days, at)
	}
	return f, true
}

// unbooked says whether nothing is booked then, nor so near that there is no time
// to drive.
func (p *dealt) unbooked(at schedule.Span) bool {
	const drive = 30 * time.Minute
	with := schedule.Span{Start: at.Start.Add(-drive), End: at.End.Add(drive)}
	return !slices.ContainsFunc(p.busy, with.Overlaps)
}

// works says whether a time lies within his hours.
func (p *dealt) works(at schedule.Span) bool {
	return slices.ContainsFunc(p.working, func(s schedule.Span) bool { return s.Contains(at) })
}

// tired says whether that time would make a day too long for him.
func (p *dealt) tired(at schedule.Span, home *time.Location) bool {
	forbids, warns := schedule.DayReasons(at, p.busy, home)
	return len(forbids)+len(warns) > 0
}
