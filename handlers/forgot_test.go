package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"smartscheduler/handlers"
)

// TestForgot: every address gets the same answer, and each no more than three
// mails in an hour.
func TestForgot(t *testing.T) {
	t.Parallel()
	var asked []string
	s := newSite(t, func(o *handlers.Options) { o.MailLink = func(email string) { asked = append(asked, email) } })
	known, unknown := s.user(handlers.RoleAuditor).Email, uuid.NewString()+"@example.com"
	ask := func(email string) string {
		t.Helper()
		got := s.browser().post("/forgot", url.Values{"email": {email}})
		wantStatus(t, got, http.StatusOK)
		return strings.ReplaceAll(got.Body.String(), email, "X")
	}
	first := ask(known)
	for _, email := range []string{unknown, known, strings.ToUpper(known), known, known} {
		if got := ask(email); got != first {
			t.Errorf("%s: another answer: %s", email, got)
		}
	}
	if len(asked) != 4 || asked[1] != unknown {
		t.Errorf("asked for %q, want the known one three times and the other once", asked)
	}
	s.clock.advance(time.Hour)
	if ask(known); len(asked) != 5 {
		t.Error("nothing was sent an hour later")
	}
	for _, email := range []string{"", "nobody", strings.Repeat("x", 250) + "@example.com"} {
		wantStatus(t, s.browser().post("/forgot", url.Values{"email": {email}}), http.StatusUnprocessableEntity)
	}
	b := s.browser()
	for range 10 {
		wantStatus(t, b.post("/forgot", url.Values{"email": {uuid.NewString() + "@example.com"}}), http.StatusOK)
	}
	wantStatus(t, b.post("/forgot", url.Values{"email": {uuid.NewString() + "@example.com"}}), http.StatusTooManyRequests)
	if strings.Contains(s.log.String(), unknown) {
		t.Error("the log holds an address")
	}
	if !strings.Contains(b.get("/login").Body.String(), "/forgot") || strings.Contains(newSite(t).browser().get("/login").Body.String(), "/forgot") {
		t.Error("the sign-in leads there although no mail is sent, or not although it is")
	}
}
