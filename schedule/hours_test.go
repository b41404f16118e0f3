package schedule_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"smartscheduler/schedule"
)

// show writes spans as wall times of loc with their length.
func show(spans []schedule.Span, loc *time.Location) string {
	words := make([]string, len(spans))
	for i, s := range spans {
		words[i] = fmt.Sprintf("%s–%s %v", s.Start.In(loc).Format("2 15:04"), s.End.In(loc).Format("2 15:04"), s.Duration())
	}
	return strings.Join(words, ", ")
}

func everyDay(start, end string) []schedule.Hours {
	var week []schedule.Hours
	for day := 1; day <= 7; day++ {
		week = append(week, schedule.Hours{Weekday: day, Start: start, End: end})
	}
	return week
}

func TestWorkingSpans(t *testing.T) {
	t.Parallel()
	eight := everyDay("08:00", "17:00")
	for _, c := range []struct {
		name       string
		hours      []schedule.Hours
		exceptions []schedule.Exception
		zone       string
		from, to   string
		want       string
	}{
		{name: "nine hours on the day of the change and beside it", hours: eight, zone: "America/New_York", from: "2027-03-13T00:00", to: "2027-03-16T00:00",
			want: "13 08:00–13 17:00 9h0m0s, 14 08:00–14 17:00 9h0m0s, 15 08:00–15 17:00 9h0m0s"},
		{name: "night is shorter in spring", hours: everyDay("00:00", "06:00"), zone: "America/New_York", from: "2027-03-14T00:00", to: "2027-03-15T00:00",
			want: "14 00:00–14 06:00 5h0m0s"},
		{name: "night is longer in autumn", hours: everyDay("00:00", "06:00"), zone: "America/New_York", from: "2027-11-07T00:00", to: "2027-11-08T00:00",
			want: "7 00:00–7 06:00 7h0m0s"},
		{name: "shift in the skipped hour", hours: everyDay("02:00", "03:00"), zone: "America/New_York", from: "2027-03-14T00:00", to: "2027-03-15T00:00", want: ""},
		{name: "shift begins in the skipped hour", hours: everyDay("02:30", "05:00"), zone: "America/New_York", from: "2027-03-14T00:00", to: "2027-03-15T00:00",
			want: "14 03:00–14 05:00 2h0m0s"},
		{name: "shift ends in the repeated hour", hours: everyDay("00:00", "01:30"), zone: "America/New_York", from: "2027-11-07T00:00", to: "2027-11-08T00:00",
			want: "7 00:00–7 01:30 1h30m0s"},
		{name: "half an hour on Lord Howe", hours: everyDay("00:00", "03:00"), zone: "Australia/Lord_Howe", from: "2027-04-04T00:00", to: "2027-04-05T00:00",
			want: "4 00:00–4 03:00 3h30m0s"},
		{name: "no midnight in Cairo", hours: everyDay("00:00", "02:00"), zone: "Africa/Cairo", from: "2027-04-29T12:00", to: "2027-05-01T00:00",
			want: "30 01:00–30 02:00 1h0m0s"},
		{name: "days without a break", hours: everyDay("00:00", "24:00"), zone: "America/New_York", from: "2027-11-06T00:00", to: "2027-11-09T00:00",
			want: "6 00:00–9 00:00 73h0m0s"},
		{name: "cut at both ends", hours: eight, zone: "UTC", from: "2027-03-08T09:30", to: "2027-03-09T08:30",
			want: "8 09:30–8 17:00 7h30m0s, 9 08:00–9 08:30 30m0s"},
		{name: "Monday is 1, Sunday is 7", zone: "UTC", from: "2027-03-08T00:00", to: "2027-03-15T00:00",
			hours: []schedule.Hours{{Weekday: 7, Start: "10:00", End: "11:00"}, {Weekday: 1, Start: "08:00", End: "09:00"}},
			want:  "8 08:00–8 09:00 1h0m0s, 14 10:00–14 11:00 1h0m0s"},
		{name: "two shifts and one that overlaps", zone: "UTC", from: "2027-03-08T00:00", to: "2027-03-09T00:00",
			hours: []schedule.Hours{{1, "13:00", "17:00"}, {1, "08:00", "12:00"}, {1, "11:00", "12:30"}},
			want:  "8 08:00–8 12:30 4h30m0s, 8 13:00–8 17:00 4h0m0s"},
		{name: "off and other hours", hours: eight, zone: "UTC", from: "2027-03-08T00:00", to: "2027-03-11T00:00",
			exceptions: []schedule.Exception{{Day: "2027-03-09", Off: true}, {Day: "2027-03-10", Start: "10:00:00", End: "12:00:00"}},
			want:       "8 08:00–8 17:00 9h0m0s, 10 10:00–10 12:00 2h0m0s"},
		{name: "off wins", hours: eight, zone: "UTC", from: "2027-03-08T00:00", to: "2027-03-09T00:00",
			exceptions: []schedule.Exception{{Day: "2027-03-08", Start: "10:00", End: "12:00"}, {Day: "2027-03-08", Off: true}}, want: ""},
		{name: "unreadable or over midnight", zone: "UTC", from: "2027-03-08T00:00", to: "2027-03-09T00:00",
			hours: []schedule.Hours{{1, "8", "17:00"}, {1, "08:00", "25:00"}, {1, "22:00", "06:00"}, {1, "09:00", "09:00"}, {1, "08:00:30", "17:00"}, {8, "08:00", "17:00"}, {0, "08:00", "17:00"}}, want: ""},
		{name: "nothing asked", hours: eight, zone: "UTC", from: "2027-03-08T10:00", to: "2027-03-08T10:00", want: ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			loc := zone(t, c.zone)
			spans := schedule.WorkingSpans(c.hours, c.exceptions, loc, at(t, c.from, loc), at(t, c.to, loc))
			if got := show(spans, loc); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// Random weeks against a clock that runs minute by minute: each shift begins at
// the first minute that shows its start or later, and ends likewise.
func TestWorkingSpansAgainstRunningClock(t *testing.T) {
	t.Parallel()
	for i, c := range []struct{ zone, day string }{
		{"America/New_York", "2027-03-14"}, {"America/New_York", "2027-11-07"}, {"Australia/Lord_Howe", "2027-04-04"},
		{"America/Santiago", "2027-09-05"}, {"America/Santiago", "2027-04-04"}, {"Africa/Cairo", "2027-04-30"}, {"Pacific/Apia", "2011-12-30"},
	} {
		t.Run(c.zone+"/"+c.day, func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(uint64(i), 27))
			loc, noon := zone(t, c.zone), wall(t, c.day+"T12:00").DB()
			clock := make([]string, 8*24*60) // what the clock shows, minute by minute
			zero := noon.Add(-96 * time.Hour)
			for m := range clock {
				clock[m] = zero.Add(time.Duration(m) * time.Minute).In(loc).Format("2006-01-02T15:04")
			}
			for range 40 {
				hours, exceptions := randomWeek(rng), randomExceptions(rng, noon)
				from, to := 48*60+rng.IntN(1440), 96*60+rng.IntN(2880)
				got := schedule.WorkingSpans(hours, exceptions, loc,
					zero.Add(time.Duration(from)*time.Minute), zero.Add(time.Duration(to)*time.Minute))
				worked := workedMinutes(clock, hours, exceptions)
				compareMinutes(t, got, zero, from, to, worked)
			}
		})
	}
}

// compareMinutes checks that spans are sorted, apart, within [from, to), and
// hold just the minutes that are worked.
func compareMinutes(t *testing.T, spans []schedule.Span, zero time.Time, from, to int, worked []bool) {
	t.Helper()
	covered := make([]bool, len(worked))
	end := -1
	for _, s := range spans {
		a, b := int(s.Start.Sub(zero).Minutes()), int(s.End.Sub(zero).Minutes())
		if a <= end || a >= b || a < from || b > to {
			t.Fatalf("span %v is out of order or out of range", s)
		}
		end = b
		for m := a; m < b; m++ {
			covered[m] = true
		}
	}
	for m := range worked {
		if want := worked[m] && m >= from && m < to; covered[m] != want {
			t.Fatalf("%v: in a span %v, worked %v", zero.Add(time.Duration(m)*time.Minute), covered[m], want)
		}
	}
}

func workedMinutes(clock []string, hours []schedule.Hours, exceptions []schedule.Exception) []bool {
	worked := make([]bool, len(clock))
	first := func(w string) int {
		return slices.IndexFunc(clock, func(shown string) bool { return shown >= w })
	}
	day, _ := time.Parse("2006-01-02", clock[0][:10])
	for range 9 {
		day = day.AddDate(0, 0, 1)
		date := day.Format("2006-01-02")
		if date > clock[len(clock)-1][:10] {
			break
		}
		today := make([]schedule.Hours, 0, len(hours))
		for _, h := range hours {
			if h.Weekday%7 == int(day.Weekday()) {
				today = append(today, h)
			}
		}
		for _, e := range exceptions {
			if e.Day == date {
				today = nil
				if !e.Off {
					today = []schedule.Hours{{Start: e.Start, End: e.End}}
				}
			}
		}
		for _, h := range today {
			start, end := first(date+"T"+h.Start), first(date+"T"+h.End)
			if h.End == "24:00" {
				end = first(day.AddDate(0, 0, 1).Format("2006-01-02") + "T00:00")
			}
			for m := start; m >= 0 && m < end; m++ {
				worked[m] = true
			}
		}
	}
	return worked
}

func randomHours(rng *rand.Rand, weekday int) schedule.Hours {
	a := rng.IntN(1440 - 1)
	b := a + 1 + rng.IntN(min(1440-a, 600))
	return schedule.Hours{
		Weekday: weekday,
		Start:   fmt.Sprintf("%02d:%02d", a/60, a%60),
		End:     fmt.Sprintf("%02d:%02d", b/60, b%60),
	}
}

func randomWeek(rng *rand.Rand) []schedule.Hours {
	var week []schedule.Hours
	for day := 1; day <= 7; day++ {
		for range rng.IntN(3) {
			week = append(week, randomHours(rng, day))
		}
		if rng.IntN(5) == 0 { // the hours in which clocks change
			week = append(week, schedule.Hours{Weekday: day, Start: "00:30", End: "02:30"})
		}
	}
	return week
}

func randomExceptions(rng *rand.Rand, around time.Time) []schedule.Exception {
	var exceptions []schedule.Exception
	for offset := -2; offset <= 2; offset++ {
		h := randomHours(rng, 0)
		day := around.AddDate(0, 0, offset).Format("2006-01-02")
		switch rng.IntN(4) {
		case 0:
			exceptions = append(exceptions, schedule.Exception{Day: day, Off: true})
		case 1:
			exceptions = append(exceptions, schedule.Exception{Day: day, Start: h.Start, End: h.End})
		}
	}
	return exceptions
}
