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

// TestDayReasons: up to ten hours on a local date say nothing, up to twelve are
// warned of and more is forbidden; a night counts on both dates with its parts.
func TestDayReasons(t *testing.T) {
	t.Parallel()
	loc := zone(t, "America/New_York")
	span := func(from, to string) schedule.Span {
		return schedule.Span{Start: at(t, from, loc), End: at(t, to, loc)}
	}
	long := func(words string) schedule.Reason {
		return schedule.Reason{Rule: schedule.RuleLongDay, Detail: words}
	}
	full := func(words string) schedule.Reason {
		return schedule.Reason{Rule: schedule.RuleDayFull, Detail: words + ", 12 h at the most"}
	}
	morning := []schedule.Span{span("2032-03-02T06:00", "2032-03-02T12:00")}
	for _, c := range []struct {
		name           string
		at             schedule.Span
		booked         []schedule.Span
		forbids, warns []schedule.Reason
	}{
		{name: "ten hours", at: span("2032-03-02T13:00", "2032-03-02T17:00"), booked: morning},
		{name: "a minute more", at: span("2032-03-02T13:00", "2032-03-02T17:01"), booked: morning, warns: []schedule.Reason{long("10 h 1 min on Tue 2 Mar")}},
		{name: "twelve hours", at: span("2032-03-02T13:00", "2032-03-02T19:00"), booked: morning, warns: []schedule.Reason{long("12 h on Tue 2 Mar")}},
		{name: "a minute over twelve", at: span("2032-03-02T13:00", "2032-03-02T19:01"), booked: morning, forbids: []schedule.Reason{full("12 h 1 min on Tue 2 Mar")}},
		{name: "another day is another day", at: span("2032-03-03T06:00", "2032-03-03T16:00"), booked: morning},
		{name: "what is booked twice counts once", at: span("2032-03-02T08:00", "2032-03-02T16:00"), booked: morning},
		{name: "a night in its parts", at: span("2032-03-02T20:00", "2032-03-03T04:00"), booked: morning},
		{name: "a night too long for its first date", at: span("2032-03-02T17:00", "2032-03-03T11:00"), booked: morning,
			forbids: []schedule.Reason{full("13 h on Tue 2 Mar")}, warns: []schedule.Reason{long("11 h on Wed 3 Mar")}},
		// The clocks go back: from midnight to eleven are twelve hours.
		{name: "the long night", at: span("2032-11-07T00:00", "2032-11-07T11:00"), warns: []schedule.Reason{long("12 h on Sun 7 Nov")}},
		{name: "no time", at: span("2032-03-02T13:00", "2032-03-02T13:00"), booked: []schedule.Span{span("2032-03-02T00:00", "2032-03-02T23:00")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			forbids, warns := schedule.DayReasons(c.at, c.booked, loc)
			if !slices.Equal(forbids, c.forbids) || !slices.Equal(warns, c.warns) {
				t.Errorf("forbids %v and warns %v, want %v and %v", forbids, warns, c.forbids, c.warns)
			}
		})
	}
}

// TestDayReasonsByTheMinute holds random bookings against a count of minutes on
// the clock of the zone, also around changes of the clocks, and the days that are
// full against what may be booked on them.
func TestDayReasonsByTheMinute(t *testing.T) {
	t.Parallel()
	const seed, rounds = 11, 300
	r := rand.New(rand.NewPCG(seed, seed))
	seen := map[string]int{}
	for round := range rounds {
		loc := zone(t, []string{"America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"}[round%3])
		start := []string{"2032-03-13T00:00", "2032-11-06T00:00", "2032-04-03T00:00"}[r.IntN(3)]
		base := at(t, start, time.UTC)
		span := func(most int) schedule.Span {
			from := base.Add(time.Duration(r.IntN(60*60)) * time.Minute)
			return schedule.Span{Start: from, End: from.Add(time.Duration(1+r.IntN(most)) * time.Minute)}
		}
		var booked []schedule.Span
		for range r.IntN(5) {
			booked = append(booked, span(8*60))
		}
		wanted := span(14 * 60)
		minutes := map[string]int{}
		for m := base.Add(-time.Hour); m.Before(base.Add(90 * time.Hour)); m = m.Add(time.Minute) {
			in := func(s schedule.Span) bool { return !m.Before(s.Start) && m.Before(s.End) }
			if in(wanted) || slices.ContainsFunc(booked, in) {
				minutes[m.In(loc).Format("Mon 2 Jan")]++
			}
		}
		var want []string
		for _, day := range schedule.DaysOf(wanted, loc) {
			switch n := minutes[day.Format("Mon 2 Jan")]; {
			case n > 12*60:
				want = append(want, fmt.Sprint(schedule.RuleDayFull, " ", day.Format("Mon 2 Jan")))
			case n > 10*60:
				want = append(want, fmt.Sprint(schedule.RuleLongDay, " ", day.Format("Mon 2 Jan")))
			}
		}
		forbids, warns := schedule.DayReasons(wanted, booked, loc)
		var got []string
		for _, reason := range slices.Concat(forbids, warns) {
			_, on, _ := strings.Cut(strings.TrimSuffix(reason.Detail, ", 12 h at the most"), " on ")
			got = append(got, reason.Rule+" "+on)
			seen[reason.Rule]++
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d round %d: %v beside %v gives %v, want %v", seed, round, wanted, booked, got, want)
		}
		checkFullDays(t, booked, wanted, loc)
	}
	if seen[schedule.RuleDayFull] < 20 || seen[schedule.RuleLongDay] < 20 {
		t.Errorf("only %v were found", seen)
	}
}

// checkFullDays: what lies on one free date alone and overlaps nothing is
// forbidden exactly if that date is full.
func checkFullDays(t *testing.T, booked []schedule.Span, wanted schedule.Span, loc *time.Location) {
	t.Helper()
	days := schedule.DaysOf(wanted, loc)
	if len(days) != 1 || slices.ContainsFunc(booked, wanted.Overlaps) {
		return
	}
	full := schedule.FullDays(wanted, booked, wanted.Duration(), loc)
	forbids, _ := schedule.DayReasons(wanted, booked, loc)
	if (len(full) == 1) != (len(forbids) == 1) {
		t.Fatalf("%v beside %v: full are %v, forbidden %v", wanted, booked, full, forbids)
	}
}
