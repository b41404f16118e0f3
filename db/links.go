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

// The errors of one-time links and codes.
var (
	// ErrSpent: the link or code was used already, is too old, was replaced by
	// a newer one, or never existed; the caller is not told which.
	ErrSpent = errors.New("used already or too old")
	// ErrAmbiguous: several contractors have this name.
	ErrAmbiguous = errors.New("more than one matches")
)

// linkLife is how long a contractor's link can be used.
const linkLife = 24 * time.Hour

// CreateContractorLink makes the token of a one-time sign-in link for a
// contractor, found by id, external id or exact name. It works once, for 24
// hours from now, and replaces the contractor's earlier unused ones. It
// returns ErrNotFound or ErrAmbiguous.
func (db *DB) CreateContractorLink(ctx context.Context, contractor string, now time.Time) (token string, c Contractor, err error) {
	token = newToken()
	err = db.inTx(ctx, func(tx *sqlx.Tx) error {
		if c, err = findContractor(ctx, tx, contractor); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `delete from contractor_links where contractor_id = $1 and used_at is null`, c.ID); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `insert into contractor_links (token_hash, contractor_id, created_at, expires_at) values ($1, $2, $3, $4)`,
			hashToken(token), c.ID, now, now.Add(linkLife))
		return err
	})
	if err != nil {
		return "", Contractor{}, fmt.Errorf("create link for contractor %s: %w", contractor, err)
	}
	return token, c, nil
}

// RevokeContractorLinks makes the unused links of a contractor, found as for
// CreateContractorLink, worthless, and signs him out everywhere. It returns
// ErrNotFound or ErrAmbiguous.
func (db *DB) RevokeContractorLinks(ctx context.Context, contractor string) (c Contractor, err error) {
	err = db.inTx(ctx, func(tx *sqlx.Tx) error {
		if c, err = findContractor(ctx, tx, contractor); err != nil {
			return err
		}
		// First the links: who uses one at this moment holds its row until he has
		// a user, whose epoch this then ends.
		if _, err := tx.ExecContext(ctx, `delete from contractor_links where contractor_id = $1`, c.ID); err != nil {
			return err
		}
		var userID string
		err := tx.GetContext(ctx, &userID, `select id from users where contractor_id = $1`, c.ID)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return endSessions(ctx, tx, userID, events.LossLink)
	})
	if err != nil {
		return Contractor{}, fmt.Errorf("revoke links of contractor %s: %w", contractor, err)
	}
	return c, nil
}

// findContractor prefers an id to an external id to a name.
func findContractor(ctx context.Context, tx *sqlx.Tx, text string) (Contractor, error) {
	for _, where := range []string{`c.id::text = lower($1)`, `c.external_id = $1`, `c.name = $1`} {
		var found []Contractor
		if err := tx.SelectContext(ctx, &found, selectContractors+`where c.active and `+where+` limit 2`, text); err != nil {
			return Contractor{}, err
		}
		switch len(found) {
		case 1:
			return found[0], nil
		case 2:
			return Contractor{}, ErrAmbiguous
		}
	}
	return Contractor{}, ErrNotFound
}

// LinkWorks tells whether a link could be used at now, without using it.
func (db *DB) LinkWorks(ctx context.Context, token string, now time.Time) (bool, error) {
	var works bool
	err := db.pool.GetContext(ctx, &works, `select exists (select from contractor_links
  where token_hash = $1 and used_at is null and expires_at > $2)`, hashToken(token), now)
	if err != nil {
		return false, fmt.Errorf("look at link: %w", translate(err))
	}
	return works, nil
}

// ConsumeContractorLink uses a link up and returns the contractor's user, who
// is made at the first use. Of several callers with one token exactly one
// succeeds; the others get ErrSpent, as do disabled users and inactive
// contractors, whose link stays unused.
func (db *DB) ConsumeContractorLink(ctx context.Context, token string, now time.Time) (User, error) {
	var u User
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		var c struct {
			ID   string `db:"id"`
			Name string `db:"name"`
		}
		err := tx.GetContext(ctx, &c, `
update contractor_links l set used_at = $2 from contractors c
 where c.id = l.contractor_id and c.active and l.token_hash = $1 and l.used_at is null and l.expires_at > $2
returning c.id, c.name`, hashToken(token), now)
		if err != nil {
			return err
		}
		// An address that cannot exist: contractors do not sign in by password.
		_, err = tx.ExecContext(ctx, `insert into users (email, name, role, contractor_id)
values ($1::text || '@contractors.invalid', $2, 'contractor', $1::uuid) on conflict (contractor_id) do nothing`, c.ID, c.Name)
		if err != nil {
			return err
		}
		return tx.GetContext(ctx, &u, selectUsers+`where u.contractor_id = $1 and u.disabled_at is null`, c.ID)
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrSpent
	}
	if err != nil {
		return User{}, fmt.Errorf("use link: %w", err)
	}
	return u, nil
}
