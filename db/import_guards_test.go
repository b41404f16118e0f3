package db_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"smartscheduler/db"
	"smartscheduler/events"
)

// importDispatcher adds a dispatcher of regions to an import world.
func importDispatcher(t testing.TB, d *db.DB, name string, regions ...string) db.Actor {
	t.Helper()
	u, err := d.CreateUser(t.Context(), db.NewUser{Email: name + "@example.com", Name: name, Role: "dispatcher", Regions: regions})
	if err != nil {
		t.Fatal(err)
	}
	return db.Actor{UserID: u.ID, Kind: events.ActorDispatcher, Regions: regions}
}

// inEast is goodJob under another id and in the region east.
func inEast(id string) string {
	return strings.NewReplacer("A-1", id, "0.5,0.5", "0.5,1.5").Replace(goodJob)
}

// TestImportIsConfirmedByItsUploader refuses an administrator's confirmation of a
// dispatcher's file: it would import with his rights what the check blocked.
func TestImportIsConfirmedByItsUploader(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	ada, bo := importAdmin(t, d), importDispatcher(t, d, "bo", "west")
	b := checkImport(t, d, bo, jobHeader+"\n"+goodJob+"\n"+inEast("A-2")+"\n")
	cmd := db.ConfirmImport{By: ada, ID: b.ID, Version: b.Version, OnlyGood: true, Now: importTime}
	if err := d.ConfirmImport(t.Context(), cmd); !errors.Is(err, db.ErrImportOfOther) {
		t.Errorf("the administrator got %v", err)
	}
	runImport(t, d, bo, b, true)
	if got := rowsOf(t, d, jobsNow); got != "A-1 west open" {
		t.Errorf("jobs: %s", got)
	}
}

// TestUndoImportKeepsOtherRegions lets who imported into a region that is not his
// any more remove nothing there.
func TestUndoImportKeepsOtherRegions(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	bo := importDispatcher(t, d, "bo", "west", "east")
	b := runImport(t, d, bo, checkImport(t, d, bo, jobHeader+"\n"+goodJob+"\n"+inEast("A-2")+"\n"), false)
	if err := d.Exec(t.Context(), `delete from user_regions where region = 'east'`); err != nil {
		t.Fatal(err)
	}
	bo.Regions = []string{"west"}
	if err := d.UndoImport(t.Context(), db.UndoImport{By: bo, ID: b.ID, Version: b.Version, Now: importTime}); err != nil {
		t.Fatal(err)
	}
	undone := runWaiting(t, d, bo, b.ID)
	if undone.Removed != 1 || len(undone.Kept) != 1 || undone.Kept[0].Reason != "not in your regions" || undone.Kept[0].Count != 1 {
		t.Errorf("undone: %+v", undone)
	}
	if got := rowsOf(t, d, jobsNow); got != "A-2 east open" {
		t.Errorf("jobs: %s", got)
	}
}

// TestBadValuesThatCannotBeStored keeps a value with a NUL, which PostgreSQL
// refuses, as a bad value like any other.
func TestBadValuesThatCannotBeStored(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	ada := importAdmin(t, d)
	b := checkImport(t, d, ada, jobHeader+"\n"+strings.Replace(goodJob, "A-1", "A\x00\x1b1", 1)+"\n"+
		strings.Replace(inEast("A-2"), "gas", "g\x00s", 1)+"\n")
	errs, err := d.ImportErrors(t.Context(), b.ID, 0, 10)
	if err != nil || len(errs) != 2 || errs[0].Value != "A\ufffd\ufffd1" || errs[1].Value != "g\ufffds" {
		t.Errorf("got %q, %v", errs, err)
	}
}

// waiting waits until so many statements about imports wait for a lock, or one of
// what was begun has ended without.
func waiting(t testing.TB, d *db.DB, statements string, ended chan error) {
	t.Helper()
	for rowsOf(t, d, `select count(distinct w.pid)::text from pg_locks w join pg_locks b using (pid) where not w.granted
	    and b.relation = 'import_batches'::regclass and b.database = (select oid from pg_database where datname = current_database())`) != statements {
		select {
		case err := <-ended:
			ended <- err
			t.Errorf("one did not wait: %v", err)
			return
		default:
		}
	}
}

// TestConfirmedFileIsNotForgotten uploads one file too many while the oldest is
// being confirmed: that one stays.
func TestConfirmedFileIsNotForgotten(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	ada := importAdmin(t, d)
	text := jobHeader + "\n" + goodJob + "\n"
	oldest := checkImport(t, d, ada, text)
	if err := d.Exec(t.Context(), `update import_batches set uploaded_at = uploaded_at - interval '1 minute'`); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		checkImport(t, d, ada, text)
	}
	uploaded := make(chan error, 1)
	confirm := func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(t.Context(), `update import_batches set state = 'queued' where id = $1`, oldest.ID); err != nil {
			return err
		}
		go func() {
			_, err := d.CheckImport(context.Background(), db.ImportUpload{By: ada, Kind: "jobs", FileName: "jobs.csv", Content: []byte(text), Now: importTime})
			uploaded <- err
		}()
		waiting(t, d, "1", uploaded)
		return nil
	}
	if err := d.LogInTx(t.Context(), confirm, nothing, func() []events.Event { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := <-uploaded; err != nil {
		t.Fatal(err)
	}
	if b := batchNow(t, d, ada, oldest.ID); b.State != db.ImportQueued {
		t.Errorf("%+v", b)
	}
}

// TestBadValuesAreBounded keeps a few thousand bad values, and beyond them one of
// each row, so that the file of bad rows lacks none.
func TestBadValuesAreBounded(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	ada := importAdmin(t, d)
	row := strings.Replace(goodJob, "gas", strings.Repeat("x;", 400), 1) + "\n"
	text := jobHeader + "\n"
	for i := range 300 {
		text += strings.Replace(row, "A-1", fmt.Sprintf("B-%d", i), 1)
	}
	b := checkImport(t, d, ada, text)
	// Twenty values of each of the first 250 rows.
	if b.Values != db.KeptErrors+50 || b.Counts.Blocked != 300 {
		t.Errorf("%d values of %d rows", b.Values, b.Counts.Blocked)
	}
	file, err := d.BadRows(t.Context(), ada, b.ID, importTime)
	if err != nil || strings.Count(string(file), "\nB-") != 300 {
		t.Errorf("%d bad rows, %v", strings.Count(string(file), "\nB-"), err)
	}
}

// TestImportOutOfTimeIsGivenUp tries a batch that runs out of time a few times
// and then lets those behind it have their turn.
func TestImportOutOfTimeIsGivenUp(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	ada := importAdmin(t, d)
	b := checkImport(t, d, ada, jobHeader+"\n"+goodJob+"\n")
	if err := d.ConfirmImport(t.Context(), db.ConfirmImport{By: ada, ID: b.ID, Version: b.Version, Now: importTime}); err != nil {
		t.Fatal(err)
	}
	run := func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(t.Context(), `select pg_advisory_xact_lock(79)`); err != nil {
			return err
		}
		ran, err := d.RunImport(t.Context(), time.Now)
		if ran || !errors.Is(err, db.ErrUnavailable) || rowsOf(t, d, `select state || attempts from import_batches`) != "queued1" {
			t.Errorf("the first attempt: ran %t, %v", ran, err)
		}
		if err := d.Exec(t.Context(), `update import_batches set attempts = 4`); err != nil {
			return err
		}
		ran, err = d.RunImport(t.Context(), time.Now)
		if !ran || !errors.Is(err, db.ErrUnavailable) {
			t.Errorf("the last attempt: ran %t, %v", ran, err)
		}
		return nil
	}
	if err := d.LogInTx(t.Context(), run, nothing, func() []events.Event { return nil }); err != nil {
		t.Fatal(err)
	}
	if failed := batchNow(t, d, ada, b.ID); failed.State != db.ImportFailed || failed.Trouble == "" {
		t.Errorf("%+v", failed)
	}
}

// TestImportBatchIsConfirmedOnce lets four confirmations of one file come upon
// each other: the first counts, and the others find the batch queued.
func TestImportBatchIsConfirmedOnce(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	ada := importAdmin(t, d)
	b := checkImport(t, d, ada, jobHeader+"\n"+goodJob+"\n")
	const clerks = 4
	answers := make(chan error, clerks)
	together := func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(t.Context(), `select from import_batches where id = $1 for update`, b.ID); err != nil {
			return err
		}
		for range clerks {
			go func() {
				answers <- d.ConfirmImport(context.Background(), db.ConfirmImport{By: ada, ID: b.ID, Version: b.Version, Now: importTime})
			}()
		}
		waiting(t, d, "4", answers)
		return nil
	}
	if err := d.LogInTx(t.Context(), together, nothing, func() []events.Event { return nil }); err != nil {
		t.Fatal(err)
	}
	confirmed := 0
	for range clerks {
		switch err := <-answers; {
		case err == nil:
			confirmed++
		case !errors.Is(err, db.ErrImportState):
			t.Error(err)
		}
	}
	if now := batchNow(t, d, ada, b.ID); confirmed != 1 || now.Version != b.Version+1 || now.State != db.ImportQueued {
		t.Errorf("%d confirmations count, the batch is %+v", confirmed, now)
	}
}

// TestImportBatchRunsOnce lets a process that wants to run a batch wait until
// another one is done with it: it leaves the batch alone.
func TestImportBatchRunsOnce(t *testing.T) {
	t.Parallel()
	d := importWorld(t)
	ada := importAdmin(t, d)
	b := checkImport(t, d, ada, jobHeader+"\n"+goodJob+"\n")
	if err := d.ConfirmImport(t.Context(), db.ConfirmImport{By: ada, ID: b.ID, Version: b.Version, Now: importTime}); err != nil {
		t.Fatal(err)
	}
	answers := make(chan error, 1)
	ran := false
	other := func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(t.Context(), `update import_batches set state = 'done', counts = '{}', done_at = $2 where id = $1`, b.ID, importTime); err != nil {
			return err
		}
		go func() {
			var err error
			ran, err = d.RunImport(context.Background(), time.Now)
			answers <- err
		}()
		waiting(t, d, "1", answers)
		// While it runs, nobody else does.
		if again, err := d.RunImport(t.Context(), time.Now); again || err != nil {
			t.Errorf("a third one ran: %t, %v", again, err)
		}
		return nil
	}
	if err := d.LogInTx(t.Context(), other, nothing, func() []events.Event { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := <-answers; err != nil || !ran {
		t.Errorf("ran %t, %v", ran, err)
	}
	if got := rowsOf(t, d, jobsNow); got != "" {
		t.Errorf("imported once more: %s", got)
	}
}
