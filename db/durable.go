package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// ErrNotDurable: the server reports a commit before it is written, so what
// somebody was told is saved could be lost when the server ends.
var ErrNotDurable = errors.New("PostgreSQL answers before a commit is written: " +
	"run `alter system set synchronous_commit = on`, take the setting off the database, the role and DATABASE_URL, and start again")

// CheckDurable returns ErrNotDurable when synchronous_commit is off for the
// connections of the pool. Settings that only an end of the whole machine would
// bring to light (fsync, full_page_writes) come back as unsafe, by name.
func (db *DB) CheckDurable(ctx context.Context) (unsafe []string, err error) {
	var off []string
	err = db.pool.SelectContext(ctx, &off, `select name from pg_settings
	  where name in ('synchronous_commit', 'fsync', 'full_page_writes') and setting = 'off' order by name`)
	if err != nil {
		return nil, fmt.Errorf("look at settings of durability: %w", translate(err))
	}
	if slices.Contains(off, "synchronous_commit") {
		return nil, ErrNotDurable
	}
	return off, nil
}
