package dbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"smartscheduler/db"
	"smartscheduler/db/postgres"
)

// shared is the database that the tests of a package share.
const shared = "shared"

// cluster is the server of a test process. It is started by the first test that
// needs it.
type cluster struct {
	starting sync.Once
	startErr error
	sharing  sync.Once
	shareErr error

	home   *home
	server *postgres.Server
	admin  *sql.DB
	made   atomic.Int64
}

func (c *cluster) startOnce() error {
	c.starting.Do(func() { c.startErr = c.start() })
	return c.startErr
}

func (c *cluster) shareOnce() error {
	c.sharing.Do(func() { c.shareErr = c.copyTemplate(context.Background(), shared) })
	return c.shareErr
}

func (c *cluster) start() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	var err error
	if c.home, err = makeHome(); err != nil {
		return err
	}
	c.server, err = postgres.Start(ctx, postgres.Options{
		DataDir: c.home.dir, Fast: true, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	if err := migrate(ctx, c.server.DSN(postgres.Database)); err != nil {
		return err
	}
	// db has registered the driver.
	c.admin, err = sql.Open("postgres", c.server.DSN("postgres"))
	return err
}

// migrate makes the database that the others are copies of.
func migrate(ctx context.Context, dsn string) error {
	d, err := db.Open(ctx, db.Options{DSN: dsn, AsOwner: true})
	if err != nil {
		return err
	}
	return errors.Join(d.Migrate(ctx), d.Close())
}

func (c *cluster) copyTemplate(ctx context.Context, name string) error {
	if _, err := c.admin.ExecContext(ctx, "create database "+name+" template "+postgres.Database); err != nil {
		return fmt.Errorf("make database %s: %w", name, err)
	}
	return nil
}

func (c *cluster) drop(ctx context.Context, name string) error {
	if _, err := c.admin.ExecContext(ctx, "drop database "+name+" with (force)"); err != nil {
		return fmt.Errorf("drop database %s: %w", name, err)
	}
	return nil
}

// stop ends the server and removes everything. A cluster that nobody asked for
// has nothing to stop.
func (c *cluster) stop() error {
	var errs []error
	if c.admin != nil {
		errs = append(errs, c.admin.Close())
	}
	if c.server != nil {
		errs = append(errs, c.server.Stop(context.Background()))
	}
	if c.home != nil {
		errs = append(errs, c.home.remove())
	}
	return errors.Join(errs...)
}
