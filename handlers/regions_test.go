package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"smartscheduler/db"
	"smartscheduler/handlers"
	"smartscheduler/schedule"
)

// squareMap is a file with regions that are squares of one degree, each on a line
// of its own; "!" before a name spoils its zone.
func squareMap(names ...string) string {
	var features []string
	for i, name := range names {
		zone := "America/New_York"
		if name, spoilt := strings.CutPrefix(name, "!"); spoilt {
			names[i], zone = name, "Eastern"
		}
		features = append(features, fmt.Sprintf(`{"type":"Feature","properties":{"slug":%q,"name":"The <%s>","zone":%q},
		  "geometry":{"type":"Polygon","coordinates":[[[%d,0],[%d,0],[%d,1],[%d,1],[%d,0]]]}}`, names[i], names[i], zone, i, i+1, i+1, i, i))
	}
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",\n") + "]}"
}

// TestMapPages takes a map through its pages by plain forms.
func TestMapPages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ada := o.signedIn(o.user(handlers.RoleAdmin))
	o.addJob("", soonDay(), func(n *db.NewJob) {
		n.Title, n.Site = "<b>Fix", db.Site{Address: "1 Main St", Point: &schedule.Point{Lat: 0.5, Lng: 0.5}}
	})
	bad := ada.upload("map.geojson", squareMap("north", "!south"), "kind", "regions")
	wantStatus(t, bad, http.StatusSeeOther)
	shown := ada.get(bad.Header().Get("Location")).Body.String()
	wantText(t, shown, "It is not an IANA time zone like America/New_York.", "A map is taken as a whole")
	if strings.Contains(shown, `id="confirm"`) || strings.Contains(shown, "/bad-rows") {
		t.Error("half a map can be imported")
	}
	good := ada.upload("map.geojson", squareMap("north", "south"), "kind", "regions")
	wantStatus(t, good, http.StatusSeeOther)
	page := good.Header().Get("Location")
	shown = ada.get(page).Body.String()
	wantText(t, shown, "1 future job changes region", "&lt;b&gt;Fix", "The &lt;north&gt;", `<svg class="map"`, "Import the map")
	_, link, _ := strings.Cut(shown, `href="/exports/`)
	link, _, _ = strings.Cut(link, `"`)
	kept := ada.get("/exports/" + link)
	wantStatus(t, kept, http.StatusOK)
	wantStatus(t, ada.post(page+"/confirmation", url.Values{"version": {"1"}}), http.StatusSeeOther)
	o.runImport()
	shown = ada.get(page).Body.String()
	wantText(t, shown, "1 job changed region", "A map cannot be undone.")
	wantText(t, ada.get("/imports").Body.String(), "0 new, 2 changed, 1 job moved")
	if strings.Contains(shown, `id="undo"`) {
		t.Error("a map can be undone")
	}
	wantStatus(t, ada.post(page+"/undo", url.Values{"version": {"3"}}), http.StatusConflict)
	// What was downloaded before is the way back.
	back := ada.upload("map.geojson", kept.Body.String(), "kind", "regions")
	wantStatus(t, back, http.StatusSeeOther)
	wantSaid(t, ada.get(back.Header().Get("Location")), http.StatusOK, "2 ready, 0 blocked", "1 future job changes region")
}

// TestRegionPages lists the regions, shows one with its jobs, without their
// customers, and changes its name and postcodes.
func TestRegionPages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ada := o.signedIn(o.user(handlers.RoleAdmin))
	o.exec(`update regions set geometry = '{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}' where slug = 'north'`)
	inside := o.addJob("", soonDay(), func(n *db.NewJob) {
		n.CustomerName, n.Site = "Cora Client", db.Site{Address: "1 Main St", Point: &schedule.Point{Lat: 0.25, Lng: 0.5}}
	})
	o.addJob("", soonDay(), func(n *db.NewJob) { n.Site = db.Site{Address: "2 Main St", Postcode: "37402"} })
	list := ada.get("/admin/regions?q=NOR").Body.String()
	wantText(t, list, `href="/admin/regions/north"`, `data-label="Open jobs" class="number">1<`)
	if strings.Contains(list, `href="/admin/regions/south"`) {
		t.Error("the search finds what does not match")
	}
	wantText(t, ada.get("/admin/regions?q=nothing&page=x").Body.String(), "No region matches.")
	shown := ada.get("/admin/regions/north").Body.String()
	wantText(t, shown, `<circle class="map-job"`, `aria-label="Map of North with 1 job"`, "/jobs/"+inside.id, "its point lies inside")
	for _, secret := range []string{"Cora", "Main St"} {
		if strings.Contains(shown, secret) {
			t.Errorf("the page says %s", secret)
		}
	}
	change := func(more ...string) url.Values {
		fields := url.Values{"version": {"1"}, "name": {"North"}, "postcodes": {"37402, 3741*\r\n\r\n"}}
		for i := 0; i+1 < len(more); i += 2 {
			fields.Set(more[i], more[i+1])
		}
		return fields
	}
	asked := ada.post("/admin/regions/north", change())
	wantSaid(t, asked, http.StatusConflict, "1 future job changes region", "Nothing was saved yet")
	_, confirmed, _ := strings.Cut(asked.Body.String(), `name="confirmed" value="`)
	confirmed, _, _ = strings.Cut(confirmed, `"`)
	wantSaid(t, ada.post("/admin/regions/north", change("postcodes", "37402", "confirmed", "x"+confirmed)), http.StatusConflict, "not what you were shown before")
	wantSaid(t, ada.post("/admin/regions/north", change("name", "")), http.StatusUnprocessableEntity, `id="region-name-error"`)
	wantSaid(t, ada.post("/admin/regions/north", change("postcodes", strings.Repeat("7", 21))), http.StatusUnprocessableEntity, `id="region-postcodes-error"`)
	wantLocation(t, ada.post("/admin/regions/north", change("confirmed", confirmed)), "/admin/regions/north?done=saved")
	wantSaid(t, ada.get("/admin/regions/north?done=saved"), http.StatusOK, "The changes are saved.", "by its postcode", "37402\n3741*")
	// A long list, which goes beyond other texts.
	var long []string
	for code := range 3000 {
		long = append(long, strconv.Itoa(10000+code))
	}
	wantLocation(t, ada.post("/admin/regions/north", change("version", "2", "postcodes", strings.Join(append(long, "374*"), "\r\n"))), "/admin/regions/north?done=saved")
	wantSaid(t, ada.post("/admin/regions/north", change("name", "Newer")), http.StatusConflict, "Somebody changed this", "Newer")
}
