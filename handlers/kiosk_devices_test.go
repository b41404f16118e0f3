package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"smartscheduler/handlers"
)

// codeIn finds the code that a page shows.
func codeIn(t testing.TB, got *httptest.ResponseRecorder) string {
	t.Helper()
	wantStatus(t, got, http.StatusOK)
	found := regexp.MustCompile(`value="([0-9A-Z]{5}-[0-9A-Z]{5})"`).FindStringSubmatch(got.Body.String())
	if found == nil {
		t.Fatalf("no code in %s", got.Body)
	}
	return found[1]
}

// TestKioskDevices sets a display up, gives it another key and revokes it.
func TestKioskDevices(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ada := o.signedIn(o.user(handlers.RoleAdmin))
	for name, f := range map[string]url.Values{
		"no name":   {"region": {"north"}},
		"no region": {"name": {"Hall"}},
		"unrouted":  {"name": {"Hall"}, "region": {"unrouted"}},
		"long name": {"name": {strings.Repeat("x", 101)}, "region": {"north"}},
	} {
		if got := ada.post("/admin/kiosks", f); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), `aria-invalid="true"`) {
			t.Errorf("%s: %d", name, got.Code)
		}
	}
	code := codeIn(t, ada.post("/admin/kiosks", url.Values{"name": {"Hall <b>"}, "region": {"north"}}))
	wall := o.browser()
	wantStatus(t, wall.enrol(code), http.StatusSeeOther)
	if got := ada.get("/admin/kiosks").Body.String(); strings.Contains(got, code) || !strings.Contains(got, "Hall &lt;b&gt;") || !strings.Contains(got, "Active") {
		t.Errorf("the list: %s", got)
	}
	list, err := o.db.Kiosks(t.Context(), time.Time{}, 0)
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	one := "/admin/kiosks/" + list[0].ID

	o.clock.advance(time.Second)
	again := codeIn(t, ada.post(one, url.Values{"act": {"rotate"}}))
	if wall.signedInNowAsKiosk() {
		t.Error("the old key still shows the wall")
	}
	if got := ada.get("/admin/kiosks").Body.String(); !strings.Contains(got, "Waits for its code") {
		t.Errorf("the list after a rotation: %s", got)
	}
	o.clock.advance(time.Second)
	wantStatus(t, wall.enrol(again), http.StatusSeeOther)
	if got := ada.get("/admin/kiosks").Body.String(); strings.Contains(got, "Waits for its code") || !wall.signedInNowAsKiosk() {
		t.Errorf("the display did not come back: %s", got)
	}
	wantLocation(t, ada.post(one, url.Values{"act": {"revoke"}}), "/admin/kiosks?done=revoked")
	if got := ada.get("/admin/kiosks").Body.String(); !strings.Contains(got, "Revoked") || wall.signedInNowAsKiosk() {
		t.Errorf("the list after a revocation: %s", got)
	}
	wantStatus(t, ada.post(one, url.Values{"act": {"rotate"}}), http.StatusNotFound)
	if log := o.log.String(); strings.Contains(log, code) || strings.Contains(log, again) {
		t.Error("the log holds a code")
	}
	o.exec(`update kiosk_devices set revoked_at = null, last_seen_at = now() - interval '15 days'`)
	if got := ada.get("/admin/kiosks").Body.String(); !strings.Contains(got, "Away too long") {
		t.Errorf("the list after two weeks: %s", got)
	}
}
