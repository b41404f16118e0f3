package db

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// ErrFile: a file cannot be read as what it should be; the text around it says
// why.
var ErrFile = errors.New("the file cannot be imported")

const (
	// maxCSV bounds a CSV file, in bytes.
	maxCSV = 64 << 20
	// maxRows bounds its rows, and with them the memory that an import takes.
	maxRows = 100_000
	// errorColumn is what a file of bad rows has beside its own columns; in a
	// file that is read it means nothing.
	errorColumn = "error"
)

// JobFile is what a CSV file of jobs says.
type JobFile struct {
	Rows []JobRow
	// Bad are the values that cannot be taken whatever the database holds.
	Bad []RowError
	// HasCustomerName, HasCustomerPhone, HasAccessNotes, HasNotes, HasHeadcount and
	// HasDays tell which of the columns that a file may lack it has. What it lacks
	// stays as it is.
	HasCustomerName, HasCustomerPhone, HasAccessNotes, HasNotes, HasHeadcount, HasDays bool
}

// JobRow is one row of a file of jobs.
type JobRow struct {
	// Line is the line of the file on which the row begins, from 1.
	Line int
	// Job has wall times of the region that the job will turn out to be in.
	Job NewJob
	// Was is what an export says beside that; it counts for new jobs only.
	Was ExportedAs
	// Neutralised is set if a text begins as a formula does. It stays text, here
	// and in all files that we write.
	Neutralised bool
}

// columns are the names that a header has, in any order.
type columns struct{ required, optional []string }

func jobColumns() columns {
	return columns{
		required: []string{
			"external_id", "title", "address", "lat", "lng", "postcode", "skills",
			"duration_minutes", "window_start", "window_end", "priority",
		},
		optional: []string{
			"customer_name", "customer_phone", "access_notes", "notes", "headcount", "days", "number", "status", "region", "region_reason", "zone",
			errorColumn,
		},
	}
}

// ReadJobsCSV reads a file of jobs with a header line, separated by commas,
// semicolons or tabs, in UTF-8, UTF-16 with a byte order mark, or Windows-1252,
// with any line ends. Cells are text and nothing else: one that looks like a
// formula stays as it is. Bad values are collected in JobFile.Bad; a file that
// has no rows to speak of is ErrFile.
func ReadJobsCSV(r io.Reader) (JobFile, error) {
	table, err := openCSV(r, jobColumns())
	if err != nil {
		return JobFile{}, err
	}
	var file JobFile
	_, file.HasCustomerName = table.at["customer_name"]
	_, file.HasCustomerPhone = table.at["customer_phone"]
	_, file.HasAccessNotes = table.at["access_notes"]
	_, file.HasNotes = table.at["notes"]
	_, file.HasHeadcount = table.at["headcount"]
	_, file.HasDays = table.at["days"]
	file.Bad, err = table.read(func(c *cells) {
		job, was := c.job(), c.exportedAs()
		c.once("number", was.numberCell())
		if c.once("external_id", job.ExternalID); len(c.bad) == 0 {
			file.Rows = append(file.Rows, JobRow{Line: c.line, Job: job, Was: was, Neutralised: c.anyFormula()})
		}
	})
	return file, err
}

// csvTable is a CSV file whose header has been read.
type csvTable struct {
	reader *csv.Reader
	// at is where each column stands.
	at    map[string]int
	width int
}

func openCSV(r io.Reader, names columns) (csvTable, error) {
	text, err := readTable(r, maxCSV)
	if err != nil {
		return csvTable{}, err
	}
	reader := newCSVReader(text)
	reader.ReuseRecord = true
	header, err := reader.Read()
	if err != nil {
		return csvTable{}, fmt.Errorf("there is no header line: %w", ErrFile)
	}
	at, err := headerColumns(header, names)
	return csvTable{reader: reader, at: at, width: len(header)}, err
}

func newCSVReader(text []byte) *csv.Reader {
	text, comma := hinted(text)
	reader := csv.NewReader(bytes.NewReader(text))
	reader.Comma = cmp.Or(comma, separator(text))
	reader.FieldsPerRecord = -1
	return reader
}

// headerColumns finds the columns by name. An unknown one is refused, because
// it may be a known one with a typing error.
func headerColumns(header []string, names columns) (map[string]int, error) {
	at := make(map[string]int, len(header))
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		if !slices.Contains(names.required, name) && !slices.Contains(names.optional, name) {
			return nil, fmt.Errorf("line 1: there is no column %s in a file of this kind: %w", shownValue(name), ErrFile)
		}
		if _, twice := at[name]; twice {
			return nil, fmt.Errorf("line 1: column %s stands there twice: %w", name, ErrFile)
		}
		at[name] = i
	}
	for _, name := range names.required {
		if _, ok := at[name]; !ok {
			return nil, fmt.Errorf("line 1: column %s is missing: %w", name, ErrFile)
		}
	}
	return at, nil
}

// read hands each whole row after the header to take, whose complaints it
// returns in the order of the file, with those about the other rows. More than
// maxRows are ErrFile.
func (f csvTable) read(take func(*cells)) (bad []RowError, err error) {
	first := make(map[[2]string]int)
	for n := 0; ; n++ {
		record, err := f.reader.Read()
		if errors.Is(err, io.EOF) {
			return bad, nil
		}
		if n == maxRows {
			return nil, fmt.Errorf("it has more than %d rows, split it: %w", maxRows, ErrFile)
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			bad = append(bad, brokenRow(broken))
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read rows: %w", err)
		}
		if isBlank(record) {
			continue
		}
		line, _ := f.reader.FieldPos(0)
		if len(record) != f.width {
			bad = append(bad, RowError{Line: line, Value: record[0], Reason: fmt.Sprintf("the row has %d cells, the header has %d", len(record), f.width)})
			continue
		}
		c := cells{line: line, at: f.at, record: record, first: first}
		take(&c)
		bad = append(bad, c.bad...)
	}
}

func isBlank(record []string) bool {
	return !slices.ContainsFunc(record, func(cell string) bool { return strings.TrimSpace(cell) != "" })
}

// brokenRow says how to mend a row, and how far a quotation mark that is not
// closed has swallowed the file.
func brokenRow(broken *csv.ParseError) RowError {
	reason := "a quotation mark is out of place: put the whole value in quotation marks and write each one inside it twice"
	if broken.Line > broken.StartLine {
		reason += fmt.Sprintf("; as it stands the row goes on to line %d", broken.Line)
	}
	return RowError{Line: broken.StartLine, Reason: reason}
}
