package db

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/events"
)

// User is a person who can sign in.
type User struct {
	ID           string         `db:"id"`
	Email        string         `db:"email"`
	Name         string         `db:"name"`
	Role         string         `db:"role"`
	ContractorID sql.NullString `db:"contractor_id"`
	// PasswordHash is not valid for those who sign in by a link only.
	PasswordHash sql.NullString `db:"password_hash"`
	Disabled     bool           `db:"disabled"`
	// SessionEpoch counts what ended all of his sessions; see SessionStore.
	SessionEpoch int64 `db:"session_epoch"`
}

// NewUser is what CreateUser needs.
type NewUser struct {
	// Email is stored in lower case and unique.
	Email, Name string
	// Role is admin, dispatcher, contractor or auditor.
	Role string
	// Password must pass CheckPasswordRule; empty: the user signs in by a link.
	Password string
	// Regions are a dispatcher's slugs.
	Regions []string
	// ContractorID is required for, and only for, the role contractor.
	ContractorID string
}

const selectUsers = `select u.id, u.email, u.name, u.role, u.contractor_id, u.password_hash,
  u.disabled_at is not null as disabled, u.session_epoch from users u `

// CreateUser adds a user and returns it. It returns ErrDuplicate when the
// e-mail address is taken, ErrPassword, or ErrNotFound for an unknown region.
func (db *DB) CreateUser(ctx context.Context, n NewUser) (User, error) {
	email := normalEmail(n.Email)
	hash := ""
	if n.Password != "" {
		if err := CheckPasswordRule(n.Password, email); err != nil {
			return User{}, fmt.Errorf("create user %s: %w", email, err)
		}
		var err error
		if hash, err = HashPassword(n.Password); err != nil {
			return User{}, fmt.Errorf("create user %s: %w", email, err)
		}
	}
	var u User
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		err := tx.GetContext(ctx, &u, `
insert into users as u (email, name, role, password_hash, contractor_id) values ($1, $2, $3, $4, $5)
returning u.id, u.email, u.name, u.role, u.contractor_id, u.password_hash, false as disabled, u.session_epoch`,
			email, strings.TrimSpace(n.Name), n.Role, nullable(hash), nullable(n.ContractorID))
		if err != nil {
			return err
		}
		return setUserRegions(ctx, tx, u.ID, n.Regions)
	})
	if isCode(err, codeUniqueViolation) {
		err = ErrDuplicate
	}
	if err != nil {
		return User{}, fmt.Errorf("create user %s: %w", email, err)
	}
	return u, nil
}

// UserByEmail returns the user of an e-mail address in any case, or
// ErrNotFound. Disabled users are returned too.
func (db *DB) UserByEmail(ctx context.Context, email string) (User, error) {
	var u User
	if err := db.pool.GetContext(ctx, &u, selectUsers+`where u.email = $1`, normalEmail(email)); err != nil {
		return User{}, fmt.Errorf("user %s: %w", normalEmail(email), notFound(err))
	}
	return u, nil
}

// SetPassword changes a user's password and ends all of his sessions. It
// returns ErrPassword or ErrNotFound.
func (db *DB) SetPassword(ctx context.Context, userID, password string) error {
	return db.changeUser(ctx, "set password of user", userID, func(tx *sqlx.Tx, email string) error {
		return storePassword(ctx, tx, userID, email, password)
	})
}

func storePassword(ctx context.Context, tx *sqlx.Tx, userID, email, password string) error {
	if err := CheckPasswordRule(password, email); err != nil {
		return err
	}
	hash, err := HashPassword(password)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `update users set password_hash = $2 where id = $1`, userID, hash)
	return err
}

// DisableUser stops a user from signing in and ends all of his sessions. It
// returns ErrNotFound or ErrLastAdmin.
func (db *DB) DisableUser(ctx context.Context, userID string) error {
	return db.changeUser(ctx, "disable user", userID, func(tx *sqlx.Tx, _ string) error {
		if err := keepAnAdmin(ctx, tx, userID); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `update users set disabled_at = coalesce(disabled_at, now()) where id = $1`, userID)
		return err
	})
}

// EnableUser lets a disabled user sign in again.
func (db *DB) EnableUser(ctx context.Context, userID string) error {
	return db.changeUser(ctx, "enable user", userID, func(tx *sqlx.Tx, _ string) error {
		_, err := tx.ExecContext(ctx, `update users set disabled_at = null where id = $1`, userID)
		return err
	})
}

// SetUserRole replaces the role of a member of staff, and his regions, of which
// only a dispatcher has any. Sessions go on, with the new rights at once. It
// returns ErrNotFound for an unknown user or region, and for a contractor, who
// stays one, and ErrLastAdmin.
func (db *DB) SetUserRole(ctx context.Context, userID, role string, regions []string) error {
	return db.changeUser(ctx, "set role of user", userID, func(tx *sqlx.Tx, _ string) error {
		if role != "admin" {
			if err := keepAnAdmin(ctx, tx, userID); err != nil {
				return err
			}
		}
		var changed string
		err := tx.GetContext(ctx, &changed, `update users set role = $2 where id = $1 and contractor_id is null returning id`, userID, role)
		if err != nil {
			return notFound(err)
		}
		return setUserRegions(ctx, tx, userID, regions)
	})
}

// EndSessions signs a user out everywhere.
func (db *DB) EndSessions(ctx context.Context, userID string) error {
	return db.changeUser(ctx, "end sessions of user", userID, func(tx *sqlx.Tx, _ string) error {
		return endSessions(ctx, tx, userID, events.LossSignedOut)
	})
}

// changeUser runs fn with the user's row locked and counts the change.
func (db *DB) changeUser(ctx context.Context, act, userID string, fn func(tx *sqlx.Tx, email string) error) error {
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		var email string
		err := tx.GetContext(ctx, &email, `update users set version = version + 1 where id = $1 returning email`, userID)
		if err != nil {
			return notFound(err)
		}
		return fn(tx, email)
	})
	if err != nil {
		return fmt.Errorf("%s %s: %w", act, userID, err)
	}
	return nil
}

func setUserRegions(ctx context.Context, tx *sqlx.Tx, userID string, regions []string) error {
	if _, err := tx.ExecContext(ctx, `delete from user_regions where user_id = $1`, userID); err != nil {
		return err
	}
	result, err := tx.ExecContext(ctx, `insert into user_regions (user_id, region)
	  select $1, slug from regions where slug = any($2)`, userID, pq.Array(regions))
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n != int64(len(regions)) {
		return fmt.Errorf("regions %s: %w", strings.Join(regions, ", "), ErrNotFound)
	}
	return nil
}

// endSessions ends a user's epoch; a new password and a lock-out do so by
// themselves.
func endSessions(ctx context.Context, tx *sqlx.Tx, userID string, why events.Loss) error {
	_, err := tx.ExecContext(ctx, `update users set session_epoch = session_epoch + 1, session_end = $2 where id = $1`, userID, why)
	return err
}

func normalEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
