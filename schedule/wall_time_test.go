package schedule_test

import (
	"testing"
	"time"

	"smartscheduler/schedule"
)

func TestWallTimeParse(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"2027-03-14T02:30", "2028-02-29T00:00", "0001-01-01T00:00", "9999-12-31T23:59"} {
		w, err := schedule.ParseWallTime(s)
		if err != nil || w.String() != s {
			t.Errorf("ParseWallTime(%q) = %v, %v", s, w, err)
		}
	}
	for _, s := range []string{
		"", "2027-03-14", "2027-03-14 02:30", "2027-03-14T2:30", "2027-03-14T02:30:00", "2027-03-14T02:30Z",
		"2027-02-29T02:30", "2027-13-01T02:30", "2027-03-14T24:00", "2027-03-14T02:60", " 2027-03-14T02:30",
		"2027-03-14T02:30 ", "27-03-14T02:30", "0000-01-01T00:00", "+2027-03-14T02:30", "2027-3-14T02:30", "2027-03-14T02:30.5",
		"２027-03-14T02:30",
	} {
		if w, err := schedule.ParseWallTime(s); err == nil {
			t.Errorf("ParseWallTime(%q) = %v, want an error", s, w)
		}
	}
}

func TestWallTimeDB(t *testing.T) {
	t.Parallel()
	w := wall(t, "2027-03-14T02:30")
	if got, want := w.DB(), time.Date(2027, 3, 14, 2, 30, 0, 0, time.UTC); !got.Equal(want) || got.Location() != time.UTC {
		t.Errorf("DB = %v, want %v", got, want)
	}
	// The driver gives a `timestamp` in a nameless zone; its fields count, not its instant.
	for _, seconds := range []int{0, -5 * 3600, 14 * 3600} {
		read := time.Date(2027, 3, 14, 2, 30, 59, 999, time.FixedZone("", seconds))
		if got := schedule.WallTimeFromDB(read); got != w {
			t.Errorf("WallTimeFromDB(%v) = %v, want %v", read, got, w)
		}
	}
	if w.IsZero() || !(schedule.WallTime{}).IsZero() {
		t.Error("only the zero value is no time")
	}
	if next := wall(t, "2027-03-14T02:31"); !w.Before(next) || next.Before(w) || w.Before(w) {
		t.Error("Before is not the order of the calendar")
	}
}

func TestWallTimeIn(t *testing.T) {
	t.Parallel()
	instant := time.Date(2027, 3, 14, 7, 0, 59, 0, time.UTC)
	for name, want := range map[string]string{
		"America/New_York": "2027-03-14T03:00", "America/Chicago": "2027-03-14T01:00",
		"Pacific/Kiritimati": "2027-03-14T21:00", "Asia/Kathmandu": "2027-03-14T12:45",
	} {
		if got := schedule.WallTimeIn(instant, zone(t, name)); got != wall(t, want) {
			t.Errorf("in %s: %v, want %s", name, got, want)
		}
	}
}

func FuzzParseWallTime(f *testing.F) {
	for _, s := range []string{"2027-03-14T02:30", "2027-02-29T02:30", "2027-03-14T2:30", "", "T", "9999-12-31T23:59"} {
		f.Add(s)
	}
	loc, err := schedule.LoadZone("America/New_York")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		w, err := schedule.ParseWallTime(s)
		if err != nil {
			return
		}
		if w.String() != s || schedule.WallTimeFromDB(w.DB()) != w {
			t.Errorf("%q became %v and %v", s, w, w.DB())
		}
		instant, err := schedule.Resolve(w, loc, "")
		if err == nil && schedule.WallTimeIn(instant, loc) != w {
			t.Errorf("%q resolved to %v", s, instant)
		}
	})
}
