package db_test

import (
	"testing"

	"github.com/google/uuid"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

func TestUnassign(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee := d.contractor("south", "Lee")
	job := d.job("north")
	held := d.must(d.assign(job, lee, tuesday+"T10:00", ""))
	d.status(job, schedule.EnRoute)
	before := d.state()
	_, err := d.unassign(job, "")
	invalidAt(t, err, "override_reason")
	if d.state() != before {
		t.Fatal("a refused unassignment changed something")
	}
	out := d.must(d.unassign(job, "the customer called"))
	e, card := d.last(), d.card(job)
	if out.AssignmentID != held.AssignmentID || e.Kind != events.KindJobUnassigned || e.Fields.AssignmentID != held.AssignmentID ||
		e.Fields.Reason != "released" || e.Fields.ReplacedBy != "" || e.PublishedTo != "dispatch/north dispatch/south contractor/"+lee {
		t.Errorf("logged %s for %q: %s", e.Kind, e.PublishedTo, e.Payload)
	}
	if !card.Open() || card.Assigned() || card.Version != 3 {
		t.Errorf("the card is %+v", card)
	}
}

func TestUnassignRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee := d.contractor("north", "Lee")
	job := d.job("north")
	held := d.must(d.assign(job, lee, tuesday+"T10:00", ""))
	for name, id := range map[string]string{"Unknown": uuid.NewString(), "Malformed": "nonsense", "Empty": ""} {
		_, err := d.db.Unassign(t.Context(), db.Unassign{Command: d.command(job), AssignmentID: id})
		t.Run(name, func(t *testing.T) { wantErr(t, err, db.ErrNotFound) })
	}
	for _, s := range []schedule.AssignmentStatus{schedule.OnSite, schedule.InProgress, schedule.Paused, schedule.Completed} {
		d.status(job, s)
		_, err := d.unassign(job, "a reason")
		t.Run(string(s), func(t *testing.T) { refusedBy(t, err, db.ConflictState) })
	}
	d.status(job, schedule.Assigned)
	cmd := db.Unassign{Command: d.command(job), AssignmentID: held.AssignmentID}
	cmd.By = d.dispatcher("Bo", "south")
	_, err := d.db.Unassign(t.Context(), cmd)
	wantErr(t, err, db.ErrNotFound)
	d.must(d.unassign(job, ""))
	_, err = d.db.Unassign(t.Context(), db.Unassign{Command: d.command(job), AssignmentID: held.AssignmentID})
	refusedBy(t, err, db.ConflictTaken)
}
