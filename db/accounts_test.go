package db_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/google/uuid"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
	"smartscheduler/events"
)

const goodPassword = "seven quiet herons"

// newRegion adds a region of its own for the test and returns its slug.
func newRegion(t testing.TB, d *db.DB) string {
	t.Helper()
	slug := "r-" + uuid.NewString()
	err := d.Exec(t.Context(), `insert into regions (slug, name, zone) values ($1, $1, 'America/New_York')`, slug)
	if err != nil {
		t.Fatalf("new region: %v", err)
	}
	return slug
}

// newContractor adds a contractor with a name of its own and returns its id.
func newContractor(t testing.TB, d *db.DB, region string) (id, name string) {
	t.Helper()
	id = uuid.NewString()
	name = "Cora " + id
	err := d.Exec(t.Context(), `insert into contractors (id, external_id, name, home_region) values ($1, $2, $3, $4)`,
		id, "ext-"+id, name, region)
	if err != nil {
		t.Fatalf("new contractor: %v", err)
	}
	return id, name
}

// newUser adds a user of a role and returns it.
func newUser(t testing.TB, d *db.DB, role string, regions ...string) db.User {
	t.Helper()
	u, err := d.CreateUser(t.Context(), db.NewUser{
		Email: uuid.NewString() + "@Example.com", Name: "Ann", Role: role, Password: goodPassword, Regions: regions,
	})
	if err != nil {
		t.Fatalf("new user: %v", err)
	}
	return u
}

// signIn stores a session that lasts idle without a request and absolute in
// all, and returns the token that a cookie would hold.
func signIn(t testing.TB, d *db.DB, userID string, idle, absolute time.Duration) string {
	t.Helper()
	var epoch int64
	if err := d.Scan(t.Context(), `select session_epoch from users where id = '`+userID+`'`, &epoch); err != nil {
		t.Fatal(err)
	}
	token, err := trySignIn(t, d, userID, epoch, idle, absolute)
	if err != nil {
		t.Fatalf("sign in: %v", err)
	}
	return token
}

// trySignIn is signIn with what was proved under an epoch.
func trySignIn(t testing.TB, d *db.DB, userID string, epoch int64, idle, absolute time.Duration) (string, error) {
	t.Helper()
	token := uuid.NewString()
	data, err := scs.GobCodec{}.Encode(time.Now().Add(absolute), map[string]any{
		db.SessionUser: userID, db.SessionIdle: int64(idle / time.Second), db.SessionEpoch: epoch,
	})
	if err != nil {
		t.Fatal(err)
	}
	return token, d.SessionStore().CommitCtx(t.Context(), storedHash(token), data, time.Now().Add(absolute))
}

// storedHash is what scs gives to its store instead of a token.
func storedHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func wantErr(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error is %v, want %v", err, want)
	}
}

// wantLost wants an ErrNotFound that says why.
func wantLost(t testing.TB, err error, why events.Loss) {
	t.Helper()
	wantErr(t, err, db.ErrNotFound)
	var lost *db.Lost
	if !errors.As(err, &lost) || lost.Why != why {
		t.Errorf("error is %v, want %s", err, why)
	}
}

func TestSessionAccount(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	north, south := newRegion(t, d), newRegion(t, d)
	u := newUser(t, d, "dispatcher", south, north)
	token := signIn(t, d, u.ID, time.Hour, 3*time.Hour)
	now := time.Now()

	a, err := d.SessionAccount(t.Context(), token, now)
	if err != nil {
		t.Fatal(err)
	}
	regions := []string{north, south}
	slices.Sort(regions)
	if a.UserID != u.ID || a.Role != "dispatcher" || !slices.Equal(a.Regions, regions) || a.ContractorID != "" {
		t.Errorf("account is %+v", a)
	}
	if strings.Contains(a.Key, token) {
		t.Errorf("the key %q holds the token", a.Key)
	}

	t.Run("RegionChange", func(t *testing.T) {
		if err := d.SetUserRole(t.Context(), u.ID, "dispatcher", []string{north}); err != nil {
			t.Fatal(err)
		}
		a, err := d.SessionAccount(t.Context(), token, now)
		if err != nil || !slices.Equal(a.Regions, []string{north}) {
			t.Errorf("regions are %v (%v), want the new ones at once", a.Regions, err)
		}
	})
	t.Run("UnknownToken", func(t *testing.T) {
		_, err := d.SessionAccount(t.Context(), uuid.NewString(), now)
		wantErr(t, err, db.ErrNotFound)
	})
	t.Run("Idle", func(t *testing.T) {
		_, err := d.SessionAccount(t.Context(), token, now.Add(time.Hour+time.Minute))
		wantErr(t, err, db.ErrNotFound)
	})
	t.Run("Extended", func(t *testing.T) {
		if err := d.ExtendSession(t.Context(), a.Key, now.Add(2*time.Hour), now); err != nil {
			t.Fatal(err)
		}
		if _, err := d.SessionAccount(t.Context(), token, now.Add(time.Hour+time.Minute)); err != nil {
			t.Errorf("extended session: %v", err)
		}
	})
	t.Run("Disabled", func(t *testing.T) {
		if err := d.DisableUser(t.Context(), u.ID); err != nil {
			t.Fatal(err)
		}
		_, err := d.SessionAccount(t.Context(), token, now)
		wantErr(t, err, db.ErrNotFound)
		// A sign-in that was under way meanwhile opens nothing either.
		_, err = trySignIn(t, d, u.ID, u.SessionEpoch+1, time.Hour, time.Hour)
		wantErr(t, err, db.ErrNotFound)
		if err := d.EnableUser(t.Context(), u.ID); err != nil {
			t.Fatal(err)
		}
		_, err = d.SessionAccount(t.Context(), token, now)
		wantErr(t, err, db.ErrNotFound)
	})
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(t *testing.T, d *db.DB, id string) error{
		"PasswordChange": func(t *testing.T, d *db.DB, id string) error {
			return d.SetPassword(t.Context(), id, "eleven other herons")
		},
		"EndSessions": func(t *testing.T, d *db.DB, id string) error { return d.EndSessions(t.Context(), id) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := dbtest.Open(t)
			u, other := newUser(t, d, "auditor"), newUser(t, d, "auditor")
			token, others := signIn(t, d, u.ID, time.Hour, time.Hour), signIn(t, d, other.ID, time.Hour, time.Hour)
			if err := end(t, d, u.ID); err != nil {
				t.Fatal(err)
			}
			_, err := d.SessionAccount(t.Context(), token, time.Now())
			wantErr(t, err, db.ErrNotFound)
			if _, err := d.SessionAccount(t.Context(), others, time.Now()); err != nil {
				t.Errorf("another user's session ended too: %v", err)
			}
		})
	}
}

func TestSessionStore(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	u := newUser(t, d, "admin")

	t.Run("AtMostTen", func(t *testing.T) {
		tokens := make([]string, 12)
		for i := range tokens {
			tokens[i] = signIn(t, d, u.ID, time.Hour+time.Duration(i)*time.Minute, 2*time.Hour)
		}
		for i, token := range tokens {
			_, err := d.SessionAccount(t.Context(), token, time.Now())
			if alive := err == nil; alive != (i >= 2) {
				t.Errorf("session %d of 12: alive is %v", i+1, alive)
			}
		}
	})
	t.Run("NewestStaysEvenIfShortest", func(t *testing.T) {
		token := signIn(t, d, u.ID, time.Minute, time.Hour)
		if _, err := d.SessionAccount(t.Context(), token, time.Now()); err != nil {
			t.Errorf("the session just made: %v", err)
		}
	})
	t.Run("FindDelete", func(t *testing.T) {
		token := signIn(t, d, u.ID, time.Hour, time.Hour)
		store := d.SessionStore()
		if _, found, err := store.Find(storedHash(token)); !found || err != nil {
			t.Fatalf("find: %v, %v", found, err)
		}
		if err := store.Delete(storedHash(token)); err != nil {
			t.Fatal(err)
		}
		if _, found, err := store.Find(storedHash(token)); found || err != nil {
			t.Errorf("find after delete: %v, %v", found, err)
		}
	})
	t.Run("Incomplete", func(t *testing.T) {
		for _, values := range []map[string]any{{}, {db.SessionIdle: int64(60), db.SessionEpoch: int64(1)},
			{db.SessionUser: u.ID, db.SessionEpoch: int64(1)}, {db.SessionUser: u.ID, db.SessionIdle: int64(60)}} {
			data, err := scs.GobCodec{}.Encode(time.Now().Add(time.Hour), values)
			if err != nil {
				t.Fatal(err)
			}
			if err := d.SessionStore().Commit(uuid.NewString(), data, time.Now().Add(time.Hour)); err == nil {
				t.Errorf("a session of %v was stored", values)
			}
		}
	})
}

func TestActiveKeys(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	now := time.Now()
	region := newRegion(t, d)
	u := newUser(t, d, "dispatcher", region)
	session, err := d.SessionAccount(t.Context(), signIn(t, d, u.ID, time.Hour, time.Hour), now)
	if err != nil {
		t.Fatal(err)
	}
	gone, err := d.SessionAccount(t.Context(), signIn(t, d, newUser(t, d, "auditor").ID, time.Hour, time.Hour), now)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.DisableUser(t.Context(), gone.UserID); err != nil {
		t.Fatal(err)
	}
	kiosk := enrolled(t, d, region, now)

	found, lost, err := d.ActiveKeys(t.Context(), []string{session.Key, gone.Key, kiosk.Key, "s:nothing", "k:nothing", "?"}, now)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 2 || found[session.Key].UserID != u.ID || found[kiosk.Key].KioskRegion != region {
		t.Errorf("active are %v, want the session and the kiosk", found)
	}
	if len(lost) != 1 || lost[gone.Key] != events.LossDisabled {
		t.Errorf("lost are %v, want the disabled user's session", lost)
	}
	if found, lost, err := d.ActiveKeys(t.Context(), nil, now); err != nil || len(found)+len(lost) != 0 {
		t.Errorf("no keys: %v, %v, %v", found, lost, err)
	}
}

// Whoever has a session whose data is damaged is nobody; the other keys of the
// same question are answered, and its user can sign in again.
func TestActiveKeysOutlastsADamagedSession(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	owner := dbtest.OpenOwner(t)
	now := time.Now()
	u := newUser(t, d, "auditor")
	token := signIn(t, d, u.ID, time.Hour, time.Hour)
	damaged, err := d.SessionAccount(t.Context(), token, now)
	if err != nil {
		t.Fatal(err)
	}
	sound, err := d.SessionAccount(t.Context(), signIn(t, d, newUser(t, d, "auditor").ID, time.Hour, time.Hour), now)
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Exec(t.Context(), `update sessions set data = 'of a newer build' where token_hash = $1`, storedHash(token)); err != nil {
		t.Fatal(err)
	}
	active, lost, err := d.ActiveKeys(t.Context(), []string{damaged.Key, sound.Key}, now)
	if err != nil {
		t.Fatal(err)
	}
	if active[sound.Key].UserID != sound.UserID || len(lost) != 0 {
		t.Errorf("active are %v and lost %v, want the sound session among them", active, lost)
	}
	_, err = d.SessionAccount(t.Context(), token, now)
	wantErr(t, err, db.ErrNotFound)
	if _, found, err := d.SessionStore().Find(storedHash(token)); found || err != nil {
		t.Errorf("the damaged session is found: %v, %v", found, err)
	}
}

func TestInactiveContractorIsCutOff(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	id, name := newContractor(t, d, newRegion(t, d))
	link, _, err := d.CreateContractorLink(t.Context(), name, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	u, err := d.ConsumeContractorLink(t.Context(), link, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	token := signIn(t, d, u.ID, time.Hour, time.Hour)
	a, err := d.SessionAccount(t.Context(), token, time.Now())
	if err != nil || a.ContractorID != id {
		t.Fatalf("account is %+v (%v), want contractor %s", a, err, id)
	}
	if err := d.Exec(t.Context(), `update contractors set active = false where id = $1`, id); err != nil {
		t.Fatal(err)
	}
	_, err = d.SessionAccount(t.Context(), token, time.Now())
	wantErr(t, err, db.ErrNotFound)
}

func TestCreateUser(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	u := newUser(t, d, "admin")
	if strings.Contains(u.PasswordHash.String, goodPassword) || !strings.HasPrefix(u.PasswordHash.String, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("password is stored as %q", u.PasswordHash.String)
	}
	again, err := d.UserByEmail(t.Context(), "  "+strings.ToUpper(u.Email))
	if err != nil || again.ID != u.ID {
		t.Errorf("by e-mail in capitals: %+v, %v", again, err)
	}
	for name, tc := range map[string]struct {
		user db.NewUser
		want error
	}{
		"Taken":         {db.NewUser{Email: strings.ToUpper(u.Email), Name: "Bo", Role: "auditor"}, db.ErrDuplicate},
		"UnknownRegion": {db.NewUser{Email: uuid.NewString(), Name: "Bo", Role: "dispatcher", Regions: []string{"nowhere"}}, db.ErrNotFound},
		"Short":         {db.NewUser{Email: uuid.NewString(), Name: "Bo", Role: "admin", Password: "elevenchars"}, db.ErrPassword},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := d.CreateUser(t.Context(), tc.user)
			wantErr(t, err, tc.want)
			if name == "Taken" {
				return
			}
			_, err = d.UserByEmail(t.Context(), tc.user.Email)
			wantErr(t, err, db.ErrNotFound)
		})
	}
	_, err = d.UserByEmail(t.Context(), "nobody@example.com")
	wantErr(t, err, db.ErrNotFound)
	wantErr(t, d.DisableUser(t.Context(), uuid.NewString()), db.ErrNotFound)
	wantErr(t, d.EndSessions(t.Context(), "not an id"), db.ErrNotFound)
}

func TestCheckPasswordRule(t *testing.T) {
	t.Parallel()
	for password, good := range map[string]bool{
		goodPassword:                 true,
		"dispatch-demo-2027":         true,
		"twelve chars":               true,
		"elevenchars":                false,
		strings.Repeat("ab1cd", 25):  true,
		strings.Repeat("abcde", 26):  false,
		"aaaaaaaaaaaaaaaa":           false,
		"1234123412341234":           false,
		"Password1234":               false,
		"QWERTYUIOP123":              false,
		"ann.long@example.com":       false,
		"äöüÄÖÜßéèêñç":               true,
		"twelve bytes\xff and more!": false,
	} {
		err := db.CheckPasswordRule(password, "Ann.Long@example.com")
		if (err == nil) != good {
			t.Errorf("%q: %v, want good %v", password, err, good)
		}
		if err != nil && !errors.Is(err, db.ErrPassword) {
			t.Errorf("%q: %v is not ErrPassword", password, err)
		}
	}
}

func TestPasswordMatches(t *testing.T) {
	t.Parallel()
	hash, err := db.HashPassword(goodPassword)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		password, hash string
		want           bool
	}{
		{goodPassword, hash, true},
		{goodPassword + " ", hash, false},
		{"", hash, false},
		{goodPassword, "", false},
		{"", "", false},
	} {
		got, err := db.PasswordMatches(tc.password, tc.hash)
		if err != nil || got != tc.want {
			t.Errorf("%q against %.20q: %v, %v", tc.password, tc.hash, got, err)
		}
	}
	if _, err := db.PasswordMatches("x", "not a hash"); err == nil {
		t.Error("a broken hash gave no error")
	}
}

// enrolled makes a display of region and returns its account.
func enrolled(t testing.TB, d *db.DB, region string, now time.Time) db.Account {
	t.Helper()
	code, err := d.CreateKioskCode(t.Context(), region, "hall", now)
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := d.EnrolKiosk(t.Context(), code, now)
	if err != nil {
		t.Fatal(err)
	}
	a, err := d.KioskByToken(t.Context(), token, now)
	if err != nil {
		t.Fatal(fmt.Errorf("enrolled: %w", err))
	}
	return a
}
