package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

const (
	// inviteLife is how long a link that an administrator hands over can be
	// used, mailedLife one that was asked for by anybody and sent by mail.
	inviteLife = 72 * time.Hour
	mailedLife = time.Hour
)

// CreateUserLink makes the token of a one-time link with which a member of staff
// chooses a password. It works once, for 72 hours from now, and replaces his
// earlier ones; his present password holds on until it is used. It returns
// ErrNotFound, also for contractors and disabled users, and *Conflict when the
// user changed since.
func (db *DB) CreateUserLink(ctx context.Context, change UserChange, now time.Time) (token string, err error) {
	err = db.inTx(ctx, func(tx *sqlx.Tx) error {
		u, err := lockUser(ctx, tx, change)
		if err != nil {
			return err
		}
		token, err = insertUserLink(ctx, tx, u.ID, now, inviteLife)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("create link for user %s: %w", change.UserID, err)
	}
	return token, nil
}

// CreateMailedLink is CreateUserLink for somebody who forgot his password and is
// known by his e-mail address only; the link works for an hour. It returns
// ErrNotFound when nobody with this address may sign in by a password.
func (db *DB) CreateMailedLink(ctx context.Context, email string, now time.Time) (token string, u User, err error) {
	err = db.inTx(ctx, func(tx *sqlx.Tx) error {
		if err := tx.GetContext(ctx, &u, selectUsers+`where u.email = $1 for update`, normalEmail(email)); err != nil {
			return notFound(err)
		}
		token, err = insertUserLink(ctx, tx, u.ID, now, mailedLife)
		return err
	})
	if err != nil {
		return "", User{}, fmt.Errorf("create mailed link: %w", err)
	}
	return token, u, nil
}

// insertUserLink makes a link for a user whose row is locked.
func insertUserLink(ctx context.Context, tx *sqlx.Tx, userID string, now time.Time, life time.Duration) (string, error) {
	if _, err := tx.ExecContext(ctx, `delete from user_links where user_id = $1`, userID); err != nil {
		return "", fmt.Errorf("replace links: %w", err)
	}
	token := newToken()
	result, err := tx.ExecContext(ctx, `insert into user_links (token_hash, user_id, epoch, created_at, expires_at)
  select $1, id, session_epoch, $3, $4 from users where id = $2 and disabled_at is null and contractor_id is null`,
		hashToken(token), userID, now, now.Add(life))
	if err != nil {
		return "", fmt.Errorf("insert link: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return "", errors.Join(err, ErrNotFound)
	}
	return token, nil
}

// linkedUser finds whose link a token is while it works.
const linkedUser = selectUsers + `join user_links l on l.user_id = u.id
 where l.token_hash = $1 and l.expires_at > $2 and l.epoch = u.session_epoch and u.disabled_at is null`

// UserOfLink returns the user who may choose a password with this token, without
// using the link up, or ErrSpent.
func (db *DB) UserOfLink(ctx context.Context, token string, now time.Time) (User, error) {
	var u User
	err := db.pool.GetContext(ctx, &u, linkedUser, hashToken(token), now)
	if err != nil {
		return User{}, fmt.Errorf("look at link: %w", spent(err))
	}
	return u, nil
}

// ChoosePassword uses a link up: its user has this password from now on, and all
// of his sessions end. Of several callers with one token exactly one succeeds;
// the others get ErrSpent. It returns ErrPassword, and the link stays, when the
// password breaks the rule.
func (db *DB) ChoosePassword(ctx context.Context, token, password string, now time.Time) (User, error) {
	var u User
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		if err := tx.GetContext(ctx, &u, linkedUser+` for update of u`, hashToken(token), now); err != nil {
			return spent(err)
		}
		if err := storePassword(ctx, tx, u.ID, u.Email, password); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `delete from user_links where user_id = $1`, u.ID)
		return err
	})
	if err != nil {
		return User{}, fmt.Errorf("choose password: %w", err)
	}
	return u, nil
}

// spent turns "no rows" into ErrSpent.
func spent(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrSpent
	}
	return translate(err)
}
