package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"smartscheduler/handlers"
)

// TestNavigationHoldsAFewRegions: up to twelve regions stand in the navigation; of
// more only the one whose board is open, beside a page that finds them.
func TestNavigationHoldsAFewRegions(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ada, ann := o.person(handlers.RoleAdmin, "Ada").plain(), o.person(handlers.RoleDispatcher, "Ann", "north").plain()
	links := func(address string) int {
		body := ada.get(address).Body.String()
		nav, _, _ := strings.Cut(body[strings.Index(body, `aria-label="Main"`):], "</nav>")
		return strings.Count(nav, `href="/dispatch/`) - 1 // of the unrouted jobs
	}
	for i := range 10 {
		o.addRegion(fmt.Sprintf("area-%02d", i), "America/New_York")
	}
	if n := links("/events"); n != 12 {
		t.Errorf("%d of 12 regions stand in the navigation", n)
	}
	for i := range 240 {
		o.addRegion(fmt.Sprintf("more-%03d", i), "America/New_York")
	}
	if all, own := links("/events"), links("/dispatch/north"); all != 0 || own != 1 {
		t.Errorf("of 252 regions %d stand in the navigation, and %d at a board", all, own)
	}
	wantSaid(t, ada.get("/events"), http.StatusOK, `href="/regions"`)
	wantSaid(t, ada.get("/regions"), http.StatusOK, "100 of 252 found", `rel="next" href="/regions?page=2"`, `aria-current="page">Regions…`)
	wantSaid(t, ada.get("/regions?q=MORE&page=3"), http.StatusOK, "40 of 240 found", "More-239", `rel="prev"`)
	wantSaid(t, ada.get("/regions?q=nowhere"), http.StatusOK, "No region matches.")
	wantLocation(t, ada.get("/regions?q=more-077"), "/dispatch/more-077")
	if body := ann.get("/regions").Body.String(); strings.Contains(body, "more-077") || strings.Contains(body, `href="/regions"`+` `) || !strings.Contains(body, "/dispatch/north") {
		t.Errorf("Ann may choose from %s", body)
	}
}
