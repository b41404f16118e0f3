package main

import (
	"cmp"
	"context"
	"fmt"

	"smartscheduler/db"
)

// restored is `smartscheduler restored`, a step of the runbook after a backup
// was restored: the log gets a new epoch, so that no position which a reader
// still has is taken for one of the restored log. Processes that run notice it.
func (con console) restored(ctx context.Context, args []string) error {
	if len(args) > 0 {
		return usageError("restored takes no arguments")
	}
	source, err := openSource(ctx, con.env("DATABASE_URL"), cmp.Or(con.env("DATA_DIR"), ".data"), true)
	if err != nil {
		return err
	}
	defer source.stop()
	if err := migrate(ctx, source.dsn); err != nil {
		return err
	}
	owner, err := db.Open(ctx, db.Options{DSN: source.dsn, AsOwner: true, MaxConns: 1})
	if err != nil {
		return err
	}
	defer func() { _ = owner.Close() }()
	head, err := owner.Restored(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(con.stdout, "the event log has epoch %d; its last position is %s. Every page reloads its content once.\n", head.Epoch, head)
	return err
}
