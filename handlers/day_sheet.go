package handlers

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// regionSheet is a region's day for paper: everybody who works there or has
// something to do there, and what is still open.
func (h *Handlers) regionSheet(c echo.Context) error {
	p, _ := principal(c)
	slug := c.Param("region")
	if slug == events.Unrouted || !p.MaySee(slug) {
		return db.ErrNotFound
	}
	day, err := h.sheetDay(c, slug)
	if err != nil {
		return err
	}
	sheet := day.sheet(day.board.Region.Name, "/dispatch/"+slug)
	sheet.BackLabel = "Back to the board"
	for _, lane := range day.board.Contractors {
		who, err := day.person(lane, p)
		if err != nil {
			return err
		}
		sheet.People = append(sheet.People, who)
	}
	guests, err := day.guests()
	if err != nil {
		return err
	}
	sheet.People = append(sheet.People, guests...)
	sheet.HasOpen = true
	if sheet.Open, err = day.open(); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.DaySheetPage(sheet))
}

// contractorSheet is one contractor's day for paper, for the office.
func (h *Handlers) contractorSheet(c echo.Context) error {
	r, err := h.visibleContractor(c)
	if err != nil {
		return err
	}
	return h.sheetOf(c, r, "/contractors/"+r.ID, "Back to "+r.Name)
}

// ownSheet is the same for the contractor who is signed in.
func (h *Handlers) ownSheet(c echo.Context) error {
	p, _ := principal(c)
	who, err := h.db.ContractorRecord(c.Request().Context(), p.ContractorID, h.now())
	if err != nil {
		return err
	}
	return h.sheetOf(c, who, "/contractor", "Back to my jobs")
}

func (h *Handlers) sheetOf(c echo.Context, who db.ContractorRecord, path, back string) error {
	p, _ := principal(c)
	home := who.HomeRegion
	if m := who.Move; m != nil && m.From <= c.QueryParam("date") {
		home = m.To
	}
	day, err := h.sheetDay(c, home)
	if err != nil {
		return err
	}
	lane := db.LaneContractor{ID: who.ID, Name: who.Name, Phone: who.Phone}
	if i := slices.IndexFunc(day.board.Contractors, func(l db.LaneContractor) bool { return l.ID == who.ID }); i >= 0 {
		lane = day.board.Contractors[i]
	}
	person, err := day.person(lane, p)
	if err != nil {
		return err
	}
	sheet := day.sheet(who.Name, path)
	sheet.BackLabel, sheet.People = back, []views.SheetPerson{person}
	return render(c, http.StatusOK, views.DaySheetPage(sheet))
}

// sheetDay is what sheets of a region's day are made of.
type sheetDay struct {
	board db.Board
	date  schedule.Day
	loc   *time.Location
	now   time.Time
}

func (h *Handlers) sheetDay(c echo.Context, region string) (sheetDay, error) {
	ctx := c.Request().Context()
	r, err := h.db.RegionBySlug(ctx, region)
	if err != nil {
		return sheetDay{}, err
	}
	loc, err := loadZone(r)
	if err != nil {
		return sheetDay{}, err
	}
	date, _ := h.dayAsked(c, loc)
	board, err := h.db.Board(ctx, region, date.In(loc))
	return sheetDay{board: board, date: date, loc: loc, now: h.now()}, err
}

// sheet is the frame around the people. back is the page of the same day.
func (d sheetDay) sheet(title, back string) views.DaySheet {
	at := func(days int) string { return back + "/sheet?date=" + d.date.Add(days).String() }
	return views.DaySheet{
		Title: title, DateLabel: d.date.Format("Monday 2 January 2006"), ZoneLabel: zoneLabel(d.loc, d.date.In(d.loc).Start),
		Printed: d.now.In(d.loc).Format("2 Jan 2006 15:04"), Back: back + "?date=" + d.date.String(), Previous: at(-1), Next: at(1),
	}
}

// person is the day of a contractor whose home the region is.
func (d sheetDay) person(lane db.LaneContractor, p Principal) (views.SheetPerson, error) {
	if p.Role != RoleContractor && !p.MaySee(d.board.Region.Slug) {
		lane.Note = "" // which is for those who lead him
	}
	who := views.SheetPerson{Name: lane.Name, Phone: lane.Phone, Hours: hoursLabel(lane.Working, lane.Note, d.loc)}
	for _, card := range d.board.Lanes {
		if card.ContractorID != lane.ID {
			continue
		}
		job, err := d.job(card)
		if err != nil {
			return who, err
		}
		if p.Role != RoleContractor && !p.MaySee(card.Region) && !p.MaySee(card.ContractorHome) {
			job = views.SheetJob{Time: job.Time, Busy: true}
		}
		who.Jobs = append(who.Jobs, job)
	}
	return who, nil
}

// guests are the contractors of other regions who do jobs of this one.
func (d sheetDay) guests() ([]views.SheetPerson, error) {
	var list []views.SheetPerson
	at := make(map[string]int)
	for _, card := range d.board.Lanes {
		if card.ContractorHome == d.board.Region.Slug {
			continue
		}
		i, known := at[card.ContractorID]
		if !known {
			i = len(list)
			at[card.ContractorID] = i
			list = append(list, views.SheetPerson{Name: card.ContractorName, Guest: true})
		}
		job, err := d.job(card)
		if err != nil {
			return nil, err
		}
		list[i].Jobs = append(list[i].Jobs, job)
	}
	return list, nil
}

func (d sheetDay) job(card db.Card) (views.SheetJob, error) {
	z, err := zonesOf(card)
	if err != nil {
		return views.SheetJob{}, err
	}
	job := d.plain(card)
	job.Time = d.timeOf(card.At(), z.job)
	job.Duration = lengthLabel(int(card.At().Duration() / time.Minute))
	job.Status = assignmentStatus(card.AssignmentStatus).Label
	if card.Region != d.board.Region.Slug {
		job.Elsewhere = card.RegionName
	}
	return job, nil
}

// timeOf writes a time with its date when it began on another day.
func (d sheetDay) timeOf(s schedule.Span, zone *time.Location) string {
	if schedule.DayIn(s.Start, zone) != d.date {
		return dayRange(s, zone, d.loc)
	}
	return clockRange(s, zone, d.loc)
}

// open are the jobs that wait for a contractor and were promised for the day.
func (d sheetDay) open() ([]views.SheetJob, error) {
	var list []views.SheetJob
	span := d.date.In(d.loc)
	for _, card := range d.board.Open {
		if !card.Open() || !windowOf(card).Overlaps(span) {
			continue
		}
		z, err := zonesOf(card)
		if err != nil {
			return nil, err
		}
		job := d.plain(card)
		job.Time, job.Duration = d.timeOf(windowOf(card), z.job), lengthLabel(card.DurationMinutes)
		list = append(list, job)
	}
	return list, nil
}

// plain is what a sheet says of a job, open or not.
func (sheetDay) plain(card db.Card) views.SheetJob {
	job := views.SheetJob{
		Number: numberOf(card.Number), Title: card.Title, Customer: card.CustomerName, Phone: card.CustomerPhone, Place: placeOf(card),
		AccessNotes: card.AccessNotes, Notes: card.Notes, Skills: card.SkillNames, Priority: card.Priority,
	}
	switch {
	case card.Days > 1 && card.Assigned():
		job.Crew = dayOf(card)
	case card.Days > 1:
		job.Crew = bookedOf(card)
	case card.Headcount > 1:
		job.Crew = fmt.Sprintf("%d of %d have it", card.Booked, card.Headcount)
	}
	return job
}
