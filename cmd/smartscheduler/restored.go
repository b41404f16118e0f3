package main

import (
	"context"
	"fmt"

	"smartscheduler/db"
)

// restored is `smartscheduler restored`, a step of the runbook after a backup
// was restored: the log gets a new epoch, so that no position which a reader
// still has is taken for one of the restored log. Processes that run notice it.
func (con console) restored(ctx context.Context, args []string, owner *db.DB) error {
	if len(args) > 0 {
		return usageError("restored takes no arguments")
	}
	head, err := owner.Restored(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(con.stdout, "the event log has epoch %d from now on, its last position is %s; every page reloads its content once\n", head.Epoch, head)
	return err
}
