package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
)

// Kiosk is a wall display that was enrolled for one region.
type Kiosk struct {
	ID     string `db:"id"`
	Region string `db:"region"`
	// RegionName is known of displays that are listed.
	RegionName string       `db:"region_name"`
	Name       string       `db:"name"`
	CreatedAt  time.Time    `db:"created_at"`
	LastSeen   sql.NullTime `db:"last_seen_at"`
	RevokedAt  sql.NullTime `db:"revoked_at"`
	// Keyless is set of displays that are listed and were rotated, until the
	// code is typed.
	Keyless bool `db:"keyless"`
}

// KioskState is whether a display shows anything.
type KioskState int

// The states of a display.
const (
	// KioskActive: it shows its wall when it is on.
	KioskActive KioskState = iota
	// KioskWaits: its tokens were ended, and it has no other yet.
	KioskWaits
	// KioskAway: it was not seen for 14 days, so its token has died.
	KioskAway
	// KioskRevoked: it is out of use for good.
	KioskRevoked
)

// State returns the state of a display that was listed.
func (k Kiosk) State(now time.Time) KioskState {
	seen := k.CreatedAt
	if k.LastSeen.Valid {
		seen = k.LastSeen.Time
	}
	switch {
	case k.RevokedAt.Valid:
		return KioskRevoked
	case k.Keyless:
		return KioskWaits
	case !seen.After(now.Add(-kioskLife)):
		return KioskAway
	}
	return KioskActive
}

const (
	// codeLife is how long a kiosk code can be used.
	codeLife = 10 * time.Minute
	// codeLetters are Crockford's base 32: no I, L, O or U, so that a code can
	// be read from one screen and typed on another.
	codeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeLength  = 10
)

// CreateKioskCode makes a code that enrols one display for region within 10
// minutes of now, like "7KQ2M-X09AR". It returns ErrNotFound for an unknown
// region; the unrouted queue has no display.
func (db *DB) CreateKioskCode(ctx context.Context, region, name string, now time.Time) (string, error) {
	code := newCode()
	result, err := db.pool.ExecContext(ctx, `insert into kiosk_codes (code_hash, region, name, created_at, expires_at)
  select $1, slug, $3, $4, $5 from regions where slug = $2 and slug <> $6`,
		hashToken(code), region, name, now, now.Add(codeLife), events.Unrouted)
	if err != nil {
		return "", fmt.Errorf("create kiosk code for %s: %w", region, translate(err))
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return "", fmt.Errorf("create kiosk code for %s: %w", region, errors.Join(err, ErrNotFound))
	}
	return readable(code), nil
}

// readable parts a code in two.
func readable(code string) string { return code[:codeLength/2] + "-" + code[codeLength/2:] }

func newCode() string {
	b := make([]byte, codeLength)
	_, _ = rand.Read(b) // never fails; it ends the process instead
	for i := range b {
		b[i] = codeLetters[b[i]%32]
	}
	return string(b)
}

// normalCode undoes what people do to a code when they type it.
func normalCode(s string) string {
	return strings.NewReplacer(" ", "", "-", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(s))
}

// EnrolKiosk uses a code up and returns a new display, or the one that the code
// was made for, with its device token, which is shown nowhere else. It returns ErrSpent for a code that was used,
// is older than 10 minutes at now, or never existed.
func (db *DB) EnrolKiosk(ctx context.Context, code string, now time.Time) (token string, k Kiosk, err error) {
	token = newToken()
	err = db.inTx(ctx, func(tx *sqlx.Tx) error {
		var c struct {
			Region string         `db:"region"`
			Name   string         `db:"name"`
			Kiosk  sql.NullString `db:"kiosk_id"`
		}
		err := tx.GetContext(ctx, &c, `update kiosk_codes set used_at = $2
  where code_hash = $1 and used_at is null and expires_at > $2 returning region, name, kiosk_id`, hashToken(normalCode(code)), now)
		if err != nil {
			return err
		}
		if c.Kiosk.Valid {
			return tx.GetContext(ctx, &k, `update kiosk_devices set token_hash = $2, token_at = $3, last_seen_at = $3
  where id = $1 and revoked_at is null returning `+kioskColumns, c.Kiosk, hashToken(token), now)
		}
		return tx.GetContext(ctx, &k, `insert into kiosk_devices (region, name, token_hash, created_at, last_seen_at, token_at)
  values ($1, $2, $3, $4, $4, $4) returning `+kioskColumns, c.Region, c.Name, hashToken(token), now)
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrSpent
	}
	if err != nil {
		return "", Kiosk{}, fmt.Errorf("enrol kiosk: %w", err)
	}
	return token, k, nil
}

const kioskColumns = `id, region, name, created_at, last_seen_at, revoked_at`

// A display that was rotated has the hash of its last token as the previous one,
// ended at the moment at which it got one that nobody has.
const selectKiosks = `select k.id, k.region, r.name as region_name, k.name, k.created_at, k.last_seen_at, k.revoked_at,
  k.previous_until is not distinct from k.token_at as keyless
  from kiosk_devices k join regions r on r.slug = k.region `

// Kiosks returns the displays in use by region and age, and after them those that
// were revoked after a time; up to limit, if that is not 0.
func (db *DB) Kiosks(ctx context.Context, revokedAfter time.Time, limit int) ([]Kiosk, error) {
	var list []Kiosk
	err := db.pool.SelectContext(ctx, &list, selectKiosks+`where k.revoked_at is null or k.revoked_at > $1
 order by k.revoked_at is not null, k.region, k.created_at, k.id limit nullif($2, 0)`, revokedAfter, limit)
	if err != nil {
		return nil, fmt.Errorf("list kiosks: %w", translate(err))
	}
	return list, nil
}

// KioskByID returns one display, or ErrNotFound.
func (db *DB) KioskByID(ctx context.Context, id string) (Kiosk, error) {
	var k Kiosk
	if err := db.pool.GetContext(ctx, &k, selectKiosks+`where k.id = $1`, id); err != nil {
		return Kiosk{}, fmt.Errorf("kiosk %s: %w", id, notFound(err))
	}
	return k, nil
}

// RevokeKiosk ends a display's rights for good, or returns ErrNotFound.
func (db *DB) RevokeKiosk(ctx context.Context, id string) error {
	var found string
	err := db.pool.GetContext(ctx, &found, `update kiosk_devices set revoked_at = coalesce(revoked_at, now()) where id = $1 returning id`, id)
	if err != nil {
		return fmt.Errorf("revoke kiosk %s: %w", id, notFound(err))
	}
	return nil
}

const (
	// kioskTokenLife is the age at which a display gets another token.
	kioskTokenLife = 24 * time.Hour
	// kioskOverlap is how long the token before it holds once the new one has
	// been used.
	kioskOverlap = 10 * time.Minute
	// kioskAgain is how long a new token may take to arrive before a display
	// that still comes with the old one gets another.
	kioskAgain = time.Minute
	// firstUse holds of a device whose new token has not been used yet.
	firstUse = `(previous_hash is not null and previous_until is null)`
)

// RenewKioskToken returns another token for the display that came with this
// one, or "" while it is young enough. The old one holds on until the new one
// has been used, so an answer that got lost costs nothing.
func (db *DB) RenewKioskToken(ctx context.Context, token string, now time.Time) (string, error) {
	fresh := newToken()
	result, err := db.pool.ExecContext(ctx, `
update kiosk_devices set token_hash = $2, token_at = $3, previous_hash = $1, previous_until = null
 where revoked_at is null and (token_hash = $1 and token_at <= $4 or previous_hash = $1 and `+firstUse+` and token_at <= $5)`,
		hashToken(token), hashToken(fresh), now, now.Add(-kioskTokenLife), now.Add(-kioskAgain))
	if err != nil {
		return "", fmt.Errorf("renew token of kiosk: %w", translate(err))
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return "", err
	}
	return fresh, nil
}

// RotateKiosk ends a display's tokens at once and returns a code that gives it
// another within 10 minutes of now: for one that may be known to others. It
// returns ErrNotFound for an unknown or revoked display.
func (db *DB) RotateKiosk(ctx context.Context, id string, now time.Time) (string, error) {
	code := newCode()
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		var k Kiosk
		// A token that nobody has. The old one stays known, so that the display
		// can be told what happened.
		err := tx.GetContext(ctx, &k, `update kiosk_devices set previous_hash = token_hash, previous_until = $3, token_hash = $2, token_at = $3
  where id = $1 and revoked_at is null returning `+kioskColumns, id, hashToken(newToken()), now)
		if err != nil {
			return notFound(err)
		}
		_, err = tx.ExecContext(ctx, `insert into kiosk_codes (code_hash, region, name, created_at, expires_at, kiosk_id)
  values ($1, $2, $3, $4, $5, $6)`, hashToken(code), k.Region, k.Name, now, now.Add(codeLife), k.ID)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("rotate kiosk %s: %w", id, err)
	}
	return readable(code), nil
}

// KioskSeen records that a display was here at now. With its new token, that
// ends the old one 10 minutes later: until then requests may be under way.
func (db *DB) KioskSeen(ctx context.Context, a Account, now time.Time) error {
	_, err := db.pool.ExecContext(ctx, `update kiosk_devices set last_seen_at = $2,
    previous_until = case when token_hash = $3 and `+firstUse+` then $4 else previous_until end
  where id = $1 and revoked_at is null`, a.KioskID, now, strings.TrimPrefix(a.Key, kioskKey), now.Add(kioskOverlap))
	if err != nil {
		return fmt.Errorf("record visit of kiosk %s: %w", a.KioskID, translate(err))
	}
	return nil
}
