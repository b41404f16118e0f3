package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// ridge moves the border between north and south to the west, and cuts a hole
// into the south.
const ridge = `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"slug":"north","name":"North","zone":"ZONE"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[0.8,0],[0.8,1],[0,1],[0,0]]]}},
{"type":"Feature","properties":{"slug":"south","name":"South","zone":"ZONE"},"geometry":{"type":"MultiPolygon","coordinates":[[[[0.8,0],[2,0],[2,1],[0.8,1],[0.8,0]],[[1.4,0.2],[1.8,0.2],[1.6,0.7],[1.4,0.2]]]]}}
]}`

// TestX3MapUpload uploads a map in a browser: the jobs that would change region
// are shown before and after in one picture and in words; when one more comes
// meanwhile it is shown anew; confirmed, the boards show the move without a
// reload. Then the same for a list of postcodes.
func TestX3MapUpload(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec(`update regions set geometry = '{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1],[0,0]]]}' where slug = 'north'`)
	w.exec(`update regions set geometry = '{"type":"Polygon","coordinates":[[[1,0],[2,0],[2,1],[1,1],[1,0]]]}' where slug = 'south'`)
	app := startProgram(t, w.dsn)
	source, a := axe(t), looked()
	held := w.jobAt("Tile the porch", 0.5, 0.9)
	w.staff(app.base, "Ada").assign(held, "Rosa", "09:00")
	w.jobAt("Tile the hall", 0.4, 0.2)
	south := w.desk(t, app.base, "Bo").open("/dispatch/south").live()
	p := w.desk(t, app.base, "Ada").open("/admin/regions")
	p.check("regions", source, 1280)
	a.shoot(p, "regions", 1280, 360)

	p.click(".page-head a[href='/imports?kind=regions']")
	p.await("the form for a map", `document.getElementById('import-kind')?.value === 'regions'`)
	file := filepath.Join(t.TempDir(), "ridge.geojson")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(ridge, "ZONE", w.zone)), 0o600); err != nil {
		t.Fatal(err)
	}
	p.do(chromedp.SetUploadFiles(chromedp.CSS("#import-file"), []string{file}))
	p.click("#import .submit")
	heading := func(text string) {
		t.Helper()
		p.await(text, `Array.from(document.querySelectorAll('#import-content h2, main h2, .banner strong'), (el) => el.textContent).some((text) => text.startsWith(`+quote(text)+`))`)
	}
	heading("1 future job changes region")
	p.sameAs("who has it", `document.querySelector('#import-content tbody tr').innerText.replace(/\s+/g, ' ').trim()`, held.number+" Tile the porch North South Rosa Díaz")
	p.check("map", source, 1280)
	a.shoot(p, "map-check", 1280, 360)

	late := w.jobAt("Tile the barn", 0.6, 0.95)
	p.click("#confirm .submit")
	heading("2 future jobs change region")
	p.sameAs("why", `String(document.querySelector('.banner-warn').innerText.includes('Nothing was saved yet'))`, "true")
	p.check("map that changed", source, 360)
	a.shoot(p, "map-again", 1280, 360)
	p.click("#confirm .submit")
	heading("2 jobs changed region")
	a.shoot(p, "map-done", 1280, 360)
	south.awaitCard(late, "open-south")
	south.awaitCard(held, "lane-south-guest-"+w.today)

	p.open("/admin/regions/south")
	p.check("region", source, 1280)
	a.shoot(p, "region", 1280, 360)
	p.set("#region-name", "")
	p.submit("#region", "what is wrong", `document.getElementById('region-name-error') !== null`)
	p.check("region with errors", source, 360)
	a.shoot(p, "region-errors", 1280, 360)
	p.set("#region-name", "South Side")
	p.set("#region-postcodes", "374*")
	p.click("#region .submit")
	p.says("/admin/regions/south", "The changes are saved.")
	posted := ask[string](w, `select id::text from jobs where title = 'Tile the hall'`)
	w.exec(`update sites set lat = null, lng = null, postcode = '37377' where id = (select site_id from jobs where id = $1)`, posted)
	p.set("#region-postcodes", "373*")
	p.click("#region .submit")
	heading("1 future job changes region")
	p.check("postcodes that move a job", source, 1280)
	a.shoot(p, "region-moves", 1280, 360)
	p.click("#region .submit")
	p.says("/admin/regions/south", "The changes are saved.")
	south.awaitCard(job{posted, "the job with a postcode"}, "open-south")
	p.sound()
	south.sound()
}
