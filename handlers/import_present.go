package handlers

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"smartscheduler/db"
	"smartscheduler/views"
)

// importRow is one line of the list.
func importRow(b db.ImportBatch, now time.Time) views.ImportRow {
	return views.ImportRow{
		Href: importsPath + "/" + b.ID, FileName: b.FileName, Uploaded: utc(b.UploadedAt), By: b.UserName,
		State: string(b.State), StateText: importState(b, now), Result: importResult(b),
	}
}

func importState(b db.ImportBatch, now time.Time) string {
	switch b.State {
	case db.ImportChecked:
		return "Checked, not imported"
	case db.ImportQueued:
		return "Being imported"
	case db.ImportFailed:
		return "Failed, nothing saved"
	case db.ImportUndoing:
		return "Being undone"
	case db.ImportUndone:
		return "Undone"
	}
	if now.Before(b.UndoUntil()) {
		return "Imported, can be undone"
	}
	return "Imported"
}

// importResult says in a line what was done, or would be.
func importResult(b db.ImportBatch) string {
	switch b.State {
	case db.ImportChecked, db.ImportQueued, db.ImportFailed:
		return readiness(b.Counts)
	case db.ImportUndone:
		return fmt.Sprintf("%s removed, %d kept", counted(b.Removed, noun(b)), keptCount(b.Kept))
	}
	if b.Kind == db.ImportOfRegions {
		return fmt.Sprintf("%d new, %d changed, %s moved", b.Counts.Created, b.Counts.Updated, counted(b.Counts.Moved, "job"))
	}
	return fmt.Sprintf("%d new, %d changed, %d left out", b.Counts.Created, b.Counts.Updated, b.Counts.Blocked)
}

// readiness is the sentence about a checked file: how many rows are ready, and
// how many are not.
func readiness(n db.ImportCounts) string {
	text := strconv.Itoa(n.Ready()) + " ready"
	switch {
	case n.Unrouted > 0 && n.Neutralised > 0:
		text += fmt.Sprintf(" (%d of them to unrouted, %d neutralised)", n.Unrouted, n.Neutralised)
	case n.Unrouted > 0:
		text += fmt.Sprintf(" (%d of them to unrouted)", n.Unrouted)
	case n.Neutralised > 0:
		text += fmt.Sprintf(" (%d neutralised)", n.Neutralised)
	}
	return text + fmt.Sprintf(", %d blocked", n.Blocked)
}

func keptCount(kept db.ImportKept) int {
	n := 0
	for _, k := range kept {
		n += k.Count
	}
	return n
}

// noun is one thing that a file holds.
func noun(b db.ImportBatch) string {
	return strings.TrimSuffix(b.Kind, "s")
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// importDetail is the page of one upload.
func importDetail(b db.ImportBatch, now time.Time) views.ImportDetail {
	d := views.ImportDetail{
		Path: importsPath + "/" + b.ID, FileName: b.FileName, Uploaded: utc(b.UploadedAt), By: b.UserName,
		State: string(b.State), Running: b.Running(), Version: b.Version, Trouble: b.Trouble,
		Ready: b.Counts.Ready(), Blocked: b.Counts.Blocked, Readiness: readiness(b.Counts),
		Created: b.Counts.Created, Updated: b.Counts.Updated, Unchanged: b.Counts.Unchanged, Closed: b.Counts.Closed,
		Unrouted: b.Counts.Unrouted, Neutralised: b.Counts.Neutralised,
		Done: b.Done, Total: b.Total, Removed: counted(b.Removed, noun(b)), Changed: b.Counts.Updated,
		Moved: b.Counts.Moved, Expires: utc(b.ExpiresAt), Things: noun(b) + "s", Skills: b.Counts.Skills,
	}
	if left := b.UndoUntil().Sub(now); left > 0 {
		d.UndoLeft = counted(int((left+time.Minute-1)/time.Minute), "minute")
	}
	if b.DoneAt.Valid {
		d.Finished = utc(b.DoneAt.Time)
	}
	for _, k := range b.Kept {
		kept := views.ImportKept{Text: fmt.Sprintf("%s kept: %s", counted(k.Count, noun(b)), k.Reason)}
		for _, row := range k.Examples {
			kept.Rows = append(kept.Rows, keptLink(b, row))
		}
		kept.More = k.Count - len(k.Examples)
		d.Kept = append(d.Kept, kept)
	}
	return d
}

// keptLink leads to what an undo left alone.
func keptLink(b db.ImportBatch, row db.KeptRow) views.RegionLink {
	if b.Kind == db.ImportOfContractors {
		return views.RegionLink{Slug: "/contractors/" + row.ID, Name: row.Name}
	}
	return views.RegionLink{Slug: "/jobs/" + row.ID, Name: "J-" + strconv.FormatInt(row.Number, 10)}
}

// shortened keeps a long value from filling the page.
func shortened(value string) string {
	const most = 80
	if runes := []rune(value); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return value
}

// addErrors adds the page of bad values that begins after the first ones.
func addErrors(d *views.ImportDetail, b db.ImportBatch, bad []db.RowError, first int) {
	for _, e := range bad {
		row := views.ImportError{Line: strconv.Itoa(e.Line), Column: e.Column, Value: shortened(e.Value), Reason: sentence(e.Reason)}
		d.Errors = append(d.Errors, row)
	}
	d.BadRows = b.HasFile && b.Values > 0 && b.Kind != db.ImportOfRegions
	if b.Values > importRows {
		d.Range = fmt.Sprintf("%d–%d of %d values", first+1, first+len(bad), b.Values)
	}
	if b.Values >= db.KeptErrors {
		d.Range += ", of the last rows the first only"
	}
	if first > 0 {
		d.Previous = "?from=" + strconv.Itoa(max(first-importRows, 0))
	}
	if first+len(bad) < b.Values {
		d.Next = "?from=" + strconv.Itoa(first+len(bad))
	}
}
