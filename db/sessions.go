package db

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/jmoiron/sqlx"
)

// The values of a session that the store itself reads.
const (
	// SessionUser holds the user's id, a string.
	SessionUser = "user"
	// SessionIdle holds how long the session lasts without a request, in
	// seconds, an int64.
	SessionIdle = "idle"
	// SessionEpoch holds the User.SessionEpoch under which the user proved who
	// he is, an int64.
	SessionEpoch = "epoch"
	// SessionDevice says in a few words where the user signed in, a string; it
	// may be absent.
	SessionDevice = "device"
)

// maxSessions bounds the sessions of one user; signing in once more ends the
// one that would have expired first.
const maxSessions = 10

// SessionStore keeps scs sessions in PostgreSQL, with their user beside them,
// so that the sessions of a user can be found and ended. It is given hashes of
// tokens (scs: HashTokenInStore) and never sees a token.
type SessionStore struct{ db *DB }

var _ scs.CtxStore = (*SessionStore)(nil)

// SessionStore returns the store of this database.
func (db *DB) SessionStore() *SessionStore { return &SessionStore{db} }

// FindCtx returns the data of an unexpired session. One that cannot be read is
// none, so that its user can sign in again.
func (s *SessionStore) FindCtx(ctx context.Context, hash string) ([]byte, bool, error) {
	var data []byte
	err := s.db.pool.GetContext(ctx, &data, `select data from sessions where token_hash = $1 and expiry > now()`, hash)
	err = notFound(err)
	if errors.Is(err, ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("find session: %w", err)
	}
	if _, _, err := (scs.GobCodec{}).Decode(data); err != nil {
		return nil, false, nil
	}
	return data, true, nil
}

// DeleteCtx ends a session; one that does not exist is no error.
func (s *SessionStore) DeleteCtx(ctx context.Context, hash string) error {
	if _, err := s.db.pool.ExecContext(ctx, `delete from sessions where token_hash = $1`, hash); err != nil {
		return fmt.Errorf("delete session: %w", translate(err))
	}
	return nil
}

// CommitCtx stores a session until its deadline, or until it has been idle for
// as long as it says itself. The user's oldest sessions beyond ten and
// everybody's expired ones are removed. It returns ErrNotFound, and stores
// nothing, when the user may not sign in or his epoch is over: what he proved,
// he proved under a password that has changed meanwhile.
func (s *SessionStore) CommitCtx(ctx context.Context, hash string, data []byte, deadline time.Time) error {
	_, values, err := scs.GobCodec{}.Decode(data)
	if err != nil {
		return fmt.Errorf("commit session: %w", err)
	}
	userID, _ := values[SessionUser].(string)
	idle, _ := values[SessionIdle].(int64)
	epoch, _ := values[SessionEpoch].(int64)
	device, _ := values[SessionDevice].(string)
	if userID == "" || idle <= 0 || epoch <= 0 {
		return errors.New("commit session: it has no user, no epoch or no idle limit")
	}
	err = s.db.inTx(ctx, func(tx *sqlx.Tx) error {
		// A change that is committed after this statement has looked makes the
		// session one of an epoch that is over, which opens nothing.
		var stored string
		err := tx.GetContext(ctx, &stored, `insert into sessions (token_hash, data, expiry, user_id, epoch, device)
select $1, $2, least($3::timestamptz, now() + $4 * interval '1 second'), id, session_epoch, left($7, 100)
  from users where id = $5 and session_epoch = $6 and disabled_at is null
on conflict (token_hash) do update set data = excluded.data, expiry = excluded.expiry, user_id = excluded.user_id, epoch = excluded.epoch
returning token_hash`, hash, data, deadline, idle, userID, epoch, device)
		if err != nil {
			return notFound(err)
		}
		_, err = tx.ExecContext(ctx, `delete from sessions where expiry < now() or user_id = $1 and token_hash <> $2 and token_hash not in
  (select token_hash from sessions where user_id = $1 and token_hash <> $2 order by epoch desc, expiry desc, token_hash limit $3)`,
			userID, hash, maxSessions-1)
		if err != nil {
			return err
		}
		// Not worth waiting for a change of the user that is under way.
		_, err = tx.ExecContext(ctx, `update users set last_sign_in_at = now()
where id = (select id from users where id = $1 for no key update skip locked)`, userID)
		return err
	})
	if err != nil {
		return fmt.Errorf("commit session of user %s: %w", userID, err)
	}
	return nil
}

// Find is FindCtx without a context, for scs.Store.
func (s *SessionStore) Find(hash string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), hash)
}

// Delete is DeleteCtx without a context, for scs.Store.
func (s *SessionStore) Delete(hash string) error { return s.DeleteCtx(context.Background(), hash) }

// Commit is CommitCtx without a context, for scs.Store.
func (s *SessionStore) Commit(hash string, data []byte, deadline time.Time) error {
	return s.CommitCtx(context.Background(), hash, data, deadline)
}

// ExtendSession moves the end of a session that was used at now. It never brings
// back one that has ended.
func (db *DB) ExtendSession(ctx context.Context, key string, expires, now time.Time) error {
	_, err := db.pool.ExecContext(ctx, `update sessions set expiry = $2, last_seen_at = $3 where token_hash = $1`,
		strings.TrimPrefix(key, sessionKey), expires, now)
	if err != nil {
		return fmt.Errorf("extend session: %w", translate(err))
	}
	return nil
}
