package main

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// sentForm is a form that is sent again and again, with its key, until it is saved.
type sentForm struct {
	job     job
	refused []time.Duration
	// saved is when it was at last.
	saved time.Time
}

// posts sends forms all the time, more at once than the program has
// connections, each until it is saved. What comes before heal is closed must
// be a refusal in words.
func (o *outageRun) posts(jobs []job, healing <-chan struct{}) (wait func() []*sentForm) {
	names := []string{"Rosa", "Lee", "Maya", "Kofi"}
	forms := make([]*sentForm, len(jobs))
	var running sync.WaitGroup
	for i, j := range jobs {
		forms[i] = &sentForm{job: j}
		fields := o.ada.form(j, url.Values{
			"contractor_id": {o.people[names[i%4]]}, "start": {o.today + "T" + clockOf(6+i/4, 0)}, "idempotency_key": {"key of " + j.id},
		})
		running.Go(func() { o.post(forms[i], fields, healing) })
	}
	return func() []*sentForm { running.Wait(); return forms }
}

func (o *outageRun) post(f *sentForm, fields url.Values, healing <-chan struct{}) {
	for o.t.Context().Err() == nil {
		begun := time.Now()
		resp, err := o.ada.http.Do(o.ada.request(http.MethodPost, "/jobs/"+f.job.id+"/assignments", fields))
		if err != nil {
			o.t.Errorf("a form got no answer: %v", err)
			return
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			o.t.Errorf("a form got half of an answer: %v", err)
			return
		}
		healed := false
		select {
		case <-healing:
			healed = true
		default:
		}
		switch {
		case resp.StatusCode == http.StatusSeeOther && healed:
			f.saved = time.Now()
			return
		case resp.StatusCode != http.StatusServiceUnavailable:
			o.t.Errorf("a form is answered %d without a database: %s", resp.StatusCode, words(string(body)))
			return
		case resp.Header.Get("Retry-After") == "" || !strings.Contains(string(body), "be reached just now"):
			o.t.Errorf("a form is refused with Retry-After %q and %q", resp.Header.Get("Retry-After"), words(string(body)))
		}
		f.refused = append(f.refused, time.Since(begun))
		select {
		case <-time.After(500 * time.Millisecond):
		case <-healing:
		}
	}
}

// saved checks the forms that were sent during the outage.
func (o *outageRun) saved(forms []*sentForm, healed time.Time) {
	o.t.Helper()
	var refused []time.Duration
	var last time.Time
	for _, f := range forms {
		refused = append(refused, f.refused...)
		if f.saved.After(last) {
			last = f.saved
		}
		if n := ask[int](o.world, `select count(*) from event_log where job_id = $1 and event_type = 'JobAssigned'`, f.job.id); n != 1 {
			o.t.Errorf("%s was assigned %d times", f.job.number, n)
		}
	}
	if len(refused) < len(forms) {
		o.t.Errorf("%d of %d forms were refused", len(refused), len(forms))
	}
	slices.Sort(refused)
	o.within(strconv.Itoa(len(refused))+" refusals, the slowest", refused[len(refused)-1], 6*time.Second)
	o.within("the last form to be saved", last.Sub(healed), 5*time.Second)
}

// refusals asks for what needs the database, and for what does not.
func (o *outageRun) refusals() {
	o.t.Helper()
	var running sync.WaitGroup
	defer running.Wait()
	for _, ask := range []struct {
		c            *client
		method, path string
		fields       url.Values
		status       int
		words        string
	}{
		{o.ada, http.MethodGet, "/dispatch/north", nil, http.StatusServiceUnavailable, "be reached just now"},
		{o.ada, http.MethodGet, "/jobs/" + o.marker, nil, http.StatusServiceUnavailable, "be reached just now"},
		{o.client(o.app.base), http.MethodPost, "/login", url.Values{"email": {"Ann@example.com"}, "password": {password}}, http.StatusServiceUnavailable, "be reached just now"},
		{o.client(o.app.base), http.MethodGet, "/login", nil, http.StatusOK, "Sign in"},
		{o.client(o.app.base), http.MethodGet, "/readyz", nil, http.StatusServiceUnavailable, "database unavailable"},
		{o.client(o.app.base), http.MethodGet, "/healthz", nil, http.StatusOK, "ok"},
	} {
		running.Go(func() { o.refusal(ask.c, ask.c.request(ask.method, ask.path, ask.fields), ask.status, ask.words) })
	}
}

// refusal asks once.
func (o *outageRun) refusal(c *client, r *http.Request, status int, text string) {
	begun := time.Now()
	resp, err := c.http.Do(r)
	if err != nil {
		o.t.Errorf("%s %s has no answer: %v", r.Method, r.URL.Path, err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != status || !strings.Contains(string(body), text) {
		o.t.Errorf("%s %s is %d without a database: %s", r.Method, r.URL.Path, resp.StatusCode, words(string(body)))
	}
	if after := resp.Header.Get("Retry-After"); (after != "") != (status == http.StatusServiceUnavailable) {
		o.t.Errorf("%s %s is %d with Retry-After %q", r.Method, r.URL.Path, resp.StatusCode, after)
	}
	o.within(r.Method+" "+r.URL.Path, time.Since(begun), 6*time.Second)
}
