package handlers

import (
	"strings"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

func jobStatus(s schedule.JobStatus) views.Status {
	return views.Status{Slug: string(s), Label: statusWords(string(s))}
}

func assignmentStatus(s schedule.AssignmentStatus) views.Status {
	return views.Status{Slug: string(s), Label: statusWords(string(s))}
}

// statusWords writes a status as the database spells it in plain words.
func statusWords(slug string) string {
	switch slug {
	case "en_route":
		return "On the way"
	case "on_site":
		return "On site"
	case "":
		return ""
	}
	words := strings.ReplaceAll(slug, "_", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}

// regionWhy says which rule put a job into its region.
func regionWhy(reason string) string {
	switch reason {
	case "override":
		return "chosen by hand"
	case "polygon":
		return "its point lies inside"
	case "border":
		return "on the border: chosen by rule"
	case "postcode":
		return "by its postcode"
	}
	return "no region holds it"
}

// changedWord names a changed field of a job as the form does.
func changedWord(field string) string {
	switch field {
	case "access_notes":
		return "getting in"
	case "days":
		return "on how many days"
	case "headcount":
		return "how many contractors"
	case "region_reason":
		return "why it is in its region"
	}
	return field
}

// cancelWords says why a job was cancelled.
func cancelWords(reason string) string {
	switch events.CancelReason(reason) {
	case events.CancelCustomer:
		return "the customer called it off"
	case events.CancelDuplicate:
		return "it was entered twice"
	case events.CancelImpossible:
		return "it cannot be done"
	}
	return "another reason"
}

func whyUnrouted(c db.Card) string {
	switch {
	case c.RegionReason == "override":
		return "Put here by hand"
	case !c.Lat.Valid && c.Postcode == "":
		return "No point and no postcode given"
	case !c.Lat.Valid:
		return "No point given, and no region lists the postcode"
	}
	return "Its point lies outside every region"
}

// ruleWords says what excluded a candidate, by the rule in the audit record.
func ruleWords(rule string) string {
	switch rule {
	case schedule.RuleSkillMissing:
		return "a skill was missing"
	case schedule.RuleSkillExpired:
		return "a skill had expired"
	case schedule.RuleOverlap:
		return "booked at that time"
	case schedule.RuleOff:
		return "off that day"
	case schedule.RuleOutsideHours:
		return "outside working hours"
	case schedule.RuleLongDay:
		return "more than ten hours that day"
	case schedule.RuleDayFull:
		return "more than twelve hours that day"
	}
	return rule
}
