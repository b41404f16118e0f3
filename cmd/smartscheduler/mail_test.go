package main

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// TestForgottenPassword follows a forgotten password through the mail to the new
// one. Nobody learns from the page which addresses have an account.
func TestForgottenPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	office := openPostOffice(t, nil, false)
	p := serveWith(t, map[string]string{
		"DATABASE_URL": w.dsn, "SMTP_URL": "smtp://desk:" + "hush-hush" + "@" + office.addr, "MAIL_FROM": "Dispatch <desk@example.com>",
		"PUBLIC_URL": "http://dispatch.example.com/",
	})
	base := ""
	eventually(t, "it says where it is", func() bool {
		base = regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(p.stdout.String())
		return base != ""
	})
	c := w.client(base)
	if !strings.Contains(c.get("/login"), `href="/forgot"`) {
		t.Error("the sign-in does not lead there")
	}
	source, shots := axe(t), looked()
	see := func(page *tab, name string) {
		t.Helper()
		page.check(name, source, 360)
		shots.shoot(page, name, 1280, 360)
	}
	page := newTab(t, base).open("/login")
	see(page, "login-with-mail")
	page.click(`a[href="/forgot"]`)
	page.await("the form", `document.getElementById('forgot') !== null`)
	page.submit("#forgot", "the error", `document.getElementById('forgot-email-error') !== null`)
	see(page, "forgot-error")
	page.set("#forgot-email", "nobody@example.com")
	page.click("#forgot button")
	page.await("the answer", `document.querySelector('.banner-ok') !== null`)
	see(page, "forgot-sent")
	unknown := c.post(http.StatusOK, "/forgot", url.Values{"email": {"eve@example.com"}})
	known := c.post(http.StatusOK, "/forgot", url.Values{"email": {"Ann@example.com"}})
	if strings.ReplaceAll(unknown, "eve@", "X@") != strings.ReplaceAll(known, "Ann@", "X@") {
		t.Errorf("the answers differ:\n%s\n%s", unknown, known)
	}
	var mails []letter
	eventually(t, "the mail is there", func() bool { mails, _ = office.kept(); return len(mails) > 0 })
	if len(mails) != 1 || mails[0].to != "TO:<ann@example.com>" || !strings.HasPrefix(mails[0].from, "FROM:<desk@example.com>") {
		t.Fatalf("mails are %+v", mails)
	}
	message, err := mail.ReadMessage(strings.NewReader(mails[0].text))
	if err != nil || message.Header.Get("Subject") != "Choose a new password" || message.Header.Get("Message-Id") == "" {
		t.Errorf("the message: %v %v", message, err)
	}
	link := regexp.MustCompile(`(?m)^http://dispatch\.example\.com(/password/([A-Za-z0-9_-]{43}))\r?$`).FindStringSubmatch(mails[0].text)
	if link == nil {
		t.Fatalf("no link in %s", mails[0].text)
	}
	c.get(link[1])
	c.do(c.request(http.MethodPost, link[1], url.Values{"password": {"eleven other herons"}, "again": {"eleven other herons"}}))
	w.client(base).post(http.StatusSeeOther, "/login", url.Values{"email": {"ann@example.com"}, "password": {"eleven other herons"}})
	for _, secret := range []string{link[2], "hush", office.addr, "eve@example.com"} {
		if strings.Contains(p.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	// Three an hour for one address, and nobody is told.
	for range 4 {
		c.post(http.StatusOK, "/forgot", url.Values{"email": {"bo@example.com"}})
	}
	c.post(http.StatusOK, "/forgot", url.Values{"email": {"ada@example.com"}})
	eventually(t, "the last mail is there", func() bool {
		mails, _ = office.kept()
		return mails[len(mails)-1].to == "TO:<ada@example.com>"
	})
	if len(mails) != 1+3+1 {
		t.Errorf("%d mails were sent", len(mails))
	}
}

// TestMailIsSecret: the password of the mail server goes over TLS only, to a
// server that proves who it is.
func TestMailIsSecret(t *testing.T) {
	t.Parallel()
	certFile, keyFile, _ := certificateFor(t, t.TempDir())
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(pair.Leaf)
	secure := &tls.Config{Certificates: []tls.Certificate{pair}}
	for name, tc := range map[string]struct {
		office *postOffice
		ownTLS bool
		roots  *x509.CertPool
		sent   bool
	}{
		"StartTLS":      {openPostOffice(t, secure, false), false, pool, true},
		"TLSAtOnce":     {openPostOffice(t, secure, true), true, pool, true},
		"NoTLS":         {openPostOffice(t, nil, false), false, pool, false},
		"Unknown":       {openPostOffice(t, secure, false), false, x509.NewCertPool(), false},
		"UnknownAtOnce": {openPostOffice(t, secure, true), true, x509.NewCertPool(), false},
	} {
		m := &mailer{
			server: mailServer{addr: tc.office.addr, host: "localhost", user: "desk", password: "hush", ownTLS: tc.ownTLS},
			from:   mail.Address{Address: "desk@example.com"}, roots: tc.roots,
		}
		err := m.send(t.Context(), "ann@example.com", "Hello", "A line\n.\nanother\n")
		mails, auths := tc.office.kept()
		if (err == nil) != tc.sent || len(mails) != len(auths) || (len(mails) == 1) != tc.sent {
			t.Errorf("%s: %v, %d mails, %d sign-ins", name, err, len(mails), len(auths))
		}
		if tc.sent && len(mails) == 1 && !strings.HasSuffix(mails[0].text, "\r\n\r\nA line\r\n..\r\nanother\r\n") {
			t.Errorf("%s: the mail is %q", name, mails[0].text)
		}
	}
}

func TestMailConfiguration(t *testing.T) {
	t.Parallel()
	good := map[string]string{"SMTP_URL": "smtps://desk:hush@mail.example.com", "MAIL_FROM": "desk@example.com", "PUBLIC_URL": "https://dispatch.example.com"}
	for name, tc := range map[string]struct{ variable, value, says string }{
		"Good":    {},
		"NoFrom":  {"MAIL_FROM", "", "MAIL_FROM is not"},
		"BadFrom": {"MAIL_FROM", "desk@example.com\r\nBcc: eve@example.com", "MAIL_FROM is not"},
		"NoURL":   {"SMTP_URL", "", "SMTP_URL is not like"},
		"BadURL":  {"SMTP_URL", "smtps://desk:hush@mail.example.com:port", "SMTP_URL is not like"},
		"Web":     {"SMTP_URL", "https://desk:hush@mail.example.com", "SMTP_URL is not like"},
		"NoBase":  {"PUBLIC_URL", "", "SMTP_URL needs PUBLIC_URL"},
	} {
		_, err := readConfig(nil, func(variable string) string {
			if variable == tc.variable {
				return tc.value
			}
			return map[string]string{"DATABASE_URL": "postgres://x"}[variable] + good[variable]
		}, nil)
		switch {
		case tc.says == "" && err != nil, tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.says)):
			t.Errorf("%s: %v", name, err)
		case err != nil && strings.Contains(err.Error(), "hush"):
			t.Errorf("%s: the error tells the password: %v", name, err)
		}
	}
	s, err := parseMailServer("smtp://desk:h%40sh@mail.example.com")
	if err != nil || s.addr != "mail.example.com:587" || s.password != "h@sh" || s.ownTLS || s.plain {
		t.Errorf("%+v, %v", s, err)
	}
}
