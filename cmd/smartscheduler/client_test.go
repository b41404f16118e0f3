package main

import (
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// client is somebody who uses the program over HTTP without a browser.
type client struct {
	t    testing.TB
	w    *world
	base string
	http *http.Client
}

// client returns somebody who is nobody yet.
func (w *world) client(base string) *client {
	w.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	transport := &http.Transport{DisableCompression: true}
	w.t.Cleanup(transport.CloseIdleConnections)
	return &client{t: w.t, w: w, base: base, http: &http.Client{
		Jar: jar, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// staff is a client who has signed in as Ann, Bo or Ada.
func (w *world) staff(base, name string) *client {
	w.t.Helper()
	c := w.client(base)
	c.post(http.StatusSeeOther, "/login", url.Values{"email": {name + "@example.com"}, "password": {password}})
	return c
}

// link makes a one-time link for a contractor, by first name.
func (w *world) link(name string) string {
	w.t.Helper()
	token, _, err := w.db.CreateContractorLink(w.t.Context(), w.people[name], w.now())
	if err != nil {
		w.t.Fatal(err)
	}
	return "/link/" + token
}

// code makes a one-time code for a display.
func (w *world) code(region string) string {
	w.t.Helper()
	code, err := w.db.CreateKioskCode(w.t.Context(), region, "Wall", w.now())
	if err != nil {
		w.t.Fatal(err)
	}
	return code
}

// phone is a client who has signed in as a contractor.
func (w *world) phone(base, name string) *client {
	w.t.Helper()
	c := w.client(base)
	c.post(http.StatusSeeOther, w.link(name), nil)
	return c
}

// display is a client that was enrolled as the wall of a region.
func (w *world) display(base, region string) *client {
	w.t.Helper()
	c := w.client(base)
	c.post(http.StatusSeeOther, "/kiosk/enrol", url.Values{"code": {w.code(region)}})
	return c
}

// cookies are what the client would send, for programs that are not ours.
func (c *client) cookies() string {
	u, err := url.Parse(c.base)
	if err != nil {
		c.t.Fatal(err)
	}
	var pairs []string
	for _, cookie := range c.http.Jar.Cookies(u) {
		pairs = append(pairs, cookie.Name+"="+cookie.Value)
	}
	return strings.Join(pairs, "; ")
}

func (c *client) do(r *http.Request) (status int, header http.Header, body string) {
	c.t.Helper()
	resp, err := c.http.Do(r)
	if err != nil {
		c.t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	text, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		c.t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	return resp.StatusCode, resp.Header, string(text)
}

func (c *client) request(method, path string, fields url.Values) *http.Request {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, strings.NewReader(fields.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}

// get returns a page.
func (c *client) get(path string) string {
	c.t.Helper()
	status, _, body := c.do(c.request(http.MethodGet, path, nil))
	if status != http.StatusOK {
		c.t.Fatalf("GET %s is %d: %.300s", path, status, body)
	}
	return body
}

// post sends a form as a browser without script does.
func (c *client) post(want int, path string, fields url.Values) string {
	c.t.Helper()
	status, header, body := c.do(c.request(http.MethodPost, path, fields))
	if status != want || strings.HasPrefix(header.Get("Location"), "/login") {
		c.t.Fatalf("POST %s is %d %s, not %d: %s", path, status, header.Get("Location"), want, words(body))
	}
	return body
}

// words is what a page says, without its tags.
func words(page string) string {
	if _, main, ok := strings.Cut(page, "<main"); ok {
		page = "<main" + main
	}
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")), " ")
}

// assign gives an open job to a contractor by first name, at a time of today.
func (c *client) assign(j job, name, clock string) {
	c.t.Helper()
	c.post(http.StatusSeeOther, "/jobs/"+j.id+"/assignments", c.form(j, url.Values{
		"contractor_id": {c.w.people[name]}, "start": {c.w.today + "T" + clock},
	}))
}

// reassign gives a job to somebody else at the time it has.
func (c *client) reassign(j job, name string) {
	c.t.Helper()
	c.post(http.StatusSeeOther, c.w.held(j)+"/contractor", c.form(j, url.Values{"contractor_id": {c.w.people[name]}}))
}

// move gives the assignment of a job another time of today.
func (c *client) move(j job, clock string) {
	c.t.Helper()
	c.post(http.StatusSeeOther, c.w.held(j)+"/times", c.form(j, url.Values{"start": {c.w.today + "T" + clock}}))
}

// unassign takes a job off its contractor.
func (c *client) unassign(j job) {
	c.t.Helper()
	c.post(http.StatusSeeOther, c.w.held(j)+"/removal", c.form(j, nil))
}

// form adds the version that the job has now.
func (c *client) form(j job, fields url.Values) url.Values {
	c.t.Helper()
	if fields == nil {
		fields = url.Values{}
	}
	fields.Set("version", strconv.Itoa(ask[int](c.w, `select version from jobs where id = $1`, j.id)))
	return fields
}

// held is the address of the active assignment of a job.
func (w *world) held(j job) string {
	w.t.Helper()
	return "/assignments/" + ask[string](w, `select id from assignments where job_id = $1 and active`, j.id)
}
