package db

import (
	"regexp"
	"slices"
	"strings"

	"smartscheduler/schedule"
)

var exceptionLine = regexp.MustCompile(`^([0-9]{4}-[0-9]{2}-[0-9]{2}) (?:(off)|([0-9]{2}:[0-9]{2}) ?- ?([0-9]{2}:[0-9]{2}))(?: (.*))?$`)

// exceptions reads the days that differ from the week, one a line.
func (c *cells) exceptions() []schedule.Exception {
	list := []schedule.Exception{}
	for line := range strings.Lines(plainLines.Replace(c.cell("exceptions"))) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		m := exceptionLine.FindStringSubmatch(line)
		if m == nil || !isSensibleDay(m[1]) {
			c.reject("exceptions", line, "write one day a line, like 2027-03-11 off Dentist or 2027-03-13 10:00-14:00")
			continue
		}
		if problem := hoursProblem(m[3], m[4]); m[2] == "" && problem != "" {
			c.reject("exceptions", line, problem)
			continue
		}
		list = append(list, schedule.Exception{Day: m[1], Off: m[2] != "", Start: m[3], End: m[4], Note: c.checked("exceptions", m[5], 0, 200)})
	}
	slices.SortFunc(list, func(a, b schedule.Exception) int { return strings.Compare(a.Day, b.Day) })
	for i := 1; i < len(list); i++ {
		if list[i].Day == list[i-1].Day {
			c.reject("exceptions", list[i].Day, "the day stands there twice")
		}
	}
	return list
}

// exceptionLines writes days as exceptionCells does.
func exceptionLines(days []exceptionJSON) []string {
	lines := make([]string, len(days))
	for i, d := range days {
		what := "off"
		if d.Starts != "" {
			what = d.Starts + "-" + d.Ends
		}
		lines[i] = strings.TrimSpace(d.Day + " " + what + " " + d.Note)
	}
	return lines
}

// yes reads whether something holds; empty is what an empty cell says.
func (c *cells) yes(column string, empty bool) bool {
	switch value := c.cell(column); strings.ToLower(value) {
	case "":
		return empty
	case "yes":
		return true
	case "no":
	default:
		c.reject(column, value, "write yes or no")
	}
	return false
}
