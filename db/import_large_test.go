package db_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"smartscheduler/db"
)

// TestImportOfThirtyFourThousandJobs checks, imports and undoes a large file, each
// in under a minute.
func TestImportOfThirtyFourThousandJobs(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	ada := importAdmin(t, d)
	text := manyJobs(34000, 60)
	step := func(what string, began time.Time) {
		t.Helper()
		if took := time.Since(began); took > time.Minute {
			t.Errorf("%s took %v", what, took)
		} else {
			t.Logf("%s took %v", what, took)
		}
	}
	began := time.Now()
	b := checkImport(t, d, ada, text)
	step("the check", began)
	began = time.Now()
	b = runImport(t, d, ada, b, false)
	step("the import", began)
	if b.Counts.Created != 34000 || b.Done != 34000 || b.Total != 34000 {
		t.Errorf("imported: %+v", b)
	}
	began = time.Now()
	if err := d.UndoImport(t.Context(), db.UndoImport{By: ada, ID: b.ID, Version: b.Version, Now: importTime}); err != nil {
		t.Fatal(err)
	}
	b = runWaiting(t, d, ada, b.ID)
	step("the undoing", began)
	if b.Removed != 34000 || rowsOf(t, d, jobsNow) != "" {
		t.Errorf("undone: %+v", b)
	}
}

// FuzzImportJobs imports whatever comes: a file is taken as its check said, or
// nothing of it is.
func FuzzImportJobs(f *testing.F) {
	d := importWorld(f)
	ada := importAdmin(f, d)
	f.Add([]byte(jobHeader+"\n"+goodJob+"\n"+strings.Replace(goodJob, "gas", "magic", 1)+"\n"), true)
	f.Add([]byte(jobHeader+"\n"+goodJob+"\n"+strings.Replace(goodJob, "A-1", "A-2", 1)+"\n\"open"), false)
	f.Add([]byte("sep=;\n"+strings.ReplaceAll(jobHeader+"\n"+goodJob, ",", ";")), false)
	f.Add([]byte(jobHeader+"\nW-1,caf\xe9,1 Main St,0.5,1,,GAS;tile,60,2027-11-07T01:30,2027-11-07T05:00,rush\n"), true)
	f.Add([]byte("\xff\xfee\x00"), true)
	count := func(t *testing.T) (n int) {
		if err := d.Scan(t.Context(), `select count(*) from jobs`, &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	f.Fuzz(func(t *testing.T, content []byte, onlyGood bool) {
		before := count(t)
		id, err := d.CheckImport(t.Context(), db.ImportUpload{By: ada, Kind: "jobs", FileName: "x", Content: content, Now: importTime})
		if errors.Is(err, db.ErrFile) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if count(t) != before {
			t.Fatal("the check saved something")
		}
		checked := batchNow(t, d, ada, id)
		done := runImport(t, d, ada, checked, onlyGood)
		switch added := count(t) - before; {
		case done.State == db.ImportDone && (added != done.Counts.Created || done.Counts != checked.Counts || !onlyGood && done.Counts.Blocked > 0):
			t.Fatalf("checked as %+v, imported as %+v, %d jobs added", checked.Counts, done.Counts, added)
		case done.State == db.ImportFailed && (added != 0 || onlyGood || checked.Counts.Blocked == 0):
			t.Fatalf("checked as %+v, failed: %s, %d jobs added", checked.Counts, done.Trouble, added)
		case done.State != db.ImportDone && done.State != db.ImportFailed:
			t.Fatalf("the batch is %s", done.State)
		}
		if _, err := d.BadRows(t.Context(), ada, id, importTime); err != nil {
			t.Fatal(err)
		}
	})
}
