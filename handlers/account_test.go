package handlers_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"smartscheduler/handlers"
)

func (b *browser) changePassword(current, password string) (code int, body string) {
	got := b.post("/account/password", url.Values{"current": {current}, "password": {password}, "again": {password}})
	return got.Code, got.Body.String()
}

// TestChangePassword: it takes the present password, ends every other session
// and lets this one go on under another token.
func TestChangePassword(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	u := s.user(handlers.RoleAuditor)
	here, there := s.signedIn(u), s.signedIn(u)
	before := here.cookies["s"].Value
	for current, words := range map[string]string{"": "Type your present", goodPassword + "x": "not your present"} {
		if code, body := here.changePassword(current, otherPassword); code != http.StatusUnprocessableEntity || !strings.Contains(body, words) {
			t.Errorf("present password %q: %d %s", current, code, body)
		}
	}
	if code, body := here.changePassword(goodPassword, "short"); code != http.StatusUnprocessableEntity || strings.Contains(body, goodPassword) {
		t.Errorf("a short one: %d %s", code, body)
	}
	if !there.signedInNow() {
		t.Fatal("a refused change ended a session")
	}
	if code, body := here.changePassword(goodPassword, otherPassword); code != http.StatusSeeOther {
		t.Fatalf("%d %s", code, body)
	}
	if there.signedInNow() || !here.signedInNow() || here.cookies["s"].Value == before {
		t.Error("the other session lives, or this one does not, or it kept its token")
	}
	wantStatus(t, s.browser().login(u.Email, goodPassword), http.StatusUnauthorized)
	wantLocation(t, s.browser().login(u.Email, otherPassword), "/")
	if strings.Contains(s.log.String(), "herons") {
		t.Error("the log holds a password")
	}
}

// TestChangePasswordThrottle: who finds an open browser cannot guess the
// password in it.
func TestChangePasswordThrottle(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	u := s.user(handlers.RoleAuditor)
	b := s.signedIn(u)
	for range 10 {
		if code, _ := b.changePassword("wrong", otherPassword); code != http.StatusUnprocessableEntity {
			t.Fatalf("%d", code)
		}
	}
	if code, _ := b.changePassword(goodPassword, otherPassword); code != http.StatusTooManyRequests {
		t.Errorf("the eleventh try: %d", code)
	}
}

// TestOwnSessions: everybody sees where he is signed in, and ends one place or
// all; nobody ends another's.
func TestOwnSessions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	u := s.user(handlers.RoleAuditor)
	windows := s.browser()
	windows.header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0")
	wantStatus(t, windows.login(u.Email, goodPassword), http.StatusSeeOther)
	here := s.signedIn(u)
	got := here.get("/account").Body.String()
	if strings.Count(got, `class="here"`) != 1 || !strings.Contains(got, "Firefox on Windows") || strings.Contains(got, here.cookies["s"].Value) {
		t.Errorf("the account page: %s", got)
	}
	found := regexp.MustCompile(`name="session" value="([^"]+)"[^>]*> *<button[^>]*aria-label="Sign out Firefox on Windows`).FindStringSubmatch(got)
	if found == nil {
		t.Fatal("no button for the other browser")
	}
	stranger := s.signedIn(s.user(handlers.RoleAdmin))
	stranger.post("/account/sessions", url.Values{"session": {found[1]}})
	if !windows.signedInNow() {
		t.Error("somebody ended the session of another as his own")
	}
	wantStatus(t, here.post("/account/sessions", url.Values{"session": {found[1]}}), http.StatusSeeOther)
	if windows.signedInNow() || !here.signedInNow() {
		t.Error("not the other browser alone was signed out")
	}
	again := s.signedIn(u)
	wantLocation(t, here.post("/account/sessions", url.Values{"session": {"all"}}), "/login?why=signed-out")
	if again.signedInNow() || here.signedInNow() || len(here.cookies) != 0 {
		t.Error("signed out everywhere, but not everywhere")
	}
}

func TestDeviceWords(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	u := s.user(handlers.RoleAuditor)
	for agent, want := range map[string]string{
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1":                        "Safari on iPhone",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0":              "Edge on Windows",
		"Mozilla/5.0 (Linux; Android 14; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36": "Samsung Internet on Android",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15":                      "Safari on Mac",
		"Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0":                                                                     "Firefox on Linux",
		"curl/8.5.0":                      "curl",
		"<script>alert(1)</script> Linux": "A program on Linux",
		strings.Repeat("x", 5000):         "Unknown device",
	} {
		b := s.browser()
		b.header.Set("User-Agent", agent)
		wantStatus(t, b.login(u.Email, goodPassword), http.StatusSeeOther)
		if body := b.get("/account").Body.String(); !strings.Contains(body, "Sign out "+want+",") {
			t.Errorf("%q is not %q", agent, want)
		}
	}
}
