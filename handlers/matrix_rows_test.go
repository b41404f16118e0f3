package handlers_test

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"smartscheduler/static"
)

// codes are the answers to one request by caller.
type codes [callers]int

// only is 404 for those who are signed in but for the callers named, and the
// code given for who is not.
func only(outside, code int, allowed ...int) codes {
	var c codes
	for i := range c {
		c[i] = http.StatusNotFound
	}
	for _, i := range []int{anonymous, disabledUser, revokedKiosk} {
		c[i] = outside
	}
	for _, i := range allowed {
		c[i] = code
	}
	return c
}

// page is for the callers named; who is not signed in is sent to sign in.
func page(code int, allowed ...int) codes { return only(http.StatusSeeOther, code, allowed...) }

// stream is for the callers named; it never redirects.
func stream(allowed ...int) codes { return only(http.StatusUnauthorized, http.StatusOK, allowed...) }

func sameFor(code int) codes {
	var c codes
	for i := range c {
		c[i] = code
	}
	return c
}

// with replaces one answer.
func (c codes) with(caller, code int) codes {
	c[caller] = code
	return c
}

// malformed are ids that no object can have.
func malformed() []string {
	return []string{"nonsense", "%00", "%ff", "..", "a%2Fb", strings.Repeat("x", 300)}
}

// rows is the matrix: for each route, for each address of it, the answer to
// every caller. Forms are sent empty, so that 422 means "let in, and nothing
// changed".
func (w *world) rows() map[string]map[string]codes {
	nobody := uuid.NewString()
	const ok, bad = http.StatusOK, http.StatusUnprocessableEntity
	rows := map[string]map[string]codes{
		"GET /healthz":          {"/healthz": sameFor(ok)},
		"GET /readyz":           {"/readyz": sameFor(ok)},
		"GET /static/*":         {static.URL("app.css"): sameFor(ok), "/static/nothing": sameFor(http.StatusNotFound)},
		"POST /login":           {"/login": sameFor(http.StatusUnauthorized)},
		"POST /logout":          {"/logout": sameFor(http.StatusSeeOther)},
		"GET /link/:token":      {"/link/" + nobody: sameFor(http.StatusGone)},
		"POST /link/:token":     {"/link/" + nobody: sameFor(http.StatusGone)},
		"GET /password/:token":  {"/password/" + nobody: sameFor(http.StatusGone)},
		"POST /password/:token": {"/password/" + nobody: sameFor(http.StatusGone)},
		"GET /kiosk":            {"/kiosk": sameFor(ok)},
		"POST /kiosk/enrol":     {"/kiosk/enrol": sameFor(bad)},
		"GET /":                 {"/": sameFor(http.StatusSeeOther)},
		"GET /contractor":       {"/contractor": page(ok, contractorOne, contractorTwo)},
		"GET /regions":          {"/regions": page(ok, dispatcherNorth, dispatcherSouth, admin, auditor)},
		"GET /events":           {"/events": page(ok, dispatcherNorth, dispatcherSouth, admin, auditor)},
		"GET /jobs/new":         {"/jobs/new": page(ok, dispatcherNorth, dispatcherSouth, admin)},
		"POST /jobs":            {"/jobs": page(bad, dispatcherNorth, dispatcherSouth, admin)},
		"GET /admin/delivery":   {"/admin/delivery": page(ok, admin)},
		// Who is signed in as a person has no business at the login.
		"GET /login": {"/login": sameFor(http.StatusSeeOther).with(anonymous, ok).with(kioskNorth, ok).
			with(disabledUser, ok).with(revokedKiosk, ok)},
		"GET /sw.js":                {"/sw.js": sameFor(ok)},
		"GET /manifest.webmanifest": {"/manifest.webmanifest": sameFor(ok)},
		"GET /dispatch/:region": {
			"/dispatch/north":       page(ok, dispatcherNorth, admin, auditor),
			"/dispatch/north+south": page(ok, admin, auditor), "/dispatch/north+north": page(ok), "/dispatch/north+nowhere": page(ok),
			"/dispatch/south":    page(ok, dispatcherSouth, admin, auditor),
			"/dispatch/unrouted": page(ok, dispatcherNorth, dispatcherSouth, admin, auditor),
			"/dispatch/nowhere":  page(ok),
		},
		"GET /dispatch/:region/sheet": {
			"/dispatch/north/sheet":    page(ok, dispatcherNorth, admin, auditor),
			"/dispatch/south/sheet":    page(ok, dispatcherSouth, admin, auditor),
			"/dispatch/unrouted/sheet": page(ok), "/dispatch/nowhere/sheet": page(ok),
		},
		"GET /events/:pos": {
			"/events/" + w.posNorth: page(ok, dispatcherNorth, admin, auditor),
			"/events/" + w.posSouth: page(ok, dispatcherSouth, admin, auditor),
			"/events/" + w.posGuest: page(ok, dispatcherNorth, dispatcherSouth, admin, auditor),
			"/events/999999":        page(ok), "/events/0": page(ok), "/events/-1": page(ok), "/events/99999999999999999999": page(ok),
		},
		"GET /audits/:auditID": {
			"/audits/" + w.auditNorth: page(ok, dispatcherNorth, admin, auditor),
			"/audits/" + w.auditSouth: page(ok, dispatcherSouth, admin, auditor),
			// Of a job of south, whoever does it.
			"/audits/" + w.auditGuest: page(ok, dispatcherSouth, admin, auditor),
			"/audits/" + nobody:       page(ok),
		},
		"GET /jobs/:jobID": {
			"/jobs/" + w.jobNorth: page(ok, dispatcherNorth, admin, auditor),
			"/jobs/" + w.jobSouth: page(ok, dispatcherSouth, admin, auditor),
			"/jobs/" + w.guest:    page(ok, dispatcherNorth, dispatcherSouth, admin, auditor),
			"/jobs/" + nobody:     page(ok),
		},
		"GET /streams/dispatch/:regions": {
			"/streams/dispatch/north":          stream(dispatcherNorth, admin, auditor),
			"/streams/dispatch/south":          stream(dispatcherSouth, admin, auditor),
			"/streams/dispatch/unrouted":       stream(dispatcherNorth, dispatcherSouth, admin, auditor),
			"/streams/dispatch/north+unrouted": stream(dispatcherNorth, admin, auditor),
			"/streams/dispatch/north+south":    stream(admin, auditor),
			"/streams/dispatch/nowhere":        stream(), "/streams/dispatch/north+nowhere": stream(), "/streams/dispatch/+": stream(),
		},
		"GET /streams/contractor/:contractorID": {
			"/streams/contractor/" + w.one:  stream(contractorOne),
			"/streams/contractor/" + w.two:  stream(contractorTwo),
			"/streams/contractor/" + nobody: stream(),
		},
		"GET /streams/kiosk/:region": {
			"/streams/kiosk/north": stream(kioskNorth), "/streams/kiosk/south": stream(), "/streams/kiosk/nowhere": stream(),
		},
	}
	// What a contractor's page says: that it is about him is looked at after the form.
	rows["POST /receipts"] = map[string]codes{"/receipts": page(bad, contractorOne, contractorTwo)}
	rows["POST /assignments/:assignmentID/acknowledgement"] = map[string]codes{
		"/assignments/" + w.heldNorth + "/acknowledgement": page(bad, contractorOne, contractorTwo),
		"/assignments/" + nobody + "/acknowledgement":      page(bad, contractorOne, contractorTwo),
	}
	// An upload is its author's, and the administrators'.
	own := func(code int, address string) map[string]codes {
		return map[string]codes{
			"/imports/" + w.upload + address: page(code, dispatcherNorth, admin),
			"/imports/" + nobody + address:   page(code),
		}
	}
	rows["GET /imports"] = map[string]codes{"/imports": page(ok, dispatcherNorth, dispatcherSouth, admin)}
	rows["POST /imports"] = map[string]codes{"/imports": page(bad, dispatcherNorth, dispatcherSouth, admin)}
	rows["GET /imports/:importID"] = own(ok, "")
	rows["POST /imports/:importID/confirmation"] = own(bad, "/confirmation")
	rows["POST /imports/:importID/undo"] = own(bad, "/undo")
	rows["GET /imports/:importID/bad-rows"] = own(ok, "/bad-rows")
	rows["GET /exports"] = map[string]codes{"/exports": page(ok, dispatcherNorth, dispatcherSouth, admin, auditor)}
	rows["GET /exports/:file"] = map[string]codes{
		"/exports/regions.geojson": page(ok, admin), "/exports/regions.csv": page(ok),
		"/exports/skills.csv": page(ok, admin), "/exports/users.csv": page(ok), "/exports/jobs.": page(ok),
		"/exports/contractors.csv":         page(ok, dispatcherNorth, dispatcherSouth, admin),
		"/exports/jobs.csv":                page(ok, dispatcherNorth, dispatcherSouth, admin, auditor),
		"/exports/jobs.jsonl?region=north": page(bad, dispatcherSouth).with(dispatcherNorth, ok).with(admin, ok).with(auditor, ok),
		"/exports/assignments.jsonl":       page(ok, dispatcherNorth, dispatcherSouth, admin, auditor),
		"/exports/events.csv":              page(ok, admin, auditor),
	}
	rows["GET /jobs/:jobID/change"] = map[string]codes{}
	for address, want := range rows["GET /jobs/:jobID"] {
		rows["GET /jobs/:jobID/change"][address+"/change"] = want
	}
	// The first event of a job gave it away, and can be undone once.
	rows["POST /undo/:eventID"] = map[string]codes{
		"/undo/" + w.eventNorth: only(http.StatusSeeOther, http.StatusConflict, dispatcherNorth, admin),
		"/undo/" + w.eventGuest: only(http.StatusSeeOther, http.StatusConflict, dispatcherSouth, admin),
		"/undo/" + nobody:       page(0),
	}
	w.forms(rows, nobody)
	w.contractorForms(rows, nobody)
	w.setup(rows, nobody)
	w.erasures(rows, nobody)
	for route, addresses := range rows {
		w.addMalformed(route, addresses)
	}
	return rows
}

// forms adds the forms about a job and about an assignment, which only those
// may open who may change the job.
func (w *world) forms(rows map[string]map[string]codes, nobody string) {
	const ok, bad = http.StatusOK, http.StatusUnprocessableEntity
	add := func(method, pattern string, code int, north, south, guest string) {
		at := func(id string) string {
			before, after, _ := strings.Cut(pattern, ":")
			_, after, _ = strings.Cut(after, "/")
			return before + id + "/" + after
		}
		rows[method+" "+pattern] = map[string]codes{
			at(north): page(code, dispatcherNorth, admin), at(south): page(code, dispatcherSouth, admin),
			at(guest): page(code, dispatcherSouth, admin), at(nobody): page(code),
		}
	}
	add("GET", "/jobs/:jobID/details", ok, w.jobNorth, w.jobSouth, w.guest)
	add("POST", "/jobs/:jobID/details", bad, w.jobNorth, w.jobSouth, w.guest)
	for _, act := range []string{"copies", "cancellation", "hold", "release"} {
		add("GET", "/jobs/:jobID/"+act, ok, w.jobNorth, w.jobSouth, w.guest)
		add("POST", "/jobs/:jobID/"+act, bad, w.jobNorth, w.jobSouth, w.guest)
	}
	add("GET", "/jobs/:jobID/assignments/new", ok, w.jobNorth, w.jobSouth, w.guest)
	add("POST", "/jobs/:jobID/assignments", bad, w.jobNorth, w.jobSouth, w.guest)
	for _, form := range []string{"contractor", "times", "removal"} {
		add("GET", "/assignments/:assignmentID/"+form, ok, w.heldNorth, w.heldSouth, w.heldGuest)
		add("POST", "/assignments/:assignmentID/"+form, bad, w.heldNorth, w.heldSouth, w.heldGuest)
	}
	// What the contractor does himself, a dispatcher may do for him.
	for _, form := range []string{"answer", "status"} {
		add("GET", "/assignments/:assignmentID/"+form, ok, w.heldNorth, w.heldSouth, w.heldGuest)
		add("POST", "/assignments/:assignmentID/"+form, bad, w.heldNorth, w.heldSouth, w.heldGuest)
		for id, who := range map[string]int{w.heldNorth: contractorOne, w.heldSouth: contractorTwo, w.heldGuest: contractorOne} {
			rows := rows["POST /assignments/:assignmentID/"+form]
			rows["/assignments/"+id+"/"+form] = rows["/assignments/"+id+"/"+form].with(who, bad)
		}
	}
}

// contractorForms adds the pages about contractors: dispatchers see those of
// their regions and enter their time off, administrators change everything. A
// link is made and taken back for somebody who has no phone.
func (w *world) contractorForms(rows map[string]map[string]codes, nobody string) {
	const ok, bad = http.StatusOK, http.StatusUnprocessableEntity
	at := func(id, rest string) string { return "/contractors/" + id + rest }
	rows["GET /contractors"] = map[string]codes{"/contractors": page(ok, dispatcherNorth, dispatcherSouth, admin, auditor)}
	rows["GET /contractors/:contractorID/sheet"] = map[string]codes{
		at(w.one, "/sheet"): page(ok, dispatcherNorth, admin, auditor), at(w.two, "/sheet"): page(ok, dispatcherSouth, admin, auditor), at(nobody, "/sheet"): page(ok),
	}
	rows["GET /contractor/sheet"] = map[string]codes{"/contractor/sheet": page(ok, contractorOne, contractorTwo)}
	rows["GET /contractors/new"] = map[string]codes{"/contractors/new": page(ok, admin)}
	rows["POST /contractors"] = map[string]codes{"/contractors": page(bad, admin)}
	rows["GET /contractors/:contractorID"] = map[string]codes{
		at(w.one, ""): page(ok, dispatcherNorth, admin, auditor), at(w.two, ""): page(ok, dispatcherSouth, admin, auditor), at(nobody, ""): page(ok),
	}
	for method, code := range map[string]int{"GET": ok, "POST": bad} {
		rows[method+" /contractors/:contractorID/details"] = map[string]codes{
			at(w.one, "/details"): page(code, admin), at(nobody, "/details"): page(code),
		}
		rows[method+" /contractors/:contractorID/days"] = map[string]codes{
			at(w.one, "/days"): page(code, dispatcherNorth, admin), at(w.two, "/days"): page(code, dispatcherSouth, admin), at(nobody, "/days"): page(code),
		}
	}
	rows["POST /contractors/:contractorID/move/withdrawal"] = map[string]codes{
		at(w.one, "/move/withdrawal"): page(bad, admin), at(nobody, "/move/withdrawal"): page(bad),
	}
	rows["POST /contractors/:contractorID/links"] = map[string]codes{
		at(w.spare, "/links"): page(ok, admin), at(nobody, "/links"): page(ok),
	}
	rows["POST /contractors/:contractorID/links/revocation"] = map[string]codes{
		at(w.spare, "/links/revocation"): page(http.StatusSeeOther, admin), at(nobody, "/links/revocation"): page(http.StatusSeeOther),
	}
	rows["GET /admin/regions"] = map[string]codes{"/admin/regions": page(ok, admin)}
	for method, code := range map[string]int{"GET": ok, "POST": bad} {
		rows[method+" /admin/regions/:slug"] = map[string]codes{
			"/admin/regions/north": page(code, admin), "/admin/regions/unrouted": page(code), "/admin/regions/nowhere": page(code),
		}
	}
	rows["GET /admin/skills"] = map[string]codes{"/admin/skills": page(ok, admin)}
	rows["POST /admin/skills"] = map[string]codes{"/admin/skills": page(bad, admin)}
	rows["POST /admin/skills/:slug"] = map[string]codes{"/admin/skills/nothing": page(ok)}
	rows["POST /admin/skills/:slug/removal"] = map[string]codes{"/admin/skills/nothing/removal": page(ok)}
}

// setup adds what administrators set up.
func (w *world) setup(rows map[string]map[string]codes, nobody string) {
	const ok, bad = http.StatusOK, http.StatusUnprocessableEntity
	rows["GET /admin"] = map[string]codes{"/admin": page(ok, admin)}
	rows["GET /admin/users"] = map[string]codes{"/admin/users": page(ok, admin)}
	rows["GET /admin/users/new"] = map[string]codes{"/admin/users/new": page(ok, admin)}
	rows["POST /admin/users"] = map[string]codes{"/admin/users": page(bad, admin)}
	rows["GET /admin/kiosks"] = map[string]codes{"/admin/kiosks": page(ok, admin)}
	rows["POST /admin/kiosks"] = map[string]codes{"/admin/kiosks": page(bad, admin)}
	rows["POST /admin/kiosks/:kioskID"] = map[string]codes{"/admin/kiosks/" + w.kiosk: page(bad, admin), "/admin/kiosks/" + nobody: page(bad)}
	staff := []int{dispatcherNorth, dispatcherSouth, admin, auditor}
	people := append([]int{contractorOne, contractorTwo}, staff...)
	rows["GET /account"] = map[string]codes{"/account": page(ok, people...)}
	rows["POST /account/sessions"] = map[string]codes{"/account/sessions": page(bad, people...)}
	rows["POST /account/password"] = map[string]codes{"/account/password": page(bad, staff...)}
	// The office of the matrix sends no mail.
	rows["GET /forgot"] = map[string]codes{"/forgot": sameFor(http.StatusNotFound)}
	rows["POST /forgot"] = map[string]codes{"/forgot": sameFor(http.StatusNotFound)}
	const one = "/admin/users/"
	rows["GET /admin/users/:userID"] = map[string]codes{one + w.person: page(ok, admin), one + nobody: page(ok)}
	rows["POST /admin/users/:userID"] = map[string]codes{one + w.person: page(bad, admin), one + nobody: page(bad)}
	for _, act := range []string{"/state", "/link", "/sessions"} {
		rows["POST /admin/users/:userID"+act] = map[string]codes{one + w.person + act: page(bad, admin), one + nobody + act: page(bad)}
	}
}

// erasures adds the pages that erase somebody.
func (w *world) erasures(rows map[string]map[string]codes, nobody string) {
	const ok, bad = http.StatusOK, http.StatusUnprocessableEntity
	rows["GET /admin/people"] = map[string]codes{"/admin/people": page(ok, admin)}
	rows["POST /admin/people"] = map[string]codes{"/admin/people": page(bad, admin)}
	for method, code := range map[string]int{"GET ": ok, "POST ": bad} {
		for pattern, id := range map[string]string{
			"/admin/people/:customerID": w.customer, "/contractors/:contractorID/erasure": w.one, "/admin/users/:userID/erasure": w.person,
		} {
			before, rest, _ := strings.Cut(pattern, ":")
			_, after, deeper := strings.Cut(rest, "/")
			if deeper {
				after = "/" + after
			}
			rows[method+pattern] = map[string]codes{before + id + after: page(code, admin), before + nobody + after: page(code)}
		}
	}
}

// addMalformed adds ids that cannot be: they are answered as unknown ones.
func (w *world) addMalformed(route string, addresses map[string]codes) {
	_, pattern, _ := strings.Cut(route, " ")
	before, after, found := strings.Cut(pattern, ":")
	if !found || strings.HasPrefix(pattern, "/link/") || strings.HasPrefix(pattern, "/password/") {
		return
	}
	_, rest, deeper := strings.Cut(after, "/")
	if deeper {
		rest = "/" + rest
	}
	none := page(0)
	if strings.HasPrefix(pattern, "/streams/") {
		none = stream()
	}
	for _, id := range malformed() {
		addresses[before+id+rest] = none
	}
}
