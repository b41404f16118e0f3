package views_test

import (
	"github.com/a-h/templ"

	"smartscheduler/views"
)

// cannedExports are the page of exports and the sheets.
func cannedExports() map[string]templ.Component {
	page := cannedPage("Export", "exports")
	kinds := []views.ExportKind{
		{Label: "Regions", About: "Their outlines.", Files: []views.ExportFile{{Path: "/exports/regions.geojson", Label: "GeoJSON"}}},
		{Label: "Jobs", About: "All of them.", Files: []views.ExportFile{{Path: "/exports/jobs.csv", Label: "CSV"}, {Path: "/exports/jobs.jsonl", Label: "JSON Lines"}}},
	}
	regions := []views.Choice{{Value: "north", Label: nameLong}, {Value: "unrouted", Label: "Unrouted"}}
	job := views.SheetJob{
		Time: "10:00–12:30 CT", Number: "J-1001", Title: nameMarkup, Customer: nameArabic, Phone: "423-555-0142", Place: nameLong,
		AccessNotes: "Key at the desk.\nRing twice.", Notes: nameMarkup, Duration: "2 h 30 min", Skills: []string{"Tile", "Gas"}, Priority: "rush",
		Status: "Accepted", Elsewhere: "South",
	}
	return map[string]templ.Component{
		"exports": views.ExportsPage(page, views.Exports{Kinds: kinds, Regions: regions}),
		"exports-errors": views.ExportsPage(page, views.Exports{
			Kinds: kinds, Regions: regions, Notice: "No file was made.", From: "2027-03-09",
			Errors: views.Errors{"region": "Choose a region from the list.", "from": "Give a date.", "to": "The last day is before the first."},
		}),
		"sheet": views.DaySheetPage(views.DaySheet{
			Title: nameMarkup, DateLabel: "Tuesday 9 March 2027", ZoneLabel: "Eastern time", Printed: "9 Mar 2027 07:00",
			Back: "/dispatch/north", BackLabel: "Back to the board", Previous: "/dispatch/north/sheet?date=2027-03-08", Next: "/dispatch/north/sheet?date=2027-03-10",
			People: []views.SheetPerson{
				{Name: nameArabic, Phone: "423-555-0101", Hours: "08:00–17:00", Jobs: []views.SheetJob{job, {Time: "13:00–14:00", Busy: true}}},
				{Name: nameMarkup, Hours: "Off: " + nameMarkup}, {Name: nameLong, Guest: true, Jobs: []views.SheetJob{job}},
			},
			HasOpen: true, Open: []views.SheetJob{job},
		}),
		"sheet-empty": views.DaySheetPage(views.DaySheet{Title: "North", DateLabel: "Tuesday 9 March 2027", Back: "/contractor", BackLabel: "Back to my jobs", Previous: "?date=2027-03-08", Next: "?date=2027-03-10"}),
	}
}
