package views_test

import (
	"github.com/a-h/templ"

	"smartscheduler/views"
)

// cannedImports are the pages of an uploaded file, from its upload to its undoing.
func cannedImports() map[string]templ.Component {
	page := cannedPage("Import", "imports")
	at := views.Moment{Text: "9 Mar 14:00:00 UTC", Instant: "2027-03-09T14:00:00Z"}
	checked := views.ImportDetail{
		Path: "/imports/" + jobID(1), Things: "jobs", FileName: nameMarkup + ".csv", Uploaded: at, By: nameLong, State: "checked", Version: 1,
		Ready: 488, Blocked: 12, Readiness: "488 ready (1 of them to unrouted, 1 neutralised), 12 blocked",
		Created: 488, Unrouted: 1, Neutralised: 1, Expires: at, BadRows: true,
		Errors: []views.ImportError{
			{Line: "18", Column: "skills", Value: nameMarkup, Reason: "There is no such skill."},
			{Line: "300", Value: nameLong, Reason: "The row has 3 cells, the header has 14."},
		},
		Range: "101–200 of 300 values", Previous: "?from=0", Next: "?from=200", Notice: "Nothing was changed by this.",
	}
	running, done, undone, failed := checked, checked, checked, checked
	running.State, running.Running, running.Done, running.Total = "queued", true, 2000, 34000
	done.State, done.UndoLeft, done.Changed, done.Finished = "done", "9 minutes", 3, at
	undone.State, undone.Removed = "undone", "480 jobs"
	undone.Kept = []views.ImportKept{{Text: "8 jobs kept: assigned by now", Rows: []views.RegionLink{{Slug: "/jobs/" + jobID(2), Name: "J-1002"}}, More: 7}}
	failed.State, failed.Trouble = "failed", "Not every row could be taken any more, so nothing was saved."
	mapped, mapDone := checked, done
	mapped.IsMap, mapped.Map, mapped.Things, mapped.Blocked, mapped.BadRows, mapped.Errors = true, cannedMapChange(), "regions", 0, false, nil
	mapped.Trouble = "Nothing was saved yet: jobs or regions have changed since you were shown what the map would do."
	mapDone.IsMap, mapDone.Map, mapDone.Things, mapDone.UndoLeft = true, cannedMapChange(), "regions", ""
	return map[string]templ.Component{
		"import-map": views.ImportPage(page, mapped), "import-map-done": views.ImportPage(page, mapDone),
		"imports": views.ImportsPage(page, views.Imports{
			Errors: views.Errors{"file": "Choose a file."}, MaxSize: "16 MB", Admin: true,
			Batches: []views.ImportRow{{Href: checked.Path, FileName: checked.FileName, Uploaded: at, By: nameLong, State: "done", StateText: "Imported", Result: "488 new, 0 changed, 12 left out"}},
		}),
		"imports-empty": views.ImportsPage(page, views.Imports{MaxSize: "16 MB"}),
		"import-check":  views.ImportPage(page, checked), "import-running": views.ImportPage(page, running),
		"import-done": views.ImportPage(page, done), "import-undone": views.ImportPage(page, undone), "import-failed": views.ImportPage(page, failed),
	}
}
