package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"smartscheduler/handlers"
)

func TestContractorLink(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	contractor := s.contractor(s.region())
	link := func() string {
		token, _, err := s.db.CreateContractorLink(t.Context(), contractor, s.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return "/link/" + token
	}

	t.Run("PreviewChangesNothing", func(t *testing.T) {
		l := link()
		for range 3 {
			got := s.browser().get(l)
			wantStatus(t, got, http.StatusOK)
			if len(got.Result().Cookies()) != 0 || got.Header().Get("Referrer-Policy") != "no-referrer" ||
				got.Header().Get("Cache-Control") != "no-store" || !strings.Contains(got.Body.String(), `action="`+l+`"`) {
				t.Errorf("preview gave %v and %.400s", got.Header(), got.Body)
			}
		}
		b := s.browser()
		wantLocation(t, b.post(l, nil), "/contractor")
		wantLocation(t, b.get("/"), "/contractor")
	})
	t.Run("SecondUse", func(t *testing.T) {
		l := link()
		wantLocation(t, s.browser().post(l, nil), "/contractor")
		second := s.browser()
		spent := second.post(l, nil)
		wantStatus(t, spent, http.StatusGone)
		if !strings.Contains(spent.Body.String(), "Ask the office for a new link") || len(second.cookies) != 0 {
			t.Errorf("second use: cookies %v, %s", second.cookies, spent.Body)
		}
		viewed, unknown := second.get(l), second.get("/link/never-existed")
		wantStatus(t, viewed, http.StatusGone)
		if viewed.Code != unknown.Code || viewed.Body.String() != unknown.Body.String() {
			t.Error("a used link and an unknown one look different")
		}
	})
	t.Run("TooOld", func(t *testing.T) {
		l := link()
		s.clock.advance(24 * time.Hour)
		wantStatus(t, s.browser().post(l, nil), http.StatusGone)
	})
	t.Run("EndsTheSessionBefore", func(t *testing.T) {
		b := s.signedIn(s.user(handlers.RoleAuditor))
		old := b.cookies["s"].Value
		wantLocation(t, b.post(link(), nil), "/contractor")
		b.cookies["s"].Value = old
		if b.signedInNow() {
			t.Error("the session before lives on")
		}
	})
	t.Run("Throttled", func(t *testing.T) {
		b := s.browser()
		for range 10 {
			wantStatus(t, b.post("/link/guess", nil), http.StatusGone)
		}
		wantStatus(t, b.post(link(), nil), http.StatusTooManyRequests)
	})
	t.Run("NeverLogged", func(t *testing.T) {
		l := link()
		b := s.browser()
		b.get(l)
		b.do(httptest.NewRequest(http.MethodPut, l, nil))
		b.get(l + "/more")
		b.post(l, nil)
		if log := s.log.String(); strings.Contains(log, strings.TrimPrefix(l, "/link/")) || !strings.Contains(log, "/link/[token]") {
			t.Error("the log holds the token, or no request at all")
		}
	})
}

func TestContractorSessionLifetime(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token, _, err := s.db.CreateContractorLink(t.Context(), s.contractor(s.region()), s.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	b := s.browser()
	wantStatus(t, b.post("/link/"+token, nil), http.StatusSeeOther)
	for range 4 {
		s.clock.advance(7*24*time.Hour - time.Minute)
		if !b.signedInNow() {
			t.Fatal("ended although it was used each week")
		}
	}
	s.clock.advance(2*24*time.Hour + 10*time.Minute)
	if b.signedInNow() {
		t.Error("lives longer than 30 days")
	}
}
