package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"smartscheduler/db"
	"smartscheduler/schedule"
)

// region is where everything happens.
const region = "bench"

// perSession is how many streams share a session; the server allows 12.
const perSession = 10

// sessionsPerUser is how many sessions a user may have.
const sessionsPerUser = 10

// heavyJob is the place of the heavy job and its contractor after those of the
// writers. It takes a week and has a long title, so that each of its events is
// a frame of some 12 kB: a card for each day.
const heavyJob = loadWriters

// world is a business with one job for each writer and a heavy one.
type world struct {
	db     *db.DB
	tokens []string // of the sessions
	jobs   []string
	who    []string
	// starts are two times, as a form has them, at which a job may begin.
	starts [2]string
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
	w := &world{db: d, starts: [2]string{at(10).String(), at(11).String()}}
	plan := db.World{
		Name: region,
		Regions: []db.Region{{Slug: region, Name: "Bench", Zone: "Etc/UTC",
			Geometry: `{"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,10],[0,0]]]}`}},
	}
	for i := range loadWriters + 1 {
		key := strconv.Itoa(i)
		title, minutes, days, until := "Repair the floor of room "+key, 60, 1, at(16)
		if i == heavyJob {
			title, minutes, days, until = strings.Repeat("床修理", 60), 8*60, 7, at(8+14*24)
		}
		plan.Contractors = append(plan.Contractors, db.WorldContractor{Key: key, Name: "Contractor " + key, Home: region})
		plan.Jobs = append(plan.Jobs, db.WorldJob{Job: db.NewJob{
			ExternalID: key, Title: title, CustomerName: "Customer " + key, Priority: "normal",
			Site:            db.Site{Address: key + " Long Street", Point: &schedule.Point{Lat: 5, Lng: 5}},
			DurationMinutes: minutes, Days: days, WindowStart: at(8), WindowEnd: until,
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
		manager.Put(session, db.SessionEpoch, user.SessionEpoch)
		token, _, err := manager.Commit(session)
		if err != nil {
			return err
		}
		w.tokens = append(w.tokens, token)
	}
	return nil
}
