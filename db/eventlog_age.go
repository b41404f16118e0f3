package db

import (
	"context"
	"fmt"
	"time"

	"smartscheduler/events"
)

// OldestAfter returns the age of the oldest committed event that has no
// position yet or one after the given, 0 if there is none. Positions of another
// epoch are of another log: then every event counts.
func (db *DB) OldestAfter(ctx context.Context, after events.Position) (time.Duration, error) {
	var seconds float64
	// The first of each index is the oldest, to the length of a transaction.
	err := db.pool.GetContext(ctx, &seconds, `
	  select greatest(0, coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)) from (
	    (select created_at from event_log where pos is null order by batch, id limit 1) union all
	    (select created_at from event_log where pos > (select case when epoch = $1 then $2::bigint else 0 end from event_head)
	      order by pos limit 1)) oldest`, after.Epoch, after.Pos)
	if err != nil {
		return 0, fmt.Errorf("age of the oldest event after %s: %w", after, translate(err))
	}
	return time.Duration(seconds * float64(time.Second)), nil
}
