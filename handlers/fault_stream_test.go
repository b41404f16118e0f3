package handlers_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"

	"smartscheduler/handlers"
)

// TestFault06StreamsAreNotForEverybody: being signed in opens no stream. What
// is not the caller's is answered as if it were not there.
func TestFault06StreamsAreNotForEverybody(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	address := o.live()
	lee, maya := o.addContractor("north", "Lee"), o.addContractor("south", "Maya")
	const dispatch, contractor, kiosk = "/streams/dispatch/", "/streams/contractor/", "/streams/kiosk/"
	for name, c := range map[string]struct {
		who     *browser
		own     string
		foreign []string
	}{
		"Dispatcher": {o.person(handlers.RoleDispatcher, "Ann", "north"), dispatch + "north",
			[]string{dispatch + "south", dispatch + "north+south", contractor + lee, kiosk + "north"}},
		"Contractor": {o.phone(lee), contractor + lee, []string{contractor + maya, dispatch + "north", kiosk + "north"}},
		"Display":    {o.display("north"), kiosk + "north", []string{kiosk + "south", dispatch + "north", contractor + lee}},
	} {
		t.Run(name, func(t *testing.T) {
			openedStream(t, address+c.own, c.who)
			nowhere := briefly(t, c.who, contractor+uuid.NewString())
			wantStatus(t, nowhere, http.StatusNotFound)
			for _, target := range c.foreign {
				for _, format := range []string{"", "?format=json", "?after=1-0"} {
					got := briefly(t, c.who, target+format)
					if got.Code != http.StatusNotFound || got.Body.String() != nowhere.Body.String() {
						t.Errorf("%s: %d %.200s", target+format, got.Code, got.Body)
					}
				}
			}
		})
	}
	wantStatus(t, o.browser().get(dispatch+"north"), http.StatusUnauthorized)
}

// briefly asks for a stream; one that opens would never end by itself.
func briefly(t *testing.T, b *browser, target string) *httptest.ResponseRecorder {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	return b.clone().do(httptest.NewRequest(http.MethodGet, target, nil).WithContext(ctx))
}
