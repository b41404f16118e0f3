package schedule

import (
	"fmt"
	"time"
)

// The rules that a [Reason] may name.
const (
	RuleSkillMissing = "skill_missing"
	RuleSkillExpired = "skill_expired"
	RuleOverlap      = "overlap"
	RuleOff          = "off"
	RuleOutsideHours = "outside_hours"
	RuleLongDay      = "long_day"
	RuleDayFull      = "day_full"
)

// Skill is what a contractor can do.
type Skill struct {
	Slug       string
	ValidUntil string // last local date on which it holds, 2006-01-02; "" means no end
}

// Reason is one rule that speaks against a contractor for a job.
type Reason struct {
	Rule   string // one of the Rule constants
	Detail string // a fragment for people: "no Gas skill", "Tile expired 12 Nov"
}

// SkillReasons lists every needed skill that is missing or no longer holds on
// the job's local date, in the order of need and once each. Nobody may decide
// against them. name gives the words for a slug; nil shows the slug itself. An
// empty result means that all skills are there.
func SkillReasons(need []string, have []Skill, localDate string, name func(slug string) string) []Reason {
	if name == nil {
		name = func(slug string) string { return slug }
	}
	var reasons []Reason
	seen := make(map[string]bool, len(need))
	for _, slug := range need {
		if seen[slug] {
			continue
		}
		seen[slug] = true
		until, held := validUntil(slug, have)
		switch {
		case !held:
			reasons = append(reasons, Reason{Rule: RuleSkillMissing, Detail: fmt.Sprintf("no %s skill", name(slug))})
		case until != "" && until < localDate:
			reasons = append(reasons, Reason{Rule: RuleSkillExpired, Detail: fmt.Sprintf("%s expired %s", name(slug), shortDate(until, localDate))})
		}
	}
	return reasons
}

// validUntil is the last date of a skill, the latest if it is listed twice.
func validUntil(slug string, have []Skill) (until string, held bool) {
	for _, s := range have {
		switch {
		case s.Slug != slug:
		case s.ValidUntil == "":
			return "", true
		default:
			until, held = max(until, s.ValidUntil), true
		}
	}
	return until, held
}

// shortDate writes a date as "12 Nov", with the year if it is not that of the
// other date.
func shortDate(date, other string) string {
	d, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	if len(other) < 4 || date[:4] != other[:4] {
		return d.Format("2 Jan 2006")
	}
	return d.Format("2 Jan")
}
