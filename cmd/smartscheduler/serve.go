package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/events/broker"
	"smartscheduler/events/relay"
	"smartscheduler/handlers"
)

// Sizes of the pools and limits of a process.
const (
	relayConns  = 2
	replayConns = 5
	// maxStreams, maxPerSession and maxPerAddress bound open streams.
	maxStreams    = 12000
	maxPerSession = 12
	maxPerAddress = 200
	// streamLife ends a stream after 8 to 10 minutes, so that the load of a
	// restart spreads out again.
	streamLife = 10 * time.Minute
	// drainSpread is the time over which the streams are told to go, so that
	// they don't all come back at once.
	drainSpread = 3 * time.Second
	// tidyEvery is the time between two deletions of expired rows.
	tidyEvery = time.Hour
	// drainTime is how long open streams and requests may take to end.
	drainTime = 10 * time.Second
)

// serve runs the server until ctx ends, and then drains it.
func (con console) serve(ctx context.Context, cfg config) error {
	source, err := openSource(ctx, cfg.databaseURL, cfg.dataDir, false)
	if err != nil {
		return err
	}
	defer source.stop()
	if err := migrate(ctx, source.dsn); err != nil {
		return err
	}
	app, err := newApp(ctx, cfg, source.dsn)
	if err != nil {
		return err
	}
	defer app.close()
	app.databaseEnded = source.ended
	if err := errors.Join(con.checkRole(ctx, app.db), con.checkDurable(ctx, app.db)); err != nil {
		return err
	}
	if cfg.exposed() {
		if err := refuseDemoPassword(ctx, app.db); err != nil {
			return err
		}
	}
	doors, err := con.open(ctx, cfg)
	if err != nil {
		return err
	}
	if err := con.welcome(ctx, cfg, app.db, doors.base()); err != nil {
		return errors.Join(err, doors.close())
	}
	con.log.InfoContext(ctx, "metrics are served", "address", "http://"+doors.admin.Addr().String()+"/metrics")
	if doors.plain != nil {
		con.log.InfoContext(ctx, "plain HTTP is sent on to TLS", "address", doors.plain.Addr().String())
	}
	return app.run(ctx, doors)
}

// app is a running process: its pools, its relay and broker, and its pages.
type app struct {
	db, relayDB, replayDB *db.DB
	broker                *broker.Broker
	relay                 *relay.Relay
	handlers              *handlers.Handlers
	metrics               *handlers.Metrics
	// mailer is nil where no mail is sent.
	mailer *mailer
	outage *outage
	// instance and build name the process and what it runs since started.
	instance, build string
	started         time.Time
	// now is the clock of the imports and of the moves of contractors.
	now func() time.Time
	// ahead is by how much offers are taken to be older than the clock of the
	// database says: nothing.
	ahead func() time.Duration
	// databaseEnded is closed when our own PostgreSQL has ended; nil for
	// another's.
	databaseEnded <-chan struct{}
}

// newApp builds everything and starts nothing.
func newApp(ctx context.Context, cfg config, dsn string) (*app, error) {
	a := &app{
		metrics: handlers.NewMetrics(), outage: newOutage(),
		instance: instanceName(cfg.instance), build: buildID(), started: time.Now(), now: time.Now,
		ahead: func() time.Duration { return 0 },
	}
	for _, pool := range []struct {
		name  string
		db    **db.DB
		conns int
	}{{"requests", &a.db, 0}, {"relay", &a.relayDB, relayConns}, {"replay", &a.replayDB, replayConns}} {
		opened, err := db.Open(ctx, db.Options{DSN: dsn, MaxConns: pool.conns})
		if err != nil {
			a.closePools()
			return nil, err
		}
		*pool.db = opened
		a.metrics.WatchPool(pool.name, opened)
	}
	a.broker = broker.New(broker.Options{
		Build: a.build, Lifetime: streamLife, DrainSpread: drainSpread, MaxStreams: maxStreams, MaxPerKey: maxPerSession,
		MaxPerAddress: maxPerAddress,
		Clock:         func() time.Time { return a.now() },
		Metrics:       a.metrics.Broker(),
		Replay: func(ctx context.Context, streams []events.Stream, after events.Position) (broker.Replayed, error) {
			return a.relay.Replay(ctx, streams, after)
		},
	})
	a.metrics.WatchLog(a.db, a.broker.Head)
	a.relay = a.newRelay(relayLog{a.relayDB, a.replayDB, a.outage})
	opts := handlers.Options{
		DB: a.db, Broker: a.broker, Metrics: a.metrics, Secure: cfg.secure(), BehindProxy: cfg.behindProxy, PublicURL: cfg.base,
		Build: a.build, Instance: a.instance,
	}
	var err error
	if a.mailer, err = newMailer(cfg, a.db); err != nil {
		a.closePools()
		return nil, err
	}
	if a.mailer != nil {
		opts.MailLink = a.mailer.ask
	}
	a.handlers = handlers.New(opts)
	return a, nil
}

// newRelay makes the relay, on the log.
func (a *app) newRelay(log interface {
	relay.Log
	relay.Notifier
}) *relay.Relay {
	return relay.New(relay.Options{
		Log: log, Fragments: handlers.Fragments{DB: a.replayDB}, Broker: a.broker,
		Wake: a.db.Wake(), ListenDSN: a.db.ListenDSN(), Notifier: log, Metrics: a.metrics.Relay(),
		Calls:    map[string]func(){db.RightsChannel: func() { a.handlers.RightsChanged() }},
		Instance: a.instance, Trouble: a.metrics.Trouble,
	})
}

// run serves until ctx ends or something essential fails, and then drains: not
// ready, no new connections, every stream told `bye`, requests finished.
func (a *app) run(ctx context.Context, doors *doors) error {
	servers := doors.servers(a.handlers.Echo(), a.metrics.Handler())
	relaying, stopRelay := context.WithCancel(context.WithoutCancel(ctx))
	defer stopRelay()
	group, failed := errgroup.WithContext(ctx)
	group.Go(func() error { return a.relay.Run(relaying) })
	group.Go(func() error { return a.handlers.WatchRights(relaying) })
	group.Go(func() error { return a.outage.lateness(relaying, a.broker, a.replayDB) })
	group.Go(func() error { return a.outage.watch(relaying, a.broker, a.db, a.relayDB, a.replayDB) })
	group.Go(func() error { return a.tidy(failed) })
	group.Go(func() error { return a.runImports(failed) })
	group.Go(func() error { return a.carryOutMoves(failed) })
	group.Go(func() error { return a.expireOffers(failed) })
	if a.mailer != nil {
		group.Go(func() error { return a.mailer.run(failed) })
	}
	group.Go(func() error { return a.report(relaying) })
	group.Go(func() error { return a.noteSent(failed) })
	group.Go(func() error {
		select {
		case <-a.databaseEnded:
			return errDatabaseEnded
		case <-failed.Done():
			return nil
		}
	})
	listening := make([]*http.Server, len(servers))
	for i, s := range servers {
		listening[i] = s.server
		group.Go(s.serve)
	}
	group.Go(func() error {
		<-failed.Done()
		defer stopRelay()
		return a.drain(context.WithoutCancel(ctx), listening...)
	})
	return group.Wait()
}

// tidy deletes what has expired, at once and every hour until ctx ends. What it
// cannot do now the next hour does.
func (a *app) tidy(ctx context.Context) error {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for {
		deleted, err := a.db.DeleteExpired(ctx, time.Now())
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			slog.WarnContext(ctx, "expired rows stay for another hour", "error", err)
		case deleted > 0:
			slog.InfoContext(ctx, "deleted expired rows", "rows", deleted)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// errDatabaseEnded: only a new start brings our own PostgreSQL up again.
var errDatabaseEnded = errors.New("our PostgreSQL has ended by itself (postgres.log in the data directory says why); start the program again")

// drain ends the streams before it waits for the rest, because an open stream
// never ends by itself.
func (a *app) drain(ctx context.Context, servers ...*http.Server) error {
	slog.InfoContext(ctx, "draining", "streams", a.broker.Streams())
	ctx, cancel := context.WithTimeout(ctx, drainTime)
	defer cancel()
	a.handlers.Drain()
	var group errgroup.Group
	for _, s := range servers {
		group.Go(func() error { return s.Shutdown(ctx) })
	}
	err := a.broker.Drain(ctx)
	if err := errors.Join(err, group.Wait()); err != nil {
		for _, s := range servers {
			_ = s.Close()
		}
		return fmt.Errorf("drain: %w", err)
	}
	return nil
}

// close ends what run left; the broker's connections are gone by then.
func (a *app) close() {
	a.broker.Close()
	a.closePools()
}

func (a *app) closePools() {
	for _, pool := range []*db.DB{a.db, a.relayDB, a.replayDB} {
		if pool != nil {
			_ = pool.Close()
		}
	}
}

// buildID names this build to the pages: the commit it was made from, or the
// time it was started when that is not known.
func buildID() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		revision, modified := "", false
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				revision = s.Value
			case "vcs.modified":
				modified = s.Value == "true"
			}
		}
		if revision != "" && !modified {
			return revision[:min(len(revision), 12)]
		}
	}
	return time.Now().UTC().Format("20060102T150405")
}
