package schedule_test

import (
	"testing"
	"time"

	"smartscheduler/schedule"
)

// TestDaysOf walks over nights in which the clocks of a zone change at
// midnight, so that one of the midnights does not exist or comes twice.
func TestDaysOf(t *testing.T) {
	t.Parallel()
	for zone, night := range map[string]string{
		"America/Santiago": "2027-09-04", "America/Havana": "2027-03-13", "Atlantic/Azores": "2027-03-27",
		"Africa/Cairo": "2027-04-29", "America/New_York": "2027-03-13", "Pacific/Apia": "2011-12-29",
	} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			loc, err := schedule.LoadZone(zone)
			if err != nil {
				t.Fatal(err)
			}
			first, err := schedule.ParseDay(night)
			if err != nil {
				t.Fatal(err)
			}
			days := schedule.DaysOf(schedule.Span{Start: first.In(loc).Start.Add(20 * time.Hour), End: first.Add(2).In(loc).End}, loc)
			if len(days) != 3 || days[0] != first || days[2] != first.Add(2) {
				t.Fatalf("touches %v", days)
			}
			for _, day := range days {
				span := day.In(loc)
				if !span.Start.Equal(day.Add(-1).In(loc).End) {
					t.Errorf("%s begins at %s, not where the day before ends", day, span.Start)
				}
				if span.Start.Equal(span.End) { // Samoa had no 30 December 2011
					continue
				}
				if schedule.DayIn(span.Start, loc) != day || schedule.DayIn(span.Start.Add(-time.Nanosecond), loc) == day {
					t.Errorf("%s does not begin at %s", day, span.Start)
				}
			}
		})
	}
}

func TestDaysOfEndsAtMidnight(t *testing.T) {
	t.Parallel()
	day, err := schedule.ParseDay("2027-03-08")
	if err != nil {
		t.Fatal(err)
	}
	if days := schedule.DaysOf(day.In(time.UTC), time.UTC); len(days) != 1 || days[0] != day {
		t.Errorf("a day touches %v", days)
	}
	if _, err := schedule.ParseDay("2027-02-29"); err == nil {
		t.Error("took a date that does not exist")
	}
	if got := day.Add(-8).String(); got != "2027-02-28" {
		t.Errorf("8 days before is %s", got)
	}
}
