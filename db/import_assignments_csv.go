package db

import (
	"io"
	"time"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// AssignmentFile is what a CSV file of assignments says.
type AssignmentFile struct {
	Rows []AssignmentRow
	// Bad are the values that cannot be taken whatever the database holds.
	Bad []RowError
	// Ended counts the rows of assignments that were taken back: they are
	// history, which no import makes.
	Ended int
}

// AssignmentRow is one row of a file of assignments.
type AssignmentRow struct {
	// Line is the line of the file on which the row begins, from 1.
	Line int
	// Job and Contractor are named as in their own files.
	Job, Contractor string
	// Day is the number of the day of the job, 0 for the first that needs somebody.
	Day    int
	At     schedule.Span
	Status schedule.AssignmentStatus
	Source events.Source
	// Offered and AnswerBy are since when and until when he is asked, nil where he
	// is not.
	Offered, AnswerBy *time.Time
}

// ReadAssignmentsCSV reads a file of assignments, written as ReadJobsCSV says.
// Start and end are instants like `2027-03-09T10:00:00-05:00`. Bad values are
// collected in AssignmentFile.Bad; a file that has no rows to speak of is
// ErrFile.
func ReadAssignmentsCSV(r io.Reader) (AssignmentFile, error) {
	table, err := openCSV(r, columns{
		required: []string{"job", "contractor", "start", "end"},
		// What stands in some of them is for people only.
		optional: []string{"day", "status", "source", "job_number", "region", "contractor_name", "zone", "offered", "answer_by", errorColumn},
	})
	if err != nil {
		return AssignmentFile{}, err
	}
	var file AssignmentFile
	file.Bad, err = table.read(func(c *cells) {
		row := c.assignment()
		if isEnded(row.Status) {
			file.Ended++
			c.bad = nil
			return
		}
		if len(c.bad) == 0 {
			file.Rows = append(file.Rows, row)
		}
	})
	return file, err
}

func (c *cells) assignment() AssignmentRow {
	row := AssignmentRow{
		Line: c.line, Job: c.text("job", 1, 200), Contractor: c.text("contractor", 1, 200), Day: c.day(),
		At:     schedule.Span{Start: c.instant("start"), End: c.instant("end")},
		Status: c.assignmentStatus(), Source: c.source(),
	}
	if c.cell("offered") != "" && c.cell("answer_by") != "" {
		offered, answerBy := c.instant("offered"), c.instant("answer_by")
		row.Offered, row.AnswerBy = &offered, &answerBy
	}
	if length := row.At.Duration(); len(c.bad) == 0 && (length <= 0 || length > maxAssignment) {
		c.reject("end", c.cell("end"), "the end must be after the start, by 7 days at the most")
	}
	return row
}

// day reads the number of a day of the job; 0 if nothing is said.
func (c *cells) day() int {
	if c.cell("day") == "" {
		return 0
	}
	return c.upTo("day", MaxDays, "write which day of the job it is")
}

// instant reads an instant with its offset from UTC.
func (c *cells) instant(column string) time.Time {
	value := c.cell(column)
	t, err := time.Parse(time.RFC3339Nano, value)
	if err != nil {
		t, err = time.Parse("2006-01-02T15:04Z07:00", value)
	}
	if err != nil || t.Year() < 2000 || t.Year() > 2199 {
		c.reject(column, value, "write date, time and offset like 2027-03-09T10:00:00-05:00")
	}
	return t.UTC()
}

// isEnded tells whether an assignment occupies nobody's time any more.
func isEnded(s schedule.AssignmentStatus) bool {
	return s == schedule.Declined || s == schedule.Expired || s == schedule.Unassigned || s == schedule.Cancelled
}

func (c *cells) assignmentStatus() schedule.AssignmentStatus {
	value := c.cell("status")
	switch s := schedule.AssignmentStatus(value); s {
	case "":
		return schedule.Assigned
	case schedule.Assigned, schedule.Accepted, schedule.EnRoute, schedule.OnSite, schedule.InProgress, schedule.Paused,
		schedule.Completed, schedule.Incomplete:
		return s
	default:
		if isEnded(s) {
			return s
		}
	}
	c.reject("status", value, "write assigned, or the status as an export has it")
	return ""
}

func (c *cells) source() events.Source {
	value := c.cell("source")
	switch s := events.Source(value); s {
	case "", events.SourceManual:
		return events.SourceManual
	case events.SourceAuto:
		return s
	}
	c.reject("source", value, "write manual or auto")
	return ""
}
