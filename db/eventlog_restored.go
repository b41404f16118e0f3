package db

import (
	"context"
	"database/sql"
	"fmt"

	"smartscheduler/events"
)

// Confirm returns the last position that was given, after it made sure that
// this is still the log in which the event eventID had the position at. A log
// that is not, because a backup was restored, gets a new epoch first, so that
// no position means two things. An empty eventID stands for any event, and the
// zero position for nothing seen. A backup that was restored elsewhere, into
// another database, is recognised without any memory.
func (db *DB) Confirm(ctx context.Context, at events.Position, eventID string) (events.Position, error) {
	var head events.Position
	err := db.pool.QueryRowContext(ctx, `select epoch, pos from event_log_confirm($1, $2, $3::uuid)`,
		at.Epoch, at.Pos, sql.NullString{String: eventID, Valid: eventID != ""}).Scan(&head.Epoch, &head.Pos)
	if err != nil {
		return events.Position{}, fmt.Errorf("confirm event log at %s: %w", at, translate(err))
	}
	return head, nil
}

// Restored gives the log a new epoch and returns its head: every reader reloads
// what it shows, once. It needs a DB opened with Options.AsOwner.
func (db *DB) Restored(ctx context.Context) (events.Position, error) {
	var head events.Position
	err := db.pool.QueryRowContext(ctx, `update event_head set home = event_log_home(),
	    epoch = greatest(epoch + 1, floor(extract(epoch from clock_timestamp()))::bigint)
	  returning epoch, pos`).Scan(&head.Epoch, &head.Pos)
	if err != nil {
		return events.Position{}, fmt.Errorf("give the event log a new epoch: %w", translate(err))
	}
	return head, nil
}
