package db_test

import (
	"os"
	"regexp"
	"strconv"
	"testing"
)

// heavyMigration finds statements that read all jobs or audit records.
var heavyMigration = regexp.MustCompile(`(?m)^create (unique )?index \S+ on (jobs|sites|assignments|event_log|audit_records)\b|^alter table (jobs|assignments|event_log|audit_records) add constraint`)

var takesItsTime = regexp.MustCompile(`(?m)^set local statement_timeout = 0;`)

// TestMigrationsAreNumberedInARow finds no number missing, because a migration
// that comes later with a lower number is refused by databases that are past it,
// and none that has to read a large table within the time of a request.
func TestMigrationsAreNumberedInARow(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir("migrations")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d migrations, %v", len(files), err)
	}
	for i, f := range files {
		if n, err := strconv.Atoi(f.Name()[:5]); err != nil || n != i+1 {
			t.Errorf("migration %d is %s", i+1, f.Name())
		}
		text, err := os.ReadFile("migrations/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		// Those before were released without it.
		if i+1 >= 8 && heavyMigration.Match(text) && !takesItsTime.Match(text) {
			t.Errorf("%s has five seconds for each statement", f.Name())
		}
	}
}
