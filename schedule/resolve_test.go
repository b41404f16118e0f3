package schedule_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"smartscheduler/schedule"
)

// localError asserts that a wall time is refused, and how.
func localError(t *testing.T, w, zoneName, offset string, kind schedule.LocalTimeKind, text string) *schedule.LocalTimeError {
	t.Helper()
	got, err := schedule.Resolve(wall(t, w), zone(t, zoneName), offset)
	var refused *schedule.LocalTimeError
	if !errors.As(err, &refused) {
		t.Fatalf("%s in %s with %q = %v, %v; want a LocalTimeError", w, zoneName, offset, got, err)
	}
	if refused.Kind != kind || refused.Error() != text {
		t.Errorf("%s in %s with %q: kind %d %q, want kind %d %q", w, zoneName, offset, refused.Kind, refused, kind, text)
	}
	return refused
}

func TestResolveMissing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ wall, zone, text, before, after string }{
		{"2027-03-14T02:30", "America/New_York", "02:30 does not exist that night: use 01:59 or 03:00", "2027-03-14T01:59", "2027-03-14T03:00"},
		{"2027-03-14T02:00", "America/New_York", "02:00 does not exist that night: use 01:59 or 03:00", "2027-03-14T01:59", "2027-03-14T03:00"},
		{"2027-03-14T02:59", "America/Chicago", "02:59 does not exist that night: use 01:59 or 03:00", "2027-03-14T01:59", "2027-03-14T03:00"},
		{"2027-10-03T02:15", "Australia/Lord_Howe", "02:15 does not exist that night: use 01:59 or 02:30", "2027-10-03T01:59", "2027-10-03T02:30"},
		{"2027-04-30T00:30", "Africa/Cairo", "00:30 does not exist that night: use 23:59 on Thu 29 Apr or 01:00", "2027-04-29T23:59", "2027-04-30T01:00"},
		{"2027-09-05T00:00", "America/Santiago", "00:00 does not exist that night: use 23:59 on Sat 4 Sep or 01:00", "2027-09-04T23:59", "2027-09-05T01:00"},
		{"2011-12-30T12:00", "Pacific/Apia", "12:00 does not exist that day: use 23:59 on Thu 29 Dec or 00:00 on Sat 31 Dec", "2011-12-29T23:59", "2011-12-31T00:00"},
	} {
		// A chosen offset does not bring the time into being.
		for _, offset := range []string{"", "-05:00", "-04:00"} {
			e := localError(t, c.wall, c.zone, offset, schedule.Missing, c.text)
			if e.BeforeWall != wall(t, c.before) || e.AfterWall != wall(t, c.after) {
				t.Errorf("%s: offered %v and %v", c.wall, e.BeforeWall, e.AfterWall)
			}
		}
	}
	e := localError(t, "2027-03-14T02:30", "America/New_York", "", schedule.Missing, "02:30 does not exist that night: use 01:59 or 03:00")
	if e.Before != "01:59" || e.After != "03:00" {
		t.Errorf("offered %q and %q", e.Before, e.After)
	}
	if got := e.Question(); got != "02:30 does not exist that night; 01:59 or 03:00?" {
		t.Errorf("asked: %s", got)
	}
}

func TestResolveRepeated(t *testing.T) {
	t.Parallel()
	const text = "01:30 happens twice that night: choose EDT (-04:00) or EST (-05:00)"
	for _, offset := range []string{"", "-06:00", "-4:00", "EDT", "-04:00 "} {
		e := localError(t, "2027-11-07T01:30", "America/New_York", offset, schedule.Repeated, text)
		want := []schedule.Choice{{Offset: "-04:00", Abbrev: "EDT"}, {Offset: "-05:00", Abbrev: "EST"}}
		if !slices.Equal(e.Choices, want) {
			t.Errorf("choices %v, want %v", e.Choices, want)
		}
		if got := e.Question(); got != "01:30 happens twice that night; the first (EDT) or the second (EST)?" {
			t.Errorf("asked: %s", got)
		}
	}
	for offset, want := range map[string]string{"-04:00": "2027-11-07T05:30:00Z", "-05:00": "2027-11-07T06:30:00Z"} {
		got, err := schedule.Resolve(wall(t, "2027-11-07T01:30"), zone(t, "America/New_York"), offset)
		if err != nil || got.UTC().Format(time.RFC3339) != want {
			t.Errorf("with %s: %v, %v, want %s", offset, got, err, want)
		}
	}
	// Half an hour only, and no letters for the two.
	localError(t, "2027-04-04T01:45", "Australia/Lord_Howe", "", schedule.Repeated,
		"01:45 happens twice that night: choose UTC+11:00 or UTC+10:30")
	localError(t, "2027-11-07T00:30", "America/Havana", "", schedule.Repeated,
		"00:30 happens twice that night: choose CDT (-04:00) or CST (-05:00)")
}

func TestResolveOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ wall, zone, offset, want string }{
		{"2027-03-14T01:59", "America/New_York", "", "2027-03-14T06:59:00Z"},
		{"2027-03-14T03:00", "America/New_York", "", "2027-03-14T07:00:00Z"},
		{"2027-03-14T03:00", "America/New_York", "-04:00", "2027-03-14T07:00:00Z"},
		{"2027-11-07T00:59", "America/New_York", "", "2027-11-07T04:59:00Z"},
		{"2027-11-07T02:00", "America/New_York", "", "2027-11-07T07:00:00Z"},
		{"2027-10-03T02:30", "Australia/Lord_Howe", "", "2027-10-02T15:30:00Z"},
		{"2027-04-04T01:29", "Australia/Lord_Howe", "", "2027-04-03T14:29:00Z"},
		{"2027-04-30T01:00", "Africa/Cairo", "", "2027-04-29T22:00:00Z"},
		{"2027-07-01T12:00", "UTC", "+00:00", "2027-07-01T12:00:00Z"},
		{"2027-07-01T12:00", "Asia/Kathmandu", "+05:45", "2027-07-01T06:15:00Z"},
		{"1950-01-01T12:00", "Africa/Monrovia", "-00:44:30", "1950-01-01T12:44:30Z"},
	} {
		got, err := schedule.Resolve(wall(t, c.wall), zone(t, c.zone), c.offset)
		if err != nil || got.UTC().Format(time.RFC3339) != c.want {
			t.Errorf("%s in %s = %v, %v, want %s", c.wall, c.zone, got, err, c.want)
		}
	}
	e := localError(t, "2027-03-14T09:00", "America/New_York", "-05:00", schedule.WrongOffset,
		"09:00 happens once that day, at EDT (-04:00)")
	if !slices.Equal(e.Choices, []schedule.Choice{{Offset: "-04:00", Abbrev: "EDT"}}) || e.Question() != e.Error() {
		t.Errorf("choices %v, asked: %s", e.Choices, e.Question())
	}
}

// Every minute of the days around a change of clocks, against a list made by
// letting the clock run.
// TestResolveAroundNewYear: each of these times exists once, also at the end of the
// leap years far ahead, where package time knows no end of the zone's offset. A
// search for it that never ends would take all memory.
func TestResolveAroundNewYear(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"America/New_York", "Europe/Berlin", "Australia/Sydney"} {
		loc := zone(t, name)
		for year := 2026; year < 2200; year++ {
			for day := 29; day <= 33; day++ {
				for _, hour := range []int{0, 11, 19, 23} {
					want := time.Date(year, time.December, day, hour, 30, 0, 0, loc)
					got, err := schedule.Resolve(schedule.WallTimeIn(want, loc), loc, "")
					if err != nil || !got.Equal(want) {
						t.Fatalf("%v is resolved as %v, %v", want, got, err)
					}
				}
				date := schedule.DayIn(time.Date(year, time.December, day, 12, 0, 0, 0, loc), loc)
				if length := date.In(loc).Duration(); length != 24*time.Hour {
					t.Fatalf("%v has %v in %s", date, length, name)
				}
			}
		}
	}
}

func TestResolveAgainstRunningClock(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, day string }{
		{"America/New_York", "2027-03-14"}, {"America/New_York", "2027-11-07"},
		{"Australia/Lord_Howe", "2027-04-04"}, {"Australia/Lord_Howe", "2027-10-03"},
		{"America/Santiago", "2027-09-05"}, {"America/Santiago", "2027-04-04"},
		{"Africa/Cairo", "2027-04-30"}, {"Africa/Cairo", "2027-10-29"},
		{"Europe/Dublin", "2027-03-28"}, {"Pacific/Apia", "2011-12-30"},
		{"America/Goose_Bay", "2010-11-07"}, {"Antarctica/Troll", "2027-03-28"},
		{"Europe/London", "2055-10-31"}, {"Asia/Kolkata", "2027-03-14"},
	} {
		t.Run(c.zone+"/"+c.day, func(t *testing.T) {
			t.Parallel()
			loc := zone(t, c.zone)
			noon := wall(t, c.day+"T12:00").DB()
			shown := make(map[string][]time.Time)
			for m := -72 * 60; m < 72*60; m++ {
				instant := noon.Add(time.Duration(m) * time.Minute)
				shown[instant.In(loc).Format("2006-01-02T15:04")] = append(shown[instant.In(loc).Format("2006-01-02T15:04")], instant)
			}
			for m := -24 * 60; m < 24*60; m++ {
				w := schedule.WallTimeFromDB(noon.Add(time.Duration(m) * time.Minute))
				checkResolved(t, w, loc, shown)
			}
		})
	}
}

func checkResolved(t *testing.T, w schedule.WallTime, loc *time.Location, shown map[string][]time.Time) {
	t.Helper()
	want := shown[w.String()]
	got, err := schedule.Resolve(w, loc, "")
	var refused *schedule.LocalTimeError
	switch {
	case len(want) == 1:
		if err != nil || !got.Equal(want[0]) {
			t.Errorf("%v = %v, %v, want %v", w, got, err, want[0])
		}
		return
	case !errors.As(err, &refused):
		t.Errorf("%v = %v, %v, but the clock shows it %d times", w, got, err, len(want))
		return
	case len(want) == 0:
		if refused.Kind != schedule.Missing || len(shown[refused.BeforeWall.String()]) == 0 || len(shown[refused.AfterWall.String()]) == 0 {
			t.Errorf("%v: %v, the times offered must exist", w, refused)
		}
		return
	}
	for i, c := range refused.Choices {
		if got, err := schedule.Resolve(w, loc, c.Offset); err != nil || !got.Equal(want[i]) {
			t.Errorf("%v with %s = %v, %v, want %v", w, c.Offset, got, err, want[i])
		}
	}
	if len(refused.Choices) != len(want) {
		t.Errorf("%v: %d choices, the clock shows it %d times", w, len(refused.Choices), len(want))
	}
}
