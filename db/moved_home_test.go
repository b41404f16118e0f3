package db_test

import (
	"context"
	"strings"
	"testing"

	"smartscheduler/db"
)

// TestEventsFollowAMovedContractor moves a contractor to another region while a
// command about his job waits for him: its event goes to the board of the home
// that he has then, not to that of the home he had.
func TestEventsFollowAMovedContractor(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(d *desk, job, other string) (db.Outcome, error){
		"cancel":   func(d *desk, job, _ string) (db.Outcome, error) { return d.cancel(job) },
		"unassign": func(d *desk, job, _ string) (db.Outcome, error) { return d.unassign(job, "") },
		"reassign": func(d *desk, job, other string) (db.Outcome, error) {
			return d.reassign(job, other, "", "", "")
		},
		"edit": func(d *desk, job, _ string) (db.Outcome, error) {
			return d.edit(job, func(n *db.NewJob) { n.Title = "Lay another floor" })
		},
		"import of jobs": func(d *desk, _, _ string) (db.Outcome, error) {
			return db.Outcome{}, d.importJobs(jobHeader + "\n" + heldRow)
		},
		"import of regions": func(d *desk, _, _ string) (db.Outcome, error) {
			return db.Outcome{}, d.importRegions(middleOfWest)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			kofi, lee := d.contractor("north", "Kofi"), d.contractor("west", "Lee")
			job := d.job("west", func(n *db.NewJob) { n.ExternalID = "H-1" })
			d.must(d.assign(job, kofi, tuesday+"T10:00", ""))
			before := len(d.log())
			tx := d.begin()
			tx.exec(`update contractors set home_region = 'south' where id = $1`, kofi)
			done := make(chan error, 1)
			go func() {
				defer close(done)
				_, err := run(d, job, lee)
				done <- err
			}()
			d.waiting(done, 1)
			tx.commit()
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			want := "dispatch/west dispatch/south contractor/" + kofi
			if name == "import of regions" {
				want = "dispatch/west dispatch/middle dispatch/south"
			}
			if rows := d.log()[before:]; len(rows) == 0 || rows[0].PublishedTo != want {
				t.Errorf("logged %+v, want the first for %s", rows, want)
			}
		})
	}
}

// heldRow is the job of TestEventsFollowAMovedContractor with another title, and
// middleOfWest a region that takes its site.
const (
	heldRow      = "H-1,Lay another floor,7 Test Lane,0.5,2.5,,,120," + tuesday + "T08:00," + tuesday + "T18:00,normal\n"
	middleOfWest = `{"type":"Feature","properties":{"slug":"middle","name":"Middle","zone":"America/Chicago"},
	  "geometry":{"type":"Polygon","coordinates":[[[2.4,0.4],[2.6,0.4],[2.6,0.6],[2.4,0.6],[2.4,0.4]]]}}`
)

func (d *desk) importJobs(text string) error {
	file, err := db.ReadJobsCSV(strings.NewReader(text))
	if err == nil {
		_, err = d.db.ImportJobs(context.Background(), db.JobImport{By: importer(), File: file})
	}
	return err
}

func (d *desk) importRegions(features ...string) error {
	file, err := db.ReadRegionsGeoJSON(strings.NewReader(collection(features...)))
	if err == nil {
		_, err = d.db.ImportRegions(context.Background(), db.RegionImport{By: importer(), File: file})
	}
	return err
}
