package schedule

// RulesVersion counts the changes of the rules and of the texts below. A record of
// a decision keeps the version by which it was made, so a text that was in use is
// never changed: a new version gets the new one.
const RulesVersion = 1

// RuleText says a rule in full as it was in a version of the rules, or "" for a
// rule that the version did not have.
func RuleText(version int, rule string) string {
	if version != 1 {
		return ""
	}
	switch rule {
	case RuleSkillMissing:
		return "Every skill that the job needs must be held. Nobody may decide against this."
	case RuleSkillExpired:
		return "A skill must be valid on the date of the work at the site. Nobody may decide against this."
	case RuleOverlap:
		return "Nobody is booked twice at one time; what ends when the next begins is no overlap. Nobody may decide against this."
	case RuleOff:
		return "Work should not lie on a day off. A dispatcher may decide against this with a reason."
	case RuleOutsideHours:
		return "Work should lie within the working hours of the contractor. A dispatcher may decide against this with a reason."
	case RuleLongDay:
		return "Nobody should be booked for more than 10 hours on one date. A dispatcher may decide against this with a reason, up to 12 hours."
	case RuleDayFull:
		return "Nobody is booked for more than 12 hours on one date. Nobody may decide against this."
	}
	return ""
}
