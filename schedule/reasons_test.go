package schedule_test

import (
	"slices"
	"testing"
	"time"

	"smartscheduler/schedule"
)

func TestSkillReasons(t *testing.T) {
	t.Parallel()
	names := func(slug string) string { return map[string]string{"gas": "Gas", "tile": "Tile", "hvac": "HVAC"}[slug] }
	missing := func(detail string) schedule.Reason {
		return schedule.Reason{Rule: schedule.RuleSkillMissing, Detail: detail}
	}
	expired := func(detail string) schedule.Reason {
		return schedule.Reason{Rule: schedule.RuleSkillExpired, Detail: detail}
	}
	for _, c := range []struct {
		name string
		need []string
		have []schedule.Skill
		want []schedule.Reason
	}{
		{"nothing needed", nil, nil, nil},
		{"all there", []string{"gas", "tile"}, []schedule.Skill{{"tile", ""}, {"gas", ""}, {"hvac", "2020-01-01"}}, nil},
		{"valid on its last day", []string{"tile"}, []schedule.Skill{{"tile", "2027-11-13"}}, nil},
		{"expired the day before", []string{"tile"}, []schedule.Skill{{"tile", "2027-11-12"}}, []schedule.Reason{expired("Tile expired 12 Nov")}},
		{"expired in another year", []string{"tile"}, []schedule.Skill{{"tile", "2026-11-12"}}, []schedule.Reason{expired("Tile expired 12 Nov 2026")}},
		{"missing", []string{"gas"}, []schedule.Skill{{"tile", ""}}, []schedule.Reason{missing("no Gas skill")}},
		{"each once, in the order of need", []string{"hvac", "tile", "gas", "hvac"}, []schedule.Skill{{"tile", "2027-11-01"}},
			[]schedule.Reason{missing("no HVAC skill"), expired("Tile expired 1 Nov"), missing("no Gas skill")}},
		{"listed twice, the later one counts", []string{"tile"}, []schedule.Skill{{"tile", "2027-11-20"}, {"tile", "2027-11-01"}}, nil},
		{"listed twice, one without end", []string{"tile"}, []schedule.Skill{{"tile", "2027-11-01"}, {"tile", ""}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := schedule.SkillReasons(c.need, c.have, "2027-11-13", names); !slices.Equal(got, c.want) {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
	if got := schedule.SkillReasons([]string{"gas"}, nil, "2027-11-13", nil); len(got) != 1 || got[0].Detail != "no gas skill" {
		t.Errorf("without names: %+v", got)
	}
}

func TestHoursReasons(t *testing.T) {
	t.Parallel()
	loc := zone(t, "America/New_York")
	hours := everyDay("08:00", "17:00")
	exceptions := []schedule.Exception{
		{Day: "2027-03-09", Off: true, Note: "dentist"},
		{Day: "2027-03-10", Start: "12:00", End: "17:00"},
		{Day: "2027-03-12", Off: true},
	}
	outside := []schedule.Reason{{Rule: schedule.RuleOutsideHours, Detail: "outside working hours"}}
	for _, c := range []struct {
		name, from, to string
		want           []schedule.Reason
	}{
		{"all of the day", "2027-03-08T08:00", "2027-03-08T17:00", nil},
		{"a minute too early", "2027-03-08T07:59", "2027-03-08T09:00", outside},
		{"a minute too late", "2027-03-08T16:00", "2027-03-08T17:01", outside},
		{"over night", "2027-03-13T16:00", "2027-03-14T09:00", outside},
		{"shorter day", "2027-03-10T09:00", "2027-03-10T13:00", outside},
		{"within the shorter day", "2027-03-10T12:00", "2027-03-10T13:00", nil},
		{"off", "2027-03-09T09:00", "2027-03-09T10:00", []schedule.Reason{{Rule: schedule.RuleOff, Detail: "off on Tue 9 Mar: dentist"}}},
		{"runs into a day off", "2027-03-11T16:00", "2027-03-12T09:00", []schedule.Reason{{Rule: schedule.RuleOff, Detail: "off on Fri 12 Mar"}}},
		{"ends at midnight before a day off", "2027-03-11T16:00", "2027-03-12T00:00", outside},
		{"no time", "2027-03-09T09:00", "2027-03-09T09:00", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			job := schedule.Span{Start: at(t, c.from, loc), End: at(t, c.to, loc)}
			if got := schedule.HoursReasons(job, hours, exceptions, loc); !slices.Equal(got, c.want) {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestOverlapReasons(t *testing.T) {
	t.Parallel()
	booked := []schedule.Booking{
		{Span: minutes(600, 720), Job: "J-1042"}, {Span: minutes(720, 780), Job: "J-1043"}, {Span: minutes(1380, 1500), Job: "J-1044"},
	}
	reason := func(detail string) schedule.Reason {
		return schedule.Reason{Rule: schedule.RuleOverlap, Detail: detail}
	}
	for _, c := range []struct {
		name string
		job  schedule.Span
		want []schedule.Reason
	}{
		{"one", minutes(660, 720), []schedule.Reason{reason("booked 10:00–12:00 on J-1042")}},
		{"two", minutes(660, 780), []schedule.Reason{reason("booked 10:00–12:00 on J-1042"), reason("booked 12:00–13:00 on J-1043")}},
		{"touching", minutes(780, 1380), nil},
		{"over midnight", minutes(1440, 1441), []schedule.Reason{reason("booked Mon 8 Mar 23:00–Tue 9 Mar 01:00 on J-1044")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := schedule.OverlapReasons(c.job, booked, time.UTC); !slices.Equal(got, c.want) {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
	if got := schedule.OverlapReasons(minutes(660, 720), booked, zone(t, "America/Chicago")); got[0].Detail != "booked 04:00–06:00 on J-1042" {
		t.Errorf("in another zone: %+v", got)
	}
	// 01:30 EDT, on the night on which that clock time comes twice.
	first := time.Date(2027, time.November, 7, 5, 30, 0, 0, time.UTC)
	twice := schedule.Booking{Span: schedule.Span{Start: first, End: first.Add(time.Hour)}, Job: "J-1045"}
	if got := schedule.OverlapReasons(twice.Span, []schedule.Booking{twice}, zone(t, "America/New_York")); got[0].Detail != "booked 01:30 EDT–01:30 EST on J-1045" {
		t.Errorf("in an hour that repeats: %+v", got)
	}
}
