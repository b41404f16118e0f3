package db_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"smartscheduler/db"
)

const jobHeader = "external_id,title,address,lat,lng,postcode,skills,duration_minutes,window_start,window_end,priority"

// goodJob is a row that nothing is wrong with.
const goodJob = "A-1,Fix it,1 Main St,0.5,0.5,100,gas,60,2027-03-08T09:00,2027-03-08T12:00,normal"

func readJobs(t testing.TB, text string) db.JobFile {
	t.Helper()
	file, err := db.ReadJobsCSV(strings.NewReader(text))
	if err != nil {
		t.Fatalf("read jobs: %v", err)
	}
	return file
}

func TestReadJobsCSV(t *testing.T) {
	t.Parallel()
	text := "\ufeff" + strings.ReplaceAll(jobHeader, ",", ";") + ";Notes\r\n" +
		"A-1;\"=HYPERLINK(\"\"http://x\"\")\";\"1 Main St\r\nUpstairs\";0.5;-0.25;;\"gas; Tile;\";60;2027-03-08T09:00;2027-03-08 12:00;Rush;@sum\r\n" +
		";;;;;;;;;;;\r\n\r\n" +
		"A-2;-1+2;+1 Main St;;;100;;1;2026-11-01T01:30-05:00;2026-11-01T02:30;;\r\n"
	file := readJobs(t, text)
	if len(file.Bad) > 0 || len(file.Rows) != 2 {
		t.Fatalf("rows %+v, bad %v", file.Rows, file.Bad)
	}
	if !file.HasNotes || file.HasCustomerName || file.HasCustomerPhone {
		t.Errorf("columns: %+v", file)
	}
	a, b := file.Rows[0], file.Rows[1]
	if a.Line != 2 || b.Line != 6 {
		t.Errorf("lines %d and %d, want 2 and 6", a.Line, b.Line)
	}
	if a.Job.Title != `=HYPERLINK("http://x")` || a.Job.Notes != "@sum" || b.Job.Title != "-1+2" || b.Job.Site.Address != "+1 Main St" {
		t.Errorf("cells that look like formulas changed: %+v %+v", a.Job, b.Job)
	}
	if a.Job.Site.Address != "1 Main St, Upstairs" || a.Job.Priority != "rush" || b.Job.Priority != "normal" {
		t.Errorf("address %q, priorities %q %q", a.Job.Site.Address, a.Job.Priority, b.Job.Priority)
	}
	if p := a.Job.Site.Point; p == nil || p.Lat != 0.5 || p.Lng != -0.25 || b.Job.Site.Point != nil {
		t.Errorf("points %v %v", a.Job.Site.Point, b.Job.Site.Point)
	}
	if !slices.Equal(a.Job.Skills, []string{"gas", "Tile"}) || len(b.Job.Skills) != 0 {
		t.Errorf("skills %q %q", a.Job.Skills, b.Job.Skills)
	}
	if a.Job.WindowEnd.String() != "2027-03-08T12:00" || b.Job.WindowStartOffset != "-05:00" || b.Job.WindowStart.String() != "2026-11-01T01:30" {
		t.Errorf("windows %+v %+v", a.Job, b.Job)
	}
}

func TestReadJobsCSVBadValues(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ column, value, reason string }{
		{"external_id", "", "must not be empty"},
		{"external_id", strings.Repeat("x", 201), "200 are the most"},
		{"title", " ", "must not be empty"},
		{"title", strings.Repeat("ü", 201), "201 characters"},
		{"title", "a\x00b", "control character"},
		{"address", "\x1b[31m", "control character"},
		{"lat", "91", "-90 to 90"},
		{"lng", "-180.5", "-180 to 180"},
		{"lat", "NaN", "number with a point"},
		{"lat", "0x1p3", "number with a point"},
		{"lng", "1e2", "number with a point"},
		{"lat", "", "together or not at all"},
		{"duration_minutes", "0", "1 to 10080"},
		{"duration_minutes", "10081", "1 to 10080"},
		{"duration_minutes", "1.5", "whole minutes"},
		{"window_start", "8 March", "like 2027-03-09T10:00"},
		{"window_start", "2027-02-30T09:00", "no such date"},
		{"window_end", "2027-03-08T24:00", "no such date"},
		{"window_end", "0207-03-08T09:00", "2000 and 2199"},
		{"priority", "urgent", "normal, high or rush"},
	} {
		t.Run(test.column+" "+test.reason, func(t *testing.T) {
			t.Parallel()
			cells := strings.Split(goodJob, ",")
			cells[slices.Index(strings.Split(jobHeader, ","), test.column)] = test.value
			file := readJobs(t, jobHeader+"\n"+strings.Join(cells, ",")+"\n")
			if len(file.Bad) != 1 || len(file.Rows) != 0 {
				t.Fatalf("bad %v, rows %v", file.Bad, file.Rows)
			}
			bad := file.Bad[0]
			if bad.Line != 2 || bad.Column != test.column || bad.Value != strings.TrimSpace(test.value) || !strings.Contains(bad.Reason, test.reason) {
				t.Errorf("got %+v, want %+v", bad, test)
			}
			if strings.ContainsAny(bad.Error(), "\x00\x1b\n") {
				t.Errorf("the printed error carries control characters: %q", bad.Error())
			}
		})
	}
}

func TestReadJobsCSVBadRows(t *testing.T) {
	t.Parallel()
	text := jobHeader + "\n" + strings.Replace(goodJob, "1 Main St", "\"two\nlines\"", 1) + "\n" +
		"too,short\n" + strings.Replace(goodJob, "A-1", "A-2", 1) + "\n" +
		goodJob + "\n" + `A-3,5" pipe,x` + "\n" + strings.Replace(goodJob, "A-1", "A-4", 1) + "\n" + `"never closed`
	file := readJobs(t, text)
	var lines []int
	for _, bad := range file.Bad {
		lines = append(lines, bad.Line)
	}
	if !slices.Equal(lines, []int{4, 6, 7, 9}) || len(file.Rows) != 3 {
		t.Fatalf("lines %v, %d rows: %v", lines, len(file.Rows), file.Bad)
	}
	if got := file.Bad[1].Error(); got != `line 6, column external_id: "A-1" — line 2 has this id already: each row needs one of its own` {
		t.Errorf("got %s", got)
	}
}

func TestReadJobsCSVBadFile(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty":          "",
		"missing column": strings.TrimSuffix(jobHeader, ",priority") + "\n",
		"unknown column": jobHeader + ",note\n",
		"column twice":   jobHeader + ",Title\n",
		"UTF-16":         "\xff\xfea\x00",
		"half a letter":  "\xff\xfea",
		"not text":       jobHeader + "\n\x00\xff\n",
		"workbook":       "PK\x03\x04" + jobHeader,
		"two encodings":  "\ufeff" + jobHeader + "\nA-1,caf\xe9\n",
		"too many rows":  jobHeader + strings.Repeat("\nx", 100_001),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := db.ReadJobsCSV(strings.NewReader(text)); !errors.Is(err, db.ErrFile) {
				t.Errorf("got %v, want ErrFile", err)
			}
		})
	}
}

// TestReadJobsCSVAsSpreadsheetsWriteIt reads one table in all the forms in which
// spreadsheets save it.
func TestReadJobsCSVAsSpreadsheetsWriteIt(t *testing.T) {
	t.Parallel()
	rows := strings.Replace(strings.Replace(goodJob, "Fix it", "Caf\u00e9 \u20ac", 1), "1 Main St", "\"1 Main St\r\n\"\"Upstairs\"\"\"", 1)
	text := jobHeader + "\r\n" + rows + "\r\n"
	utf16le, utf16be := "\xff\xfe", "\xfe\xff"
	for _, unit := range utf16.Encode([]rune(strings.ReplaceAll(text, ",", "\t"))) {
		utf16le += string([]byte{byte(unit), byte(unit >> 8)})
		utf16be += string([]byte{byte(unit >> 8), byte(unit)})
	}
	for name, file := range map[string]string{
		"UTF-8": text, "with mark": "\ufeff" + text, "semicolons": strings.ReplaceAll(text, ",", ";"),
		"tabs": strings.ReplaceAll(text, ",", "\t"), "named separator": "sep=;\r\n" + strings.ReplaceAll(text, ",", ";"),
		"LF": strings.ReplaceAll(text, "\r", ""), "CR": strings.ReplaceAll(text, "\n", ""),
		"UTF-16 little": utf16le, "UTF-16 big": utf16be,
		"Windows-1252": strings.NewReplacer("\u00e9", "\xe9", "\u20ac", "\x80").Replace(text),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := readJobs(t, file)
			if len(got.Bad) > 0 || len(got.Rows) != 1 {
				t.Fatalf("rows %+v, bad %v", got.Rows, got.Bad)
			}
			line := 2
			if strings.HasPrefix(file, "sep=") {
				line = 3
			}
			if j := got.Rows[0]; j.Line != line || j.Job.Title != "Caf\u00e9 \u20ac" || j.Job.Site.Address != "1 Main St, \"Upstairs\"" {
				t.Errorf("got line %d, %+v", j.Line, j.Job)
			}
		})
	}
}
