package handlers_test

import (
	"net/http"
	"testing"

	"smartscheduler/handlers"
)

// TestRemovalReason: a removal takes its reason under the name that the other
// commands have, and under the one it had first.
func TestRemovalReason(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	lee, day := o.addContractor("north", "Lee"), soonDay()
	for _, name := range []string{"override_reason", "reason"} {
		j := o.addJob("north", day)
		wantStatus(t, ann.assign(j, lee, day+"T09:00"), http.StatusOK)
		o.exec(`update assignments set status = 'en_route' where job_id = $1 and active`, j.id)
		wantSaid(t, ann.change(o, j.id, "removal"), http.StatusUnprocessableEntity, `name="override_reason"`, `id="removal-override_reason-error"`)
		wantStatus(t, ann.change(o, j.id, "removal", name, "nobody at home"), http.StatusOK)
		audits, err := o.db.AuditsOf(t.Context(), j.id)
		if err != nil || audits[len(audits)-1].OverrideReason != "nobody at home" {
			t.Errorf("%s: recorded is %+v, %v", name, audits, err)
		}
	}
}
