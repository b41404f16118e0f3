package handlers_test

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/db/dbtest"
	"smartscheduler/handlers"
)

const goodPassword = "seven quiet herons"

// site is the server under test with a clock and a log of its own, on the
// database that the package's tests share.
type site struct {
	t       testing.TB
	db      *db.DB
	owner   *sql.DB
	echo    *echo.Echo
	h       *handlers.Handlers
	metrics *handlers.Metrics
	clock   *clock
	log     *buffer
}

func newSite(t testing.TB, change ...func(*handlers.Options)) *site {
	t.Helper()
	s := &site{t: t, db: dbtest.Open(t), clock: &clock{now: time.Now().Truncate(time.Microsecond)}, log: &buffer{}, metrics: handlers.NewMetrics()}
	owner, err := sql.Open("postgres", dbtest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	owner.SetMaxOpenConns(2)
	t.Cleanup(func() { _ = owner.Close() })
	s.owner = owner
	opts := handlers.Options{
		DB: s.db, Metrics: s.metrics, Now: s.clock.Now,
		Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, c := range change {
		c(&opts)
	}
	s.h = handlers.New(opts)
	s.echo = s.h.Echo()
	return s
}

// exec runs one statement as the owner of the database.
func (s *site) exec(query string, args ...any) {
	s.t.Helper()
	if _, err := s.owner.ExecContext(context.Background(), query, args...); err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
}

// region adds a region of its own for the test.
func (s *site) region() string {
	s.t.Helper()
	slug := "r-" + uuid.NewString()
	s.exec(`insert into regions (slug, name, zone) values ($1, $1, 'America/New_York')`, slug)
	return slug
}

// contractor adds a contractor of the region.
func (s *site) contractor(region string) (id string) {
	s.t.Helper()
	id = uuid.NewString()
	s.exec(`insert into contractors (id, name, home_region) values ($1, $2, $3)`, id, "Cora "+id, region)
	return id
}

// user adds a user with goodPassword.
func (s *site) user(role string, regions ...string) db.User {
	s.t.Helper()
	return s.userNamed("Ann "+role, role, regions...)
}

func (s *site) userNamed(name, role string, regions ...string) db.User {
	s.t.Helper()
	u, err := s.db.CreateUser(context.Background(), db.NewUser{
		Email: uuid.NewString() + "@example.com", Name: name, Role: role, Regions: regions,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.exec(`update users set password_hash = $2 where id = $1`, u.ID, dbtest.QuickHash(s.t, goodPassword))
	return u
}

// browser keeps cookies as a browser does. Its address is its own.
type browser struct {
	site    *site
	cookies map[string]*http.Cookie
	address string
	header  http.Header
}

func (s *site) browser() *browser {
	id := uuid.New()
	return &browser{
		site: s, cookies: make(map[string]*http.Cookie), header: http.Header{},
		address: "[2001:db8:" + hex4(id[0], id[1]) + ":" + hex4(id[2], id[3]) + "::1]:4711",
	}
}

func hex4(a, b byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[a>>4], digits[a&15], digits[b>>4], digits[b&15]})
}

// signedIn returns a browser in which user has signed in.
func (s *site) signedIn(u db.User) *browser {
	s.t.Helper()
	b := s.browser()
	if got := b.login(u.Email, goodPassword); got.Code != http.StatusSeeOther {
		s.t.Fatalf("sign in: %d", got.Code)
	}
	return b
}

func (b *browser) login(email, password string) *httptest.ResponseRecorder {
	return b.post("/login", url.Values{"email": {email}, "password": {password}})
}

func (b *browser) get(target string) *httptest.ResponseRecorder {
	return b.do(httptest.NewRequest(http.MethodGet, target, nil))
}

func (b *browser) post(target string, fields url.Values) *httptest.ResponseRecorder {
	return b.send(target, echo.MIMEApplicationForm, strings.NewReader(fields.Encode()))
}

func (b *browser) send(target, contentType string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, target, body)
	r.Header.Set("Content-Type", contentType)
	return b.do(r)
}

func (b *browser) do(r *http.Request) *httptest.ResponseRecorder {
	r.RemoteAddr = b.address
	for name, values := range b.header {
		r.Header[name] = values
	}
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	rec := httptest.NewRecorder()
	b.site.echo.ServeHTTP(rec, r)
	for _, c := range rec.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c
		}
	}
	return rec
}

// signedInNow tells whether the browser is let in to the start page.
func (b *browser) signedInNow() bool {
	b.site.t.Helper()
	to := b.get("/").Header().Get("Location")
	if to == "" {
		b.site.t.Fatal("GET / did not redirect")
	}
	return !strings.HasPrefix(to, "/login") && to != "/kiosk"
}

func wantStatus(t testing.TB, got *httptest.ResponseRecorder, status int) {
	t.Helper()
	if got.Code != status {
		t.Fatalf("status is %d, want %d; body: %.300s", got.Code, status, got.Body)
	}
}

func wantLocation(t testing.TB, got *httptest.ResponseRecorder, location string) {
	t.Helper()
	wantStatus(t, got, http.StatusSeeOther)
	if to := got.Header().Get("Location"); to != location {
		t.Fatalf("sent to %q, want %q", to, location)
	}
}

// clock tells the time that the test says.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// buffer is a bytes.Buffer that several goroutines may use.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
