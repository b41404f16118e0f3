package db_test

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/uuid"

	"smartscheduler/db"
)

// export makes a file and reads all of it.
func (d *desk) export(x db.Export) string {
	d.t.Helper()
	file, err := d.db.Export(context.Background(), x)
	if err != nil {
		d.t.Fatal(err)
	}
	text, err := io.ReadAll(file)
	if err := errors.Join(err, file.Close()); err != nil {
		d.t.Fatal(err)
	}
	if int64(len(text)) != file.Size {
		d.t.Errorf("the file has %d bytes, said are %d", len(text), file.Size)
	}
	return string(text)
}

// table is an exported CSV file, without its header.
func (d *desk) table(x db.Export) [][]string {
	d.t.Helper()
	x.Format = db.ExportCSV
	text, found := strings.CutPrefix(d.export(x), "\ufeff")
	if !found {
		d.t.Error("there is no byte order mark")
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		d.t.Fatal(err)
	}
	return rows[1:]
}

// column picks one cell of each row.
func column(rows [][]string, i int) string {
	var cells []string
	for _, row := range rows {
		cells = append(cells, row[i])
	}
	return strings.Join(cells, " ")
}

func TestExportIsWhatTheCallerMaySee(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	north, south := d.contractor("north", "Rosa"), d.contractor("south", "Maya")
	d.exec(`update contractors set external_id = name`)
	d.exec(`insert into contractor_regions values ($1, 'west')`, south)
	d.exec(`insert into contractor_exceptions (contractor_id, day, note) values ($1, $3, 'Dentist'), ($2, $3, 'Court')`, north, south, tuesday)
	for region, who := range map[string]string{"north": north, "south": south, "west": south} {
		id := d.job(region, func(n *db.NewJob) { n.ExternalID = region })
		d.must(d.assign(id, who, tuesday+"T"+map[string]string{"north": "09:00", "south": "09:00", "west": "15:00"}[region], ""))
	}
	d.job("unrouted", func(n *db.NewJob) { n.ExternalID, n.Site = "lost", db.Site{Address: "Nowhere"} })
	sequenceAll(t, d.db)
	all, own := db.Export{Everywhere: true}, db.Export{Regions: []string{"north", "unrouted"}}
	for _, test := range []struct {
		kind ask
		want string
	}{
		{ask{all, db.ExportJobs, "", "", "", 1}, "north south west lost"},
		{ask{own, db.ExportJobs, "", "", "", 1}, "north lost"},
		{ask{db.Export{}, db.ExportJobs, "", "", "", 1}, ""},
		{ask{all, db.ExportJobs, "south", "", "", 1}, "south"},
		{ask{own, db.ExportJobs, "south", "", "", 1}, ""},
		{ask{all, db.ExportJobs, "", "2032-03-03", "", 1}, ""},
		{ask{all, db.ExportJobs, "", tuesday, tuesday, 1}, "north south west lost"},
		{ask{all, db.ExportJobs, "", "", "2032-03-01", 1}, ""},
		{ask{all, db.ExportAssignments, "", "", "", 0}, "north south west"},
		{ask{own, db.ExportAssignments, "", "", "", 0}, "north"},
		{ask{db.Export{Regions: []string{"south"}}, db.ExportAssignments, "", "", "", 0}, "south west"},
		{ask{all, db.ExportAssignments, "", tuesday, tuesday, 0}, "north south west"},
		{ask{all, db.ExportAssignments, "", "", "2032-03-01", 0}, ""},
		{ask{all, db.ExportContractors, "", "", "", 0}, "Maya Rosa"},
		{ask{own, db.ExportContractors, "", "", "", 0}, "Rosa"},
		{ask{all, db.ExportContractors, "west", "", "", 0}, "Maya"},
		{ask{all, db.ExportContractors, "", "", "", 6}, tuesday + " off Court " + tuesday + " off Dentist"},
		// Who does not lead her is not told why she is off.
		{ask{db.Export{Regions: []string{"west"}}, db.ExportContractors, "", "", "", 6}, tuesday + " off"},
		{ask{own, db.ExportEvents, "", "", "", 2}, "JobCreated JobAssigned JobCreated"},
		{ask{all, db.ExportEvents, "west", "", "", 2}, "JobCreated JobAssigned"},
		{ask{all, db.ExportEvents, "", "2199-01-01", "", 2}, ""},
	} {
		if got := column(d.table(test.kind.export()), test.kind.column); !sameWords(got, test.want) {
			t.Errorf("%+v: got %s, want %s", test.kind, got, test.want)
		}
	}
}

// ask is an export of which one column is looked at.
type ask struct {
	scope            db.Export
	kind             db.ExportKind
	region, from, to string
	column           int
}

func (a ask) export() db.Export {
	x := a.scope
	x.Kind, x.Region, x.From, x.To = a.kind, a.region, a.from, a.to
	return x
}

func sameWords(a, b string) bool {
	return strings.Join(sortedAll(a), " ") == strings.Join(sortedAll(b), " ")
}

func sortedAll(s string) []string {
	words := strings.Fields(s)
	for i := range words {
		for k := i; k > 0 && words[k] < words[k-1]; k-- {
			words[k], words[k-1] = words[k-1], words[k]
		}
	}
	return words
}

// A file of several pages has each row once, in its order, and is of one
// instant.
func TestExportOfManyRows(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.exec(`insert into sites (id, address) values ('00000000-0000-0000-0000-000000000001', '1 Main St')`)
	d.exec(`insert into jobs (title, site_id, region, region_reason, duration_minutes, zone, window_start_local, window_end_local, window_start, window_end)
	  select 'Job ' || n, '00000000-0000-0000-0000-000000000001', 'north', 'override', 60, 'America/New_York', '2032-03-02 08:00', '2032-03-02 10:00',
	         '2032-03-02 13:00Z', '2032-03-02 15:00Z' from generate_series(1, 1500) n`)
	lines := bufio.NewScanner(strings.NewReader(d.export(db.Export{Everywhere: true, Kind: db.ExportJobs, Format: db.ExportJSONL})))
	n := 0
	for ; lines.Scan(); n++ {
		var job struct {
			Number     int64    `json:"number"`
			ExternalID string   `json:"external_id"`
			Start      string   `json:"window_start"`
			Skills     []string `json:"skills"`
		}
		if err := json.Unmarshal(lines.Bytes(), &job); err != nil {
			t.Fatal(err)
		}
		if job.Number != int64(1001+n) || uuid.Validate(job.ExternalID) != nil || job.Start != "2032-03-02T13:00:00Z" || job.Skills == nil {
			t.Fatalf("line %d: %s", n+1, lines.Bytes())
		}
	}
	if n != 1500 {
		t.Errorf("%d lines", n)
	}
}

// TestExportHasNoFormulas: what a spreadsheet would run has an apostrophe before
// it, which the import takes off.
func TestExportHasNoFormulas(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	texts := []string{"=HYPERLINK(1)", "+1 423 555-0142", "-", "@SUM(1)", "'=1", "''=1", "'quoted'", "plain", "-85.3", "=a\nb"}
	for i, text := range texts {
		d.job("north", func(n *db.NewJob) { n.ExternalID, n.CustomerName, n.Notes = fmt.Sprint(i), text, text })
	}
	rows := d.table(db.Export{Everywhere: true, Kind: db.ExportJobs})
	for i, text := range texts {
		want := text
		if strings.ContainsAny(strings.TrimLeft(text, "'")[:1], "=+-@") && text != "-85.3" {
			want = "'" + text
		}
		if got := rows[i][len(rows[i])-1]; got != want {
			t.Errorf("%q is written as %q, want %q", text, got, want)
		}
	}
	file, err := db.ReadJobsCSV(strings.NewReader(d.export(db.Export{Everywhere: true, Kind: db.ExportJobs, Format: db.ExportCSV})))
	if err != nil || len(file.Bad) > 0 {
		t.Fatal(err, file.Bad)
	}
	for i, row := range file.Rows {
		if row.Job.Notes != texts[i] {
			t.Errorf("%q came back as %q", texts[i], row.Job.Notes)
		}
	}
}

func TestExportRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, x := range []db.Export{
		{Kind: "users", Format: db.ExportCSV}, {Kind: db.ExportRegions, Format: db.ExportCSV}, {Kind: db.ExportJobs, Format: db.ExportGeoJSON}, {},
	} {
		if _, err := d.db.Export(t.Context(), x); !errors.Is(err, db.ErrExport) {
			t.Errorf("%+v: %v", x, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.db.Export(ended, db.Export{Everywhere: true, Kind: db.ExportJobs, Format: db.ExportCSV}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
