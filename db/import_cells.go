package db

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"smartscheduler/schedule"
)

// cells reads the cells of one row and collects what is wrong with them.
type cells struct {
	line   int
	at     map[string]int
	record []string
	bad    []RowError
	// first are the lines of the ids so far, by column and id.
	first map[[2]string]int
}

// rowErrors bounds what is said about one row: a row of 16 MB can be bad in
// millions of ways.
const rowErrors = 20

func (c *cells) reject(column, value, reason string) {
	if len(c.bad) == rowErrors {
		return
	}
	c.bad = append(c.bad, RowError{Line: c.line, Column: column, Value: value, Reason: reason})
}

func (c *cells) cell(column string) string {
	i, ok := c.at[column]
	if !ok {
		return ""
	}
	return cellText(c.record[i])
}

// anyFormula tells whether a text of the row begins as a formula does. A phone
// number with its + is none.
func (c *cells) anyFormula() bool {
	return slices.ContainsFunc([]string{"external_id", "title", "name", "customer_name", "address", "notes"},
		func(column string) bool { return isFormula(c.cell(column)) })
}

// once refuses an id that an earlier row has in the same column.
func (c *cells) once(column, id string) {
	key := [2]string{column, id}
	if before, twice := c.first[key]; twice {
		c.reject(column, id, fmt.Sprintf("line %d has this id already: each row needs one of its own", before))
	} else if id != "" {
		c.first[key] = c.line
	}
}

func (c *cells) job() NewJob {
	n := NewJob{
		ExternalID:   c.text("external_id", 1, 200),
		Title:        c.text("title", 1, 200),
		CustomerName: c.text("customer_name", 0, 200), CustomerPhone: c.text("customer_phone", 0, 50),
		Site: Site{
			Address: c.address(), Postcode: c.text("postcode", 0, 20),
			Point: c.point("lat", "lng"), AccessNotes: c.lines("access_notes", 0, maxAccessNotes),
		},
		Skills:          c.skills(),
		DurationMinutes: c.minutes("duration_minutes"),
		Headcount:       c.upTo("headcount", MaxHeadcount, "write how many contractors are needed"),
		Days:            c.upTo("days", MaxDays, "write on how many days"),
		Priority:        c.priority(),
		Notes:           c.lines("notes", 0, MaxNotes),
	}
	n.WindowStart, n.WindowStartOffset = c.wallTime("window_start")
	n.WindowEnd, n.WindowEndOffset = c.wallTime("window_end")
	return n
}

// text reads one line of text; line breaks and tabs in it become blanks.
func (c *cells) text(column string, least, most int) string {
	value := c.cell(column)
	if strings.ContainsAny(value, "\n\r\t") {
		value = strings.Join(strings.Fields(value), " ")
	}
	return c.checked(column, value, least, most)
}

// address reads an address, whose field in forms has one line: those of the cell
// are joined.
func (c *cells) address() string {
	var parts []string
	for line := range strings.FieldsFuncSeq(c.cell("address"), func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line = strings.TrimSpace(strings.ReplaceAll(line, "\t", " ")); line != "" {
			parts = append(parts, line)
		}
	}
	return c.checked("address", strings.Join(parts, ", "), 1, 500)
}

// plainLines makes all line ends LFs and tabs blanks, as forms have them.
var plainLines = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", " ")

// lines reads text that may have line breaks.
func (c *cells) lines(column string, least, most int) string {
	return c.checked(column, plainLines.Replace(c.cell(column)), least, most)
}

func (c *cells) checked(column, value string, least, most int) string {
	n := utf8.RuneCountInString(value)
	switch {
	case n < least:
		c.reject(column, value, "it must not be empty")
	case n > most:
		c.reject(column, value, fmt.Sprintf("it has %d characters, %d are the most: shorten it", n, most))
	case strings.ContainsFunc(value, isControl):
		c.reject(column, value, "it has a control character")
	}
	return value
}

// isControl tells characters that belong in no text; PostgreSQL cannot store
// the first of them.
func isControl(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' }

func (c *cells) point(lat, lng string) *schedule.Point {
	if c.cell(lat) == "" && c.cell(lng) == "" {
		return nil
	}
	p := schedule.Point{Lat: c.degrees(lat, 90), Lng: c.degrees(lng, 180)}
	return &p
}

var plainNumber = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?$`)

func (c *cells) degrees(column string, most float64) float64 {
	value := c.cell(column)
	if value == "" {
		c.reject(column, value, "the two degrees are given together or not at all")
		return 0
	}
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || !plainNumber.MatchString(value) {
		c.reject(column, value, "write degrees as a number with a point, like 35.0456")
		return 0
	}
	if math.Abs(n) > most {
		c.reject(column, value, fmt.Sprintf("degrees go from -%g to %g", most, most))
	}
	return n
}

func (c *cells) skills() []string {
	skills := []string{}
	for s := range strings.SplitSeq(c.text("skills", 0, 1000), ";") {
		if s = strings.TrimSpace(s); s != "" {
			skills = append(skills, s)
		}
	}
	return skills
}

func (c *cells) minutes(column string) int {
	value := c.cell(column)
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > int(maxAssignment.Minutes()) {
		c.reject(column, value, fmt.Sprintf("write whole minutes from 1 to %d", int(maxAssignment.Minutes())))
	}
	return n
}

// upTo reads a number from 1 on; empty is one.
func (c *cells) upTo(column string, most int, write string) int {
	value := c.cell(column)
	if value == "" {
		return 1
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > most {
		c.reject(column, value, fmt.Sprintf("%s, from 1 to %d", write, most))
	}
	return n
}

func (c *cells) priority() string {
	value := c.cell("priority")
	switch p := strings.ToLower(value); p {
	case "normal", "high", "rush":
		return p
	case "":
		return "normal"
	}
	c.reject("priority", value, "write normal, high or rush")
	return ""
}

var wallTimeCell = regexp.MustCompile(`^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})([+-][0-9]{2}:[0-9]{2})?$`)

// wallTime reads a wall time, and the offset that only an hour which happens
// twice needs.
func (c *cells) wallTime(column string) (schedule.WallTime, string) {
	value := c.cell(column)
	m := wallTimeCell.FindStringSubmatch(value)
	if m == nil {
		c.reject(column, value, "write date and local time like 2027-03-09T10:00")
		return schedule.WallTime{}, ""
	}
	w, err := schedule.ParseWallTime(m[1] + "T" + m[2])
	if err != nil {
		c.reject(column, value, "there is no such date or time")
		return schedule.WallTime{}, ""
	}
	// A year with a typing error is far from any job's.
	if y := m[1][:4]; y < "2000" || y > "2199" {
		c.reject(column, value, "the year is not between 2000 and 2199")
	}
	return w, m[3]
}
