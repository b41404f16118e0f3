package db

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// ErrFile: a file cannot be read as what it should be; the text around it says
// why.
var ErrFile = errors.New("the file cannot be imported")

// maxCSV bounds a CSV file, in bytes.
const maxCSV = 64 << 20

// JobFile is what a CSV file of jobs says.
type JobFile struct {
	Rows []JobRow
	// Bad are the values that cannot be taken whatever the database holds.
	Bad []RowError
	// HasCustomerName, HasCustomerPhone and HasNotes tell which of the columns
	// that a file may lack it has. What it lacks stays as it is.
	HasCustomerName, HasCustomerPhone, HasNotes bool
}

// JobRow is one row of a file of jobs.
type JobRow struct {
	// Line is the line of the file on which the row begins, from 1.
	Line int
	// Job has wall times of the region that the job will turn out to be in.
	Job NewJob
}

// columns are the names that a header has, in any order.
type columns struct{ required, optional []string }

func jobColumns() columns {
	return columns{
		required: []string{
			"external_id", "title", "address", "lat", "lng", "postcode", "skills",
			"duration_minutes", "window_start", "window_end", "priority",
		},
		optional: []string{"customer_name", "customer_phone", "notes"},
	}
}

// ReadJobsCSV reads a file of jobs with a header line, separated by commas or
// semicolons, in UTF-8 with or without a byte order mark, with any line ends.
// Cells are text and nothing else: one that looks like a formula stays as it
// is. Bad values are collected in JobFile.Bad; a file that has no rows to speak
// of is ErrFile.
func ReadJobsCSV(r io.Reader) (JobFile, error) {
	table, err := openCSV(r, jobColumns())
	if err != nil {
		return JobFile{}, err
	}
	var file JobFile
	_, file.HasCustomerName = table.at["customer_name"]
	_, file.HasCustomerPhone = table.at["customer_phone"]
	_, file.HasNotes = table.at["notes"]
	file.Bad = table.read(func(c *cells) {
		job := c.job()
		if c.once(job.ExternalID); len(c.bad) == 0 {
			file.Rows = append(file.Rows, JobRow{Line: c.line, Job: job})
		}
	})
	return file, nil
}

// csvTable is a CSV file whose header has been read.
type csvTable struct {
	reader *csv.Reader
	// at is where each column stands.
	at    map[string]int
	width int
}

func openCSV(r io.Reader, names columns) (csvTable, error) {
	text, err := readText(r, maxCSV)
	if err != nil {
		return csvTable{}, err
	}
	reader := csv.NewReader(bytes.NewReader(text))
	reader.Comma = separator(text)
	reader.FieldsPerRecord = -1
	reader.ReuseRecord = true
	header, err := reader.Read()
	if err != nil {
		return csvTable{}, fmt.Errorf("there is no header line: %w", ErrFile)
	}
	at, err := headerColumns(header, names)
	return csvTable{reader: reader, at: at, width: len(header)}, err
}

// readText reads a whole text file and takes the byte order mark off.
func readText(r io.Reader, most int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	switch {
	case int64(len(text)) > most:
		return nil, fmt.Errorf("it is larger than %d MB: %w", most>>20, ErrFile)
	case !utf8.Valid(text):
		return nil, fmt.Errorf("it is not UTF-8 text, save it as \"CSV UTF-8\" or UTF-8: %w", ErrFile)
	}
	return bytes.TrimPrefix(text, []byte("\ufeff")), nil
}

// separator is a semicolon if the header has more of them than commas.
func separator(text []byte) rune {
	header, _, _ := bytes.Cut(text, []byte("\n"))
	if bytes.Count(header, []byte(";")) > bytes.Count(header, []byte(",")) {
		return ';'
	}
	return ','
}

// headerColumns finds the columns by name. An unknown one is refused, because
// it may be a known one with a typing error.
func headerColumns(header []string, names columns) (map[string]int, error) {
	at := make(map[string]int, len(header))
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		if !slices.Contains(names.required, name) && !slices.Contains(names.optional, name) {
			return nil, fmt.Errorf("line 1: there is no column %s: %w", shownValue(name), ErrFile)
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
// returns in the order of the file, with those about the other rows.
func (f csvTable) read(take func(*cells)) (bad []RowError) {
	first := make(map[string]int)
	for {
		record, err := f.reader.Read()
		if errors.Is(err, io.EOF) {
			return bad
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			bad = append(bad, RowError{Line: broken.StartLine, Reason: "a quotation mark is out of place: put the whole value in quotation marks and write each one inside it twice"})
			continue
		}
		if err != nil {
			return append(bad, RowError{Reason: err.Error()})
		}
		if !slices.ContainsFunc(record, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
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
