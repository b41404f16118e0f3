package views_test

import (
	"github.com/a-h/templ"

	"smartscheduler/views"
)

func cannedMap() views.Map {
	return views.Map{
		Label: "Map of " + nameMarkup, Width: 1040, Height: 640,
		Areas:  []views.MapArea{{Path: "M20 20l1000 0l0 600l-1000 0zM300 200l200 0l0 200z", Kind: "now"}},
		Points: []views.MapPoint{{X: 700, Y: 300, Label: "J-1001"}},
	}
}

func cannedMoves() views.MovedJobs {
	return views.MovedJobs{Total: 37, More: 35, Jobs: []views.MovedJob{
		{Number: "J-1001", Path: "/jobs/" + jobID(1), Title: nameMarkup, From: nameLong, To: "South", Holder: nameLong},
		{Number: "J-1002", Path: "/jobs/" + jobID(2), Title: "Fix", From: "North", To: "South"},
	}}
}

func cannedMapChange() *views.MapChange {
	drawn := cannedMap()
	drawn.Areas = append(drawn.Areas, views.MapArea{Path: "M20 20l500 0l0 600z", Kind: "before"}, views.MapArea{Path: "M20 20l800 0l0 600z", Kind: "after"})
	return &views.MapChange{
		Map: drawn, Regions: []views.ChangedRegion{{Name: nameMarkup, New: true}, {Name: nameLong}}, More: 8, Moves: cannedMoves(),
	}
}

// cannedRegions are the pages of regions, in their states.
func cannedRegions() map[string]templ.Component {
	page := cannedPage("Regions", "admin")
	row := views.RegionRow{
		Path: "/admin/regions/north", Slug: "north", Name: nameMarkup, Zone: "America/New_York", HasMap: true,
		Dispatchers: []string{nameLong, "Bo", "Cy", "Di"}, OpenJobs: 12, Contractors: 7, Postcodes: 40,
	}
	region := views.Region{
		RegionRow: row, Map: cannedMap(), Total: 300, Form: views.RegionForm{Name: nameMarkup, Postcodes: "37402\n374*", Version: 3},
		Jobs: []views.RegionJob{
			{Number: "J-1001", Path: "/jobs/" + jobID(1), Status: "Open", When: "Tue 9 Mar", Why: "on the border: chosen by rule", Border: true, Drawn: true},
			{Number: "J-1002", Path: "/jobs/" + jobID(2), Status: "On hold", When: "Tue 9 Mar", Why: "by its postcode"},
		},
	}
	refused, moving, stale, bare := region, region, region, region
	refused.Form.Errors = views.Errors{"": "An import is running.", "name": "It must not be empty.", "postcodes": "A postcode has 1 to 20 characters."}
	moving.Form.Moves, moving.Form.Confirmed, moving.Form.Again = cannedMoves(), "abc", true
	stale.Form.Stale = &views.Stale{Rows: []views.StaleRow{{Label: "Name", Yours: nameMarkup, Now: nameLong}}}
	bare.Map, bare.Jobs, bare.Total, bare.Form.Done = views.Map{}, nil, 0, "The changes are saved."
	return map[string]templ.Component{
		"regions":       views.RegionListPage(page, views.RegionList{Query: nameMarkup, Rows: []views.RegionRow{row}, Found: 101, All: 300, Pager: views.Pager{Previous: "/admin/regions?page=1", Next: "/admin/regions?page=3"}}),
		"regions-none":  views.RegionListPage(page, views.RegionList{Query: "x", All: 3}),
		"regions-empty": views.RegionListPage(page, views.RegionList{}),
		"region":        views.RegionPage(page, region), "region-invalid": views.RegionPage(page, refused), "region-moves": views.RegionPage(page, moving),
		"region-stale": views.RegionPage(page, stale), "region-bare": views.RegionPage(page, bare),
	}
}
