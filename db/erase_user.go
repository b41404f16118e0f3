package db

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// EraseUser leaves of a disabled member of staff nothing but his id, under which
// what he did stays in the history, his role, and a name made of it. Somebody who
// was erased already is no error. It returns ErrNotFound, also for contractors,
// who are erased as such, *Invalid, and *Conflict when he changed since the form
// was opened.
func (db *DB) EraseUser(ctx context.Context, cmd Erase) error {
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		already, err := cmd.begin(ctx, tx)
		if err != nil || already {
			return err
		}
		u, err := lockUser(ctx, tx, UserChange{By: cmd.By, UserID: cmd.ID, Version: cmd.Version})
		if err != nil {
			return err
		}
		if u.ContractorID.Valid {
			return ErrNotFound
		}
		if !u.Disabled {
			return &Invalid{Message: "only an account that is disabled can be erased"}
		}
		if err := cmd.note(ctx, tx, ErasedUser, u.Name, u.Email); err != nil {
			return err
		}
		return eraseUser(ctx, tx, u.ID)
	})
	if err != nil {
		return fmt.Errorf("erase user %s: %w", cmd.ID, err)
	}
	return nil
}

// eraseUser leaves an address that is nobody's and cannot be: it only has to be
// one of its kind.
func eraseUser(ctx context.Context, tx *sqlx.Tx, id string) error {
	steps := []step{
		{"erase user", `update users set name = $2, email = id || '@erased.invalid', password_hash = null, last_sign_in_at = null,
		    erased_at = now(), version = version + 1 where id = $1`, []any{id, formerName(ErasedUser, id)}},
		{"forget answers", `delete from idempotency_keys where actor_id = $1`, []any{id}},
		eraseWords(nil, "", id),
	}
	for _, table := range []string{"sessions", "user_links", "user_regions"} {
		steps = append(steps, step{"clear " + table, `delete from ` + table + ` where user_id = $1`, []any{id}})
	}
	return runSteps(ctx, tx, steps...)
}
