package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// tryAgain is the pause after a try that got no answer, answerIn the longest
// wait for one.
const (
	tryAgain = 50 * time.Millisecond
	answerIn = 15 * time.Second
)

// record is what a writer knows of one of its deeds.
type record struct {
	deed
	// sent are the times of its tries, acked that of the answer.
	sent  []time.Time
	acked time.Time
	// status and assignment are what the answer said; 0 before it.
	status     int
	assignment string
	// unanswered counts the tries whose connection broke before the answer.
	unanswered int
	// repeats counts the times that it was sent again after its answer.
	repeats int
}

// writer is a dispatcher who changes his own two jobs, one change after the
// other, each under an idempotency key, until it is answered.
type writer struct {
	run      *crash
	n        int
	client   *client
	plan     *plan
	jobs     []job
	clocks   []string
	versions []int
	held     []string
	done     []*record
	// pending was sent and not answered.
	pending *record
}

// work makes changes until finish is closed; the last one is then answered, or
// given up at the first failure if leave is set.
func (w *writer) work(finish <-chan struct{}, leave *atomic.Bool) {
	for {
		if w.pending == nil {
			select {
			case <-finish:
				return
			default:
			}
			w.pending = &record{deed: w.plan.next()}
			sleepOr(w.pending.pause, finish)
		}
		if !w.settle(leave) {
			return
		}
	}
}

// sleepOr waits, or less if stop is closed.
func sleepOr(d time.Duration, stop <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-stop:
	}
}

// settle sends the pending change until it is answered.
func (w *writer) settle(leave *atomic.Bool) bool {
	r := w.pending
	for !w.run.over() {
		answer, err := w.try(r)
		switch {
		case err == nil:
			w.settled(r, answer)
			return true
		case errors.As(err, new(refusal)):
			w.run.violate("P1", "writer %d, %s of change %d: %v after %d tries, although nobody else changes the job", w.n, r.kind, r.number, err, len(r.sent))
			return false
		case leave.Load():
			return false
		}
		sleepOr(tryAgain, w.run.broken)
	}
	return false
}

// settled notes the answer, and sends the change once more if that is planned.
func (w *writer) settled(r *record, a answer) {
	r.acked, r.status, r.assignment = time.Now(), a.status, a.assignment
	w.pending = nil
	w.done = append(w.done, r)
	if r.again {
		again := *r
		again.sent = nil
		if repeated, err := w.try(&again); err == nil {
			r.repeats++
			if repeated != a {
				w.run.violate("P1", "writer %d, change %d: a retry is answered by %+v, not %+v", w.n, r.number, repeated, a)
			}
		} else if errors.As(err, new(refusal)) {
			w.run.violate("P1", "writer %d, change %d: a retry is refused: %v", w.n, r.number, err)
		}
	}
	w.versions[r.job]++
	w.held[r.job] = r.assignment
	w.run.noteAck(r)
}

// answer is what matters of an answer.
type answer struct {
	status               int
	location, assignment string
	message              string
}

// refusal is an answer that no writer should get, with its words.
type refusal string

func (e refusal) Error() string { return string(e) }

var (
	assignmentLink = regexp.MustCompile(`/assignments/([0-9a-f-]{36})/contractor`)
	confirmed      = regexp.MustCompile(`<strong>([^<]*)</strong>`)
)

// try sends a change. Assigning is sent as htmx does, and answered by the new
// card; removing as a form without script, and answered by a redirect.
func (w *writer) try(r *record) (answer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), answerIn)
	defer cancel()
	path, fields := w.form(r)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.client.base+path, strings.NewReader(fields.Encode()))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if r.kind != deedUnassign {
		req.Header.Set("HX-Request-Type", "partial")
	}
	r.sent = append(r.sent, time.Now())
	resp, err := w.client.http.Do(req)
	if err != nil {
		var network *net.OpError
		if !errors.As(err, &network) || network.Op != "dial" {
			r.unanswered++
		}
		return answer{}, err
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		r.unanswered++
		return answer{}, err
	}
	a := answer{status: resp.StatusCode, location: resp.Header.Get("Location")}
	switch {
	case a.status == http.StatusSeeOther && strings.HasPrefix(a.location, "/jobs/"):
		return a, nil
	case a.status == http.StatusOK && assignmentLink.Match(body) && confirmed.Match(body):
		a.assignment = string(assignmentLink.FindSubmatch(body)[1])
		a.message = string(confirmed.FindSubmatch(body)[1])
		return a, nil
	case a.status >= http.StatusInternalServerError:
		return a, fmt.Errorf("answered %d", a.status)
	}
	return a, refusal(fmt.Sprintf("answered %d %s: %.120s", a.status, a.location, words(string(body))))
}

func (w *writer) form(r *record) (path string, fields url.Values) {
	fields = url.Values{"version": {strconv.Itoa(w.versions[r.job])}, "idempotency_key": {r.key}}
	switch r.kind {
	case deedAssign:
		fields.Set("contractor_id", w.run.w.people[r.to])
		fields.Set("start", w.run.w.today+"T"+w.clocks[r.job])
		return "/jobs/" + w.jobs[r.job].id + "/assignments", fields
	case deedReassign:
		fields.Set("contractor_id", w.run.w.people[r.to])
		return "/assignments/" + w.held[r.job] + "/contractor", fields
	default:
		return "/assignments/" + w.held[r.job] + "/removal", fields
	}
}
