package main

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// terminal runs commands one after the other on one database, as a person does.
type terminal struct {
	t   testing.TB
	env map[string]string
}

// run runs a command with a line on its standard input.
func (m *terminal) run(stdin string, args ...string) (stdout, stderr string, err error) {
	m.t.Helper()
	var out, bad bytes.Buffer
	con := console{
		env: func(name string) string { return m.env[name] }, stdin: strings.NewReader(stdin), stdout: &out, stderr: &bad,
	}
	err = con.command(m.t.Context(), args[0], args[1:])
	return out.String(), bad.String(), err
}

// does runs a command that has to succeed and returns what it printed.
func (m *terminal) does(stdin string, args ...string) string {
	m.t.Helper()
	out, bad, err := m.run(stdin, args...)
	if err != nil {
		m.t.Fatalf("%q: %v\n%s", args, err, bad)
	}
	return out
}

// file writes a file to import.
func (m *terminal) file(text string) string {
	m.t.Helper()
	path := filepath.Join(m.t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
	return path
}

// contractorFile has everything that a contractor needs to get a job.
const contractorFile = "external_id,name,home_region,served_regions,skills,hours,phone,email\n" +
	"C-1,Rosa Díaz,north,,tile:2199-12-31;gas,Mon-Sun 00:00-24:00,555-0100,rosa@example.com\n"

// TestDayOne makes a working desk of an empty database with commands alone: a
// dispatcher signs in and gives an imported job to an imported contractor, who
// sees it on his phone.
func TestDayOne(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	cmd := &terminal{t: t, env: map[string]string{"DATABASE_URL": w.dsn}}
	regions := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"slug":"north","name":"North","zone":"America/New_York"},
	  "geometry":{"type":"Polygon","coordinates":[[[-86,34],[-85,34],[-85,36],[-86,36],[-86,34]]]}}]}`
	w.today = time.Now().AddDate(0, 0, 3).Format(time.DateOnly)
	jobs := importHeader + "X-1,Tile the hall,1 Main St,35,-85.5,,tile,60," + w.today + "T08:00," + w.today + "T18:00,\n"
	cmd.does("", "import", "regions", cmd.file(regions))
	if got := cmd.does("", "import", "contractors", cmd.file(contractorFile)); got != "contractors: 1 created, 0 updated, 0 unchanged; 2 skills are new\n" {
		t.Errorf("contractors: %s", got)
	}
	cmd.does("", "import", "jobs", cmd.file(jobs))
	cmd.does(password+"\n", "user", "add", "dispatcher", "Ann@example.com", "Ann Whitfield", "north")

	app := startProgram(t, w.dsn)
	ann := w.staff(app.base, "Ann")
	if board := ann.get("/dispatch/north?date=" + w.today); !strings.Contains(board, "Tile the hall") || !strings.Contains(board, "Rosa Díaz") {
		t.Errorf("the board shows neither job nor contractor: %s", words(board))
	}
	w.people["Rosa"] = ask[string](w, `select id from contractors`)
	ann.assign(job{id: ask[string](w, `select id from jobs`)}, "Rosa", "09:00")

	link := cmd.does("", "user", "link", "C-1")
	rosa := w.client(app.base)
	rosa.post(http.StatusSeeOther, regexp.MustCompile(`/link/\S+`).FindString(link), nil)
	if page := rosa.get("/contractor"); !strings.Contains(page, "Tile the hall") {
		t.Errorf("her phone does not show the job: %s", words(page))
	}
}

func TestUserCommands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cmd := &terminal{t: t, env: map[string]string{"DATABASE_URL": w.dsn}}
	app := startProgram(t, w.dsn)
	signIn := func(want int, secret string) *client {
		t.Helper()
		c := w.client(app.base)
		c.post(want, "/login", url.Values{"email": {"vera@example.com"}, "password": {secret}})
		return c
	}
	_, asked, err := cmd.run(password+"\r\n", "user", "add", "auditor", "vera@example.com", "Vera Novák")
	if err != nil || !strings.Contains(asked, "standard input") {
		t.Fatalf("add: %v, %q", err, asked)
	}
	open := signIn(http.StatusSeeOther, password)
	cmd.does("another quiet heron", "user", "password", "vera@example.com")
	if status, _, _ := open.do(open.request(http.MethodGet, "/events", nil)); status != http.StatusSeeOther {
		t.Errorf("with a new password the old session goes on: %d", status)
	}
	signIn(http.StatusUnauthorized, password)
	signIn(http.StatusSeeOther, "another quiet heron")
	cmd.does("", "user", "disable", "VERA@example.com")
	signIn(http.StatusUnauthorized, "another quiet heron")
	cmd.does("", "user", "enable", "vera@example.com")
	vera := signIn(http.StatusSeeOther, "another quiet heron")
	vera.get("/dispatch/south")
	if got := cmd.does("", "user", "role", "vera@example.com", "dispatcher", "north", "west"); got != "vera@example.com is dispatcher north west\n" {
		t.Errorf("role: %q", got)
	}
	vera.get("/dispatch/west")
	if status, _, _ := vera.do(vera.request(http.MethodGet, "/dispatch/south", nil)); status != http.StatusNotFound {
		t.Errorf("after the change she sees another region: %d", status)
	}

	rosa := w.phone(app.base, "Rosa")
	rosa.get("/contractor")
	unused := w.link("Rosa")
	if got := cmd.does("", "user", "unlink", "Rosa Díaz"); !strings.HasPrefix(got, "Rosa Díaz is signed out everywhere") {
		t.Errorf("unlink: %q", got)
	}
	if status, _, _ := rosa.do(rosa.request(http.MethodGet, "/contractor", nil)); status != http.StatusSeeOther {
		t.Errorf("after unlink the phone goes on: %d", status)
	}
	w.client(app.base).post(http.StatusGone, unused, nil)
	w.phone(app.base, "Rosa").get("/contractor")
}

func TestUserCommandsRefuse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cmd := &terminal{t: t, env: map[string]string{"DATABASE_URL": w.dsn}}
	before := ask[int](w, `select count(*) from users`)
	for _, test := range []struct{ stdin, args, want string }{
		{password, "add auditor vera@example.com", "user takes"},
		{password, "add contractor c@example.com Cora", "a role is admin"},
		{password, "add kiosk c@example.com Cora", "a role is admin"},
		{password, "add auditor Vera Vera", "not an e-mail address"},
		{password, "add dispatcher d@example.com Dora", "at least one region"},
		{password, "add auditor v@example.com Vera north", "nobody else has any"},
		{password, "add dispatcher d@example.com Dora nowhere", "not found"},
		{password, "add auditor ann@example.com Ann", "exists already"},
		{"", "add auditor v@example.com Vera", "no password on standard input"},
		{"\n" + password, "add auditor v@example.com Vera", "no password on standard input"},
		{"short", "add auditor v@example.com Vera", "shorter than 12"},
		{"short", "password ann@example.com", "shorter than 12"},
		{password, "password nobody@example.com", "not found"},
		{"", "disable nobody@example.com", "not found"},
		{"", "role ann@example.com contractor", "a role is admin"},
		{"", "role ann@example.com auditor north", "nobody else has any"},
		{"", "role ann@example.com dispatcher nowhere", "not found"},
		{"", "unlink Nobody", "not found"},
	} {
		_, _, err := cmd.run(test.stdin, append([]string{"user"}, strings.Fields(test.args)...)...)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("user %s: got %v, want %s", test.args, err, test.want)
		}
	}
	if after := ask[int](w, `select count(*) from users`); after != before {
		t.Errorf("%d users were added", after-before)
	}
}

func TestKioskCommands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cmd := &terminal{t: t, env: map[string]string{"DATABASE_URL": w.dsn}}
	app := startProgram(t, w.dsn)
	code, _, _ := strings.Cut(cmd.does("", "kiosk", "enroll", "north"), "\n")
	wall := w.client(app.base)
	wall.post(http.StatusSeeOther, "/kiosk/enrol", url.Values{"code": {code}})
	id := ask[string](w, `select id from kiosk_devices`)
	row := regexp.MustCompile(`(?m)^` + id + ` +north +\S+ +\S+ +(active|revoked)$`)
	if got := row.FindStringSubmatch(cmd.does("", "kiosk", "list")); got == nil || got[1] != "active" {
		t.Errorf("list: %v", got)
	}
	stream := wall.listen("/streams/kiosk/north")
	code, _, _ = strings.Cut(cmd.does("", "kiosk", "rotate", id), "\n")
	ended := func(f frame) bool { return f.event == "session-ended" }
	stream.until("the end", ended)
	again := w.client(app.base)
	again.post(http.StatusSeeOther, "/kiosk/enrol", url.Values{"code": {code}})
	stream = again.listen("/streams/kiosk/north")
	cmd.does("", "kiosk", "revoke", id)
	stream.until("the end", ended)
	if got := row.FindStringSubmatch(cmd.does("", "kiosk", "list")); got == nil || got[1] != "revoked" {
		t.Errorf("list: %v", got)
	}
	if _, _, err := cmd.run("", "kiosk", "revoke", w.people["Rosa"]); err == nil {
		t.Error("a display that is not there was revoked")
	}
}
