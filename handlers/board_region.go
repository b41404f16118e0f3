package handlers

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// regionView is what a board shows of one region.
func regionView(b db.Board, s boardSpan, f views.BoardFilter) (views.BoardRegion, error) {
	v := views.BoardRegion{Slug: b.Region.Slug, Name: b.Region.Name, Zone: b.Region.Zone, Guests: make([][]views.LaneCard, s.days)}
	loc, err := loadZone(b.Region)
	if err != nil {
		return v, err
	}
	v.ZoneLabel = zoneLabel(loc, s.first.In(loc).Start)
	for _, card := range b.Open {
		z, err := zonesOf(card)
		if err != nil {
			return v, err
		}
		open := openCard(card, z)
		open.Hidden = !matches(f, open)
		v.Open = append(v.Open, open)
	}
	sortOpen(v.Open, f.Sort)
	if v.Slug == events.Unrouted {
		return v, nil
	}
	cards, err := dayCards(&v, b.Lanes, s)
	if err != nil {
		return v, err
	}
	if s.view == views.ViewJobs {
		v.Rows, err = jobRows(b, v.Slug, s.day)
		return v, err
	}
	for _, c := range b.Contractors {
		lane := views.Lane{ContractorID: c.ID, Contractor: c.Name, Skills: c.Skills, SkillSlugs: c.SkillSlugs}
		for _, day := range s.dates() {
			lane.Days = append(lane.Days, laneDay(c, day, loc, cards[laneKey{c.ID, day}]))
		}
		v.Lanes = append(v.Lanes, lane)
	}
	return v, nil
}

// laneKey is a contractor's date.
type laneKey struct {
	contractorID string
	day          schedule.Day
}

// dayCards draws the cards of each lane and date, and puts guests apart.
func dayCards(v *views.BoardRegion, list []db.Card, s boardSpan) (map[laneKey][]views.LaneCard, error) {
	cards := make(map[laneKey][]views.LaneCard)
	dates := s.dates()
	for _, card := range list {
		z, err := zonesOf(card)
		if err != nil {
			return nil, err
		}
		for _, day := range boardDays(card, v.Slug, z) {
			i := slices.Index(dates, day)
			if i < 0 {
				continue
			}
			drawn := laneCard(card, v.Slug, z, day)
			if card.ContractorHome != v.Slug {
				v.Guests[i] = append(v.Guests[i], drawn)
				continue
			}
			cards[laneKey{card.ContractorID, day}] = append(cards[laneKey{card.ContractorID, day}], drawn)
		}
	}
	return cards, nil
}

// laneDay is one contractor's date, with how much of it is booked.
func laneDay(c db.LaneContractor, day schedule.Day, loc *time.Location, cards []views.LaneCard) views.LaneDay {
	date := day.In(loc)
	working := within(c.Working, date)
	d := views.LaneDay{
		Date: day.String(), From: instant(date.Start), To: instant(date.End), Hours: hoursLabel(working, c.Notes[day.String()], loc),
		Off: offSpans(working, date, loc), Cards: cards,
	}
	for _, w := range working {
		d.Minutes += int(w.Duration() / time.Minute)
	}
	for _, card := range cards {
		start, err := time.Parse(time.RFC3339, card.Start)
		if err != nil {
			continue
		}
		end, err := time.Parse(time.RFC3339, card.End)
		if err != nil {
			continue
		}
		for _, s := range within([]schedule.Span{{Start: start, End: end}}, date) {
			d.Booked += int(s.Duration() / time.Minute)
		}
	}
	return d
}

// within are the parts of spans that lie on a date.
func within(spans []schedule.Span, date schedule.Span) []schedule.Span {
	var parts []schedule.Span
	for _, s := range spans {
		if !s.Overlaps(date) {
			continue
		}
		if s.Start.Before(date.Start) {
			s.Start = date.Start
		}
		if s.End.After(date.End) {
			s.End = date.End
		}
		parts = append(parts, s)
	}
	return parts
}

// jobRows lists the jobs of a date in order of time: those that somebody has, and
// the open ones whose window begins then.
func jobRows(b db.Board, region string, day schedule.Day) ([]views.JobRow, error) {
	var rows []views.JobRow
	for _, card := range b.Lanes {
		z, err := zonesOf(card)
		if err != nil {
			return nil, err
		}
		if slices.Contains(boardDays(card, region, z), day) {
			rows = append(rows, views.RowOfLane(laneCard(card, region, z, day), card.ContractorName))
		}
	}
	for _, card := range b.Open {
		z, err := zonesOf(card)
		if err != nil {
			return nil, err
		}
		if row := openRow(openCard(card, z), card, z); row.Date == day.String() {
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(x, y views.JobRow) int {
		return cmp.Or(cmp.Compare(len(x.Sort), len(y.Sort)), cmp.Compare(x.Sort, y.Sort))
	})
	return rows, nil
}

// openRow is the row of an open job: it stands where its window begins, and need not
// repeat its date.
func openRow(card views.OpenCard, c db.Card, z zones) views.JobRow {
	day := schedule.DayIn(c.WindowStart, z.region)
	row := views.RowOfOpen(card, day.String())
	if day == schedule.DayIn(c.WindowStart, z.job) {
		row.Time = clockRange(windowOf(c), z.job, z.region)
	}
	return row
}

// sortOpen orders open cards as the script does. They come by window.
func sortOpen(cards []views.OpenCard, by string) {
	rank := map[string]int{"rush": 0, "high": 1, "normal": 2}
	switch by {
	case "priority":
		slices.SortStableFunc(cards, func(x, y views.OpenCard) int { return cmp.Compare(rank[x.Priority], rank[y.Priority]) })
	case "number":
		slices.SortStableFunc(cards, func(x, y views.OpenCard) int {
			return cmp.Or(cmp.Compare(len(x.Number), len(y.Number)), cmp.Compare(x.Number, y.Number))
		})
	}
}

// hoursLabel writes the working time of a day, or why there is none.
func hoursLabel(working []schedule.Span, note string, loc *time.Location) string {
	if len(working) == 0 {
		if note != "" {
			return "Off: " + note
		}
		return "Not working"
	}
	parts := make([]string, len(working))
	for i, s := range working {
		parts[i] = clockRange(s, loc, loc)
	}
	label := strings.Join(parts, ", ")
	if note != "" {
		label += " · " + note
	}
	return label
}

// offSpans are the parts of a day outside the working time.
func offSpans(working []schedule.Span, day schedule.Span, loc *time.Location) []views.OffSpan {
	var off []views.OffSpan
	add := func(s schedule.Span, pause bool) {
		if s.End.After(s.Start) {
			first, count := quarters(s, day, loc)
			off = append(off, views.OffSpan{Quarter: first, Quarters: count, Break: pause})
		}
	}
	from := day.Start
	for i, w := range working {
		add(schedule.Span{Start: from, End: w.Start}, i > 0)
		from = w.End
	}
	add(schedule.Span{Start: from, End: day.End}, false)
	return off
}

// matches tells whether a card meets the filter; the script decides the same
// way.
func matches(f views.BoardFilter, c views.OpenCard) bool {
	return (f.Priority == "" || f.Priority == c.Priority) &&
		(f.Skill == "" || slices.Contains(c.SkillSlugs, f.Skill)) && found(f.Query, c.Text)
}

func (h *Handlers) skillChoices(c echo.Context) ([]views.Choice, error) {
	skills, err := h.db.Skills(c.Request().Context())
	if err != nil {
		return nil, err
	}
	choices := make([]views.Choice, len(skills))
	for i, s := range skills {
		choices[i] = views.Choice{Value: s.Slug, Label: s.Name}
	}
	return choices, nil
}
