package db_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
)

// importAdmin adds an administrator to an import world and returns him as the
// author of commands.
func importAdmin(t testing.TB, d *db.DB) db.Actor {
	t.Helper()
	u, err := d.CreateUser(t.Context(), db.NewUser{Email: "ada@example.com", Name: "Ada", Role: "admin"})
	if err != nil {
		t.Fatal(err)
	}
	return db.Actor{UserID: u.ID, Kind: events.ActorDispatcher, AllRegions: true}
}

var importTime = time.Date(2027, 3, 8, 9, 0, 0, 0, time.UTC)

func checkImport(t testing.TB, d *db.DB, by db.Actor, text string) db.ImportBatch {
	t.Helper()
	id, err := d.CheckImport(t.Context(), db.ImportUpload{By: by, Kind: "jobs", FileName: `C:\files\jobs.csv`, Content: []byte(text), Now: importTime})
	if err != nil {
		t.Fatal(err)
	}
	return batchNow(t, d, by, id)
}

func batchNow(t testing.TB, d *db.DB, by db.Actor, id string) db.ImportBatch {
	t.Helper()
	b, err := d.ImportBatch(t.Context(), by, id, importTime)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// runImport confirms a batch and runs what waits.
func runImport(t testing.TB, d *db.DB, by db.Actor, b db.ImportBatch, onlyGood bool) db.ImportBatch {
	t.Helper()
	err := d.ConfirmImport(t.Context(), db.ConfirmImport{By: by, ID: b.ID, Version: b.Version, OnlyGood: onlyGood, Now: importTime})
	if err != nil {
		t.Fatal(err)
	}
	return runWaiting(t, d, by, b.ID)
}

func runWaiting(t testing.TB, d *db.DB, by db.Actor, id string) db.ImportBatch {
	t.Helper()
	ran, err := d.RunImport(t.Context(), func() time.Time { return importTime })
	if err != nil || !ran {
		t.Fatalf("ran %t, %v", ran, err)
	}
	return batchNow(t, d, by, id)
}

const jobsNow = `select concat_ws(' ', external_id, region, status) from jobs where external_id not like 'W-%' order by external_id`

func TestImportBatchOfGoodRows(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	ada := importAdmin(t, d)
	text := jobHeader + ",customer_name\n" + goodJob + ",=1+1\n" +
		"A-2,Nowhere,4 Main St,50,50,999,,30,2027-03-08T09:00,2027-03-08T12:00,normal,Pia\n" +
		"A-3,x,4 Main St,0.5,0.5,,magic,0,2027-03-08T09:00,2027-03-08T12:00,normal,Pia\n" +
		"A-4,x,4 Main St,0.5,0.5,,magic,30,2027-03-08T09:00,2027-03-08T12:00,normal,Pia\n"
	b := checkImport(t, d, ada, text)
	want := db.ImportCounts{Created: 2, Unrouted: 1, Neutralised: 1, Blocked: 2}
	if b.State != db.ImportChecked || b.Counts != want || b.FileName != "jobs.csv" || b.UserName != "Ada" || b.Values != 2 {
		t.Errorf("checked: %+v", b)
	}
	if got := rowsOf(t, d, jobsNow); got != "" || importLog(t, d) != "" {
		t.Errorf("the check saved %s, %s", got, importLog(t, d))
	}
	done := runImport(t, d, ada, b, true)
	if done.State != db.ImportDone || done.Counts != want {
		t.Errorf("imported: %+v", done)
	}
	if got := rowsOf(t, d, jobsNow); got != "A-1 west open\nA-2 unrouted open" {
		t.Errorf("jobs: %s", got)
	}
	file, err := d.BadRows(t.Context(), ada, b.ID, importTime)
	if err != nil {
		t.Fatal(err)
	}
	wantFile := "\ufeff" + jobHeader + ",customer_name,error\r\n" +
		"A-3,x,4 Main St,0.5,0.5,,magic,0,2027-03-08T09:00,2027-03-08T12:00,normal,Pia,duration_minutes: write whole minutes from 1 to 10080\r\n" +
		"A-4,x,4 Main St,0.5,0.5,,magic,30,2027-03-08T09:00,2027-03-08T12:00,normal,Pia,\"skills: there is no such skill: correct the name, or have the skill added first\"\r\n"
	if got := string(file); got != wantFile {
		t.Errorf("bad rows:\n%s\nwant\n%s", got, wantFile)
	}
	// Put right, that file can be uploaded as it is.
	again := checkImport(t, d, ada, strings.NewReplacer("magic", "gas", ",0,2027", ",30,2027").Replace(string(file)))
	if again.Counts != (db.ImportCounts{Created: 2}) {
		t.Errorf("put right: %+v", again.Counts)
	}
	// The same file again changes nothing.
	log := importLog(t, d)
	if same := runImport(t, d, ada, checkImport(t, d, ada, text), true); same.Counts != (db.ImportCounts{Unchanged: 2, Neutralised: 1, Blocked: 2}) {
		t.Errorf("the same file again: %+v", same.Counts)
	}
	if importLog(t, d) != log {
		t.Errorf("the same file again logged %s", importLog(t, d))
	}
}

// TestImportBatchAllOrNothing confirms all rows of a file of which one has become
// bad meanwhile: nothing is saved, and the file says why.
func TestImportBatchAllOrNothing(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	ada := importAdmin(t, d)
	b := checkImport(t, d, ada, jobHeader+"\n"+goodJob+"\n"+strings.Replace(strings.Replace(goodJob, "A-1", "A-2", 1), "gas", "tile", 1)+"\n")
	if err := d.Exec(t.Context(), `delete from contractor_skills where skill = 'tile'; delete from skills where slug = 'tile'`); err != nil {
		t.Fatal(err)
	}
	failed := runImport(t, d, ada, b, false)
	if failed.State != db.ImportFailed || failed.Values != 1 || rowsOf(t, d, jobsNow) != "" {
		t.Errorf("%+v, jobs %s", failed, rowsOf(t, d, jobsNow))
	}
	errs, err := d.ImportErrors(t.Context(), b.ID, 0, 10)
	if err != nil || len(errs) != 1 || errs[0].Line != 3 || errs[0].Column != "skills" {
		t.Errorf("got %v, %v", errs, err)
	}
}

// TestImportBatchOfADispatcher leaves rows of other regions out, whether they
// would add a job there or change one.
func TestImportBatchOfADispatcher(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	u, err := d.CreateUser(t.Context(), db.NewUser{Email: "bo@example.com", Name: "Bo", Role: "dispatcher", Regions: []string{"east"}})
	if err != nil {
		t.Fatal(err)
	}
	bo := db.Actor{UserID: u.ID, Kind: events.ActorDispatcher, Regions: []string{"east"}}
	text := jobHeader + "\n" + goodJob + "\n" + strings.NewReplacer("A-1", "A-2", "0.5,0.5", "0.5,1.5").Replace(goodJob) + "\n" +
		strings.NewReplacer("A-1", "W-2", "0.5,0.5", "0.5,1.5").Replace(goodJob) + "\n"
	b := checkImport(t, d, bo, text)
	if b.Counts != (db.ImportCounts{Created: 1, Blocked: 2}) {
		t.Errorf("checked: %+v", b.Counts)
	}
	if done := runImport(t, d, bo, b, true); done.Counts != b.Counts || rowsOf(t, d, jobsNow) != "A-2 east open" {
		t.Errorf("imported: %+v, %s", done.Counts, rowsOf(t, d, jobsNow))
	}
	// Another dispatcher doesn't see it, an administrator does.
	stranger := db.Actor{UserID: importAdmin(t, d).UserID, Regions: []string{"east"}}
	if _, err := d.ImportBatch(t.Context(), stranger, b.ID, importTime); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("a stranger got %v", err)
	}
	// Who was locked out meanwhile imports nothing.
	b = checkImport(t, d, bo, strings.ReplaceAll(text, "A-", "B-"))
	if err := d.Exec(t.Context(), `update users set disabled_at = now() where name = 'Bo'`); err != nil {
		t.Fatal(err)
	}
	if failed := runImport(t, d, bo, b, true); failed.State != db.ImportFailed || rowsOf(t, d, jobsNow) != "A-2 east open" {
		t.Errorf("locked out: %+v", failed)
	}
}

func TestUndoImport(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	ada := importAdmin(t, d)
	b := runImport(t, d, ada, checkImport(t, d, ada, manyJobs(60, 60)+"W-2,Newer,1 Main St,0.5,0.5,,gas,60,2027-03-08T09:00,2027-03-08T12:00,normal\n"), false)
	if err := d.Exec(t.Context(), `update jobs set version = 2 where external_id = 'M-3'`); err != nil {
		t.Fatal(err)
	}
	if err := d.UndoImport(t.Context(), db.UndoImport{By: ada, ID: b.ID, Version: b.Version, Now: importTime.Add(db.UndoTime)}); !errors.Is(err, db.ErrImportState) {
		t.Errorf("after ten minutes: %v", err)
	}
	if err := d.UndoImport(t.Context(), db.UndoImport{By: ada, ID: b.ID, Version: b.Version, Now: importTime.Add(db.UndoTime - time.Second)}); err != nil {
		t.Fatal(err)
	}
	undone := runWaiting(t, d, ada, b.ID)
	if undone.State != db.ImportUndone || undone.Removed != 59 || len(undone.Kept) != 1 || undone.Kept[0].Count != 1 ||
		undone.Kept[0].Reason != "changed since the import" || undone.Kept[0].Examples[0].Number == 0 {
		t.Errorf("undone: %+v", undone)
	}
	if got := rowsOf(t, d, `select external_id || ' ' || title from jobs order by 1`); got != "M-3 Job\nW-1 Old title\nW-2 Newer" {
		t.Errorf("jobs: %s", got)
	}
	if got := rowsOf(t, d, `select count(*)::text from sites union all select count(*)::text from visits`); got != "3\n3" {
		t.Errorf("sites and visits: %s", got)
	}
	want := "ImportCompleted east {dispatch/east} 30 0\nImportCompleted west {dispatch/west} 30 1\n" +
		"ActionUndone east {dispatch/east}\nActionUndone west {dispatch/west}"
	if importLog(t, d) != want {
		t.Errorf("log:\n%s", importLog(t, d))
	}
	if got := rowsOf(t, d, `select count(*)::text from event_log u join event_log e on e.event_id::text = u.payload->>'undoOf' and e.region = u.region
	  where u.event_type = 'ActionUndone' and e.event_type = 'ImportCompleted'`); got != "2" {
		t.Errorf("%s events name what they undo", got)
	}
}

// TestUndoImportKeepsCustomers removes the customers that came with the import,
// and leaves those who were there before.
func TestUndoImportKeepsCustomers(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	ada := importAdmin(t, d)
	b := runImport(t, d, ada, checkImport(t, d, ada, jobHeader+",customer_name,customer_phone\n"+goodJob+",Pia,555-0100\n"+
		strings.Replace(goodJob, "A-1", "A-2", 1)+",Quinn,\n"), false)
	if got := rowsOf(t, d, `select name from customers order by 1`); got != "Pia\nQuinn" {
		t.Fatalf("customers: %s", got)
	}
	if err := d.UndoImport(t.Context(), db.UndoImport{By: ada, ID: b.ID, Version: b.Version, Now: importTime}); err != nil {
		t.Fatal(err)
	}
	if undone := runWaiting(t, d, ada, b.ID); undone.Removed != 2 || rowsOf(t, d, `select name from customers order by 1`) != "Pia" {
		t.Errorf("%+v, customers %s", undone, rowsOf(t, d, `select name from customers order by 1`))
	}
}

// TestUploadsExpire forgets the file, its bad values and what was only checked
// after an hour, and remembers what was imported.
func TestUploadsExpire(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	ada := importAdmin(t, d)
	text := jobHeader + "\n" + goodJob + "\nbad\n"
	b := runImport(t, d, ada, checkImport(t, d, ada, text), true)
	checked := checkImport(t, d, ada, text)
	later := importTime.Add(time.Hour + time.Second)
	if _, err := d.ImportBatch(t.Context(), ada, checked.ID, later); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("an hour later: %v", err)
	}
	if _, err := d.DeleteExpired(t.Context(), later); err != nil {
		t.Fatal(err)
	}
	if got := rowsOf(t, d, `select state || ' ' || (content is null) from import_batches`); got != "done true" {
		t.Errorf("kept: %s", got)
	}
	if now := batchNow(t, d, ada, b.ID); now.HasFile || now.Values != 0 || now.Counts.Created != 1 {
		t.Errorf("%+v", now)
	}
	if _, err := d.BadRows(t.Context(), ada, b.ID, later); !errors.Is(err, db.ErrSpent) {
		t.Errorf("bad rows: %v", err)
	}
	for range 7 {
		checkImport(t, d, ada, text)
	}
	if got := rowsOf(t, d, `select count(*)::text from import_batches where state = 'checked'`); got != "5" {
		t.Errorf("%s unused files are kept", got)
	}
}
