package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"smartscheduler/db"
)

// lifetime is how long a session lasts: idle without a request, and at all.
// Streams and what a page asks for by itself are not requests here: a page left
// open does not keep anybody signed in.
type lifetime struct{ idle, absolute time.Duration }

// lifetimeOf returns the limits of a role. Administrators have short ones; they
// have no second factor yet.
func lifetimeOf(role string) lifetime {
	switch role {
	case RoleAdmin:
		return lifetime{30 * time.Minute, 12 * time.Hour}
	case RoleContractor:
		return lifetime{7 * 24 * time.Hour, 30 * 24 * time.Hour}
	}
	return lifetime{12 * time.Hour, 24 * time.Hour}
}

// access is what signing in needs: the sessions and the brakes on guessing.
type access struct {
	sessions *scs.SessionManager
	// tries bounds failed attempts by address. accounts counts them by account;
	// slow is what happens above its limit.
	tries, accounts *throttle
	slow            *brake
	// mails bounds the links sent to one e-mail address.
	mails *throttle
	// receipts bounds what a contractor's pages say of what they show.
	receipts *throttle
	// hashing holds one token for each password that is being compared.
	hashing chan struct{}
	// opening holds one token for each stream whose caller is looked up.
	opening chan struct{}
}

func newAccess(opts Options) *access {
	a := &access{
		// A literal, because scs.New starts a store in memory that never ends.
		sessions: &scs.SessionManager{
			Codec:            scs.GobCodec{},
			HashTokenInStore: true,
			Lifetime:         lifetimeOf(RoleDispatcher).absolute,
		},
		tries:    newThrottle(10, 3*time.Minute, opts.Now),
		accounts: newThrottle(20, time.Hour, opts.Now),
		slow:     newBrake(opts.Pause),
		mails:    newThrottle(3, time.Hour, opts.Now),
		receipts: newThrottle(receiptsPerMinute, time.Minute, opts.Now),
		hashing:  make(chan struct{}, 4),
		opening:  make(chan struct{}, streamsOpening),
	}
	if opts.DB != nil {
		a.sessions.Store = opts.DB.SessionStore()
	}
	return a
}

// startSession signs user in with a token that the browser has never seen, so
// that nobody can have planted it, and ends the session that it had before. It
// returns ErrNotFound when what the user proved counts no more, because he was
// locked out or his password was changed at this moment.
func (h *Handlers) startSession(c echo.Context, user db.User) error {
	s := h.access.sessions
	ctx, err := s.Load(c.Request().Context(), cookieValue(c, h.cookieName(sessionCookie)))
	if err != nil {
		return err
	}
	if err := s.RenewToken(ctx); err != nil {
		return err
	}
	life := lifetimeOf(user.Role)
	deadline := h.now().Add(life.absolute)
	s.Put(ctx, db.SessionUser, user.ID)
	s.Put(ctx, db.SessionIdle, int64(life.idle/time.Second))
	s.Put(ctx, db.SessionEpoch, user.SessionEpoch)
	s.Put(ctx, db.SessionDevice, deviceWords(c.Request().UserAgent()))
	s.SetDeadline(ctx, deadline)
	token, _, err := s.Commit(ctx)
	if err != nil {
		return err
	}
	h.setCookie(c, sessionCookie, token, life.absolute)
	h.log.InfoContext(ctx, "signed in", "user_id", user.ID, "role", user.Role, "address", c.RealIP())
	return nil
}

// endSession signs the browser out. Without a session it does nothing.
func (h *Handlers) endSession(c echo.Context) error {
	s := h.access.sessions
	ctx, err := s.Load(c.Request().Context(), cookieValue(c, h.cookieName(sessionCookie)))
	if err != nil {
		return err
	}
	if s.Token(ctx) != "" {
		if err := s.Destroy(ctx); err != nil {
			return err
		}
	}
	h.setCookie(c, sessionCookie, "", -1)
	return nil
}

// authenticate finds out who calls, afresh for each request, so that changed
// rights apply at once. It refuses nobody: `only` does, and streams do.
func (h *Handlers) authenticate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !isPlumbing(c) {
			a, err := h.boundedAccount(c)
			switch {
			case err == nil:
				c.Set(principalKey, PrincipalOf(a))
			case !errors.Is(err, db.ErrNotFound):
				c.Set(unknownKey, err)
			default:
				if lost := (*db.Lost)(nil); errors.As(err, &lost) {
					c.Set(lostKey, lost.Why)
				}
			}
		}
		return next(c)
	}
}

// account looks for the caller. A display and a person may share a browser:
// the display's own pages belong to the display first, all others to the person.
// Who of the two is nobody, but was somebody, is told so by his own pages.
func (h *Handlers) account(c echo.Context) (db.Account, error) {
	find := []func(echo.Context) (db.Account, error){h.personCalling, h.kioskCalling}
	if isKioskPath(c.Request().URL.Path) {
		slices.Reverse(find)
	}
	a, err := find[0](c)
	if !errors.Is(err, db.ErrNotFound) {
		return a, err
	}
	other, otherErr := find[1](c)
	if errors.Is(otherErr, db.ErrNotFound) {
		return a, err
	}
	return other, otherErr
}

// slack is how old the record of a visit may get, so that not every request
// writes one.
const slack = time.Minute

func (h *Handlers) personCalling(c echo.Context) (db.Account, error) {
	token := cookieValue(c, h.cookieName(sessionCookie))
	if token == "" {
		return db.Account{}, db.ErrNotFound
	}
	ctx, now := c.Request().Context(), h.now()
	find := h.db.SessionAccount
	if isStream(c) {
		find = h.db.SessionAccountInBatch
	}
	a, err := find(ctx, token, now)
	if err != nil || isStream(c) || isPoll(c) {
		return a, err
	}
	expires := now.Add(lifetimeOf(a.Role).idle)
	if expires.After(a.Deadline) {
		expires = a.Deadline
	}
	if now.Sub(a.LastSeen) < slack && expires.Sub(a.Expires) <= slack {
		return a, nil
	}
	return a, h.db.ExtendSession(ctx, a.Key, expires, now)
}

func (h *Handlers) kioskCalling(c echo.Context) (db.Account, error) {
	token := cookieValue(c, h.cookieName(kioskCookie))
	if token == "" {
		return db.Account{}, db.ErrNotFound
	}
	ctx, now := c.Request().Context(), h.now()
	find := h.db.KioskByToken
	if isStream(c) {
		find = h.db.KioskByTokenInBatch
	}
	a, err := find(ctx, token, now)
	if err != nil || now.Sub(a.LastSeen) < slack && !a.FirstUse {
		return a, err
	}
	return a, h.db.KioskSeen(ctx, a, now)
}

// anyRole lists everybody who can be signed in, for `only`.
func anyRole() []string {
	return []string{RoleAdmin, RoleDispatcher, RoleContractor, RoleKiosk, RoleAuditor}
}

// contractorHeader names on whose behalf a phone sends what was tapped on it a
// while ago. Somebody else may have signed in there since.
const contractorHeader = "X-Contractor"

// only lets the named roles pass. Who is not signed in is asked to; others are
// told that there is nothing, as for a page that does not exist.
func (h *Handlers) only(roles ...string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := rightsUnknown(c); err != nil {
				return err
			}
			p, ok := principal(c)
			if !ok {
				return h.askToSignIn(c)
			}
			if meant := c.Request().Header.Get(contractorHeader); meant != "" && meant != p.ContractorID {
				return errNotSignedIn
			}
			if !slices.Contains(roles, p.Role) {
				return db.ErrNotFound
			}
			return next(c)
		}
	}
}

// rightsUnknown returns why the caller could not be looked up, or nil when it
// is known who calls or that nobody is signed in.
func rightsUnknown(c echo.Context) error {
	err, _ := c.Get(unknownKey).(error)
	return err
}

// askToSignIn answers a caller who is nobody: a page goes to the login and
// comes back afterwards, htmx is told where to go, a stream gets a bare 401.
func (h *Handlers) askToSignIn(c echo.Context) error {
	if isStream(c) {
		return c.NoContent(http.StatusUnauthorized)
	}
	next := ""
	if m := c.Request().Method; m == http.MethodGet && !isPartial(c) {
		next = safeNext(c.Request().URL.RequestURI())
	}
	to := "/login"
	if isKioskPath(c.Request().URL.Path) {
		to = "/kiosk"
	} else if next != "" && next != "/" {
		to += "?next=" + url.QueryEscape(next)
	}
	if isPartial(c) {
		c.Response().Header().Set("HX-Redirect", to)
		return errNotSignedIn
	}
	return c.Redirect(http.StatusSeeOther, to)
}

// safeNext returns target if it is a path on this server that one may be sent
// to after signing in, else "". Browsers read a backslash as a slash, and two
// slashes as another host.
func safeNext(target string) string {
	if len(target) > 500 || !strings.HasPrefix(target, "/") {
		return ""
	}
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "" || u.Host != "" || strings.HasPrefix(u.Path, "//") || strings.Contains(u.Path, "\\") {
		return ""
	}
	for _, prefix := range []string{"/login", "/logout", linkPrefix, passwordPrefix, streamPrefix} {
		if strings.HasPrefix(u.Path, prefix) {
			return ""
		}
	}
	return target
}
