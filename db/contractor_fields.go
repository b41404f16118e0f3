package db

import (
	"cmp"
	"context"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// ContractorFields are what people enter about a contractor.
type ContractorFields struct {
	Name, Phone, Email string
	// Home is the slug of his home region; Serves are those of others that he
	// works in too.
	Home   string
	Serves []string
	// Base is where his day begins, nil when that is not known.
	Base   *schedule.Point
	Active bool
	// AutoAccept: whatever he is given is accepted at once.
	AutoAccept bool
	// Skills are named by slug. Hours are wall times of the home region.
	Skills []schedule.Skill
	Hours  []schedule.Hours
}

// Fields are the record as a form holds it.
func (r ContractorRecord) Fields() ContractorFields {
	f := ContractorFields{
		Name: r.Name, Phone: r.Phone, Email: r.Email, Home: r.HomeRegion, Serves: r.ServedRegions, Active: r.Active, AutoAccept: r.AutoAccept,
		Skills: slices.Clone(r.Skills), Hours: r.Hours,
	}
	sortSkills(f.Skills)
	if r.BaseLat.Valid && r.BaseLng.Valid {
		f.Base = &schedule.Point{Lat: r.BaseLat.Float64, Lng: r.BaseLng.Float64}
	}
	return f
}

// checked returns the fields in their one order, or *Invalid.
func (f ContractorFields) checked(ctx context.Context, tx *sqlx.Tx) (ContractorFields, error) {
	for _, text := range []struct {
		field, value string
		least, most  int
	}{{"name", f.Name, 1, 200}, {"phone", f.Phone, 0, 50}, {"email", f.Email, 0, 200}} {
		n := utf8.RuneCountInString(text.value)
		if n < text.least || n > text.most {
			return f, &Invalid{Field: text.field, Message: fmt.Sprintf("write from %d to %d characters", text.least, text.most)}
		}
	}
	if _, err := mail.ParseAddress(f.Email); f.Email != "" && err != nil {
		return f, &Invalid{Field: "email", Message: "that is no e-mail address"}
	}
	f.Skills, f.Hours = slices.Clone(f.Skills), slices.Clone(f.Hours)
	sortSkills(f.Skills)
	sortHours(f.Hours)
	f.Serves = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(f.Serves))), func(s string) bool { return s == f.Home })
	if err := checkWeek(f.Hours); err != nil {
		return f, err
	}
	if err := f.checkSkills(ctx, tx); err != nil {
		return f, err
	}
	return f, f.checkRegions(ctx, tx)
}

func sortSkills(skills []schedule.Skill) {
	slices.SortFunc(skills, func(a, b schedule.Skill) int { return strings.Compare(a.Slug, b.Slug) })
}

func (f ContractorFields) checkSkills(ctx context.Context, tx *sqlx.Tx) error {
	if err := shareSkillsLock(ctx, tx); err != nil {
		return err
	}
	names, err := skillNames(ctx, tx)
	if err != nil {
		return err
	}
	for i, s := range f.Skills {
		if _, known := names[s.Slug]; !known {
			return &Invalid{Field: "skills", Message: fmt.Sprintf("there is no skill %q", s.Slug)}
		}
		if i > 0 && f.Skills[i-1].Slug == s.Slug {
			return &Invalid{Field: "skills", Message: names[s.Slug] + " stands there twice"}
		}
		if s.ValidUntil != "" && !isSensibleDay(s.ValidUntil) {
			return &Invalid{Field: "skills", Message: "check the last day of " + names[s.Slug]}
		}
	}
	return nil
}

// isSensibleDay refuses what is no date, and years that are slips of the finger.
func isSensibleDay(day string) bool {
	t, err := time.Parse(time.DateOnly, day)
	return err == nil && t.Year() >= 2000 && t.Year() <= 2199
}

func (f ContractorFields) checkRegions(ctx context.Context, tx *sqlx.Tx) error {
	var slugs []string
	if err := tx.SelectContext(ctx, &slugs, `select slug from regions where slug <> $1`, events.Unrouted); err != nil {
		return fmt.Errorf("slugs of regions: %w", err)
	}
	if !slices.Contains(slugs, f.Home) {
		return &Invalid{Field: "home", Message: "choose a region from the list"}
	}
	for _, s := range f.Serves {
		if !slices.Contains(slugs, s) {
			return &Invalid{Field: "serves", Message: "choose regions from the list"}
		}
	}
	return nil
}

// sortHours puts weekly hours in their order.
func sortHours(week []schedule.Hours) {
	slices.SortFunc(week, func(a, b schedule.Hours) int {
		return cmp.Or(cmp.Compare(a.Weekday, b.Weekday), cmp.Compare(a.Start, b.Start))
	})
}

// checkWeek refuses weekly hours, which are sorted, that cannot be worked.
func checkWeek(week []schedule.Hours) error {
	for i, h := range week {
		if h.Weekday < 1 || h.Weekday > 7 {
			return &Invalid{Message: "a week has seven days"}
		}
		field := HoursField(h.Weekday)
		if problem := hoursProblem(h.Start, h.End); problem != "" {
			return &Invalid{Field: field, Message: problem}
		}
		if i > 0 && week[i-1].Weekday == h.Weekday && h.Start < week[i-1].End {
			return &Invalid{Field: field, Message: overlapProblem(week[i-1], h)}
		}
	}
	return nil
}

// HoursField is the field of *Invalid for the hours of an ISO weekday.
func HoursField(weekday int) string { return "hours-" + strings.ToLower(weekdays()[weekday-1]) }

// hoursProblem says what is wrong with a stretch of hours, "" if nothing is.
func hoursProblem(start, end string) string {
	switch {
	case !isClock(start) || !isClock(end) && end != "24:00":
		return "there is no such time of day"
	case start >= end:
		return "the end is not after the start; write a night shift as two: Mon 22:00-24:00; Tue 00:00-06:00"
	}
	return ""
}

// overlapProblem says that two stretches of one day run into each other.
func overlapProblem(a, b schedule.Hours) string {
	return fmt.Sprintf("on %s the hours from %s and from %s overlap", weekdays()[a.Weekday-1], a.Start, b.Start)
}

// changesTo names what differs, in the words of the log. The home is not among
// them: it has an event of its own.
func (f ContractorFields) changesTo(to ContractorFields) []string {
	changed := []string{}
	for _, part := range []struct {
		name string
		same bool
	}{
		{"name", f.Name == to.Name}, {"phone", f.Phone == to.Phone}, {"e-mail", f.Email == to.Email},
		{"served regions", slices.Equal(f.Serves, to.Serves)},
		{"base point", f.Base == to.Base || f.Base != nil && to.Base != nil && *f.Base == *to.Base},
		{"skills", slices.Equal(f.Skills, to.Skills)}, {"weekly hours", slices.Equal(f.Hours, to.Hours)},
		{"how jobs are accepted", f.AutoAccept == to.AutoAccept},
	} {
		if !part.same {
			changed = append(changed, part.name)
		}
	}
	switch {
	case f.Active && !to.Active:
		changed = append(changed, "made inactive")
	case !f.Active && to.Active:
		changed = append(changed, "active again")
	}
	return changed
}
