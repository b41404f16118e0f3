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

// maxBoards bounds the regions of one page.
const maxBoards = 10

// board shows the day or the week of a region, or of several written north+south,
// to its dispatchers, and the unrouted queue. Who may not see one of them gets what
// a region that is not there gets.
func (h *Handlers) board(c echo.Context) error {
	p, _ := principal(c)
	slugs, err := boardSlugs(p, c.Param("region"))
	if err != nil {
		return err
	}
	first, err := h.db.RegionBySlug(c.Request().Context(), slugs[0])
	if err != nil {
		return err
	}
	loc, err := loadZone(first)
	if err != nil {
		return err
	}
	day, asked := h.dayAsked(c, loc)
	s := boardSpan{view: boardView(c), day: day, first: day, days: 1}
	if s.view == views.ViewWeek {
		s.first, s.days = day.Add(-weekday(day)), 7
	}
	boards, err := h.db.Boards(c.Request().Context(), slugs, s.first, s.days)
	if err != nil {
		return err
	}
	view, err := h.boardOf(c, boards, s)
	if err != nil {
		return err
	}
	return h.showBoard(c, view, boards, first.Zone, asked)
}

// boardSlugs reads which regions a page is of. The order is that of the address.
func boardSlugs(p Principal, param string) ([]string, error) {
	slugs := strings.Split(param, "+")
	if len(slugs) > maxBoards || len(slugs) > 1 && slices.Contains(slugs, events.Unrouted) {
		return nil, db.ErrNotFound
	}
	for i, slug := range slugs {
		if !p.MaySee(slug) || slices.Contains(slugs[:i], slug) {
			return nil, db.ErrNotFound
		}
	}
	return slugs, nil
}

// boardView is the view of ?view=, the day for anything that is none.
func boardView(c echo.Context) string {
	if view := c.QueryParam("view"); view == views.ViewWeek || view == views.ViewJobs {
		return view
	}
	return views.ViewDay
}

// weekday counts from Monday, 0.
func weekday(day schedule.Day) int {
	t, err := time.Parse(time.DateOnly, day.String())
	if err != nil {
		return 0
	}
	return (int(t.Weekday()) + 6) % 7
}

func (h *Handlers) showBoard(c echo.Context, view views.Board, boards []db.Board, zone string, asked bool) error {
	section := "board:" + view.Slug
	if view.Unrouted {
		section = view.Slug
	}
	page, err := h.page(c, view.Name, section)
	if err != nil {
		return err
	}
	page.Unrouted = boards[0].Unrouted
	page.Live = h.live(boardStream(view.Slug), boards[0].Position, "dispatch", "/login")
	page.Live.Zone, page.Live.Date, page.Live.Today = zone, view.Date, !asked
	page.Live.Place = view.Name
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

// boardSpan is which dates a page shows, and how.
type boardSpan struct {
	view       string
	day, first schedule.Day
	days       int
}

func (s boardSpan) dates() []schedule.Day {
	dates := make([]schedule.Day, s.days)
	for i := range dates {
		dates[i] = s.first.Add(i)
	}
	return dates
}

// label names the dates, such as "Tue 24 Nov 2026".
func (s boardSpan) label() string {
	if s.days == 1 {
		return s.day.Format("Mon 2 Jan 2006")
	}
	return s.first.Format("2 Jan") + " – " + s.first.Add(s.days-1).Format("2 Jan 2006")
}

func (h *Handlers) boardOf(c echo.Context, boards []db.Board, s boardSpan) (views.Board, error) {
	v := views.Board{
		View: s.view, Unrouted: boards[0].Region.Slug == events.Unrouted, Date: s.day.String(), DateLabel: s.label(),
		Previous: s.day.Add(-s.days).String(), Next: s.day.Add(s.days).String(),
		Compact: compact(c), Travel: int(schedule.TravelBuffer / time.Minute),
	}
	skills, err := h.skillChoices(c)
	if err != nil {
		return v, err
	}
	v.Filter = views.BoardFilter{
		Query: c.QueryParam("q"), Skill: c.QueryParam("skill"), Priority: c.QueryParam("priority"), Sort: c.QueryParam("sort"), Skills: skills,
	}
	var slugs, names []string
	zones, assigned := map[string]bool{}, map[string]bool{}
	for _, b := range boards {
		r, err := regionView(b, s, v.Filter)
		if err != nil {
			return v, err
		}
		v.Regions = append(v.Regions, r)
		for _, card := range b.Lanes {
			assigned[card.AssignmentID] = true
		}
		slugs, names, zones[r.ZoneLabel] = append(slugs, r.Slug), append(names, r.Name), true
	}
	v.Slug, v.Name, v.Assigned = strings.Join(slugs, "+"), strings.Join(names, " + "), len(assigned)
	if len(zones) == 1 {
		v.ZoneLabel = v.Regions[0].ZoneLabel
	}
	loc, err := loadZone(boards[0].Region)
	if err != nil {
		return v, err
	}
	today := schedule.DayIn(h.now(), loc)
	for _, day := range s.dates() {
		label := day.Format("Mon 2 Jan")
		if day == today {
			label = "Today, " + day.Format("2 Jan")
		}
		v.Dates = append(v.Dates, views.BoardDate{Date: day.String(), Label: label, IsToday: day == today})
		v.IsToday = v.IsToday || day == today
	}
	return v, nil
}

// compact tells whether the reader wants one line for each card. The script keeps
// it in a cookie.
func compact(c echo.Context) bool {
	cookie, err := c.Cookie("density")
	return err == nil && cookie.Value == "compact"
}
