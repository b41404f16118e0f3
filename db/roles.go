package db

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/jmoiron/sqlx"
)

// grants are the rights of AppRole: everything that requests need, and on the
// history tables only to read and to add.
const grants = `
grant usage on schema public to smartscheduler_app;
grant select, insert, update, delete on all tables in schema public to smartscheduler_app;
grant usage, select on all sequences in schema public to smartscheduler_app;
grant update on sequence jobs_number_seq to smartscheduler_app;
revoke all on event_log, event_head, event_publications, audit_records, stream_refusals, erasures, region_map, goose_db_version from smartscheduler_app;
grant select, insert on event_log, event_publications, audit_records, stream_refusals, erasures to smartscheduler_app;
grant select on event_head, region_map, goose_db_version to smartscheduler_app;
revoke all on function event_log_sequence(integer), event_log_confirm(bigint, bigint, uuid), erase_words(uuid[], uuid, uuid), forget_refusals(integer) from public;
grant execute on function event_log_sequence(integer), event_log_confirm(bigint, bigint, uuid), erase_words(uuid[], uuid, uuid), forget_refusals(integer)
  to smartscheduler_app;`

// grantAppRole makes AppRole and gives it its rights. A server that lets us
// make no role is used as it is, with a warning: then the triggers alone guard
// the log.
func (db *DB) grantAppRole(ctx context.Context) error {
	return db.inTx(ctx, func(tx *sqlx.Tx) error {
		// Roles belong to the whole server, so databases that migrate at once
		// must take turns.
		if _, err := tx.ExecContext(ctx, `select pg_advisory_xact_lock(78)`); err != nil {
			return fmt.Errorf("lock roles: %w", err)
		}
		var may, exists bool
		err := tx.QueryRowContext(ctx, `select rolcreaterole or rolsuper,
		    exists (select from pg_roles where rolname = $1) from pg_roles where rolname = current_user`, AppRole).Scan(&may, &exists)
		if err != nil {
			return fmt.Errorf("look up role %s: %w", AppRole, err)
		}
		if !exists && !may {
			slog.WarnContext(ctx, "may not create the application role; requests run as the owner", "role", AppRole)
			return nil
		}
		if !exists {
			_, err = tx.ExecContext(ctx, `do $$ begin
			    create role smartscheduler_app nologin;
			    execute format('grant smartscheduler_app to %I', current_user);
			  exception when duplicate_object or unique_violation then null; end $$`)
			if err != nil {
				return fmt.Errorf("create role %s: %w", AppRole, err)
			}
		}
		if _, err := tx.ExecContext(ctx, grants); err != nil {
			return fmt.Errorf("grant to %s: %w", AppRole, err)
		}
		return nil
	})
}

// RunsAsApp tells whether statements run with the rights of AppRole. They run
// with those of the owner on a server that let us make no role, and where the
// owner is no member of it.
func (db *DB) RunsAsApp(ctx context.Context) (bool, error) {
	var as bool
	if err := db.pool.GetContext(ctx, &as, `select current_user = $1`, AppRole); err != nil {
		return false, fmt.Errorf("look up current role: %w", translate(err))
	}
	return as, nil
}
