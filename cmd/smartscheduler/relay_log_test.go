package main

import (
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
)

// While rendering takes long the relay asks for nothing but the head of the log.
// Its answer shows that the database is there, and no answer does not.
func TestHeadOfTheLogIsSeen(t *testing.T) {
	t.Parallel()
	d, err := db.Open(t.Context(), db.Options{DSN: dbtest.DSN(t)})
	if err != nil {
		t.Fatal(err)
	}
	o := newOutage()
	log := relayLog{d, d, o}
	long := time.Now().Add(-time.Hour)
	o.last.Store(&long)
	if _, err := log.Head(t.Context()); err != nil || time.Since(*o.last.Load()) > awayAfter {
		t.Errorf("after an answer (%v) the log was last seen at %v", err, o.last.Load())
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	o.last.Store(&long)
	if _, err := log.Head(t.Context()); err == nil || !o.last.Load().Equal(long) {
		t.Errorf("without an answer (%v) the log was last seen at %v", err, o.last.Load())
	}
}
