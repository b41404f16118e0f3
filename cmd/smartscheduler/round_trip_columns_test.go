package main

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
)

// wantEveryColumn empties one column after the other and wants to see it.
func wantEveryColumn(t *testing.T, files map[string]string) {
	t.Helper()
	whole, raw := importAll(t, files)
	pages := pagesOf(t, whole, raw, 7)
	files["assignments"] = withoutEnded(t, "assignments", files["assignments"])
	for kind, columns := range map[string][]string{
		"jobs":        {"number", "status", "headcount", "customer_phone", "access_notes", "region", "zone", "notes"},
		"contractors": {"exceptions", "base_lat+base_lng", "active", "auto_accept"},
		"assignments": {"status", "offered+answer_by"},
	} {
		for _, column := range columns {
			emptied := strings.Split(column, "+")
			less := maps.Clone(files)
			less[kind] = edited(t, files[kind], func(column string, row map[string]string) (string, bool) {
				if slices.Contains(emptied, column) {
					return "", true
				}
				return row[column], true
			})
			app, raw := importAll(t, less)
			if !anyDiffers(pages, drawn(t, app, raw, 7)) {
				t.Errorf("without the column %s of the %s all pages are the same", column, kind)
			}
		}
	}
}

// anyDiffers looks until a page is another one.
func anyDiffers(pages map[string]string, drawn iter.Seq2[string, string]) bool {
	for path, page := range drawn {
		if pages[path] != page {
			return true
		}
	}
	return false
}
