package db_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"smartscheduler/db"
	"smartscheduler/schedule"
)

// TestTimeOffShowsClashesFirst refuses time off while jobs are booked in it,
// says which, and saves it when exactly these were confirmed. (C8)
func TestTimeOffShowsClashesFirst(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rosa := d.contractor("north", "Rosa")
	morning, noon := d.job("north"), d.job("south")
	d.must(d.assign(morning, rosa, tuesday+"T08:00", tuesday+"T10:00"))
	d.must(d.assign(noon, rosa, tuesday+"T12:00", ""))
	other := clashesOf(t, d.days(d.ann, rosa, tuesday, tuesday, db.DaysHours, ""))
	if len(other.Cards) != 1 || other.Cards[0].JobID != noon {
		t.Errorf("08:00–10:00 clashes with %d jobs, want the one at noon", len(other.Cards))
	}
	off := clashesOf(t, d.days(d.ann, rosa, tuesday, "2032-03-05", db.DaysOff, ""))
	if len(off.Cards) != 2 || off.Cards[0].JobID != morning {
		t.Errorf("a day off clashes with %d jobs, want 2", len(off.Cards))
	}
	clashesOf(t, d.days(d.ann, rosa, tuesday, "2032-03-05", db.DaysOff, other.Digest()))
	if n := d.countRows(`select count(*) from contractor_exceptions`); n != 0 {
		t.Fatalf("%d days are saved before anybody confirmed", n)
	}
	if err := d.days(d.ann, rosa, tuesday, "2032-03-05", db.DaysOff, off.Digest()); err != nil {
		t.Fatal(err)
	}
	r := d.record(rosa)
	if len(r.Exceptions) != 4 || !r.Exceptions[0].Off || r.Exceptions[3].Day != "2032-03-05" || len(r.Future) != 2 {
		t.Errorf("saved %+v with %d jobs", r.Exceptions, len(r.Future))
	}
	kind, to, payload := d.lastEvent()
	want := sorted("contractor/"+rosa, "dispatch/north", "dispatch/south")
	if kind != "AvailabilityChanged" || !slices.Equal(to, want) || payload["from"] != tuesday || payload["to"] != "2032-03-05" {
		t.Errorf("logged %s %v for %q, want the days for %q", kind, payload, to, want)
	}
	if raw, err := json.Marshal(payload); err != nil || bytes.Contains(raw, []byte("Dentist")) {
		t.Errorf("the note is in the log: %s, %v", raw, err)
	}
	if err := d.days(d.ann, rosa, "2032-03-03", "2032-03-09", db.DaysWeekly, ""); err != nil {
		t.Fatal(err)
	}
	if left := d.record(rosa).Exceptions; len(left) != 1 || left[0].Day != tuesday {
		t.Errorf("left: %+v, want Tuesday", left)
	}
}

// TestTimeOffIsChecked refuses days that cannot be, a version that is gone, and
// dispatchers of other regions.
func TestTimeOffIsChecked(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rosa, bo := d.contractor("north", "Rosa"), d.dispatcher("Bo", "south")
	for name, tt := range map[string]struct{ from, to, kind, field string }{
		"Backwards":    {"2032-03-05", "2032-03-04", "off", "to"},
		"Over":         {"2032-02-01", "2032-02-02", "off", "to"},
		"TooLong":      {"2032-03-05", "2033-03-06", "off", "to"},
		"TooFar":       {"2034-03-05", "2034-03-05", "off", "to"},
		"NothingThere": {"2032-03-05", "2032-03-05", "weekly", "from"},
		"NoKind":       {"2032-03-05", "2032-03-05", "", "kind"},
	} {
		t.Run(name, func(t *testing.T) {
			invalidAt(t, d.days(d.ann, rosa, tt.from, tt.to, db.DaysKind(tt.kind), ""), tt.field)
		})
	}
	if err := d.days(bo, rosa, tuesday, tuesday, db.DaysOff, ""); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("a dispatcher of south gets %v, want ErrNotFound", err)
	}
	d.exec(`update contractors set version = 2`)
	stale := db.ChangeDays{By: d.ann, ContractorID: rosa, Version: 1, From: calendarDay(t, tuesday), To: calendarDay(t, tuesday), Kind: db.DaysOff, Now: before(t)}
	refusedBy(t, d.db.ChangeDays(context.Background(), stale), db.ConflictStale)
	if n := d.countRows(`select count(*) from event_log`); n != 0 {
		t.Errorf("%d events of refused changes", n)
	}
}

// TestDaysSayWhatWentWrong tells a query that failed from a contractor whom the
// caller may not change.
func TestDaysSayWhatWentWrong(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rosa := d.contractor("north", "Rosa")
	tx := d.begin()
	tx.exec(`select from contractors where id = $1 for update`, rosa)
	ctx, cancel := context.WithCancel(t.Context())
	cmd := db.ChangeDays{By: d.ann, ContractorID: rosa, Version: d.record(rosa).Version, Kind: db.DaysOff,
		From: calendarDay(t, tuesday), To: calendarDay(t, tuesday), Now: before(t)}
	done := make(chan error, 1)
	go func() { done <- d.db.ChangeDays(ctx, cmd) }()
	d.waiting(done, 1)
	cancel()
	if err := <-done; err == nil || errors.Is(err, db.ErrNotFound) {
		t.Errorf("a query that was broken off gives %v, want its own error", err)
	}
	tx.commit()
	cmd.Version++
	refusedBy(t, d.db.ChangeDays(t.Context(), cmd), db.ConflictStale)
	cmd.By = d.dispatcher("Bo", "south")
	wantErr(t, d.db.ChangeDays(t.Context(), cmd), db.ErrNotFound)
}

// TestHoursOfAMissingHour refuses hours that begin or end at a time which the
// clock skips on one of the days.
func TestHoursOfAMissingHour(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rosa := d.contractor("north", "Rosa")
	enter := func(start, end string) error {
		return d.db.ChangeDays(t.Context(), db.ChangeDays{
			By: d.ann, ContractorID: rosa, Version: 1, From: calendarDay(t, "2032-03-12"), To: calendarDay(t, "2032-03-15"),
			Kind: db.DaysHours, Start: start, End: end, Now: before(t),
		})
	}
	for _, hours := range [][2]string{{"02:30", "06:00"}, {"01:00", "02:00"}} {
		invalid := invalidAt(t, enter(hours[0], hours[1]), "hours")
		var local *schedule.LocalTimeError
		if !errors.As(invalid.Err, &local) || local.Wall.Date() != "2032-03-14" || local.Before != "01:59" || local.After != "03:00" {
			t.Errorf("%v: %v", hours, invalid.Err)
		}
	}
	if n := d.countRows(`select count(*) from contractor_exceptions`); n != 0 {
		t.Errorf("%d days were saved", n)
	}
	if err := enter("01:30", "24:00"); err != nil {
		t.Error(err)
	}
}
