package views_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"

	"github.com/a-h/templ"

	"smartscheduler/views"
)

// boardWith is the board with something in its workbench, as the script puts
// it there.
func boardWith(p views.Page, b views.Board, panel templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		var page, inside strings.Builder
		if err := errors.Join(views.DispatchBoard(p, b).Render(ctx, &page), panel.Render(ctx, &inside)); err != nil {
			return err
		}
		before, after, found := strings.Cut(page.String(), "</aside>")
		if !found {
			return errors.New("the board has no workbench")
		}
		_, err := io.WriteString(w, before+inside.String()+"</aside>"+after)
		return err
	})
}

// cannedPages is every page in its states, by a short name.
func cannedPages() map[string]templ.Component {
	reassign := cannedAssign()
	reassign.AssignmentID, reassign.Current = jobID(90), nameMarkup+", Tue 10:00–12:30"
	nobody := cannedAssign()
	nobody.Candidates = nil
	queue := views.Board{Slug: "unrouted", Name: "Unrouted jobs", Unrouted: true, Filter: cannedFilter(), ZoneLabel: "Eastern time", Regions: []views.BoardRegion{{Slug: "unrouted"}}}
	for n := range 3 {
		card := cannedOpen(n)
		card.Region, card.Reason = "unrouted", "No region holds its point, and no region lists its postcode 37377"
		queue.Regions[0].Open = append(queue.Regions[0].Open, card)
	}
	empty := views.Board{Slug: "north", Name: "North", View: views.ViewDay, Date: "2027-03-09", DateLabel: "Tue 9 March 2027", Previous: "2027-03-08", Next: "2027-03-10", Filter: cannedFilter(),
		Regions: []views.BoardRegion{{Slug: "north", Name: "North"}}}
	ownPage := cannedPanel()
	ownPage.Board, ownPage.Date = "", ""
	anonymous := views.Page{Title: "Sign in"}
	contractorPage := cannedLivePage("My jobs", "contractor", "contractor", "/streams/contractor/"+contractorID(0)+"?after=1-10")
	contractorPage.User = &views.User{Name: nameLong, Role: "contractor"}
	kioskPage := views.Page{Title: "North", Live: &views.Live{URL: "/streams/kiosk/north?after=1-10", Build: "b1", SignIn: "/kiosk", Kind: "kiosk", Zone: "America/New_York", Date: "2027-03-09"}}
	pages := map[string]templ.Component{
		"board":            views.DispatchBoard(boardPage(), cannedBoard()),
		"board-week":       views.DispatchBoard(boardPage(), cannedWeek()),
		"board-jobs":       views.DispatchBoard(boardPage(), cannedJobs()),
		"board-several":    views.DispatchBoard(boardPage(), cannedSeveral()),
		"board-empty":      views.DispatchBoard(boardPage(), empty),
		"board-form":       boardWith(boardPage(), cannedBoard(), views.AssignmentFormPanel(cannedAssign())),
		"board-conflict":   boardWith(boardPage(), cannedBoard(), views.AssignmentFormPanel(cannedConflict())),
		"board-job":        boardWith(boardPage(), cannedBoard(), views.JobInPanel(cannedPanel())),
		"board-crew":       boardWith(boardPage(), cannedBoard(), views.JobInPanel(cannedCrewPanel())),
		"job-crew":         views.JobPage(cannedPage("J-1001", ""), cannedCrewPanel(), cannedStory()),
		"board-failure":    boardWith(boardPage(), cannedBoard(), views.FailurePanel(views.FailureFor(404, ""))),
		"board-confirmed":  boardWith(boardPage(), cannedBoard(), views.Confirmed(views.Confirmation{Message: "J-1001 is assigned to " + nameEmoji + ", Tue 10:00–12:30", Undo: cannedUndo(), Panel: cannedPanel()})),
		"unrouted":         views.DispatchBoard(cannedLivePage("Unrouted", "unrouted", "dispatch", "/streams/dispatch/unrouted?after=1-10"), queue),
		"assign":           views.PanelPage(cannedPage("Assign J-1001", ""), views.AssignmentFormPanel(cannedAssign())),
		"assign-invalid":   views.PanelPage(cannedPage("Assign J-1001", ""), views.AssignmentFormPanel(cannedInvalid())),
		"assign-nobody":    views.PanelPage(cannedPage("Assign J-1001", ""), views.AssignmentFormPanel(nobody)),
		"reassign":         views.PanelPage(cannedPage("Reassign J-1001", ""), views.AssignmentFormPanel(reassign)),
		"move":             views.PanelPage(cannedPage("Move J-1001", ""), views.MoveFormPanel(cannedMove())),
		"removal":          views.PanelPage(cannedPage("Unassign J-1001", ""), views.RemovalFormPanel(cannedRemoval())),
		"too-late":         views.PanelPage(cannedPage("Move J-1001", ""), views.TooLatePanel("J-1001 was taken off "+nameEmoji+" by Ann", ownPage)),
		"not-undone":       views.PanelPage(cannedPage("J-1001", ""), views.NotUndonePanel(views.NotUndone{Message: nameEmoji + " accepted 2 s ago.", Unassign: jobID(90), Panel: cannedPanel()})),
		"job":              views.JobPage(cannedPage("J-1001", ""), ownPage, cannedStory()),
		"job-new":          views.NewJobPage(cannedPage("New job", "new-job"), cannedJobForm()),
		"job-new-invalid":  views.NewJobPage(cannedPage("New job", "new-job"), cannedInvalidJobForm()),
		"act":              views.PanelPage(cannedPage("Cancel J-1001", ""), views.JobActPanel(cannedAct())),
		"copy":             views.PanelPage(cannedPage("Copy J-1001", ""), views.JobCopyPanel(cannedCopy())),
		"edit":             views.PanelPage(cannedPage("Edit J-1001", ""), views.EditJobPanel(cannedEdit())),
		"edit-stale":       views.PanelPage(cannedPage("Edit J-1001", ""), views.EditJobPanel(cannedStaleEdit())),
		"events":           views.EventLogPage(cannedPage("Event log", "events"), cannedLog()),
		"events-empty":     views.EventLogPage(cannedPage("Event log", "events"), views.EventLog{}),
		"event":            views.EventPage(cannedPage("Event 41", "events"), cannedEvent()),
		"event-replayed":   views.EventPage(cannedPage("Event 41", "events"), views.EventDetail{EventRow: cannedEventRow(41), EventID: jobID(92), Payload: "{}"}),
		"regions-choose":   views.RegionChooserPage(manyRegions(), views.RegionChooser{Query: nameMarkup, Found: 14, Regions: manyRegions().Regions}),
		"regions-none":     views.RegionChooserPage(cannedPage("Regions", "regions"), views.RegionChooser{Query: "zeppelin"}),
		"audit":            views.AuditPage(cannedPage("Decision about J-1001", "events"), cannedDecision()),
		"audit-nobody":     views.AuditPage(cannedPage("Decision about J-1001", "events"), views.Decision{JobNumber: "J-1001", JobHref: "/jobs/" + jobID(1), What: "Put on hold", Counted: "Nobody"}),
		"delivery":         views.DeliveryPage(cannedPage("Delivery", "delivery"), cannedDelivery()),
		"delivery-empty":   views.DeliveryPage(cannedPage("Delivery", "delivery"), views.Delivery{Path: "/admin/delivery", Head: "0", Epoch: "1", Oldest: "0 ms"}),
		"contractor":       views.ContractorHome(contractorPage, cannedPhone()),
		"contractor-empty": views.ContractorHome(contractorPage, views.ContractorPage{Name: "Lee Park", Days: []views.PhoneDay{{Date: "2027-03-09", Label: "Today, Tue 9 March"}}}),
		"link":             views.LinkPage(anonymous, views.LinkForm{Action: "/l/t0k3n"}),
		"link-used":        views.LinkPage(anonymous, views.LinkForm{Error: "This link has been used already."}),
		"login":            views.LoginPage(anonymous, views.LoginForm{Next: "/dispatch/north", Email: nameMarkup, Error: "That e-mail and password don't fit together."}),
		"enrol":            views.EnrolPage(anonymous, views.EnrolForm{Error: "This code is not valid any more."}),
		"kiosk":            views.KioskWall(kioskPage, cannedWall()),
	}
	maps.Copy(pages, cannedImports())
	maps.Copy(pages, cannedRegions())
	maps.Copy(pages, cannedExports())
	maps.Copy(pages, cannedAnswers())
	for _, code := range []int{401, 403, 404, 409, 422, 500, 503} {
		pages[fmt.Sprintf("failure-%d", code)] = views.FailurePage(cannedPage("Trouble", ""), views.FailureFor(code, "req-7f3a"))
	}
	return pages
}

// manyRegions is a page for somebody who may open more boards than the navigation
// lists.
func manyRegions() views.Page {
	p := cannedPage("Regions", "regions")
	p.Regions = nil
	for i := range 14 {
		p.Regions = append(p.Regions, views.RegionLink{Slug: fmt.Sprint("region-", i), Name: cannedNames()[i%5] + fmt.Sprint(i)})
	}
	return p
}
