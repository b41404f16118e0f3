package db

import (
	"cmp"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"smartscheduler/schedule"
)

// ContractorFile is what a CSV file of contractors says.
type ContractorFile struct {
	Rows []ContractorRow
	// Bad are the values that cannot be taken whatever the database holds.
	Bad []RowError
	// HasBase and HasExceptions tell which of the columns that a file may lack it
	// has. What it lacks stays as it is.
	HasBase, HasExceptions bool
}

// ContractorRow is one row of a file of contractors.
type ContractorRow struct {
	// Line is the line of the file on which the row begins, from 1.
	Line                           int
	ExternalID, Name, Phone, Email string
	// Home is the slug of his home region; Serves are those of others that he
	// works in too, sorted.
	Home   string
	Serves []string
	// Skills are named by slug or name, as the file does.
	Skills []schedule.Skill
	// Hours are wall times of the home region, by weekday and start.
	Hours []schedule.Hours
	// Exceptions are the days that differ from the week, by day.
	Exceptions []schedule.Exception
	// Base is where his day begins, nil when that is not known.
	Base *schedule.Point
	// Active and AutoAccept count for a new contractor only.
	Active, AutoAccept bool
	// Neutralised as in JobRow.
	Neutralised bool
}

func contractorColumns() columns {
	return columns{required: []string{"external_id", "name", "home_region", "served_regions", "skills", "hours", "phone", "email"},
		optional: []string{"exceptions", "base_lat", "base_lng", "active", "auto_accept", errorColumn}}
}

// ReadContractorsCSV reads a file of contractors, written as ReadJobsCSV says.
// Served regions and skills are separated by semicolons; a skill may carry its
// last day, like `tile:2027-03-31`; hours are like
// `Mon-Fri 08:00-17:00; Sat 09:00-12:00`; exceptions stand one a line, like
// `2027-03-11 off Dentist` and `2027-03-13 10:00-14:00`. Bad values are collected in
// ContractorFile.Bad; a file that has no rows to speak of is ErrFile.
func ReadContractorsCSV(r io.Reader) (ContractorFile, error) {
	table, err := openCSV(r, contractorColumns())
	if err != nil {
		return ContractorFile{}, err
	}
	var file ContractorFile
	_, file.HasBase = table.at["base_lat"]
	_, file.HasExceptions = table.at["exceptions"]
	file.Bad, err = table.read(func(c *cells) {
		row := c.contractor()
		if c.once("external_id", row.ExternalID); len(c.bad) == 0 {
			file.Rows = append(file.Rows, row)
		}
	})
	return file, err
}

func (c *cells) contractor() ContractorRow {
	row := ContractorRow{
		Line:       c.line,
		ExternalID: c.text("external_id", 1, 200),
		Name:       c.text("name", 1, 200),
		Phone:      c.text("phone", 0, 50),
		Email:      c.text("email", 0, 200),
		Home:       strings.ToLower(c.text("home_region", 1, 63)),
		Skills:     c.datedSkills(),
		Hours:      c.hours(),
		Exceptions: c.exceptions(),
		Base:       c.point("base_lat", "base_lng"),
		Active:     c.yes("active", true),
		AutoAccept: c.yes("auto_accept", false),

		Neutralised: c.anyFormula(),
	}
	for _, region := range c.list("served_regions") {
		if region = strings.ToLower(region); region != row.Home {
			row.Serves = append(row.Serves, region)
		}
	}
	slices.Sort(row.Serves)
	row.Serves = slices.Compact(row.Serves)
	return row
}

// list reads values that are separated by semicolons.
func (c *cells) list(column string) []string {
	list := []string{}
	for s := range strings.SplitSeq(c.text(column, 0, 2000), ";") {
		if s = strings.TrimSpace(s); s != "" {
			list = append(list, s)
		}
	}
	return list
}

// datedSkills reads skills that may carry their last day.
func (c *cells) datedSkills() []schedule.Skill {
	var skills []schedule.Skill
	for _, value := range c.list("skills") {
		name, until, dated := strings.Cut(value, ":")
		skill := schedule.Skill{Slug: strings.TrimSpace(name), ValidUntil: strings.TrimSpace(until)}
		if dated {
			day, err := time.Parse(time.DateOnly, skill.ValidUntil)
			if err != nil || day.Year() < 2000 || day.Year() > 2199 {
				c.reject("skills", value, "write the last day of a skill like tile:2027-03-31")
			}
		}
		skills = append(skills, skill)
	}
	return skills
}

var hoursEntry = regexp.MustCompile(`^([a-z]+)(?: ?- ?([a-z]+))? ([0-9]{2}:[0-9]{2}) ?- ?([0-9]{2}:[0-9]{2})$`)

// hours reads weekly hours; a day may have several stretches.
func (c *cells) hours() []schedule.Hours {
	var week []schedule.Hours
	for _, value := range c.list("hours") {
		m := hoursEntry.FindStringSubmatch(strings.ToLower(value))
		if m == nil {
			c.reject("hours", value, "write hours like Mon-Fri 08:00-17:00; Sat 09:00-12:00")
			continue
		}
		first, last := weekday(m[1]), weekday(cmp.Or(m[2], m[1]))
		switch {
		case first == 0 || last == 0:
			c.reject("hours", value, "the days are Mon, Tue, Wed, Thu, Fri, Sat and Sun")
			continue
		case first > last:
			c.reject("hours", value, "the days stand in the order of the week, which begins on Mon")
			continue
		}
		if problem := hoursProblem(m[3], m[4]); problem != "" {
			c.reject("hours", value, problem)
			continue
		}
		for day := first; day <= last; day++ {
			week = append(week, schedule.Hours{Weekday: day, Start: m[3], End: m[4]})
		}
	}
	sortHours(week)
	for i := 1; i < len(week); i++ {
		if a, b := week[i-1], week[i]; a.Weekday == b.Weekday && b.Start < a.End {
			c.reject("hours", c.cell("hours"), overlapProblem(a, b))
			break
		}
	}
	return week
}

func weekdays() []string { return []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"} }

// weekday is the ISO number of a short name in lower case, 0 for any other text.
func weekday(name string) int {
	return slices.IndexFunc(weekdays(), func(day string) bool { return strings.ToLower(day) == name }) + 1
}

func isClock(s string) bool {
	_, err := time.Parse("15:04", s)
	return err == nil
}
