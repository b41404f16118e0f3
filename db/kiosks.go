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
	ID        string       `db:"id"`
	Region    string       `db:"region"`
	Name      string       `db:"name"`
	CreatedAt time.Time    `db:"created_at"`
	LastSeen  sql.NullTime `db:"last_seen_at"`
	RevokedAt sql.NullTime `db:"revoked_at"`
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
	return code[:codeLength/2] + "-" + code[codeLength/2:], nil
}

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

// EnrolKiosk uses a code up and returns a new display with its device token,
// which is shown nowhere else. It returns ErrSpent for a code that was used,
// is older than 10 minutes at now, or never existed.
func (db *DB) EnrolKiosk(ctx context.Context, code string, now time.Time) (token string, k Kiosk, err error) {
	token = newToken()
	err = db.inTx(ctx, func(tx *sqlx.Tx) error {
		err := tx.GetContext(ctx, &k, `update kiosk_codes set used_at = $2
  where code_hash = $1 and used_at is null and expires_at > $2 returning region, name`, hashToken(normalCode(code)), now)
		if err != nil {
			return err
		}
		return tx.GetContext(ctx, &k, `insert into kiosk_devices (region, name, token_hash, created_at, last_seen_at)
  values ($1, $2, $3, $4, $4) returning `+kioskColumns, k.Region, k.Name, hashToken(token), now)
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

// Kiosks returns all displays, also revoked ones, by region and age.
func (db *DB) Kiosks(ctx context.Context) ([]Kiosk, error) {
	var list []Kiosk
	if err := db.pool.SelectContext(ctx, &list, `select `+kioskColumns+` from kiosk_devices order by region, created_at, id`); err != nil {
		return nil, fmt.Errorf("list kiosks: %w", translate(err))
	}
	return list, nil
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

// KioskSeen records that a display was here at now.
func (db *DB) KioskSeen(ctx context.Context, id string, now time.Time) error {
	if _, err := db.pool.ExecContext(ctx, `update kiosk_devices set last_seen_at = $2 where id = $1 and revoked_at is null`, id, now); err != nil {
		return fmt.Errorf("record visit of kiosk %s: %w", id, translate(err))
	}
	return nil
}
