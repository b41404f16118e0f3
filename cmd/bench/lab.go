package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"smartscheduler/db"
	"smartscheduler/db/postgres"
)

// lab is what every measurement needs: a PostgreSQL of our own, a business in
// it, and the program to measure.
type lab struct {
	*world
	dir, dsn, binary string
	server           *postgres.Server
}

// openLab builds the program and fills the database for so many streams.
func openLab(ctx context.Context, streams int) (*lab, error) {
	dir, err := os.MkdirTemp("", "smartscheduler-bench-")
	if err != nil {
		return nil, err
	}
	l := &lab{dir: dir, binary: filepath.Join(dir, "smartscheduler")}
	if err := l.fill(ctx, streams); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *lab) fill(ctx context.Context, streams int) (err error) {
	// As root PostgreSQL runs as somebody else, who must be able to enter.
	if err := os.Chmod(l.dir, 0o711); err != nil {
		return err
	}
	if l.server, err = postgres.Start(ctx, postgres.Options{DataDir: filepath.Join(l.dir, "data")}); err != nil {
		return err
	}
	l.dsn = l.server.DSN(postgres.Database)
	if l.world, err = newWorld(ctx, l.dsn, streams); err != nil {
		return err
	}
	return build(ctx, l.binary)
}

func (l *lab) close() {
	if l.world != nil {
		_ = l.db.Close()
	}
	if l.server != nil {
		_ = l.server.Stop(context.Background())
	}
	_ = os.RemoveAll(l.dir)
}

// serve starts the program on the lab's database.
func (l *lab) serve(ctx context.Context) (*process, error) { return startServer(ctx, l.binary, l.dsn) }

// settle gives the server time to let go of what connecting needed.
func settle(ctx context.Context) error { return pause(ctx, 3*time.Second) }

// pause waits, and returns the error of ctx when that ends first.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// openPool connects as the server's requests do.
func openPool(ctx context.Context, dsn string) (*db.DB, error) {
	owner, err := db.Open(ctx, db.Options{DSN: dsn, AsOwner: true, MaxConns: 2})
	if err != nil {
		return nil, err
	}
	if err := owner.Migrate(ctx); err != nil {
		return nil, errors.Join(err, owner.Close())
	}
	if err := owner.Close(); err != nil {
		return nil, err
	}
	return db.Open(ctx, db.Options{DSN: dsn, MaxConns: 4})
}
