package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"smartscheduler/handlers"
)

const wantPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"font-src 'self'; form-action 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"

func TestHeadersOnEveryAnswer(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		s := newSite(t, func(o *handlers.Options) { o.Secure = secure })
		s.echo.GET("/test/panic", func(echo.Context) error { panic("lost") })
		crossSite := s.browser()
		crossSite.header.Set("Sec-Fetch-Site", "cross-site")
		answers := map[int]*httptest.ResponseRecorder{
			http.StatusOK:                    s.browser().get("/login"),
			http.StatusSeeOther:              s.browser().get("/"),
			http.StatusUnauthorized:          s.browser().login("nobody@example.com", "x"),
			http.StatusForbidden:             crossSite.post("/login", nil),
			http.StatusNotFound:              s.browser().get("/no/such/page"),
			http.StatusMethodNotAllowed:      s.browser().get("/logout"),
			http.StatusRequestEntityTooLarge: s.browser().send("/login", echo.MIMEApplicationForm, strings.NewReader(strings.Repeat("x", 65<<10))),
			http.StatusInternalServerError:   s.browser().get("/test/panic"),
		}
		for status, got := range answers {
			wantStatus(t, got, status)
			want := map[string]string{
				"Content-Security-Policy":      wantPolicy,
				"X-Content-Type-Options":       "nosniff",
				"X-Frame-Options":              "DENY",
				"Referrer-Policy":              "same-origin",
				"Cross-Origin-Opener-Policy":   "same-origin",
				"Cross-Origin-Resource-Policy": "same-origin",
				"Cache-Control":                "no-store",
				"Vary":                         "HX-Request-Type",
				"Strict-Transport-Security":    "",
			}
			if secure {
				want["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
			}
			for name, value := range want {
				if v := got.Header().Get(name); v != value {
					t.Errorf("%d: %s is %q, want %q", status, name, v, value)
				}
			}
			if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f-]{27}$`).MatchString(got.Header().Get("X-Request-Id")) {
				t.Errorf("%d: X-Request-Id is %q", status, got.Header().Get("X-Request-Id"))
			}
			if got.Body.Len() > 0 && got.Header().Get("Content-Type") != "text/html; charset=UTF-8" {
				t.Errorf("%d: Content-Type is %q", status, got.Header().Get("Content-Type"))
			}
		}
	}
}

func TestOtherSitesChangeNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	u := s.user(handlers.RoleAuditor)
	for name, tc := range map[string]struct {
		header map[string]string
		want   int
	}{
		"CrossSite":     {map[string]string{"Sec-Fetch-Site": "cross-site"}, http.StatusForbidden},
		"SameSite":      {map[string]string{"Sec-Fetch-Site": "same-site"}, http.StatusForbidden},
		"ForeignOrigin": {map[string]string{"Origin": "https://evil.example"}, http.StatusForbidden},
		"NullOrigin":    {map[string]string{"Origin": "null"}, http.StatusForbidden},
		"SameOrigin":    {map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://example.com"}, http.StatusSeeOther},
		"ByHand":        {map[string]string{"Sec-Fetch-Site": "none"}, http.StatusSeeOther},
		"NoBrowser":     {nil, http.StatusSeeOther},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := s.signedIn(u)
			for k, v := range tc.header {
				b.header.Set(k, v)
			}
			wantStatus(t, b.post("/logout", nil), tc.want)
			b.header = http.Header{}
			if stillIn := b.signedInNow(); stillIn != (tc.want == http.StatusForbidden) {
				t.Errorf("signed in afterwards: %v", stillIn)
			}
		})
	}
}

func TestBadBodies(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	fields := func(n int) string { return strings.TrimSuffix(strings.Repeat("a=1&", n), "&") }
	distinct := func(n int) string {
		v := url.Values{}
		for i := range n {
			v.Set("a"+strconv.Itoa(i), "1")
		}
		return v.Encode()
	}
	form := echo.MIMEApplicationForm
	for name, tc := range map[string]struct {
		kind, body string
		want       int
	}{
		"TooLarge":          {form, "email=" + strings.Repeat("x", 64<<10), http.StatusRequestEntityTooLarge},
		"HundredFields":     {form, distinct(100), http.StatusUnauthorized},
		"FiveHundredAndOne": {form, distinct(501), http.StatusUnprocessableEntity},
		"TenThousand":       {form, fields(10_000), http.StatusUnprocessableEntity},
		"Twice":             {form, "email=a&email=b", http.StatusUnprocessableEntity},
		"LongText":          {form, "email=" + strings.Repeat("x", 2001), http.StatusUnprocessableEntity},
		"LongestText":       {form, "email=" + strings.Repeat("%C3%A4", 2000), http.StatusUnauthorized},
		"InvalidText":       {form, "email=%ff%fe", http.StatusUnprocessableEntity},
		"NUL":               {form, "email=a%00b", http.StatusUnprocessableEntity},
		"Escape":            {form, "email=a%1bb", http.StatusUnprocessableEntity},
		"LoneCR":            {form, "email=a%0Db", http.StatusUnprocessableEntity},
		"C1":                {form, "email=a%C2%85b", http.StatusUnprocessableEntity},
		"CRLF":              {form, "email=a%0D%0Ab", http.StatusUnauthorized},
		"ControlInName":     {form, "%00=1", http.StatusUnprocessableEntity},
		"BadEscape":         {form, "email=%zz", http.StatusBadRequest},
		"Semicolon":         {form, "email=a;b=c", http.StatusBadRequest},
		"Multipart":         {"multipart/form-data; boundary=x", "--x--", http.StatusUnsupportedMediaType},
		"JSON":              {echo.MIMEApplicationJSON, `{"email":"a"}`, http.StatusUnsupportedMediaType},
		"NoType":            {"", "email=a", http.StatusUnsupportedMediaType},
		"TypeWithEncoding":  {form + "; charset=utf-8", "email=a", http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantStatus(t, s.browser().send("/login", tc.kind, strings.NewReader(tc.body)), tc.want)
		})
	}
	t.Run("RefusedUnread", func(t *testing.T) {
		t.Parallel()
		// Signing out reads no body.
		wantStatus(t, s.browser().send("/logout", form, strings.NewReader(strings.Repeat("x", 65<<10))), http.StatusRequestEntityTooLarge)
	})
	t.Run("UnannouncedLength", func(t *testing.T) {
		t.Parallel()
		r := httptest.NewRequest(http.MethodPost, "/login", http.NoBody)
		r.Body = http.MaxBytesReader(nil, nopCloser{strings.NewReader("email=" + strings.Repeat("x", 70<<10))}, 1<<20)
		r.ContentLength = -1
		r.Header.Set("Content-Type", form)
		wantStatus(t, s.browser().do(r), http.StatusRequestEntityTooLarge)
	})
}

type nopCloser struct{ *strings.Reader }

func (nopCloser) Close() error { return nil }

func TestLogNamesNoQuery(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.browser().get("/login?password=hunter2hunter2&next=/x%0aforged")
	s.browser().get("/x%0Alevel=ERROR%20forged")
	log := s.log.String()
	if strings.Contains(log, "hunter2") || strings.Contains(log, "\nlevel=ERROR forged") {
		t.Errorf("log: %s", log)
	}
	if strings.Count(log, "msg=request") != 2 {
		t.Errorf("want one line for each request: %s", log)
	}
}
