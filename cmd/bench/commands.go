package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
)

// sending is one command that was sent through a form.
type sending struct {
	at   time.Time     // when the request was sent
	took time.Duration // until its answer
}

// toggle assigns job n, or takes it off again, through the form.
func (w *world) toggle(ctx context.Context, p *process, n, i int) (sending, error) {
	card, err := w.db.CardOf(ctx, w.jobs[n])
	if err != nil {
		return sending{}, err
	}
	fields := url.Values{"version": {strconv.Itoa(card.Version)}}
	if card.Assigned() {
		return w.post(ctx, p, "/assignments/"+card.AssignmentID+"/removal", fields, i)
	}
	fields.Set("contractor_id", w.who[n])
	fields.Set("start", w.starts[0])
	return w.post(ctx, p, "/jobs/"+card.JobID+"/assignments", fields, i)
}

// shift moves the heavy job, or assigns it the first time, through the form.
func (w *world) shift(ctx context.Context, p *process, i int) (sending, error) {
	card, err := w.db.CardOf(ctx, w.jobs[heavyJob])
	if err != nil {
		return sending{}, err
	}
	if !card.Assigned() {
		return w.toggle(ctx, p, heavyJob, i)
	}
	start := w.starts[0]
	if schedule.WallTimeIn(card.Start.Time, time.UTC).String() == start {
		start = w.starts[1]
	}
	fields := url.Values{"version": {strconv.Itoa(card.Version)}, "start": {start}}
	return w.post(ctx, p, "/assignments/"+card.AssignmentID+"/times", fields, i)
}

// post sends a form in the name of the i-th session.
func (w *world) post(ctx context.Context, p *process, path string, fields url.Values, i int) (sending, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.base+path, strings.NewReader(fields.Encode()))
	if err != nil {
		return sending{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("HX-Request-Type", "partial")
	req.AddCookie(w.cookie(p, i))
	s := sending{at: time.Now()}
	res, err := p.client.Do(req)
	if err != nil {
		return s, err
	}
	_, _ = io.Copy(io.Discard, res.Body) // so that the connection is used again
	_ = res.Body.Close()
	s.took = time.Since(s.at)
	if res.StatusCode != http.StatusOK {
		return s, fmt.Errorf("POST %s: %s", path, res.Status)
	}
	return s, nil
}

// cookie is that of the i-th session.
func (w *world) cookie(p *process, i int) *http.Cookie {
	name := "s"
	if strings.HasPrefix(p.base, "https:") {
		name = "__Host-s"
	}
	return &http.Cookie{Name: name, Value: w.tokens[i%len(w.tokens)]}
}

// series sends n commands through forms, one after the other at a pace.
func series(ctx context.Context, n int, every time.Duration, send func(i int) (sending, error)) ([]sending, error) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	var sent []sending
	for i := range n {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return sent, ctx.Err()
		}
		s, err := send(i)
		if err != nil {
			return sent, err
		}
		sent = append(sent, s)
	}
	return sent, nil
}

// commit changes job 0 n times beside every server, as another process would,
// and returns the position of the last change.
func (w *world) commit(ctx context.Context, n int) (last int64, err error) {
	system := db.Actor{Kind: events.ActorSystem, AllRegions: true}
	start, err := schedule.ParseWallTime(w.starts[0])
	if err != nil {
		return 0, err
	}
	for range n {
		card, err := w.db.CardOf(ctx, w.jobs[0])
		if err != nil {
			return 0, err
		}
		command := db.Command{By: system, Version: card.Version}
		if card.Assigned() {
			_, err = w.db.Unassign(ctx, db.Unassign{Command: command, AssignmentID: card.AssignmentID})
		} else {
			_, err = w.db.Assign(ctx, db.Assign{Command: command, JobID: card.JobID, ContractorID: w.who[0], At: db.Times{Start: start}})
		}
		if err != nil {
			return 0, err
		}
	}
	if _, err := w.db.Sequence(ctx, 10*n); err != nil {
		return 0, err
	}
	head, err := w.db.Head(ctx)
	return head.Pos, err
}
