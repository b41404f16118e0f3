package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"smartscheduler/handlers"
)

// elements are those of a name under n.
func elements(n *html.Node, name string) (found []*html.Node) {
	for el := range n.Descendants() {
		if el.Type == html.ElementNode && el.Data == name {
			found = append(found, el)
		}
	}
	return found
}

// attr is an attribute of an element, and whether it has it.
func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func hasAttr(n *html.Node, name string) bool { _, ok := attr(n, name); return ok }

// textOf is what an element says.
func textOf(n *html.Node) string {
	var text strings.Builder
	for el := range n.Descendants() {
		if el.Type == html.TextNode {
			text.WriteString(el.Data)
		}
	}
	return strings.TrimSpace(text.String())
}

// formIn reads the fields of the form with an address, as a browser would send
// them.
func formIn(t testing.TB, rec *httptest.ResponseRecorder, action string) url.Values {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(rec.Body.String()))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(elements(doc, "form"), func(f *html.Node) bool { a, _ := attr(f, "action"); return a == action })
	if i < 0 {
		t.Fatalf("%d, and no form to %s in %.2000s", rec.Code, action, rec.Body)
	}
	form, fields := elements(doc, "form")[i], url.Values{}
	for _, el := range elements(form, "input") {
		name, _ := attr(el, "name")
		value, _ := attr(el, "value")
		kind, _ := attr(el, "type")
		if (kind == "checkbox" || kind == "radio") && !hasAttr(el, "checked") || name == "" {
			continue
		}
		fields.Add(name, value)
	}
	for _, el := range elements(form, "textarea") {
		name, _ := attr(el, "name")
		fields.Add(name, textOf(el))
	}
	for _, el := range elements(form, "select") {
		name, _ := attr(el, "name")
		for _, option := range elements(el, "option") {
			if value, _ := attr(option, "value"); hasAttr(option, "selected") {
				fields.Add(name, value)
			}
		}
	}
	return fields
}

// comparisonIn reads the table of both versions: field, yours, now.
func comparisonIn(t testing.TB, rec *httptest.ResponseRecorder) (rows [][]string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(rec.Body.String()))
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range elements(doc, "table") {
		if class, _ := attr(table, "class"); class != "compare" {
			continue
		}
		for _, tr := range elements(table, "tr") {
			var row []string
			for _, cell := range append(elements(tr, "th"), elements(tr, "td")...) {
				row = append(row, textOf(cell))
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// staleForm is a form that somebody else makes stale.
type staleForm struct {
	name string
	// page has the form, which goes to action.
	page, action string
	// behind changes what the form edits, as somebody else's save does.
	behind string
	// typed is what is changed in the form: name, value, name, value, …
	typed []string
	// row is a line of the comparison that must be there.
	row []string
	// version is the field that says what the form was opened with.
	version string
}

// staleForms are all forms that edit something that is there. Displays are only
// revoked and given new keys, which has no version to lose.
func staleForms(o *office) []staleForm {
	o.exec(`insert into skills (slug, name) values ('tile', 'Tile & stone'), ('wood', 'Hardwood')`)
	lee, maya, day := o.addContractor("north", "Lee", "tile", "wood"), o.addContractor("north", "Maya", "tile", "wood"), soonDay()
	ann := o.person(handlers.RoleAdmin, "Ida")
	open := func() string { return "/jobs/" + o.addJob("north", day).id }
	held := func(start string) string {
		j := o.addJob("north", day)
		wantStatus(o.t, ann.assign(j, lee, day+start), http.StatusOK)
		return "/assignments/" + o.card(j.id).AssignmentID
	}
	onHold := open()
	o.exec(`update jobs set status = 'on_hold' where id::text = $1`, onHold[len("/jobs/"):])
	user := o.userNamed("Cy", handlers.RoleDispatcher, "north")
	const asOpened = "as when you opened the form"
	job := func(name, path, form string, typed, row []string) staleForm {
		return staleForm{name, path + form, path + strings.TrimSuffix(form, "/new"),
			`update jobs set version = version + 1 where id::text = '` + path[len("/jobs/"):] + `'`, typed, row, "version"}
	}
	assignment := func(name, path, form string, typed, row []string) staleForm {
		return staleForm{name, path + form, path + form, `update jobs j set version = j.version + 1 from assignments a where a.job_id = j.id and a.id::text = '` +
			path[len("/assignments/"):] + `'`, typed, row, "version"}
	}
	details := open()
	edit := job("Details", details, "/details", []string{"title", "Sand a floor", "skills", "wood", "region_override", "south"},
		[]string{"Skills", "Hardwood", "Tile & stone"})
	edit.behind = `update jobs set version = version + 1, skills = '{tile}' where id::text = '` + details[len("/jobs/"):] + `'`
	return []staleForm{
		edit,
		job("DetailsRegion", open(), "/details", []string{"region_override", "south"}, []string{"Region", "always South", "always North"}),
		job("Assign", open(), "/assignments/new", []string{"contractor_id", lee, "start", day + "T16:15", "override_reason", "he knows the dog"}, []string{"Held by", asOpened, "Nobody has it"}),
		job("Cancellation", open(), "/cancellation", []string{"reason", "other", "override_reason", "she moved"}, []string{"Status", asOpened, "Open"}),
		job("Hold", open(), "/hold", []string{"override_reason", "no tiles"}, []string{"Status", asOpened, "Open"}),
		job("Release", onHold, "/release", []string{"override_reason", "tiles came"}, []string{"Status", asOpened, "On hold"}),
		assignment("Move", held("T09:00"), "/times", []string{"start", day + "T12:00", "end", day + "T13:15"}, []string{"End", soon().Format("Mon 2 Jan") + " 13:15", soon().Format("Mon 2 Jan") + " 10:00"}),
		assignment("Reassign", held("T10:00"), "/contractor", []string{"contractor_id", maya, "override_reason", "is ill"}, []string{"Status", asOpened, "Assigned"}),
		assignment("Removal", held("T11:00"), "/removal", []string{"override_reason", "the customer called"}, nil),
		{"Contractor", "/contractors/" + lee + "/details", "/contractors/" + lee + "/details",
			`update contractors set phone = '555-0102', version = version + 1 where id::text = '` + lee + `'`,
			[]string{"phone", "555-0103"}, []string{"Phone", "555-0103", "555-0102"}, "version"},
		{"Days", "/contractors/" + maya + "/days", "/contractors/" + maya + "/days",
			`update contractors set version = version + 1 where id::text = '` + maya + `'`,
			[]string{"from", soon().AddDate(0, 0, 1).Format(time.DateOnly), "kind", "off", "note", "Dentist"}, []string{soon().AddDate(0, 0, 1).Format("Mon 2 Jan 2006"), "Off: Dentist", "As every week"}, "version"},
		{"Region", "/admin/regions/south", "/admin/regions/south", `update regions set name = 'Southside', version = version + 1 where slug = 'south'`,
			[]string{"name", "Deep South"}, []string{"Name", "Deep South", "Southside"}, "version"},
		{"Skill", "/admin/skills", "/admin/skills/wood", `update skills set name = 'Wood' where slug = 'wood'`,
			[]string{"name", "Timber"}, []string{"Name", "Timber", "Wood"}, "before"},
		{"User", "/admin/users/" + user.ID, "/admin/users/" + user.ID, `update users set name = 'Cyril', version = version + 1 where id::text = '` + user.ID + `'`,
			[]string{"name", "Cyrus"}, []string{"Name", "Cyrus", "Cyril"}, "version"},
	}
}

// TestStaleForms opens every form that edits something, lets somebody else change
// it behind, and sends the form: nothing is saved, both versions stand side by side
// in plain words, what was typed is still in the form, and the form then stands for
// what is there now, so that sending it again saves it.
func TestStaleForms(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ada := o.person(handlers.RoleAdmin, "Ada")
	for _, tt := range staleForms(o) {
		t.Run(tt.name, func(t *testing.T) {
			fields := formIn(t, ada.get(tt.page), tt.action)
			if fields.Get(tt.version) == "" {
				t.Fatalf("the form carries no %s: %v", tt.version, fields)
			}
			for i := 0; i+1 < len(tt.typed); i += 2 {
				fields.Set(tt.typed[i], tt.typed[i+1])
			}
			o.exec(tt.behind)
			state := o.edited()
			late := ada.post(tt.action, fields)
			if late.Code != http.StatusConflict || o.edited() != state {
				t.Fatalf("%d, and changed %v: %.1500s", late.Code, o.edited() != state, late.Body)
			}
			rows := comparisonIn(t, late)
			if len(rows) < 2 || !slices.Equal(rows[0], []string{"Field", "Yours", "Now"}) ||
				tt.row != nil && !slices.ContainsFunc(rows, func(r []string) bool { return slices.Equal(r, tt.row) }) {
				t.Errorf("compared are %q, want %q", rows, tt.row)
			}
			again := formIn(t, late, tt.action)
			if again.Get(tt.version) == fields.Get(tt.version) {
				t.Errorf("the form still stands for %s %q", tt.version, again.Get(tt.version))
			}
			for name := range fields {
				if name != tt.version && name != "idempotency_key" && !slices.Equal(again[name], fields[name]) {
					t.Errorf("%s was sent as %q and is %q now", name, fields[name], again[name])
				}
			}
			if got := ada.post(tt.action, again); got.Code != http.StatusOK && got.Code != http.StatusSeeOther || o.edited() == state {
				t.Errorf("sent again as %v it is %d: %s", again, got.Code, said(got))
			}
		})
	}
}

// edited digests all that a form edits.
func (o *office) edited() (digest string) {
	o.t.Helper()
	err := o.owner.QueryRow(`select md5(concat(
	  (select string_agg(j::text, '' order by id) from jobs j), (select string_agg(a::text, '' order by id) from assignments a),
	  (select string_agg(t::text, '' order by id) from sites t), (select string_agg(u::text, '' order by id) from customers u),
	  (select string_agg(c::text, '' order by id) from contractors c), (select string_agg(e::text, '' order by contractor_id, day) from contractor_exceptions e),
	  (select string_agg(r::text, '' order by slug) from regions r), (select string_agg(s::text, '' order by slug) from skills s),
	  (select string_agg(concat(u.id, u.name, u.role, u.version), '' order by id) from users u), (select count(*) from event_log), (select count(*) from audit_records)))`).Scan(&digest)
	if err != nil {
		o.t.Fatal(err)
	}
	return digest
}
