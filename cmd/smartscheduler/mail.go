package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/smtp"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"smartscheduler/db"
)

const (
	// maxMails is how many links may wait to be sent.
	maxMails = 100
	// mailTime bounds the conversation about one mail.
	mailTime = 30 * time.Second
)

// mailServer is where mail is handed over.
type mailServer struct {
	addr, host     string
	user, password string
	// ownTLS speaks TLS from the first byte (smtps). Otherwise STARTTLS is
	// demanded, unless plain says that the server is on this machine.
	ownTLS, plain bool
}

// parseMailServer reads SMTP_URL. Its errors never repeat it: it holds a
// password.
func parseMailServer(raw string) (mailServer, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return mailServer{}, errors.New("SMTP_URL is not like smtps://name:password@mail.example.com:465 or smtp://…:587")
	}
	s := mailServer{host: u.Hostname(), user: u.User.Username(), ownTLS: u.Scheme == "smtps"}
	s.password, _ = u.User.Password()
	port := u.Port()
	if port == "" {
		port = map[bool]string{true: "465", false: "587"}[s.ownTLS]
	}
	s.addr = net.JoinHostPort(s.host, port)
	s.plain = loopback(s.addr)
	return s, nil
}

// checkMail refuses half of what mail needs.
func (c config) checkMail() error {
	if c.smtpURL == "" && c.mailFrom == "" {
		return nil
	}
	if _, err := parseMailServer(c.smtpURL); err != nil {
		return err
	}
	if _, err := mail.ParseAddress(c.mailFrom); err != nil {
		return errors.New("MAIL_FROM is not an e-mail address, which SMTP_URL needs")
	}
	if c.base == "" {
		return errors.New("SMTP_URL needs PUBLIC_URL: a mail must say where we are")
	}
	return nil
}

// mailer sends links to those who forgot their password, one mail after the
// other. What still waits when the process ends is not sent; it can be asked for
// again.
type mailer struct {
	server mailServer
	from   mail.Address
	base   string
	db     *db.DB
	queue  chan string
	// roots are the certificates to trust; nil is those of the system.
	roots *x509.CertPool
}

// newMailer returns the mailer of a configuration, nil when it names no server.
func newMailer(c config, d *db.DB) (*mailer, error) {
	if c.smtpURL == "" {
		return nil, nil
	}
	server, err := parseMailServer(c.smtpURL)
	if err != nil {
		return nil, err
	}
	from, err := mail.ParseAddress(c.mailFrom)
	if err != nil {
		return nil, fmt.Errorf("MAIL_FROM: %w", err)
	}
	return &mailer{server: server, from: *from, base: c.base, db: d, queue: make(chan string, maxMails)}, nil
}

// ask has a link sent to an address, if it is somebody's. It never waits.
func (m *mailer) ask(email string) {
	select {
	case m.queue <- email:
	default:
		slog.Warn("too many mails wait to be sent: one is left out")
	}
}

// run sends until ctx ends.
func (m *mailer) run(ctx context.Context) error {
	for {
		select {
		case email := <-m.queue:
			m.sendLink(ctx, email)
		case <-ctx.Done():
			return nil
		}
	}
}

func (m *mailer) sendLink(ctx context.Context, email string) {
	token, user, err := m.db.CreateMailedLink(ctx, email, time.Now())
	if errors.Is(err, db.ErrNotFound) {
		slog.InfoContext(ctx, "a password link was asked for an address that nobody signs in with")
		return
	}
	if err == nil {
		err = m.send(ctx, user.Email, "Choose a new password", fmt.Sprintf("Somebody, most likely you, asked for a new password for %s.\n\n"+
			"With this link you choose one. It works once, for an hour:\n\n%s/password/%s\n\n"+
			"If it was not you, do nothing: your password stays as it is.\n", m.base, m.base, token))
	}
	if err != nil {
		slog.ErrorContext(ctx, "a password link was not sent", "user_id", user.ID, "err", err)
		return
	}
	slog.InfoContext(ctx, "password link sent", "user_id", user.ID)
}

// send hands one mail over.
func (m *mailer) send(ctx context.Context, to, subject, text string) error {
	ctx, cancel := context.WithTimeout(ctx, mailTime)
	defer cancel()
	client, err := m.dial(ctx)
	if err != nil {
		return fmt.Errorf("reach the mail server: %w", err)
	}
	defer func() { _ = client.Close() }()
	// Its deadline bounds every step; a context that ends cuts it off.
	stop := context.AfterFunc(ctx, func() { _ = client.Close() })
	defer stop()
	if m.server.user != "" {
		if err := client.Auth(smtp.PlainAuth("", m.server.user, m.server.password, m.server.host)); err != nil {
			return fmt.Errorf("sign in to the mail server: %w", err)
		}
	}
	if err := client.Mail(m.from.Address); err != nil {
		return fmt.Errorf("address the mail: %w", err)
	}
	if err := client.Rcpt(to); err != nil {
		return fmt.Errorf("address the mail: %w", err)
	}
	body, err := client.Data()
	if err != nil {
		return fmt.Errorf("send the mail: %w", err)
	}
	if _, err := body.Write(m.message(to, subject, text)); err != nil {
		return fmt.Errorf("send the mail: %w", err)
	}
	if err := body.Close(); err != nil {
		return fmt.Errorf("send the mail: %w", err)
	}
	_ = client.Quit() // the mail is theirs by now
	return nil
}

func (m *mailer) dial(ctx context.Context) (*smtp.Client, error) {
	secure := &tls.Config{ServerName: m.server.host, MinVersion: tls.VersionTLS12, RootCAs: m.roots}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", m.server.addr)
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if m.server.ownTLS {
		conn = tls.Client(conn, secure)
	}
	client, err := smtp.NewClient(conn, m.server.host)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if m.server.ownTLS {
		return client, nil
	}
	if offered, _ := client.Extension("STARTTLS"); offered {
		err = client.StartTLS(secure)
	} else if !m.server.plain {
		err = errors.New("it offers no STARTTLS")
	}
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return client, nil
}

// message is a mail in plain text. Addresses were checked when they were
// stored, so that none of them can add a line.
func (m *mailer) message(to, subject, text string) []byte {
	_, domain, _ := strings.Cut(m.from.Address, "@")
	var b strings.Builder
	for _, line := range []string{
		"From: " + m.from.String(), "To: " + (&mail.Address{Address: to}).String(), "Subject: " + subject,
		"Date: " + time.Now().Format(time.RFC1123Z), "Message-ID: <" + uuid.NewString() + "@" + domain + ">",
		"MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "Auto-Submitted: auto-generated",
	} {
		b.WriteString(line + "\r\n")
	}
	b.WriteString("\r\n" + strings.ReplaceAll(text, "\n", "\r\n"))
	return []byte(b.String())
}
