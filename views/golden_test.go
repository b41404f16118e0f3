package views_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/a-h/templ"

	"smartscheduler/views"
)

var update = flag.Bool("update", false, "write the golden files anew")

func render(t *testing.T, c templ.Component) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := c.Render(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestWireFragments keeps the bytes that clients of the streams get, and the
// forms that handlers read back.
func TestWireFragments(t *testing.T) {
	t.Parallel()
	open := cannedOpen(1)
	card := cannedPhoneCard(2)
	wall := cannedWallCard(3)
	removed, moved := cannedChange(2, 90, "undone"), cannedChange(2, 2, "moved")
	card.News, card.Change = 3, "was Tue 9 Mar 10:00–11:30"
	guest := cannedLaneCard(4, 37, 8, assignedStatus())
	guest.Contractor, guest.Elsewhere, guest.After = nameArabic, "South", true
	cases := map[string]templ.Component{
		"dispatch-open":        views.Dispatch(views.DispatchFragment{Region: "north", JobID: jobID(1), Open: &open}),
		"dispatch-lane":        views.Dispatch(cannedFragment()),
		"dispatch-guest":       views.Dispatch(views.DispatchFragment{Region: "north", JobID: jobID(4), Lanes: []views.LanePlace{{LaneID: views.GuestLaneID("north", "2027-03-09"), Card: guest}}}),
		"dispatch-gone":        views.Dispatch(views.DispatchFragment{Region: "north", JobID: jobID(1)}),
		"contractor-card":      views.Contractor(views.ContractorFragment{JobID: jobID(2), Places: []views.PhonePlace{{Dates: []string{"2027-03-09"}, Card: card}}, Changes: []views.PhoneChange{moved}}),
		"contractor-withdrawn": views.Contractor(views.ContractorFragment{JobID: jobID(2), Changes: []views.PhoneChange{removed}}),
		"contractor-gone":      views.Contractor(views.ContractorFragment{JobID: jobID(2)}),
		"kiosk-card":           views.Kiosk(views.KioskFragment{JobID: jobID(3), Places: []views.WallPlace{{ListID: views.WallID("north", contractorID(0), "2027-03-09"), Card: wall}}}),
		"kiosk-gone":           views.Kiosk(views.KioskFragment{JobID: jobID(3)}),
		"form-assign":          views.AssignmentFormPanel(cannedAssign()),
		"form-assign-conflict": views.AssignmentFormPanel(cannedConflict()),
		"form-assign-invalid":  views.AssignmentFormPanel(cannedInvalid()),
		"form-move":            views.MoveFormPanel(cannedMove()),
		"form-removal":         views.RemovalFormPanel(cannedRemoval()),
		"form-act":             views.JobActPanel(cannedAct()),
		"form-edit":            views.EditJobPanel(cannedEdit()),
	}
	for name, component := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("testdata", name+".html")
			got := append(render(t, component), '\n')
			if *update {
				if err := os.WriteFile(path, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("differs from %s (go test ./views -update writes it anew):\n%s", path, got)
			}
		})
	}
}

// TestCardIsTheSameInPageAndStream holds the property on which live updates
// rest: a fresh page and a followed one show the same bytes.
func TestCardIsTheSameInPageAndStream(t *testing.T) {
	t.Parallel()
	open, phone, wall := cannedOpen(1), cannedPhoneCard(2), cannedWallCard(411)
	lane := cannedLanes()[0]
	cases := map[string]struct{ page, fragment templ.Component }{
		"open": {views.DispatchBoard(boardPage(), cannedBoard()), views.Dispatch(views.DispatchFragment{Region: "north", JobID: jobID(1), Open: &open})},
		"lane": {views.DispatchBoard(boardPage(), cannedBoard()), views.Dispatch(views.DispatchFragment{Region: "north", JobID: lane.Days[0].Cards[0].JobID,
			Lanes: []views.LanePlace{{LaneID: views.LaneID("north", lane.ContractorID, "2027-03-09"), Card: lane.Days[0].Cards[0]}}})},
		"phone": {cannedPages()["contractor"], views.Contractor(views.ContractorFragment{JobID: phone.JobID, Places: []views.PhonePlace{{Dates: []string{"2027-03-09"}, Card: phone}}})},
		"wall": {cannedPages()["kiosk"], views.Kiosk(views.KioskFragment{JobID: wall.JobID,
			Places: []views.WallPlace{{ListID: views.WallID("north", contractorID(2), "2027-03-09"), Card: cannedWall().Rows[3].Cards[1]}}})},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fragment := render(t, c.fragment)
			start, end := bytes.Index(fragment, []byte("<li")), bytes.LastIndex(fragment, []byte("</li>"))
			if start < 0 || end < 0 {
				t.Fatalf("no card in %s", fragment)
			}
			card := fragment[start : end+len("</li>")]
			if !bytes.Contains(render(t, c.page), card) {
				t.Errorf("the page lacks this card of the stream:\n%s", card)
			}
		})
	}
}
