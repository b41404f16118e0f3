package db

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/lib/pq"

	"smartscheduler/events"
)

// Account is who a session or a kiosk's device token stands for, with the
// rights of the moment at which it was read.
type Account struct {
	// Key names the session or device to ActiveKeys: a hash, never a token.
	Key string
	// UserID, Name and Email are empty for a kiosk.
	UserID, Name, Email string
	// Role is admin, dispatcher, contractor, kiosk or auditor.
	Role string
	// Regions are a dispatcher's own, sorted.
	Regions []string
	// ContractorID is set for contractors only.
	ContractorID string
	// KioskID and KioskRegion are set for kiosks only.
	KioskID, KioskRegion string
	// Expires is when the session ends if nothing happens, Deadline when it
	// ends at the latest; both are zero for a kiosk. ActiveKeys leaves Deadline zero.
	Expires, Deadline time.Time
	// LastSeen is the last recorded visit.
	LastSeen time.Time
	// FirstUse is set while a kiosk's new token has not been seen to arrive.
	FirstUse bool

	data []byte // of the session, until its deadline is read
}

// Lost is the ErrNotFound of a session or device that was one once.
type Lost struct{ Why events.Loss }

// Error implements error.
func (l *Lost) Error() string { return "lost: " + string(l.Why) }

// Is makes it an ErrNotFound.
func (l *Lost) Is(target error) bool { return target == ErrNotFound }

// RightsChannel is the NOTIFY channel on which the database itself calls when
// rights have changed, in the transaction of the change.
const RightsChannel = "rights"

// kioskLife is how long a display may stay away before its token dies.
const kioskLife = 14 * 24 * time.Hour

// The prefixes of Account.Key.
const (
	sessionKey = "s:"
	kioskKey   = "k:"
)

// SessionAccount returns who the session of this cookie token belongs to, or
// ErrNotFound when it has ended, expired by now, or its user may not sign in;
// where it is known which, that is a *Lost.
func (db *DB) SessionAccount(ctx context.Context, token string, now time.Time) (Account, error) {
	return db.oneAccount(ctx, "session", sessionKey+hashToken(token), now)
}

// KioskByToken returns the display that holds this device token, or
// ErrNotFound, where it is known why a *Lost: the display was revoked, has
// another token, or has not been seen for 14 days.
func (db *DB) KioskByToken(ctx context.Context, token string, now time.Time) (Account, error) {
	return db.oneAccount(ctx, "kiosk", kioskKey+hashToken(token), now)
}

func (db *DB) oneAccount(ctx context.Context, what, key string, now time.Time) (Account, error) {
	active, lost, err := db.ActiveKeys(ctx, []string{key}, now)
	if err != nil {
		return Account{}, err
	}
	return db.accountOf(ctx, what, key, active, lost)
}

// accountOf is what ActiveKeys says of one key. A session whose data cannot be
// read is nobody's.
func (db *DB) accountOf(ctx context.Context, what, key string, active map[string]Account, lost map[string]events.Loss) (Account, error) {
	if a, ok := active[key]; ok {
		if err := a.readDeadline(); err != nil {
			if _, known := db.unreadable.LoadOrStore(key, true); !known {
				slog.ErrorContext(ctx, "a session cannot be read, it counts as signed out", "user_id", a.UserID, "error", err)
			}
			return Account{}, fmt.Errorf("%s: %w", what, ErrNotFound)
		}
		return a, nil
	}
	if why, known := lost[key]; known {
		return Account{}, fmt.Errorf("%s: %w", what, &Lost{why})
	}
	return Account{}, fmt.Errorf("%s: %w", what, ErrNotFound)
}

const selectAccounts = `
select 's:' || s.token_hash as key, u.id::text as user_id, u.name, u.email, u.role,
       array(select r.region from user_regions r where r.user_id = u.id order by r.region) as regions,
       coalesce(u.contractor_id::text, '') as contractor_id, '' as kiosk_id, '' as kiosk_region,
       s.expiry, s.last_seen_at as seen, s.data, false as first_use,
       case when u.disabled_at is not null then 'account-disabled'
            when not coalesce(c.active, true) then 'contractor-inactive'
            when s.epoch <> u.session_epoch then u.session_end
            when s.expiry <= $3 then 'expired' else '' end as lost
  from sessions s join users u on u.id = s.user_id left join contractors c on c.id = u.contractor_id
 where s.token_hash = any($1)
union all
select 'k:' || k.hash, '', '', '', 'kiosk', '{}', '', d.id::text, d.region,
       null, coalesce(d.last_seen_at, d.created_at), null, ` + firstUse + ` and d.token_hash = k.hash,
       case when d.revoked_at is not null then 'kiosk-revoked'
            when d.token_hash <> k.hash and d.previous_until <= $3 then 'kiosk-rotated'
            when coalesce(d.last_seen_at, d.created_at) <= $4 then 'kiosk-away' else '' end
  from kiosk_devices d cross join lateral (values (d.token_hash), (d.previous_hash)) as k (hash)
 where (d.token_hash = any($2) or d.previous_hash = any($2)) and k.hash = any($2)`

type accountRow struct {
	Key          string         `db:"key"`
	UserID       string         `db:"user_id"`
	Name         string         `db:"name"`
	Email        string         `db:"email"`
	Role         string         `db:"role"`
	Regions      pq.StringArray `db:"regions"`
	ContractorID string         `db:"contractor_id"`
	KioskID      string         `db:"kiosk_id"`
	KioskRegion  string         `db:"kiosk_region"`
	Expiry       sql.NullTime   `db:"expiry"`
	Seen         time.Time      `db:"seen"`
	Data         []byte         `db:"data"`
	FirstUse     bool           `db:"first_use"`
	Lost         events.Loss    `db:"lost"`
}

// ActiveKeys returns, in one query, the accounts of those keys that still
// stand at now. Every other key has lost its rights, for the reason in lost
// where it is known: of a session that was signed out nothing is left. What the
// sessions carry is not read, which would cost more than all the rest.
func (db *DB) ActiveKeys(ctx context.Context, keys []string, now time.Time) (active map[string]Account, lost map[string]events.Loss, err error) {
	sessions, kiosks := []string{}, []string{}
	for _, key := range keys {
		if hash, ok := strings.CutPrefix(key, sessionKey); ok {
			sessions = append(sessions, hash)
		} else if hash, ok := strings.CutPrefix(key, kioskKey); ok {
			kiosks = append(kiosks, hash)
		}
	}
	var rows []accountRow
	err = db.pool.SelectContext(ctx, &rows, selectAccounts,
		pq.Array(sessions), pq.Array(kiosks), now, now.Add(-kioskLife))
	if err != nil {
		return nil, nil, fmt.Errorf("look up %d sessions: %w", len(keys), translate(err))
	}
	active, lost = make(map[string]Account, len(rows)), make(map[string]events.Loss)
	for _, r := range rows {
		if r.Lost != "" {
			lost[r.Key] = r.Lost
			continue
		}
		active[r.Key] = r.account()
	}
	return active, lost, nil
}

func (r accountRow) account() Account {
	return Account{
		Key: r.Key, UserID: r.UserID, Name: r.Name, Email: r.Email, Role: r.Role, Regions: r.Regions,
		ContractorID: r.ContractorID, KioskID: r.KioskID, KioskRegion: r.KioskRegion,
		Expires: r.Expiry.Time, LastSeen: r.Seen, FirstUse: r.FirstUse, data: r.Data,
	}
}

// readDeadline finds the deadline of a session in its data.
func (a *Account) readDeadline() (err error) {
	if a.KioskID == "" {
		a.Deadline, _, err = scs.GobCodec{}.Decode(a.data)
	}
	a.data = nil
	return err
}

// newToken returns 256 random bits for a URL or a cookie.
func newToken() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails; it ends the process instead
	return base64.RawURLEncoding.EncodeToString(b)
}

// hashToken is what the database keeps of a token: enough to recognise it, not
// to use it. It equals the hash that scs takes of a session's token.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
