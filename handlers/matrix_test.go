package handlers_test

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"smartscheduler/handlers"
)

// The columns of the matrix.
const (
	anonymous = iota
	dispatcherNorth
	dispatcherSouth
	contractorOne
	contractorTwo
	admin
	auditor
	kioskNorth
	disabledUser
	revokedKiosk
	callers
)

func callerNames() [callers]string {
	return [callers]string{"anonymous", "dispatcher north", "dispatcher south", "contractor 1", "contractor 2",
		"admin", "auditor", "kiosk north", "disabled user", "revoked kiosk"}
}

// world is what the matrix asks for: objects of both regions and of nobody.
type world struct {
	callers                   [callers]*browser
	one, two                  string // contractors, of north and of south
	spare                     string // one of north without a phone
	jobNorth, jobSouth, guest string // held by one, two, and one
	heldNorth, heldSouth      string // their assignments
	heldGuest                 string
	posNorth, posSouth        string // of an event of the north job and the south job
	posGuest                  string
	auditNorth, auditSouth    string // the decisions
	auditGuest                string
	eventNorth, eventGuest    string // that gave those jobs away
	upload                    string // of the dispatcher of north
	person, kiosk             string // a user and a display
	customer                  string // of the north job
}

func newWorld(o *office) *world {
	o.t.Helper()
	w := &world{one: o.addContractor("north", "One"), two: o.addContractor("south", "Two"), spare: o.addContractor("north", "Spare")}
	disabled := o.user(handlers.RoleDispatcher, "north")
	w.person = disabled.ID
	w.callers = [callers]*browser{
		anonymous:       o.browser(),
		dispatcherNorth: o.signedIn(o.user(handlers.RoleDispatcher, "north")),
		dispatcherSouth: o.signedIn(o.user(handlers.RoleDispatcher, "south")),
		contractorOne:   o.phone(w.one),
		contractorTwo:   o.phone(w.two),
		admin:           o.signedIn(o.user(handlers.RoleAdmin)),
		auditor:         o.signedIn(o.user(handlers.RoleAuditor)),
		kioskNorth:      o.display("north"),
		disabledUser:    o.signedIn(disabled),
		revokedKiosk:    o.display("north"),
	}
	// The session stays: it must be worth nothing all the same.
	o.exec(`update users set disabled_at = now() where id = $1`, disabled.ID)
	o.exec(`update kiosk_devices set revoked_at = now() where id = (select id from kiosk_devices order by created_at desc, id limit 1)`)
	if !w.callers[kioskNorth].signedInNowAsKiosk() {
		w.callers[kioskNorth], w.callers[revokedKiosk] = w.callers[revokedKiosk], w.callers[kioskNorth]
	}
	if err := o.owner.QueryRowContext(context.Background(), `select id from kiosk_devices where revoked_at is null`).Scan(&w.kiosk); err != nil {
		o.t.Fatal(err)
	}
	hold := func(region, contractor, start string) (jobID, assignmentID, pos string) {
		j := o.addJob(region, soonDay())
		wantStatus(o.t, w.callers[admin].assign(j, contractor, soonDay()+start), http.StatusSeeOther)
		o.sequence()
		return j.id, o.card(j.id).AssignmentID, strconv.Itoa(o.count(`select max(pos) from event_log`))
	}
	w.jobNorth, w.heldNorth, w.posNorth = hold("north", w.one, "T09:00")
	w.jobSouth, w.heldSouth, w.posSouth = hold("south", w.two, "T09:00")
	w.guest, w.heldGuest, w.posGuest = hold("south", w.one, "T12:00")
	for id, of := range map[string]*string{w.jobNorth: &w.auditNorth, w.jobSouth: &w.auditSouth, w.guest: &w.auditGuest} {
		*of = o.audit(id)
	}
	// Nothing of these can be undone any more.
	o.exec(`update jobs set version = version + 1`)
	for job, event := range map[string]*string{w.jobNorth: &w.eventNorth, w.guest: &w.eventGuest} {
		err := o.owner.QueryRowContext(context.Background(), `select event_id from event_log where job_id = $1 and event_type = 'JobAssigned'`, job).Scan(event)
		if err != nil {
			o.t.Fatal(err)
		}
	}
	if err := o.owner.QueryRowContext(context.Background(), `select id from customers limit 1`).Scan(&w.customer); err != nil {
		o.t.Fatal(err)
	}
	w.upload = strings.TrimPrefix(w.callers[dispatcherNorth].checked(jobColumns+"x\n"), "/imports/")
	return w
}

// signedInNowAsKiosk tells whether the display is shown its wall.
func (b *browser) signedInNowAsKiosk() bool {
	return strings.Contains(b.get("/kiosk").Body.String(), `class="wall"`)
}

// TestP14NobodySeesWhatIsNotTheirs asks for everything as everybody. A route
// without a row fails, and so does a row without a route. What is forbidden
// and what does not exist is answered with the same bytes.
func TestP14NobodySeesWhatIsNotTheirs(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	w := newWorld(o)
	address := o.live()
	rows := w.rows()
	var routes []string
	for _, r := range o.echo.Routes() {
		routes = append(routes, r.Method+" "+r.Path)
	}
	slices.Sort(routes)
	if listed := slices.Sorted(maps.Keys(rows)); !slices.Equal(listed, routes) {
		t.Fatalf("the matrix has the rows\n%s\nand the router the routes\n%s", strings.Join(listed, "\n"), strings.Join(routes, "\n"))
	}
	// Logging out ends the sessions, so it comes last.
	routes = append(slices.DeleteFunc(routes, func(r string) bool { return r == "POST /logout" }), "POST /logout")
	before := o.written()
	cells := 0
	for i, who := range callerNames() {
		seen := map[string]string{} // what 404 looks like, by kind of answer
		for _, route := range routes {
			method, _, _ := strings.Cut(route, " ")
			for _, target := range slices.Sorted(maps.Keys(rows[route])) {
				code, kind, body := w.ask(o, address, method, target, i)
				if want := rows[route][target][i]; code != want {
					t.Errorf("%s %s as %s: %d, want %d", method, target, who, code, want)
				}
				if code == http.StatusNotFound {
					if known, ok := seen[kind]; ok && known != body {
						t.Errorf("%s %s as %s: another 404 than the others:\n%s\n%s", method, target, who, body, known)
					}
					seen[kind] = body
				}
				cells++
			}
		}
	}
	if o.written() != before {
		t.Error("asking changed something")
	}
	if n := o.count(`select count(*) from jobs`); n != 3 {
		t.Errorf("%d jobs, want the 3 of the test", n)
	}
	t.Logf("%d cells", cells)
}

// ask makes one request and returns the status and, for comparison, the kind
// of answer with everything that the caller can see of it.
func (w *world) ask(o *office, address, method, target string, caller int) (code int, kind, seen string) {
	o.t.Helper()
	b := w.callers[caller]
	if strings.HasPrefix(target, "/streams/") {
		return w.askStream(o, address, target, b)
	}
	var got *httptest.ResponseRecorder
	if method == http.MethodPost {
		fields := url.Values{}
		if target == "/login" {
			fields = url.Values{"email": {"nobody@example.com"}, "password": {"wrong"}}
		}
		got = b.clone().post(target, fields)
	} else {
		got = b.clone().get(target)
	}
	kind = "page"
	if strings.HasPrefix(target, "/static/") {
		kind = "file"
	}
	header := got.Header().Clone()
	header.Del("X-Request-Id")
	return got.Code, kind, headerText(header) + got.Body.String()
}

// askStream opens a stream over a real connection and leaves at once.
func (w *world) askStream(o *office, address, target string, b *browser) (code int, kind, seen string) {
	o.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+target, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	got, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		o.t.Fatalf("%s: %v", target, err)
	}
	defer func() { _ = got.Body.Close() }()
	if kind := got.Header.Get("Content-Type"); got.StatusCode == http.StatusOK && kind != "text/event-stream; charset=utf-8" {
		o.t.Errorf("%s has type %q", target, kind)
	}
	if got.StatusCode != http.StatusOK && got.ContentLength != 0 {
		o.t.Errorf("%s: %d with a body of %d bytes", target, got.StatusCode, got.ContentLength)
	}
	header := got.Header.Clone()
	header.Del("X-Request-Id")
	header.Del("Date")
	return got.StatusCode, "stream", headerText(header)
}

func headerText(h http.Header) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(h)) {
		b.WriteString(name + ": " + strings.Join(h[name], ", ") + "\n")
	}
	return b.String()
}

// TestP14Homes sends everybody to the start of his own.
func TestP14Homes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	w := newWorld(o)
	for i, want := range [callers]string{"/login", "/dispatch/north", "/dispatch/south", "/contractor", "/contractor",
		"/dispatch/north", "/dispatch/north", "/kiosk", "/login", "/login"} {
		if got := w.callers[i].get("/").Header().Get("Location"); got != want {
			t.Errorf("%s is sent to %q, want %q", callerNames()[i], got, want)
		}
	}
	for i, who := range callerNames() {
		if got := w.callers[i].signedInNowAsKiosk(); got != (i == kioskNorth) {
			t.Errorf("%s is shown the wall: %t", who, got)
		}
	}
}

// TestOddQueries asks for pages with odd filters: whatever is asked, nothing
// breaks, and nobody finds more than his own.
func TestOddQueries(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	w := newWorld(o)
	job := o.card(w.jobSouth)
	for _, target := range []string{
		"/events?kind=%00", "/events?region=%00", "/events?contractor=%00", "/events?job=%00", "/events?from=%00&until=%00", "/events?actor=%00", "/events?actor=%25",
		"/events?kind=%ff", "/events?region=south", "/events?contractor=" + w.two, "/events?contractor=nonsense", "/events?before=-1",
		"/events?before=99999999999999999999", "/events?from=9999-12-31", "/events?until=9999-12-31", "/events?from=0000-01-01&until=0000-01-01", "/events?job=J-99999999999999999999",
		"/events?job=J-" + strconv.FormatInt(job.Number, 10), "/events?region=unrouted", "/events?region=nowhere",
		"/dispatch/north?date=9999-12-31", "/dispatch/north?date=0000-01-01", "/dispatch/north?date=%00", "/dispatch/north?q=%00&skill=%ff",
		"/jobs/" + w.jobNorth + "?board=%00&date=%00", "/jobs/" + w.jobNorth + "?before=%00", "/jobs/" + w.jobNorth + "?before=-1", "/audits/" + w.auditNorth + "?page=%00", "/login?next=%00",
	} {
		for _, i := range []int{dispatcherNorth, admin} {
			got := w.callers[i].get(target)
			if got.Code >= 500 {
				t.Errorf("%s as %s: %d", target, callerNames()[i], got.Code)
			}
			if i == dispatcherNorth && strings.HasPrefix(target, "/events") && strings.Contains(got.Body.String(), w.jobSouth) {
				t.Errorf("%s as %s shows the job of another region", target, callerNames()[i])
			}
		}
	}
}
