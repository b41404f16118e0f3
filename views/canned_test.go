package views_test

import (
	"fmt"
	"slices"
	"strings"

	"smartscheduler/views"
)

// Names that have broken pages before: apostrophes, accents, another
// direction, emoji, markup and sheer length.
const (
	nameApostrophe = "Séamus O'Brien-D'Angelo"
	nameArabic     = "عبد الرحمن بن عوف للأرضيات"
	nameEmoji      = "Rosa Díaz 👷🏽‍♀️"
	nameLong       = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft Niederösterreich"
	nameMarkup     = `<script>alert("x")</script> & "Söhne" <img src=x onerror=alert(1)>`
)

func cannedNames() []string {
	return []string{nameEmoji, nameApostrophe, nameArabic, nameLong, nameMarkup, "Lee Park", "Maya Cohen", "Kofi Mensah"}
}

func jobID(n int) string        { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }
func contractorID(n int) string { return fmt.Sprintf("11111111-0000-4000-8000-%012d", n) }

func assignedStatus() views.Status { return views.Status{Slug: "assigned", Label: "Assigned"} }
func openStatus() views.Status     { return views.Status{Slug: "open", Label: "Open"} }

func cannedOpen(n int) views.OpenCard {
	titles := []string{"Refinish oak floor, ground floor", nameMarkup, "Replace gas valve", nameLong, nameArabic, "Tile the shower & reseal"}
	priorities := []string{"normal", "rush", "high", "normal"}
	skills := [][]string{{"Hardwood"}, {"Gas", "HVAC"}, {"Tile"}, {"Hardwood", "Carpet", "Plumbing", "Telecom"}}
	slugs := [][]string{{"hardwood"}, {"gas", "hvac"}, {"tile"}, {"hardwood", "carpet", "plumbing", "telecom"}}
	return views.OpenCard{
		JobID: jobID(n), Number: fmt.Sprintf("J-%d", 1000+n), Title: titles[n%len(titles)],
		Text:     strings.ToLower(fmt.Sprintf("j-%d %s %s signal mountain 37377", 1000+n, titles[n%len(titles)], []string{"rosa diaz", "seamus o'brien", "οδυσσευσ"}[n%3])),
		Customer: cannedNames()[n%len(cannedNames())], Place: "Signal Mountain 37377",
		Window: "Tue 10:00–12:00", Duration: "2 h 30 min", Skills: skills[n%len(skills)], SkillSlugs: slugs[n%len(slugs)],
		Priority: priorities[n%len(priorities)], Status: openStatus(), Region: "north",
		Sort:  fmt.Sprintf("1-%012d-%d", 202703091000, 1000+n),
		Start: "2027-03-09T15:00:00Z", End: "2027-03-09T17:00:00Z",
	}
}

func cannedLaneCard(n, quarter, quarters int, status views.Status) views.LaneCard {
	hour, minute := (quarter-1)/4, (quarter-1)%4*15
	endHour, endMinute := (quarter-1+quarters)/4, (quarter-1+quarters)%4*15
	return views.LaneCard{
		AssignmentID: jobID(n), JobID: jobID(n), Number: fmt.Sprintf("J-%d", 1000+n), Title: "Refinish oak floor, ground floor",
		Time:   fmt.Sprintf("%02d:%02d–%02d:%02d", hour, minute, endHour, endMinute),
		Skills: []string{"Hardwood"}, Priority: "normal", Status: status, Region: "north", Date: "2027-03-09", SkillSlugs: []string{"hardwood"}, Text: fmt.Sprintf("j-%d refinish oak floor", 1000+n),
		Marks:   []views.Mark{{Slug: "seen", Label: "Seen 10:41"}},
		Quarter: quarter, Quarters: quarters, Sort: fmt.Sprintf("20270309%02d%02d-%d", hour, minute, 1000+n),
		Start: fmt.Sprintf("2027-03-09T%02d:%02d:00Z", (hour+5)%24, minute), End: fmt.Sprintf("2027-03-09T%02d:%02d:00Z", (endHour+5)%24, endMinute),
	}
}

func cannedLanes() []views.Lane {
	states := []views.Status{
		assignedStatus(), {Slug: "accepted", Label: "Accepted"}, {Slug: "en_route", Label: "On the way"},
		{Slug: "on_site", Label: "On site"}, {Slug: "in_progress", Label: "In progress"}, {Slug: "paused", Label: "Paused"},
		{Slug: "completed", Label: "Completed"}, {Slug: "incomplete", Label: "Can't complete"},
	}
	var lanes []views.Lane
	for i, name := range append(cannedNames(), "Ana Lima", "Ben Wu", "Chidi Okafor", "Dora Nagy") {
		l := views.Lane{
			ContractorID: contractorID(i), Contractor: name, Skills: []string{"Hardwood", "Tile"}, SkillSlugs: []string{"hardwood", "tile"},
		}
		d := views.LaneDay{
			Date: "2027-03-09", From: "2027-03-09T05:00:00Z", To: "2027-03-10T05:00:00Z", Hours: "08:00–12:00, 13:00–17:00", Minutes: 480,
			Off: []views.OffSpan{{Quarter: 1, Quarters: 32}, {Quarter: 49, Quarters: 4, Break: true}, {Quarter: 69, Quarters: 28}},
		}
		switch {
		case i == 3:
			d.Minutes, d.Hours, d.Off = 0, "Day off: dentist", []views.OffSpan{{Quarter: 1, Quarters: 96}}
		case i == 5:
			rush := cannedLaneCard(200+i, 33, 2, states[0])
			rush.Priority = "rush"
			other := cannedLaneCard(210+i, 35, 4, states[1])
			other.Elsewhere, other.Title = "South", nameLong
			night := cannedLaneCard(220+i, 89, 8, states[0])
			night.After, night.Time = true, "22:00–05:00"
			d.Cards = []views.LaneCard{rush, other, night}
		case i < 9:
			d.Cards = []views.LaneCard{
				cannedLaneCard(200+i, 33+i%3, 8, states[i%len(states)]),
				cannedLaneCard(230+i, 49, 4+i%9, states[(i+3)%len(states)]),
			}
		}
		l.Days = []views.LaneDay{d}
		lanes = append(lanes, l)
	}
	return lanes
}

func cannedFilter() views.BoardFilter {
	return views.BoardFilter{Skills: []views.Choice{{Value: "gas", Label: "Gas"}, {Value: "hardwood", Label: "Hardwood"}, {Value: "tile", Label: "Tile"}}}
}

func cannedBoard() views.Board {
	r := views.BoardRegion{Slug: "north", Name: "North", Zone: "America/New_York", ZoneLabel: "Eastern time", Lanes: cannedLanes()}
	for n := range 14 {
		r.Open = append(r.Open, cannedOpen(n))
	}
	var guests []views.LaneCard
	for i := range 3 {
		guest := cannedLaneCard(300+i, 37+4*i, 8, assignedStatus())
		guest.Contractor = cannedNames()[i]
		guests = append(guests, guest)
	}
	r.Guests = [][]views.LaneCard{guests}
	return views.Board{
		Slug: "north", Name: "North", View: views.ViewDay, Date: "2027-03-09", DateLabel: "Tue 9 March 2027", IsToday: true,
		Previous: "2027-03-08", Next: "2027-03-10", ZoneLabel: "Eastern time", Filter: cannedFilter(), Assigned: 19, Travel: 15,
		Dates: []views.BoardDate{{Date: "2027-03-09", Label: "Tue 9 Mar", IsToday: true}}, Regions: []views.BoardRegion{r},
	}
}

// cannedWeek has the same lanes on each of its dates.
func cannedWeek() views.Board {
	b := cannedBoard()
	b.View, b.DateLabel, b.Dates = views.ViewWeek, "week of 8 March to 14 March 2027", nil
	r := &b.Regions[0]
	guests := r.Guests[0]
	r.Guests = nil
	for i := range 7 {
		date := fmt.Sprintf("2027-03-%02d", 8+i)
		b.Dates = append(b.Dates, views.BoardDate{Date: date, Label: fmt.Sprintf("%d Mar", 8+i), IsToday: i == 1})
		r.Guests = append(r.Guests, onDate(guests, date))
	}
	for i := range r.Lanes {
		day := r.Lanes[i].Days[0]
		r.Lanes[i].Days = nil
		for _, d := range b.Dates {
			copied := day
			copied.Date, copied.Cards, copied.Booked = d.Date, onDate(day.Cards, d.Date), 120*len(day.Cards)
			r.Lanes[i].Days = append(r.Lanes[i].Days, copied)
		}
	}
	return b
}

func onDate(cards []views.LaneCard, date string) []views.LaneCard {
	list := slices.Clone(cards)
	for i := range list {
		list[i].Date = date
	}
	return list
}

func cannedJobs() views.Board {
	b := cannedBoard()
	b.View = views.ViewJobs
	r := &b.Regions[0]
	for i, l := range r.Lanes {
		for _, c := range l.Days[0].Cards {
			r.Rows = append(r.Rows, views.RowOfLane(c, cannedNames()[i%8]))
		}
	}
	r.Rows = append(r.Rows, views.RowOfOpen(r.Open[1], b.Date))
	r.Lanes = nil
	return b
}

// cannedSeveral is a board of two regions whose clocks differ.
func cannedSeveral() views.Board {
	b := cannedBoard()
	west := views.BoardRegion{Slug: "west", Name: nameLong, Zone: "America/Chicago", ZoneLabel: "Central time", Guests: [][]views.LaneCard{nil}}
	b.Slug, b.Name, b.ZoneLabel = "north+west", "North + "+nameLong, ""
	b.Regions = append(b.Regions, west)
	return b
}

func cannedPage(title, section string) views.Page {
	return views.Page{
		Title: title, Section: section, User: &views.User{Name: "Ann " + nameApostrophe, Role: "dispatcher"},
		Regions: []views.RegionLink{{Slug: "north", Name: "North"}, {Slug: "south", Name: "South"}}, ShowUnrouted: true, Unrouted: 2,
	}
}

func cannedLivePage(title, section, kind, url string) views.Page {
	p := cannedPage(title, section)
	p.Live = &views.Live{URL: url, Build: "b1", SignIn: "/login", Kind: kind, Zone: "America/New_York", Date: "2027-03-09"}
	return p
}

func boardPage() views.Page {
	return cannedLivePage("North, Tue 9 March", "board:north", "dispatch", "/streams/dispatch/north?after=1-10")
}

func cannedUndo() *views.UndoAct {
	return &views.UndoAct{EventID: jobID(93), What: "Assigned to " + nameEmoji + ", Tue 10:00–12:30", By: "Ann", Until: "2099-03-09T15:10:00Z"}
}

func cannedPanel() views.JobPanel {
	return views.JobPanel{
		JobSummary: cannedJob(), Phone: "555-0143", Address: nameMarkup + ", 12 Ridge Road", RegionName: "North", RegionWhy: "on the border: chosen by rule",
		Status: assignedStatus(), AccessNotes: "Key at the neighbour's.\nMind the dog " + nameMarkup, Notes: nameArabic, Board: "north", Date: "2027-03-09",
		CanAssign: true, CanEdit: true,
		Crew: []views.JobAssignment{{AssignmentID: jobID(90), Contractor: nameEmoji, Time: "Tue 10:00–12:30", Status: assignedStatus(), CanAccept: true, CanMove: true, CanReassign: true, CanRemove: true}},
	}
}

// cannedCrewPanel is a job of several days of which some places are taken, with all
// that may have been overlooked.
func cannedCrewPanel() views.JobPanel {
	p := cannedPanel()
	p.Headcount, p.Days, p.Booked, p.CanHold, p.CanCancel, p.CanCopy = 3, 2, "2 of 6 booked, 0 of 2 days", true, true, true
	p.Crew[0].Day = "day 1 of 2"
	second := p.Crew[0]
	second.AssignmentID, second.Contractor, second.Status = jobID(92), nameLong, openStatus()
	p.Crew = append(p.Crew, second)
	p.Notices = []views.JobNotice{
		{Text: nameMarkup + " works 12 h on Tue 9 Mar."},
		{Text: "At the same address on the same day:", Jobs: []views.JobLink{{JobID: jobID(2), Number: "J-1002"}, {Number: "J-1003"}}},
		{Text: "Its point also lies in " + nameLong + ": the smallest region has it."},
	}
	return p
}

func cannedStory() views.Story {
	return views.Story{Number: "J-1001", Older: "/jobs/" + jobID(1) + "?before=12", Newest: "/jobs/" + jobID(1), Entries: []views.StoryEntry{
		{Position: "41", Href: "/events/41", When: "Tue 9 Mar 2027 09:12:00 CT", Instant: "2027-03-09T14:12:00Z", Text: "Assigned to " + nameEmoji + ", Tue 10:00–12:30", Actor: "Ann (dispatcher)",
			Reason: "Although outside working hours: " + nameMarkup, Why: "why this contractor", AuditHref: "/audits/" + jobID(91)},
		{When: "Mon 8 Mar 2027 16:40:00", Instant: "2027-03-08T21:40:00Z", Text: "Created in North", Actor: nameApostrophe, Reason: nameMarkup},
	}}
}

func cannedDecision() views.Decision {
	return views.Decision{
		AuditID: jobID(91), What: "Assigned to " + nameEmoji, JobNumber: "J-1001", JobHref: "/jobs/" + jobID(1), When: "Tue 9 Mar 2027 09:12:00",
		Instant: "2027-03-09T14:12:00Z", Actor: nameApostrophe, How: "by hand", Reason: "Although outside working hours: " + nameMarkup, Version: "1",
		Rules:      []views.RuleText{{Words: "a skill was missing", Text: "Every skill must be held."}, {Words: "booked at that time"}},
		Counted:    "2 considered, 1 of them with nothing against them",
		Candidates: []views.AuditCandidate{{Name: nameEmoji, Href: "/contractors/" + contractorID(0), Chosen: true}, {Name: nameLong, Against: "a skill was missing"}},
		Events:     []views.EventLink{{Position: "41", Href: "/events/41"}}, Pager: views.Pager{Next: "/audits/" + jobID(91) + "?page=2"},
	}
}

func cannedPhoneCard(n int) views.PhoneCard {
	hour := 8 + 2*(n%5)
	return views.PhoneCard{
		AssignmentID: jobID(n), JobID: jobID(n), Number: fmt.Sprintf("J-%d", 1000+n), Title: []string{"Refinish oak floor", nameLong, nameMarkup}[n%3],
		Time: fmt.Sprintf("%02d:00–%02d:30", hour, hour+1), Duration: "1 h 30 min", Customer: cannedNames()[n%5], Phone: "555-0143",
		Address: "12 Ridge Road, Signal Mountain 37377", DirectionsURL: "https://maps.google.com/maps?daddr=35.1,-85.3",
		AccessNotes: "Key at the neighbour's", Skills: []string{"Hardwood", "Tile"}, Priority: []string{"normal", "rush"}[n%2], Status: assignedStatus(),
		Sort: fmt.Sprintf("20270309%02d00-%d", hour, 1000+n), Start: fmt.Sprintf("2099-03-09T%02d:00:00Z", hour+5), End: fmt.Sprintf("2099-03-09T%02d:30:00Z", hour+6),
		Version: 2, Steps: cannedSteps(n), AnswerBy: []string{"12:30", "", "", ""}[n%4],
	}
}

// cannedChange is a change of job n, of which he has an assignment or had it.
func cannedChange(n, assignment int, kind string) views.PhoneChange {
	c := views.PhoneChange{
		JobID: jobID(n), Number: fmt.Sprintf("J-%d", 1000+n), AssignmentID: jobID(assignment), News: 1, Kind: kind,
		Now: "Tue 9 Mar 13:00–14:30", Sort: fmt.Sprintf("1804600000 %d", 1000+n),
	}
	if kind == "moved" {
		c.Was = "Tue 9 Mar 10:00–11:30"
	}
	if kind == "moved" || kind == "new" {
		c.Title = nameLong
	}
	return c
}

func cannedPhone() views.ContractorPage {
	c := views.ContractorPage{Name: nameLong, ZoneLabel: "All times are Eastern time", Changes: []views.PhoneChange{
		cannedChange(70, 91, "removed"), cannedChange(72, 92, "cancelled"), cannedChange(73, 93, "undone"), cannedChange(0, 0, "moved"), cannedChange(1, 1, "new"),
	}}
	for d := range 8 {
		day := views.PhoneDay{Date: fmt.Sprintf("2027-03-%02d", 9+d), Label: fmt.Sprintf("%d March", 9+d)}
		if d == 0 {
			day.Label = "Today, Tue 9 March"
		}
		if d < 3 {
			for i := range 3 - d {
				day.Cards = append(day.Cards, cannedPhoneCard(10*d+i))
			}
		}
		c.Days = append(c.Days, day)
	}
	return c
}

func cannedWallCard(n int) views.WallCard {
	hour := 8 + 2*(n%5)
	return views.WallCard{
		AssignmentID: jobID(n), JobID: jobID(n), Number: fmt.Sprintf("J-%d", 1000+n), Time: fmt.Sprintf("%02d:00–%02d:30", hour, hour+1),
		Skills: [][]string{{"Hardwood"}, {"Gas", "HVAC"}}[n%2], Priority: []string{"normal", "normal", "rush"}[n%3], Status: assignedStatus(),
		Sort: fmt.Sprintf("20270309%02d00-%d", hour, 1000+n), Start: "2027-03-09T13:00:00Z", End: "2027-03-09T15:00:00Z",
	}
}

func cannedWall() views.KioskPage {
	k := views.KioskPage{Region: "north", RegionName: "North", Date: "2027-03-09", DateLabel: "Tuesday 9 March"}
	for i, name := range append(cannedNames(), "Ana Lima", "Ben Wu", "Chidi Okafor", "Dora Nagy") {
		row := views.WallRow{ContractorID: contractorID(i), Contractor: name, Idle: "Free"}
		for j := range i % 5 {
			row.Cards = append(row.Cards, cannedWallCard(400+10*i+j))
		}
		k.Rows = append(k.Rows, row)
	}
	guest := cannedWallCard(600)
	guest.Contractor = nameLong
	k.GuestCards = []views.WallCard{guest}
	return k
}

func cannedLog() views.EventLog {
	l := views.EventLog{Older: "before=12", Newer: "after=60", Filter: views.EventFilter{
		Kinds: []views.Choice{{Value: "JobAssigned", Label: "JobAssigned"}}, Regions: []views.Choice{{Value: "north", Label: "North"}},
		Contractor: nameMarkup, Actor: nameMarkup, From: "2027-03-09", Job: nameMarkup, Errors: views.Errors{"job": "Write it like J-1042", "until": "Give a date"},
	}}
	for i := range 12 {
		l.Rows = append(l.Rows, cannedEventRow(60-i))
	}
	return l
}

func cannedEventRow(n int) views.EventRow {
	return views.EventRow{
		Position: fmt.Sprint(n), Href: fmt.Sprintf("/events/%d", n), When: "Tue 9 Mar 09:12", Instant: "2027-03-09T14:12:00Z", Kind: "JobAssigned",
		Text: "J-1001 assigned to " + cannedNames()[n%5], Actor: nameApostrophe, Region: "North", JobNumber: "J-1001", JobHref: "/jobs/" + jobID(1),
	}
}

func cannedEvent() views.EventDetail {
	link := views.EventLink{Position: "40", Href: "/events/40", Kind: "JobUnassigned", Text: "Taken off " + nameMarkup}
	undone := link
	undone.Relation = "Undone by"
	return views.EventDetail{
		EventRow: cannedEventRow(41), EventID: jobID(92), CorrelationID: jobID(93), Contractor: nameMarkup, ContractorHref: "/contractors/" + contractorID(0),
		Payload: "{\n  \"type\": \"JobAssigned\",\n  \"region\": \"north\"\n}",
		Audiences: []views.Audience{
			{Stream: "dispatch/north", Who: "Dispatchers of North", Shown: "The job in the lane of " + nameLong},
			{Stream: "contractor/" + contractorID(0), Who: nameMarkup + ", on the phone", Shown: "The job on the list."},
		},
		Publications: []views.Publication{{Instance: "host-1", When: "09:12:01", Delay: "7 ms", Receivers: "4"}, {Instance: "host-2", When: "09:12:01", Delay: "9 ms", Receivers: "0", Error: nameMarkup}},
		AuditHref:    "/audits/" + jobID(91), Reason: "Reason: " + nameMarkup, Siblings: []views.EventLink{link}, MoreSiblings: true, Links: []views.EventLink{undone},
		Previous: "/events/12", Next: "/events/44",
	}
}

func cannedFragment() views.DispatchFragment {
	return views.DispatchFragment{Region: "north", JobID: jobID(1), Lanes: []views.LanePlace{
		{LaneID: views.LaneID("north", contractorID(5), "2027-03-09"), Card: cannedLaneCard(1, 41, 10, assignedStatus())},
	}}
}
