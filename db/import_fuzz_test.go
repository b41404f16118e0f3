package db_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"smartscheduler/db"
)

// The corpora of these targets, testdata/fuzz, are inputs that earlier runs of
// `make fuzz` found to go new ways; every test run tries them again.

// wantLeads wants errors that lead to their rows and cannot break a line.
func wantLeads(t *testing.T, text string, list []db.RowError) {
	t.Helper()
	lines := strings.Count(text, "\n") + strings.Count(text, "\r") + 1
	for _, bad := range list {
		if bad.Line < 1 || bad.Line > lines || bad.Reason == "" || strings.ContainsAny(bad.Error(), "\n\x1b") {
			t.Fatalf("an error that does not lead to its row: %+v", bad)
		}
	}
}

func FuzzReadJobsCSV(f *testing.F) {
	f.Add(jobHeader + "\n" + goodJob + "\n")
	f.Add("\ufeff" + strings.ReplaceAll(jobHeader, ",", ";") + ";notes\r\n\"a\"\"\r\n\";b;c;;;;;;;;;=1\r\n")
	f.Add(jobHeader + "\n\"x,y\n\n,,,,,,,,,,\n")
	f.Add("sep=\t\r" + strings.ReplaceAll(jobHeader+"\r"+goodJob, ",", "\t"))
	f.Add("\xff\xfee\x00")
	f.Add(jobHeader + "\nA-1,caf\xe9,'=1,,,,,1,2027-03-08T09:00,2027-03-08T12:00,\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := db.ReadJobsCSV(strings.NewReader(text))
		if err != nil {
			return
		}
		seen := make(map[string]bool)
		for _, row := range file.Rows {
			n := row.Job
			if row.Line < 2 || n.ExternalID == "" || seen[n.ExternalID] || n.Title == "" || n.DurationMinutes < 1 {
				t.Fatalf("a row that must not pass: %+v", row)
			}
			if strings.Contains(n.Title+n.Site.Address+n.Notes+n.ExternalID, "\x00") || !utf8.ValidString(n.Title+n.Notes) {
				t.Fatalf("a character that cannot be stored: %+v", row)
			}
			seen[n.ExternalID] = true
		}
		wantLeads(t, text, file.Bad)
	})
}

func FuzzReadContractorsCSV(f *testing.F) {
	f.Add(contractorHeader + "C-1,Rosa Díaz,North,south;west;north,Tile:2027-03-31;heating,\"Mon-Wed 08:00-12:00; mon 13:00-17:00; Sat 22:00-24:00\",555-0100,rosa@example.com\n")
	f.Add(strings.ReplaceAll(contractorHeader, ",", ";") + "C-1;=Rosa;north;;tile:soon;Fri-Mon 08:00-07:00;;\n")
	f.Add(contractorHeader + "C-1,caf\xe9,north,,a:2027-01-01;a,Tue 00:00-24:00,'+1,\nC-1,x,y,,,Sun 8-9,,\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := db.ReadContractorsCSV(strings.NewReader(text))
		if err != nil {
			return
		}
		seen := make(map[string]bool)
		for _, row := range file.Rows {
			if row.Line < 2 || row.ExternalID == "" || seen[row.ExternalID] || row.Name == "" || row.Home == "" || slices.Contains(row.Serves, row.Home) {
				t.Fatalf("a row that must not pass: %+v", row)
			}
			seen[row.ExternalID] = true
			for i, h := range row.Hours {
				if h.Weekday < 1 || h.Weekday > 7 || h.Start >= h.End || h.End > "24:00" {
					t.Fatalf("hours that are none: %+v", row.Hours)
				}
				if i > 0 && row.Hours[i-1].Weekday == h.Weekday && h.Start < row.Hours[i-1].End {
					t.Fatalf("hours that overlap: %+v", row.Hours)
				}
			}
		}
		wantLeads(t, text, file.Bad)
	})
}

// FuzzEncodings reads one text in every encoding that can hold it: the rows and
// the errors are the same.
func FuzzEncodings(f *testing.F) {
	f.Add(jobHeader + "\r\n" + strings.Replace(goodJob, "Fix it", "Café €", 1) + "\r\n")
	f.Add("sep=;\n" + strings.ReplaceAll(jobHeader, ",", ";") + "\nA-1;\U0001f600;\"a\nb\";0.5;0.5;;gas;60;2027-03-08T09:00;2027-03-08T12:00;\n")
	f.Add(strings.ReplaceAll(jobHeader+"\n"+goodJob, ",", "\t"))
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || strings.HasPrefix(text, "\ufeff") || strings.HasPrefix(text, "PK") {
			return
		}
		want, wantErr := db.ReadJobsCSV(strings.NewReader(text))
		for name, file := range encodings(text) {
			got, err := db.ReadJobsCSV(strings.NewReader(file))
			if fmt.Sprint(err) != fmt.Sprint(wantErr) || !reflect.DeepEqual(got, want) {
				t.Fatalf("%s: %+v, %v\nUTF-8: %+v, %v", name, got, err, want, wantErr)
			}
		}
	})
}

// encodings are the files that spreadsheets would write of a text.
func encodings(text string) map[string]string {
	files := map[string]string{"UTF-8 with a mark": "\ufeff" + text}
	little, big := []byte("\xff\xfe"), []byte("\xfe\xff")
	for _, unit := range utf16.Encode([]rune(text)) {
		little, big = binary.LittleEndian.AppendUint16(little, unit), binary.BigEndian.AppendUint16(big, unit)
	}
	files["UTF-16 little"], files["UTF-16 big"] = string(little), string(big)
	// What could be UTF-8 or UTF-16 as well is read as that.
	old, err := charmap.Windows1252.NewEncoder().String(text)
	if err == nil && !utf8.ValidString(old) && !strings.ContainsAny(text, "\x00\x1a") &&
		!strings.HasPrefix(old, "\xff\xfe") && !strings.HasPrefix(old, "\xfe\xff") && !strings.HasPrefix(old, "\xef\xbb\xbf") && !strings.HasPrefix(old, "\xd0\xcf") {
		files["Windows-1252"] = old
	}
	return files
}

var number = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?$`)

// FuzzNeutralCell writes cells so that no spreadsheet runs them, and reads them
// as they were.
func FuzzNeutralCell(f *testing.F) {
	for _, cell := range []string{"", "=1+1", "'=1", "''@x", "-5", "-5+cmd", "+44 20", "\t=x", "'", "a"} {
		f.Add(cell)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		written := db.NeutralCell(cell)
		if written != "" && strings.ContainsRune("=@+-\t\r", rune(written[0])) && !number.MatchString(written) {
			t.Fatalf("%q is written as %q", cell, written)
		}
		if read := db.PlainCell(written); read != cell {
			t.Fatalf("%q is written as %q and read as %q", cell, written, read)
		}
	})
}

// FuzzBadRows writes the good rows of a file as if they were bad, and then the bad
// ones: the good ones read as they did before, whatever their cells hold, and no
// bad one is lost.
func FuzzBadRows(f *testing.F) {
	f.Add([]byte(jobHeader + ",notes\n" + goodJob + ",\"a\r\nb\"\n" + strings.Replace(goodJob, "A-1", "'=A", 1) + ",-x\ntoo,short\n"))
	f.Add([]byte("sep=;\r\n" + strings.ReplaceAll(jobHeader+";error\r\n"+goodJob+";old", ",", ";") + "\r\n\"open"))
	f.Add([]byte(jobHeader + "\n" + goodJob + "\n\nA,5\" pipe\n"))
	f.Add([]byte("sep=;\n" + strings.ReplaceAll(strings.Replace(jobHeader, "title", "title"+strings.Repeat("\t", 20), 1)+"\n"+goodJob, ",", ";")))
	f.Fuzz(func(t *testing.T, content []byte) { writtenAgain(t, content) })
}

// FuzzCells does the same with rows whose cells hold anything, in quotation marks.
func FuzzCells(f *testing.F) {
	f.Add("=1", "1 Main St\r2nd floor", "'-a\n\tb\r\nc\rd", true)
	f.Add("\"", "a;b", "\u2028,\u00a0", false)
	f.Fuzz(func(t *testing.T, title, address, notes string, crlf bool) {
		end := "\n"
		if crlf {
			end = "\r\n"
		}
		quoted := func(cell string) string { return `"` + strings.ReplaceAll(cell, `"`, `""`) + `"` }
		row := strings.NewReplacer("Fix it", quoted(title), "1 Main St", quoted(address)).Replace(goodJob)
		writtenAgain(t, []byte(jobHeader+",notes"+end+row+","+quoted(notes)+end))
	})
}

// writtenAgain reads a file, writes its rows into files of bad rows and reads
// those.
func writtenAgain(t *testing.T, content []byte) {
	before, err := db.ReadJobsCSV(strings.NewReader(string(content)))
	if err != nil {
		return
	}
	good, bad := make(map[int][]string), make(map[int][]string)
	for _, row := range before.Rows {
		good[row.Line] = []string{"=none"}
	}
	for _, e := range before.Bad {
		bad[e.Line] = []string{e.Reason}
	}
	again := func(reasons map[int][]string) (db.JobFile, []byte) {
		file, err := db.BadRowsFile(content, reasons)
		if err != nil {
			t.Fatal(err)
		}
		read, err := db.ReadJobsCSV(strings.NewReader(string(file)))
		if err != nil {
			t.Fatalf("%v: %q", err, file)
		}
		return read, file
	}
	after, file := again(good)
	if len(after.Rows) != len(before.Rows) || len(after.Bad) > 0 {
		t.Fatalf("%d good rows became %d; bad: %v\n%q", len(before.Rows), len(after.Rows), after.Bad, file)
	}
	for i, was := range before.Rows {
		is := after.Rows[i]
		if is.Line = was.Line; !reflect.DeepEqual(was, is) {
			t.Fatalf("%+v became %+v\n%q", was, is, file)
		}
	}
	after, file = again(bad)
	lines := make(map[int]bool)
	for _, e := range after.Bad {
		lines[e.Line] = true
	}
	if len(after.Rows)+len(lines) != len(bad) {
		t.Fatalf("%d bad rows became %d and %d good ones\n%q", len(bad), len(lines), len(after.Rows), file)
	}
}

// FuzzImport checks and imports whatever comes through the database: a file is
// taken as its check said, or nothing of it is.
func FuzzImport(f *testing.F) {
	d := importWorld(f)
	ada := importAdmin(f, d)
	f.Add([]byte(jobHeader+"\n"+goodJob+"\n"+strings.Replace(goodJob, "gas", "magic", 1)+"\n"), false, true)
	f.Add([]byte(jobHeader+"\n"+goodJob+"\n"+strings.Replace(goodJob, "A-1", "A-2", 1)+"\n\"open"), false, false)
	f.Add([]byte("sep=;\n"+strings.ReplaceAll(jobHeader+"\n"+goodJob, ",", ";")), false, false)
	f.Add([]byte(jobHeader+"\nW-1,caf\xe9,1 Main St,0.5,1,,GAS;tile,60,2027-11-07T01:30,2027-11-07T05:00,rush\n"), false, true)
	f.Add([]byte("\xff\xfee\x00"), false, true)
	f.Add([]byte(contractorHeader+"C-1,=Rosa,west,east,gas;new:2027-03-31,Mon-Fri 08:00-17:00,555-0100,\nC-2,Lee,nowhere,,,,,\n"), true, true)
	f.Add([]byte(contractorHeader+"C-1,Rosa,east,,Gas,Mon 12:00-08:00,,\n"), true, false)
	// Every job and contractor begins with version 1, and every change adds one; a job
	// has a visit for each of its days.
	rows := func(t *testing.T) (n int) {
		if err := d.Scan(t.Context(), `select (select coalesce(sum(version), 0) from jobs) + (select sum(version) from contractors)
		    + 1000000 * (select coalesce(sum(j.days - (select count(*) from visits v where v.job_id = j.id and v.number <= j.days)), 0) from jobs j)`, &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	f.Fuzz(func(t *testing.T, content []byte, contractors, onlyGood bool) {
		before, kind := rows(t), db.ImportOfJobs
		if contractors {
			kind = db.ImportOfContractors
		}
		id, err := d.CheckImport(t.Context(), db.ImportUpload{By: ada, Kind: kind, FileName: "x", Content: content, Now: importTime})
		if errors.Is(err, db.ErrFile) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if rows(t) != before {
			t.Fatal("the check saved something")
		}
		checked := batchNow(t, d, ada, id)
		done := runImport(t, d, ada, checked, onlyGood)
		switch written := rows(t) - before; {
		case done.State == db.ImportDone && (written != done.Counts.Created+done.Counts.Updated || done.Counts != checked.Counts || !onlyGood && done.Counts.Blocked > 0):
			t.Fatalf("checked as %+v, imported as %+v, %d rows written", checked.Counts, done.Counts, written)
		case done.State == db.ImportFailed && (written != 0 || onlyGood || checked.Counts.Blocked == 0):
			t.Fatalf("checked as %+v, failed: %s, %d rows written", checked.Counts, done.Trouble, written)
		case done.State != db.ImportDone && done.State != db.ImportFailed:
			t.Fatalf("the batch is %s", done.State)
		}
		if _, err := d.BadRows(t.Context(), ada, id, importTime); err != nil {
			t.Fatal(err)
		}
	})
}
