package db_test

import (
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
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			kofi, lee, job := d.contractor("north", "Kofi"), d.contractor("west", "Lee"), d.job("west")
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
			if rows := d.log()[before:]; len(rows) == 0 || rows[0].PublishedTo != want {
				t.Errorf("logged %+v, want the first for %s", rows, want)
			}
		})
	}
}
