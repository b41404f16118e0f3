package db_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"smartscheduler/db"
)

const contractorHeader = "external_id,name,home_region,served_regions,skills,hours,phone,email\n"

func (d *desk) importContractors(text string, dryRun bool) (db.Imported, error) {
	d.t.Helper()
	file, err := db.ReadContractorsCSV(strings.NewReader(text))
	if err != nil {
		d.t.Fatal(err)
	}
	return d.db.ImportContractors(context.Background(), db.ContractorImport{By: importer(), File: file, DryRun: dryRun})
}

// contractors is everything that an import writes, one contractor a line.
func (d *desk) contractors() string {
	d.t.Helper()
	var all string
	d.scan(&all, `select coalesce(string_agg(concat_ws(' | ', external_id, name, home_region,
	    (select string_agg(region, '+' order by region) from contractor_regions r where r.contractor_id = c.id),
	    (select string_agg(skill || coalesce(':' || valid_until, ''), '+' order by skill) from contractor_skills s where s.contractor_id = c.id),
	    (select string_agg(weekday || ' ' || to_char(starts, 'HH24:MI') || '-' || to_char(ends, 'HH24:MI'), ', ' order by weekday, starts)
	       from contractor_hours h where h.contractor_id = c.id),
	    phone, email, 'version ' || version), E'\n' order by external_id), '') from contractors c`)
	return all
}

func TestImportContractors(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.exec(`insert into skills (slug, name) values ('hvac', 'Heating')`)
	rosa := `C-1,Rosa Díaz,North,south;west;north;south,Tile:2027-03-31;heating,"Mon-Wed 08:00-12:00; mon 13:00-17:00; Sat 22:00-24:00",555-0100,rosa@example.com` + "\n"
	lee := "C-2,Lee Park,west,,,,,\n"
	const rosaRow = "C-1 | Rosa Díaz | north | south+west | hvac+tile:2027-03-31 | " +
		"1 08:00-12:00, 1 13:00-17:00, 2 08:00-12:00, 3 08:00-12:00, 6 22:00-24:00 | 555-0100 | rosa@example.com | version 1"
	for _, step := range []struct {
		text   string
		dryRun bool
		want   db.Imported
		then   string
	}{
		{rosa + lee, true, db.Imported{Created: 2, Skills: 1}, ""},
		{rosa + lee, false, db.Imported{Created: 2, Skills: 1}, rosaRow + "\nC-2 | Lee Park | west |  |  | version 1"},
		{rosa + lee, false, db.Imported{Unchanged: 2}, rosaRow + "\nC-2 | Lee Park | west |  |  | version 1"},
		{"C-2,Lee Park,south,west,tile,Fri 09:00-10:00,,\n", false, db.Imported{Updated: 1},
			rosaRow + "\nC-2 | Lee Park | south | west | tile | 5 09:00-10:00 |  |  | version 2"},
		{strings.Replace(rosa, ":2027-03-31", ":2028-03-31", 1), false, db.Imported{Updated: 1},
			strings.NewReplacer("2027", "2028", "version 1", "version 2").Replace(rosaRow) + "\nC-2 | Lee Park | south | west | tile | 5 09:00-10:00 |  |  | version 2"},
	} {
		done, err := d.importContractors(contractorHeader+step.text, step.dryRun)
		if done != step.want || err != nil {
			t.Errorf("got %+v, %v, want %+v", done, err, step.want)
		}
		if got := d.contractors(); got != step.then {
			t.Errorf("got\n%s\nwant\n%s", got, step.then)
		}
	}
	var skills string
	if d.scan(&skills, `select string_agg(slug || ' ' || name, ', ' order by slug) from skills`); skills != "hvac Heating, tile tile" {
		t.Errorf("skills: %s", skills)
	}
}

// A contractor who has work keeps it, and days off that no file knows stay.
func TestImportContractorsKeeps(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.contractor("north", "Rosa")
	d.exec(`update contractors set external_id = 'C-1', base_lat = 1, base_lng = 1 where id = $1`, id)
	d.exec(`insert into contractor_exceptions (contractor_id, day, note) values ($1, '2032-03-03', 'Away')`, id)
	job := d.job("north")
	d.must(d.assign(job, id, tuesday+"T09:00", ""))
	if done, err := d.importContractors(contractorHeader+"C-1,Rosa Díaz,south,,,Mon 08:00-09:00,,\n", false); done.Updated != 1 || err != nil {
		t.Fatalf("got %+v, %v", done, err)
	}
	var kept string
	d.scan(&kept, `select c.name || ' ' || c.base_lat || ' ' || e.note || ' ' || a.status from contractors c
	  join contractor_exceptions e on e.contractor_id = c.id join assignments a on a.contractor_id = c.id and a.active`)
	if kept != "Rosa Díaz 1 Away assigned" {
		t.Errorf("got %s", kept)
	}
}

func TestImportContractorsBadValues(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const good = "C-1,Rosa,north,,tile,Mon 08:00-17:00,,\n"
	for _, test := range []struct{ row, want string }{
		{",Rosa,north,,,,,", `column external_id: "" — it must not be empty`},
		{"C-2,,north,,,,,", `column name: "" — it must not be empty`},
		{"C-2,Lee,,,,,,", `column home_region: "" — it must not be empty`},
		{"C-2,Lee,nowhere,,,,,", `column home_region: "nowhere" — there is no such region`},
		{"C-2,Lee,unrouted,,,,,", `column home_region: "unrouted" — there is no such region`},
		{"C-2,Lee,north,south;East Side,,,,", `column served_regions: "east side" — there is no such region`},
		{"C-2,Lee,north,,tile:soon,,,", `column skills: "tile:soon" — write the last day`},
		{"C-2,Lee,north,,tile:2027-02-30,,,", `column skills: "tile:2027-02-30" — write the last day`},
		{"C-2,Lee,north,,tile:,,,", `column skills: "tile:" — write the last day`},
		{"C-2,Lee,north,,tile:0227-02-01,,,", `column skills: "tile:0227-02-01" — write the last day`},
		{"C-2,Lee,north,,Heat pumps,,,", `column skills: "Heat pumps" — there is no such skill, and a new one`},
		{"C-2,Lee,north,,tile;Tile:2027-01-01,,,", `column skills: "Tile" — it stands there twice`},
		{"C-2,Lee,north,,,weekdays,,", `column hours: "weekdays" — write hours like Mon-Fri`},
		{"C-2,Lee,north,,,Mon 8:00-17:00,,", `column hours: "Mon 8:00-17:00" — write hours like Mon-Fri`},
		{"C-2,Lee,north,,,Mo 08:00-17:00,,", `column hours: "Mo 08:00-17:00" — the days are Mon`},
		{"C-2,Lee,north,,,Sat-Mon 08:00-17:00,,", `column hours: "Sat-Mon 08:00-17:00" — the days stand in the order`},
		{"C-2,Lee,north,,,Mon 08:60-17:00,,", `column hours: "Mon 08:60-17:00" — there is no such time`},
		{"C-2,Lee,north,,,Mon 17:00-24:01,,", `column hours: "Mon 17:00-24:01" — there is no such time`},
		{"C-2,Lee,north,,,Mon 22:00-06:00,,", `column hours: "Mon 22:00-06:00" — the end is not after the start`},
		{"C-2,Lee,north,,,Mon-Fri 08:00-17:00; Wed 16:00-18:00,,", `— on Wed the hours from 08:00 and from 16:00 overlap`},
		{"C-1,Lee,north,,,,,", `column external_id: "C-1" — line 2 has this id already`},
	} {
		_, err := d.importContractors(contractorHeader+good+test.row+"\n", false)
		var bad *db.Rejected
		if !errors.As(err, &bad) || len(bad.Rows) != 1 || !strings.HasPrefix(bad.Rows[0].Error(), "line 3") || !strings.Contains(bad.Rows[0].Error(), test.want) {
			t.Errorf("%s: got %v %+v, want %s", test.row, err, bad, test.want)
		}
	}
	if got := d.contractors(); got != "" {
		t.Errorf("rejected files left\n%s", got)
	}
	if _, err := db.ReadContractorsCSV(strings.NewReader("external_id,name\nC-1,Rosa\n")); !errors.Is(err, db.ErrFile) {
		t.Errorf("a file without all columns: %v", err)
	}
}

// TestImportOfAnotherHome: who gets another home by a file has his
// ContractorMovedRegion, for the boards of both homes, those where he has jobs
// and his phone. Of many at once the boards have their ImportCompleted only, and
// every phone its event.
func TestImportOfAnotherHome(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rosa := d.contractor("north", "Rosa")
	d.exec(`update contractors set external_id = 'C-1' where id = $1`, rosa)
	d.must(d.assign(d.job("west"), rosa, tuesday+"T09:00", ""))
	d.exec(`insert into contractor_moves (contractor_id, from_region, to_region, effective_from, takes_effect) values ($1, 'north', 'west', '2032-01-01', '2032-01-01')`, rosa)
	var before int64
	logged := func(what string) string {
		var got string
		d.scan(&got, `select coalesce(string_agg(`+what+`, E'\n' order by id), '') from event_log
		  where id > $1 and event_type in ('ContractorMovedRegion', 'ImportCompleted')`, before)
		return strings.ReplaceAll(got, rosa, "rosa")
	}
	if _, err := d.importContractors(contractorHeader+"C-1,Rosa,south,,,,,\n", false); err != nil {
		t.Fatal(err)
	}
	want := "ContractorMovedRegion dispatch/north,dispatch/south,dispatch/west,contractor/rosa north south\n" +
		"ImportCompleted dispatch/north\nImportCompleted dispatch/south\nImportCompleted dispatch/west"
	const all = `concat_ws(' ', event_type, array_to_string(published_to, ','), payload->>'from', payload->>'to')`
	if got := logged(all); got != want {
		t.Errorf("logged\n%s\nwant\n%s", got, want)
	}
	var moves string
	d.scan(&moves, `select string_agg(concat_ws(' ', from_region, to_region, done_at is not null, effective_from between current_date - 1 and current_date + 1), '')
	  from contractor_moves where contractor_id = $1`, rosa)
	if moves != "north south t t" {
		t.Errorf("moves: %s", moves)
	}
	// Another name is shown where he has jobs, and on the boards before he moved.
	if _, err := d.importContractors(contractorHeader+"C-1,Rosa Díaz,south,,,,,\n", false); err != nil {
		t.Fatal(err)
	}
	want += "\nImportCompleted dispatch/north\nImportCompleted dispatch/south\nImportCompleted dispatch/west"
	if got := logged(all); got != want {
		t.Errorf("logged\n%s\nwant\n%s", got, want)
	}

	crowd, back := contractorHeader, contractorHeader
	for i := range 51 {
		row := fmt.Sprintf("M-%d,Moved,", i)
		crowd, back = crowd+row+"north,,,,,\n", back+row+"west,,,,,\n"
	}
	if _, err := d.importContractors(crowd, false); err != nil {
		t.Fatal(err)
	}
	d.scan(&before, `select max(id) from event_log`)
	if _, err := d.importContractors(back, false); err != nil {
		t.Fatal(err)
	}
	want = strings.Repeat("ContractorMovedRegion 1 contractor\n", 51) + "ImportCompleted 1 dispatch\nImportCompleted 1 dispatch"
	if got := logged(`concat_ws(' ', event_type, cardinality(published_to), split_part(published_to[1], '/', 1))`); got != want {
		t.Errorf("of 51 at once:\n%s", got)
	}
}
