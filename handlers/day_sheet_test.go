package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"smartscheduler/db"
	"smartscheduler/handlers"
)

// TestDaySheet puts a day on paper: for the office by region and by contractor,
// and for the contractor himself.
func TestDaySheet(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	rosa, maya := o.addContractor("north", "Rosa"), o.addContractor("south", "Maya")
	o.addContractor("north", "Lee")
	ben := o.addContractor("south", "Ben")
	o.exec(`insert into contractor_moves (contractor_id, from_region, to_region, effective_from, takes_effect) values ($1, 'south', 'north', $2, $3)`, ben, soonDay(), soon())
	o.exec(`insert into contractor_regions values ($1, 'north')`, maya)
	o.exec(`insert into contractor_exceptions (contractor_id, day, starts, ends, note) values ($1, $2, '10:00', '20:00', 'In court before')`, maya, soonDay())
	o.exec(`update contractors set phone = '423-555-0101' where id = $1`, rosa)
	admin := o.signedIn(o.user(handlers.RoleAdmin))
	for _, give := range []struct {
		region, title, who, clock string
	}{{"north", "Tile the porch", rosa, "T09:00"}, {"south", "Far from home", rosa, "T13:00"}, {"north", "Guest job", maya, "T11:00"}, {"south", "Secret of the south", maya, "T15:00"}} {
		j := o.addJob(give.region, soonDay(), func(n *db.NewJob) {
			n.Title, n.Notes, n.Site.AccessNotes = give.title, "Bring the saw", "Key at the desk"
		})
		wantStatus(t, admin.assign(j, give.who, soonDay()+give.clock), http.StatusSeeOther)
	}
	o.addJob("north", soonDay(), func(n *db.NewJob) { n.Title = "Still open" })
	ann := o.signedIn(o.user(handlers.RoleDispatcher, "north"))
	for _, test := range []struct {
		who        *browser
		path       string
		want, lack []string
	}{
		{ann, "/dispatch/north/sheet?date=" + soonDay(),
			[]string{"Tile the porch", "Far from home", "Guest job", "From another region", "Nothing is planned for Lee", "Still open", "423-555-0101",
				"Ida Berg", "555-0142", "7 Test Lane, 37401", "Key at the desk", "Bring the saw", "09:00–10:00", "1 h", soon().Format("Monday 2 January 2006")},
			[]string{"Secret of the south", "In court", "<script"}},
		{ann, "/dispatch/north/sheet", []string{"Nothing is planned for Rosa", "Nothing is open that was promised for this day."}, []string{"Tile the porch"}},
		{ann, "/contractors/" + rosa + "/sheet?date=" + soonDay(), []string{"Tile the porch", "Far from home", "South"}, []string{"Still open", "Lee"}},
		// Who is going to have another home stands on its board from that day on.
		{admin, "/contractors/" + ben + "/sheet?date=" + soonDay(), []string{"Nothing is planned for Ben", "08:00–18:00"}, []string{"Not working"}},
		// Of a contractor who only serves a region its dispatchers see when he is busy.
		{ann, "/contractors/" + maya + "/sheet?date=" + soonDay(), []string{"Guest job", "15:00–16:00", "Booked in another region"}, []string{"Secret", "In court"}},
		{o.phone(maya), "/contractor/sheet?date=" + soonDay(), []string{"Guest job", "Secret of the south", "In court before"}, []string{"Rosa", "Lee", "Tile the porch"}},
	} {
		got := test.who.get(test.path)
		wantStatus(t, got, http.StatusOK)
		for _, want := range test.want {
			if !strings.Contains(got.Body.String(), want) {
				t.Errorf("%s lacks %q", test.path, want)
			}
		}
		for _, lack := range test.lack {
			if strings.Contains(got.Body.String(), lack) {
				t.Errorf("%s has %q", test.path, lack)
			}
		}
	}
	if page := ann.get("/dispatch/north?date=" + soonDay()).Body.String(); !strings.Contains(page, `href="/dispatch/north/sheet?date=`+soonDay()+`"`) {
		t.Error("the board has no link to its sheet")
	}
	if page := ann.get("/contractors/" + rosa).Body.String(); !strings.Contains(page, `href="/contractors/`+rosa+`/sheet"`) {
		t.Error("the contractor's page has no link to his sheet")
	}
}
