package main

import (
	"context"

	"smartscheduler/db"
)

// checkRole warns when a fault in a request could change the history: it is
// guarded by triggers alone then, which the owner may take away.
func (con console) checkRole(ctx context.Context, d *db.DB) error {
	asApp, err := d.RunsAsApp(ctx)
	if err != nil {
		return err
	}
	if !asApp {
		con.log.WarnContext(ctx, "requests run with the rights of the owner of the database: have an administrator run "+
			"`create role "+db.AppRole+" nologin` if there is none, then `grant "+db.AppRole+"` to the user of DATABASE_URL, and start again")
	}
	return nil
}

// checkDurable refuses a server that may forget what it has confirmed, and warns
// of one that may do so only when its machine fails.
func (con console) checkDurable(ctx context.Context, d *db.DB) error {
	unsafe, err := d.CheckDurable(ctx)
	if err != nil {
		return err
	}
	if len(unsafe) > 0 {
		con.log.WarnContext(ctx, "a power failure can damage the database: switch these settings of PostgreSQL on", "off", unsafe)
	}
	return nil
}
