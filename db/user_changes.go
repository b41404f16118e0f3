package db

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// The refusals of a change of a user.
var (
	// ErrLastAdmin: nobody would be left who can administer.
	ErrLastAdmin = errors.New("the last active administrator")
	// ErrOneself: nobody locks himself out.
	ErrOneself = errors.New("one's own account")
)

// UserChange names the user whom an administrator's command changes, in the
// version that the form showed.
type UserChange struct {
	By      Actor
	UserID  string
	Version int
}

// lockUser holds the row of a user for a change. It returns ErrNotFound, also to
// everybody but administrators, or a *Conflict when the row changed since or the
// user was erased.
func lockUser(ctx context.Context, tx *sqlx.Tx, change UserChange) (User, error) {
	if !change.By.AllRegions {
		return User{}, ErrNotFound
	}
	var row struct {
		User
		Version int  `db:"version"`
		Erased  bool `db:"erased"`
	}
	err := tx.GetContext(ctx, &row, `select u.id, u.email, u.name, u.role, u.contractor_id, u.password_hash, u.disabled_at is not null as disabled,
  u.session_epoch, u.version, u.erased_at is not null as erased from users u where u.id = $1 for no key update`, change.UserID)
	if err != nil {
		return User{}, notFound(err)
	}
	if row.Version != change.Version || row.Erased {
		return User{}, &Conflict{Kind: ConflictStale}
	}
	return row.User, nil
}

// InviteUser adds a member of staff without a password and returns the token of
// the link with which he chooses one, see CreateUserLink. A retry under the same
// key adds nobody; its link replaces the one of the first try, which may have
// got lost. It returns *Invalid for bad input, ErrNotFound to everybody but
// administrators, and ErrKeyReused; when the invited has chosen a password
// meanwhile, the token is empty.
func (db *DB) InviteUser(ctx context.Context, cmd Command, n NewUser, now time.Time) (userID, token string, err error) {
	n.Email = normalEmail(n.Email)
	if address, err := mail.ParseAddress(n.Email); err != nil || address.Address != n.Email {
		return "", "", &Invalid{Field: "email", Message: "This is not an e-mail address."}
	}
	err = db.inTx(ctx, func(tx *sqlx.Tx) error {
		if !cmd.By.AllRegions {
			return ErrNotFound
		}
		if err := lockKey(ctx, tx, cmd); err != nil {
			return err
		}
		out, known, err := storedOutcome(ctx, tx, cmd)
		if err != nil {
			return err
		}
		if !known {
			if out.UserID, err = insertInvited(ctx, tx, n); err != nil {
				return err
			}
			if err := storeOutcome(ctx, tx, cmd, out); err != nil {
				return err
			}
		}
		userID = out.UserID
		var waits bool
		err = tx.GetContext(ctx, &waits, `select password_hash is null and disabled_at is null from users where id = $1 for update`, userID)
		if err != nil || !waits {
			return err
		}
		token, err = insertUserLink(ctx, tx, userID, now, inviteLife)
		return err
	})
	if err != nil {
		return "", "", fmt.Errorf("invite user: %w", err)
	}
	return userID, token, nil
}

func insertInvited(ctx context.Context, tx *sqlx.Tx, n NewUser) (id string, err error) {
	err = notFound(tx.GetContext(ctx, &id, `insert into users (email, name, role) values ($1, $2, $3)
  on conflict (email) do nothing returning id`, n.Email, strings.TrimSpace(n.Name), n.Role))
	if errors.Is(err, ErrNotFound) {
		return "", &Invalid{Field: "email", Message: "Somebody with this address has an account already."}
	}
	if err != nil {
		return "", fmt.Errorf("insert user: %w", err)
	}
	return id, checkedRegions(ctx, tx, id, n.Role, n.Regions)
}

// checkedRegions gives a user the regions that go with his role: a dispatcher
// has at least one, nobody else any.
func checkedRegions(ctx context.Context, tx *sqlx.Tx, userID, role string, regions []string) error {
	if role != "dispatcher" {
		regions = nil
	} else if len(regions) == 0 {
		return &Invalid{Field: "regions", Message: "Choose at least one region for a dispatcher."}
	}
	err := setUserRegions(ctx, tx, userID, slices.Compact(slices.Sorted(slices.Values(regions))))
	if errors.Is(err, ErrNotFound) {
		return &Invalid{Field: "regions", Message: "Choose regions from the list.", Err: err}
	}
	return err
}

// EditUser changes the name, role and regions of a member of staff. His sessions
// go on, with the new rights at once. It returns ErrNotFound, also for a
// contractor, *Conflict when the user changed since, *Invalid and ErrLastAdmin.
func (db *DB) EditUser(ctx context.Context, change UserChange, name, role string, regions []string) error {
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		u, err := lockUser(ctx, tx, change)
		if err != nil {
			return err
		}
		if u.ContractorID.Valid {
			return ErrNotFound
		}
		if role != "admin" {
			if err := keepAnAdmin(ctx, tx, u.ID); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `update users set name = $2, role = $3, version = version + 1 where id = $1`,
			u.ID, strings.TrimSpace(name), role)
		if err != nil {
			return err
		}
		return checkedRegions(ctx, tx, u.ID, role, regions)
	})
	if err != nil {
		return fmt.Errorf("edit user %s: %w", change.UserID, err)
	}
	return nil
}

// LockUser stops a user from signing in and ends all of his sessions and links,
// or with locked false lets him sign in again. It returns ErrNotFound,
// *Conflict when the user changed since, ErrOneself and ErrLastAdmin.
func (db *DB) LockUser(ctx context.Context, change UserChange, locked bool) error {
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		u, err := lockUser(ctx, tx, change)
		if err != nil {
			return err
		}
		if locked && u.ID == change.By.UserID {
			return ErrOneself
		}
		if locked {
			if err := keepAnAdmin(ctx, tx, u.ID); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `update users set version = version + 1,
  disabled_at = case when $2 then coalesce(disabled_at, now()) end where id = $1`, u.ID, locked)
		return err
	})
	if err != nil {
		return fmt.Errorf("lock user %s: %w", change.UserID, err)
	}
	return nil
}

// adminsLock is the advisory lock of those who take away an administrator's
// rights, or two could take away each other's.
const adminsLock = 90

// keepAnAdmin returns ErrLastAdmin when nobody but this user, whose row is
// locked, could sign in as an administrator.
func keepAnAdmin(ctx context.Context, tx *sqlx.Tx, userID string) error {
	if _, err := tx.ExecContext(ctx, `select pg_advisory_xact_lock($1)`, adminsLock); err != nil {
		return fmt.Errorf("lock administrators: %w", err)
	}
	var last bool
	err := tx.GetContext(ctx, &last, `select bool_or(id = $1) and not bool_or(id <> $1) from users
  where role = 'admin' and disabled_at is null and (password_hash is not null or id = $1) having count(*) > 0`, userID)
	if errors.Is(notFound(err), ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for administrators: %w", err)
	}
	if last {
		return ErrLastAdmin
	}
	return nil
}
