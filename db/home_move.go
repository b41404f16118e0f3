package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
)

// HomeMove is that a contractor got another home region.
type HomeMove struct {
	EventID string    `db:"event_id"`
	At      time.Time `db:"created_at"`
	// Home is the name of the region that is his home now.
	Home string
}

// homeMove returns the last move of a contractor in the last 24 hours, nil if
// there was none.
func homeMove(ctx context.Context, tx *sqlx.Tx, contractorID, home string) (*HomeMove, error) {
	m := HomeMove{Home: home}
	err := tx.GetContext(ctx, &m, `select event_id, created_at from event_log
	  where contractor_id = $1 and event_type = $2 and created_at > now() - interval '24 hours'
	  order by id desc limit 1`, contractorID, string(events.KindContractorMovedRegion))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("last move of contractor %s: %w", contractorID, err)
	}
	return &m, nil
}
