package handlers_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"

	"smartscheduler/handlers"
)

// TestAuditIDOfTheForm: a form may name an audit record of its job, and no
// other.
func TestAuditIDOfTheForm(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	lee, day := o.addContractor("north", "Lee"), soonDay()
	j, other := o.addJob("north", day), o.addJob("north", day)
	wantStatus(t, ann.assign(j, lee, day+"T09:00"), http.StatusOK)
	audits, err := o.db.AuditsOf(t.Context(), j.id)
	if err != nil || len(audits) != 1 {
		t.Fatalf("%d audit records: %v", len(audits), err)
	}
	const again = "open the form again"
	for _, id := range []string{"nonsense", uuid.NewString(), audits[0].ID} {
		o.unchanged(func() {
			wantSaid(t, ann.assign(other, lee, day+"T12:00", "audit_id", id), http.StatusUnprocessableEntity, again)
		})
	}
	o.unchanged(func() {
		wantSaid(t, ann.change(o, j.id, "times", "start", day+"T13:00", "audit_id", uuid.NewString()), http.StatusUnprocessableEntity, again)
	})
	wantStatus(t, ann.change(o, j.id, "times", "start", day+"T13:00", "audit_id", audits[0].ID), http.StatusOK)
	wantStatus(t, ann.assign(other, lee, day+"T12:00", "audit_id", ""), http.StatusOK)
}
