package db_test

import (
	"testing"

	"github.com/google/uuid"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

// TestReassignAcrossRegions is S10 of the project's days: Lee of north, who is
// on his way to a job in north, is replaced by Maya of south.
func TestReassignAcrossRegions(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee, maya := d.contractor("north", "Lee"), d.contractor("south", "Maya")
	job := d.job("north")
	first := d.must(d.assign(job, lee, tuesday+"T10:00", ""))
	d.status(job, schedule.EnRoute)

	before := d.state()
	_, err := d.reassign(job, maya, "", "", "")
	invalidAt(t, err, "override_reason")
	if d.state() != before {
		t.Fatal("a refused reassignment changed something")
	}
	second := d.must(d.reassign(job, maya, "", "", "Lee broke down"))
	sequenceAll(t, d.db)
	rows := d.log()
	off, on := rows[len(rows)-2], rows[len(rows)-1]
	if *on.Pos != *off.Pos+1 || off.CorrelationID == "" || off.CorrelationID != on.CorrelationID {
		t.Errorf("positions %d and %d, correlation ids %q and %q", *off.Pos, *on.Pos, off.CorrelationID, on.CorrelationID)
	}
	if off.Kind != events.KindJobUnassigned || off.ContractorID != lee || off.PublishedTo != "dispatch/north dispatch/south contractor/"+lee {
		t.Errorf("first comes %s of %s for %q", off.Kind, off.ContractorID, off.PublishedTo)
	}
	if on.Kind != events.KindJobAssigned || on.ContractorID != maya || on.PublishedTo != "dispatch/north dispatch/south contractor/"+maya {
		t.Errorf("then comes %s of %s for %q", on.Kind, on.ContractorID, on.PublishedTo)
	}
	if off.Fields.Reason != "reassigned" || off.Fields.ReplacedBy != maya || off.Fields.AssignmentID != first.AssignmentID ||
		on.Fields.ReplacesAssignmentID != first.AssignmentID || on.Fields.AssignmentID != second.AssignmentID {
		t.Errorf("payloads are %s and %s", off.Payload, on.Payload)
	}
	if card := d.card(job); card.AssignmentStatus != schedule.Assigned || card.ContractorID != maya {
		t.Errorf("the card is %+v", card)
	}
}

func TestReassignRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee, maya := d.contractor("north", "Lee"), d.contractor("south", "Maya")
	job, other := d.job("north"), d.job("north")
	held := d.must(d.assign(job, lee, tuesday+"T10:00", ""))
	d.must(d.assign(other, maya, tuesday+"T11:00", ""))
	before := d.state()
	for name, check := range map[string]func(t *testing.T){
		"Clash": func(t *testing.T) {
			_, err := d.reassign(job, maya, "", "", "")
			if c := refusedBy(t, err, db.ConflictOverlap); c.Winner == nil || c.Winner.JobID != other || len(c.Free) != 3 {
				t.Errorf("conflict is %+v", c)
			}
		},
		"SameContractor": func(t *testing.T) {
			_, err := d.reassign(job, lee, "", "", "")
			invalidAt(t, err, "contractor_id")
		},
		"UnknownContractor": func(t *testing.T) {
			_, err := d.reassign(job, uuid.NewString(), "", "", "")
			invalidAt(t, err, "contractor_id")
		},
		"ForeignRegion": func(t *testing.T) {
			cmd := db.Reassign{Command: d.command(job), AssignmentID: held.AssignmentID, ContractorID: maya}
			cmd.By = d.dispatcher("Bo", "south") // Maya's region is his, the job is not
			_, err := d.db.Reassign(t.Context(), cmd)
			wantErr(t, err, db.ErrNotFound)
		},
		"Stale": func(t *testing.T) {
			cmd := db.Reassign{Command: d.command(job), AssignmentID: held.AssignmentID, ContractorID: maya}
			cmd.Version--
			_, err := d.db.Reassign(t.Context(), cmd)
			refusedBy(t, err, db.ConflictStale)
		},
	} {
		t.Run(name, check)
	}
	if d.state() != before {
		t.Error("a refused reassignment changed something")
	}
}

// TestReassignOtherTimes: new times may come with the new contractor; without
// an end the length stays.
func TestReassignOtherTimes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee, maya := d.contractor("north", "Lee"), d.contractor("south", "Maya")
	job := d.job("north")
	d.must(d.assign(job, lee, tuesday+"T10:00", tuesday+"T13:00"))
	d.must(d.reassign(job, maya, tuesday+"T14:00", "", ""))
	if at := d.card(job).At(); !at.Start.Equal(eastern(t, tuesday+"T14:00")) || !at.End.Equal(eastern(t, tuesday+"T17:00")) {
		t.Errorf("it is at %v", at)
	}
}

// TestOldAssignment: an assignment that was replaced is changed no more, not
// even by a form that knows the job's present version.
func TestOldAssignment(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lee, maya := d.contractor("north", "Lee"), d.contractor("south", "Maya")
	job := d.job("north")
	old := d.must(d.assign(job, lee, tuesday+"T10:00", "")).AssignmentID
	d.must(d.reassign(job, maya, "", "", ""))
	before := d.state()
	_, moved := d.db.Move(t.Context(), db.Move{Command: d.command(job), AssignmentID: old, At: d.times(tuesday+"T14:00", "")})
	_, given := d.db.Reassign(t.Context(), db.Reassign{Command: d.command(job), AssignmentID: old, ContractorID: lee})
	_, ended := d.db.Unassign(t.Context(), db.Unassign{Command: d.command(job), AssignmentID: old})
	for _, err := range []error{moved, given, ended} {
		if c := refusedBy(t, err, db.ConflictTaken); c.Winner == nil || c.Winner.ContractorName != "Maya" {
			t.Errorf("winner is %+v", c.Winner)
		}
	}
	if d.state() != before {
		t.Error("something changed")
	}
}
