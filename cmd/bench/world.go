package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"golang.org/x/sync/errgroup"

	"smartscheduler/db"
	"smartscheduler/schedule"
)

// region is where everything happens.
const region = "bench"

// perSession is how many streams share a session; the server allows 12.
const perSession = 10

// sessionsPerUser is how many sessions a user may have.
const sessionsPerUser = 10

// world is a business with one job for each writer.
type world struct {
	db      *db.DB
	cookies []*http.Cookie
	jobs    []string
	who     []string
	start   string
}

// newWorld fills the database and signs in enough dispatchers for the streams.
func newWorld(ctx context.Context, dsn string, streams int) (*world, error) {
	d, err := openPool(ctx, dsn)
	if err != nil {
		return nil, err
	}
	day := time.Now().UTC().AddDate(0, 0, 7)
	at := func(hour int) schedule.WallTime {
		return schedule.WallTimeFromDB(time.Date(day.Year(), day.Month(), day.Day(), hour, 0, 0, 0, time.UTC))
	}
	w := &world{db: d, start: at(10).String()}
	plan := db.World{
		Name: region,
		Regions: []db.Region{{Slug: region, Name: "Bench", Zone: "Etc/UTC",
			Geometry: `{"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,10],[0,0]]]}`}},
	}
	for i := range loadWriters {
		key := strconv.Itoa(i)
		plan.Contractors = append(plan.Contractors, db.WorldContractor{Key: key, Name: "Contractor " + key, Home: region})
		plan.Jobs = append(plan.Jobs, db.WorldJob{Job: db.NewJob{
			ExternalID: key, Title: "Repair the floor of room " + key, CustomerName: "Customer " + key, Priority: "normal",
			Site:            db.Site{Address: key + " Long Street", Point: &schedule.Point{Lat: 5, Lng: 5}},
			DurationMinutes: 60, WindowStart: at(8), WindowEnd: at(16),
		}})
		w.who = append(w.who, plan.ContractorID(key))
		w.jobs = append(w.jobs, plan.JobID(key))
	}
	users := (streams + perSession*sessionsPerUser - 1) / (perSession * sessionsPerUser)
	for i := range users {
		plan.Users = append(plan.Users, db.WorldUser{
			Email: fmt.Sprintf("bench%d@example.com", i), Name: "Dispatcher " + strconv.Itoa(i), Role: "dispatcher",
			Password: "long enough for a bench", Regions: []string{region},
		})
	}
	if err := d.SeedWorld(ctx, plan); err != nil {
		return nil, err
	}
	for _, u := range plan.Users {
		if err := w.signIn(ctx, u.Email); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// signIn makes the sessions of a user as the server does at a sign-in.
func (w *world) signIn(ctx context.Context, email string) error {
	user, err := w.db.UserByEmail(ctx, email)
	if err != nil {
		return err
	}
	manager := &scs.SessionManager{
		Codec: scs.GobCodec{}, HashTokenInStore: true, Lifetime: time.Hour, Store: w.db.SessionStore(),
	}
	for range sessionsPerUser {
		session, err := manager.Load(ctx, "")
		if err != nil {
			return err
		}
		manager.Put(session, db.SessionUser, user.ID)
		manager.Put(session, db.SessionIdle, int64(time.Hour/time.Second))
		token, _, err := manager.Commit(session)
		if err != nil {
			return err
		}
		w.cookies = append(w.cookies, &http.Cookie{Name: "s", Value: token})
	}
	return nil
}

// phaseFigures are what one pass over few and many events cost.
type phaseFigures struct {
	sparse, load time.Duration // CPU of the server
	p50, p99     time.Duration // request sent to event received, few events
}

// phase sends few events, then many, and waits each time until all readers, if
// any, have them.
func (w *world) phase(ctx context.Context, p *process, r *readers) (f phaseFigures, err error) {
	var sent []time.Time
	f.sparse, err = w.costs(ctx, p, r, sparseEvents, func() error {
		pace := time.NewTicker(sparseEvery)
		defer pace.Stop()
		for i := range sparseEvents {
			select {
			case <-pace.C:
			case <-ctx.Done():
				return ctx.Err()
			}
			at, err := w.toggle(ctx, p.base, 0, i)
			if err != nil {
				return err
			}
			sent = append(sent, at)
		}
		return nil
	})
	if err != nil {
		return f, err
	}
	if r != nil {
		f.p50, f.p99 = latencies(r, sent)
	}
	f.load, err = w.costs(ctx, p, r, loadEvents, func() error { return w.crowd(ctx, p.base) })
	return f, err
}

// crowd sends many events, each writer as fast as it can.
func (w *world) crowd(ctx context.Context, base string) error {
	group, ctx := errgroup.WithContext(ctx)
	for n := range loadWriters {
		group.Go(func() error {
			for i := range loadEvents / loadWriters {
				if _, err := w.toggle(ctx, base, n, i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// costs is the server's CPU time for doing something and delivering it.
func (w *world) costs(ctx context.Context, p *process, r *readers, events int, do func() error) (time.Duration, error) {
	before, err := p.cpu()
	if err != nil {
		return 0, err
	}
	var had int64
	if r != nil {
		had = r.delivered.Load()
	}
	if err := do(); err != nil {
		return 0, err
	}
	if r != nil {
		if err := r.wait(ctx, had+int64(events*len(r.conns))); err != nil {
			return 0, err
		}
	}
	after, err := p.cpu()
	return after - before, err
}

// toggle assigns job n, or takes it off again, through the form, and returns
// when the request was sent.
func (w *world) toggle(ctx context.Context, base string, n, i int) (time.Time, error) {
	card, err := w.db.CardOf(ctx, w.jobs[n])
	if err != nil {
		return time.Time{}, err
	}
	path := "/jobs/" + card.JobID + "/assignments"
	fields := url.Values{"version": {strconv.Itoa(card.Version)}, "contractor_id": {w.who[n]}, "start": {w.start}}
	if card.Assigned() {
		path = "/assignments/" + card.AssignmentID + "/removal"
		fields = url.Values{"version": fields["version"]}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+path, strings.NewReader(fields.Encode()))
	if err != nil {
		return time.Time{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("HX-Request-Type", "partial")
	req.AddCookie(w.cookies[(n+i)%len(w.cookies)])
	at := time.Now()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return at, err
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return at, fmt.Errorf("POST %s: %s", path, res.Status)
	}
	return at, nil
}

// latencies matches the i-th request with the i-th position; one writer at a
// time makes both ascend together.
func latencies(r *readers, sent []time.Time) (p50, p99 time.Duration) {
	var all []time.Duration
	for _, list := range r.arrivals {
		for i, a := range list[:min(len(list), len(sent))] {
			all = append(all, a.at.Sub(sent[i]))
		}
	}
	slices.Sort(all)
	if len(all) == 0 {
		return 0, 0
	}
	return all[len(all)/2], all[len(all)*99/100]
}
