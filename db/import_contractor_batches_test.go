package db_test

import (
	"errors"
	"strings"
	"testing"

	"smartscheduler/db"
	"smartscheduler/events"
)

func checkContractors(t testing.TB, d *db.DB, by db.Actor, text string) db.ImportBatch {
	t.Helper()
	id, err := d.CheckImport(t.Context(), db.ImportUpload{By: by, Kind: db.ImportOfContractors, FileName: "people.csv", Content: []byte(text), Now: importTime})
	if err != nil {
		t.Fatal(err)
	}
	return batchNow(t, d, by, id)
}

// TestImportBatchOfContractors takes a file of contractors from its check to its
// undoing: bad rows are left out, the boards of the home regions are told, and
// who has got a job meanwhile stays.
func TestImportBatchOfContractors(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	ada := importAdmin(t, d)
	text := contractorHeader +
		"C-1,=Rosa,west,east,gas;tile:2027-03-31,Mon-Fri 08:00-17:00,555-0100,\n" +
		"C-2,Lee,east,,glass,Mon 08:00-12:00,,\n" +
		"C-3,Leo,nowhere,,marble,,,\n" +
		"C-4,Kofi,west,,,Mon 12:00-08:00,,\n" +
		"C-5,Maya,west,,,,,\n"
	want := db.ImportCounts{Created: 3, Skills: 1, Neutralised: 1, Blocked: 2}
	b := checkContractors(t, d, ada, text)
	if b.Counts != want || rowsOf(t, d, `select count(*)::text from contractors`) != "1" {
		t.Errorf("checked: %+v", b.Counts)
	}
	b = runImport(t, d, ada, b, true)
	if b.State != db.ImportDone || b.Counts != want {
		t.Errorf("imported: %+v", b)
	}
	if got := rowsOf(t, d, `select slug from skills order by 1`); got != "gas\nglass\ntile" {
		t.Errorf("skills: %s", got)
	}
	if log := "ImportCompleted east {dispatch/east} 1 0\nImportCompleted west {dispatch/west} 2 0"; importLog(t, d) != log {
		t.Errorf("log:\n%s", importLog(t, d))
	}
	if again := checkContractors(t, d, ada, text); again.Counts != (db.ImportCounts{Unchanged: 3, Neutralised: 1, Blocked: 2}) {
		t.Errorf("the same file again: %+v", again.Counts)
	}
	file, err := d.BadRows(t.Context(), ada, b.ID, importTime)
	if err != nil || strings.Count(string(file), "\r\n") != 3 || !strings.Contains(string(file), "home_region: there is no such region") {
		t.Errorf("bad rows: %v\n%s", err, file)
	}
	lee := rowsOf(t, d, `select id::text from contractors where external_id = 'C-2'`)
	if _, _, err := d.CreateContractorLink(t.Context(), lee, importTime); err != nil {
		t.Fatal(err)
	}
	if err := d.Exec(t.Context(), `update contractors set version = 2 where external_id = 'C-5'`); err != nil {
		t.Fatal(err)
	}
	if err := d.UndoImport(t.Context(), db.UndoImport{By: ada, ID: b.ID, Version: b.Version, Now: importTime}); err != nil {
		t.Fatal(err)
	}
	undone := runWaiting(t, d, ada, b.ID)
	if undone.State != db.ImportUndone || undone.Removed != 1 || len(undone.Kept) != 2 ||
		undone.Kept[0].Reason != "given a sign-in link" || undone.Kept[0].Examples[0] != (db.KeptRow{ID: lee, Name: "C-2"}) ||
		undone.Kept[1].Reason != "changed since the import" {
		t.Errorf("undone: %+v", undone)
	}
	if got := rowsOf(t, d, `select name from contractors order by 1`); got != "Cora\nLee\nMaya" {
		t.Errorf("contractors: %s", got)
	}
	if !strings.HasSuffix(importLog(t, d), "\nActionUndone west {dispatch/west}") {
		t.Errorf("log:\n%s", importLog(t, d))
	}
}

// TestImportBatchOfContractorsNeedsAnAdministrator lets nobody else's
// confirmation count, even if his rights were more when he uploaded the file.
func TestImportBatchOfContractorsNeedsAnAdministrator(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	ada := importAdmin(t, d)
	b := checkContractors(t, d, ada, contractorHeader+"C-1,Rosa,west,,,,,\n")
	if err := d.Exec(t.Context(), `update users set role = 'dispatcher'`); err != nil {
		t.Fatal(err)
	}
	failed := runImport(t, d, db.Actor{UserID: ada.UserID, Kind: events.ActorDispatcher}, b, true)
	if failed.State != db.ImportFailed || rowsOf(t, d, `select name from contractors`) != "Cora" {
		t.Errorf("%+v", failed)
	}
	if _, err := d.CheckImport(t.Context(), db.ImportUpload{By: ada, Kind: db.ImportOfContractors, Content: []byte("x"), Now: importTime}); !errors.Is(err, db.ErrFile) {
		t.Errorf("no table: %v", err)
	}
}
