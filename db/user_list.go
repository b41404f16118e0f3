package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// Person is a user as administrators see him.
type Person struct {
	User
	Version int `db:"version"`
	// Regions are the slugs of a dispatcher's regions and RegionNames their
	// names, both by name.
	Regions     pq.StringArray `db:"regions"`
	RegionNames pq.StringArray `db:"region_names"`
	// LastSignIn is not valid for those who never signed in.
	LastSignIn sql.NullTime `db:"last_sign_in_at"`
	// Erased: nothing but the id is known of him any more.
	Erased bool `db:"erased"`
}

// Invited tells whether he is to choose a password still.
func (p Person) Invited() bool { return !p.PasswordHash.Valid && !p.ContractorID.Valid && !p.Disabled }

// PeopleFilter is what to look for among the users. Empty fields look for
// nothing.
type PeopleFilter struct {
	// Text is a part of the name or the e-mail address.
	Text string
	// Role is one role, State active, invited or disabled.
	Role, State string
	// Limit and Offset cut a page out of the list.
	Limit, Offset int
}

const selectPeople = `select u.id, u.email, u.name, u.role, u.contractor_id, u.password_hash,
  u.disabled_at is not null as disabled, u.session_epoch, u.version, u.last_sign_in_at, u.erased_at is not null as erased,
  coalesce(r.slugs, '{}') as regions, coalesce(r.names, '{}') as region_names
  from users u left join lateral (
    select array_agg(g.slug order by g.name, g.slug) as slugs, array_agg(g.name order by g.name, g.slug) as names
      from user_regions ur join regions g on g.slug = ur.region where ur.user_id = u.id) r on true `

const peopleFilter = `
 where ($1 = '' or position(lower($1) in lower(u.name)) > 0 or u.contractor_id is null and position(lower($1) in u.email) > 0)
   and ($2 = '' or u.role = $2)
   and ($3 = '' or $3 = case when u.disabled_at is not null then 'disabled'
                             when u.password_hash is null and u.contractor_id is null then 'invited' else 'active' end)`

// People returns the users that match, by name.
func (db *DB) People(ctx context.Context, f PeopleFilter) ([]Person, error) {
	var list []Person
	err := db.pool.SelectContext(ctx, &list, selectPeople+peopleFilter+`
 order by lower(u.name), u.id limit $4 offset $5`, f.Text, f.Role, f.State, f.Limit, f.Offset)
	if err != nil {
		return nil, fmt.Errorf("list users: %w", translate(err))
	}
	return list, nil
}

// CountPeople counts the users that match, whatever the page.
func (db *DB) CountPeople(ctx context.Context, f PeopleFilter) (int, error) {
	var n int
	if err := db.pool.GetContext(ctx, &n, `select count(*) from users u`+peopleFilter, f.Text, f.Role, f.State); err != nil {
		return 0, fmt.Errorf("count users: %w", translate(err))
	}
	return n, nil
}

// PersonByID returns one user, or ErrNotFound.
func (db *DB) PersonByID(ctx context.Context, id string) (Person, error) {
	var p Person
	if err := db.pool.GetContext(ctx, &p, selectPeople+`where u.id = $1`, id); err != nil {
		return Person{}, fmt.Errorf("user %s: %w", id, notFound(err))
	}
	return p, nil
}

// Session is one place where a user is signed in.
type Session struct {
	// ID names the session and opens nothing.
	ID string `db:"id"`
	// Key is the Account.Key of it.
	Key string `db:"key"`
	// Device says in a few words where; it may be empty.
	Device    string    `db:"device"`
	CreatedAt time.Time `db:"created_at"`
	LastSeen  time.Time `db:"last_seen_at"`
}

// Sessions returns where a user is signed in at now, the last used first.
func (db *DB) Sessions(ctx context.Context, userID string, now time.Time) ([]Session, error) {
	var list []Session
	err := db.pool.SelectContext(ctx, &list, `select s.id, 's:' || s.token_hash as key, s.device, s.created_at, s.last_seen_at
  from sessions s join users u on u.id = s.user_id
 where u.id = $1 and u.disabled_at is null and s.epoch = u.session_epoch and s.expiry > $2 order by s.last_seen_at desc, s.id`, userID, now)
	if err != nil {
		return nil, fmt.Errorf("sessions of user %s: %w", userID, translate(err))
	}
	return list, nil
}

// EndSession signs a user out in one place. It returns ErrNotFound when he has
// no such session.
func (db *DB) EndSession(ctx context.Context, userID, sessionID string) error {
	var ended string
	err := db.pool.GetContext(ctx, &ended, `delete from sessions where id = $2 and user_id = $1 returning id`, userID, sessionID)
	if err != nil {
		return fmt.Errorf("end session %s of user %s: %w", sessionID, userID, notFound(err))
	}
	return nil
}
