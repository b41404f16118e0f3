package handlers

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// board shows a region's day to its dispatchers, and the unrouted queue.
func (h *Handlers) board(c echo.Context) error {
	p, _ := principal(c)
	slug := c.Param("region")
	if !p.MaySee(slug) {
		return db.ErrNotFound
	}
	region, err := h.db.RegionBySlug(c.Request().Context(), slug)
	if err != nil {
		return err
	}
	loc, err := loadZone(region)
	if err != nil {
		return err
	}
	day, asked := h.dayAsked(c, loc)
	board, err := h.db.Board(c.Request().Context(), slug, day.In(loc))
	if err != nil {
		return err
	}
	view, err := h.boardView(c, board, day, loc)
	if err != nil {
		return err
	}
	section := "board:" + slug
	if slug == events.Unrouted {
		section = slug
	}
	page, err := h.page(c, region.Name, section)
	if err != nil {
		return err
	}
	page.Unrouted = board.Unrouted
	page.Live = h.live(boardStream(slug), board.Position, "dispatch", "/login")
	page.Live.Zone, page.Live.Date, page.Live.Today = region.Zone, view.Date, !asked
	page.Live.Place = region.Name
	return render(c, http.StatusOK, views.DispatchBoard(page, view))
}

// boardStream is the address of the stream that keeps a board up to date. The
// unrouted queue is part of it, for its count in the navigation.
func boardStream(slug string) string {
	if slug == events.Unrouted {
		return "/streams/dispatch/" + slug
	}
	return "/streams/dispatch/" + slug + "+" + events.Unrouted
}

func (h *Handlers) boardView(c echo.Context, b db.Board, day schedule.Day, loc *time.Location) (views.Board, error) {
	v := views.Board{
		Region: b.Region.Slug, RegionName: b.Region.Name, Unrouted: b.Region.Slug == events.Unrouted,
		Date: day.String(), DateLabel: day.Format("Monday 2 January 2006"), IsToday: day == schedule.DayIn(h.now(), loc),
		Previous: day.Add(-1).String(), Next: day.Add(1).String(),
		ZoneLabel: zoneLabel(loc, day.In(loc).Start), Assigned: len(b.Lanes), Travel: int(schedule.TravelBuffer / time.Minute),
	}
	skills, err := h.skillChoices(c)
	if err != nil {
		return v, err
	}
	v.Filter = views.BoardFilter{
		Query: c.QueryParam("q"), Skill: c.QueryParam("skill"), Priority: c.QueryParam("priority"), Skills: skills,
	}
	for _, card := range b.Open {
		z, err := zonesOf(card)
		if err != nil {
			return v, err
		}
		open := openCard(card, z)
		open.Hidden = !matches(v.Filter, open)
		v.Open = append(v.Open, open)
	}
	return v, fillLanes(&v, b, day, loc)
}

// fillLanes puts each assigned card into its contractor's lane, or among the
// guests.
func fillLanes(v *views.Board, b db.Board, day schedule.Day, loc *time.Location) error {
	cards := make(map[string][]views.LaneCard)
	for _, card := range b.Lanes {
		z, err := zonesOf(card)
		if err != nil {
			return err
		}
		drawn := laneCard(card, b.Region.Slug, z, day)
		if card.ContractorHome != b.Region.Slug {
			v.GuestCards = append(v.GuestCards, drawn)
			continue
		}
		cards[card.ContractorID] = append(cards[card.ContractorID], drawn)
	}
	for _, c := range b.Contractors {
		v.Lanes = append(v.Lanes, views.Lane{
			ContractorID: c.ID, Contractor: c.Name, Skills: c.Skills, Hours: hoursLabel(c, loc),
			Off: offSpans(c.Working, day.In(loc), loc), Cards: cards[c.ID],
		})
	}
	return nil
}

// hoursLabel writes the working time of a day, or why there is none.
func hoursLabel(c db.LaneContractor, loc *time.Location) string {
	if len(c.Working) == 0 {
		if c.Note != "" {
			return "Off: " + c.Note
		}
		return "Not working"
	}
	parts := make([]string, len(c.Working))
	for i, s := range c.Working {
		parts[i] = clockRange(s, loc, loc)
	}
	label := strings.Join(parts, ", ")
	if c.Note != "" {
		label += " · " + c.Note
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
