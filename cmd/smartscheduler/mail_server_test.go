package main

import (
	"bufio"
	"crypto/tls"
	"net"
	"strings"
	"sync"
	"testing"
)

// postOffice stands in for the mail server of others. It keeps what it is given.
type postOffice struct {
	addr string
	// secure, when it is set, is offered as STARTTLS, or spoken at once.
	secure *tls.Config
	atOnce bool

	mu    sync.Mutex
	mails []letter
	auths []string
}

type letter struct{ from, to, text string }

// openPostOffice serves until the test ends.
func openPostOffice(t testing.TB, secure *tls.Config, atOnce bool) *postOffice {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &postOffice{addr: listener.Addr().String(), secure: secure, atOnce: atOnce}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			open.Go(func() { o.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		open.Wait()
	})
	return o
}

// serve is one conversation, as short as RFC 5321 lets it be.
func (o *postOffice) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	if o.atOnce {
		conn = tls.Server(conn, o.secure)
	}
	lines := bufio.NewReader(conn)
	say := func(text string) { _, _ = conn.Write([]byte(text + "\r\n")) }
	say("220 post office")
	var mail letter
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		switch verb, rest, _ := strings.Cut(line, " "); strings.ToUpper(verb) {
		case "EHLO":
			if _, done := conn.(*tls.Conn); o.secure != nil && !done {
				say("250-hello\r\n250 STARTTLS")
			} else {
				say("250-hello\r\n250 AUTH PLAIN")
			}
		case "STARTTLS":
			say("220 go on")
			conn = tls.Server(conn, o.secure)
			lines = bufio.NewReader(conn)
		case "AUTH":
			o.mu.Lock()
			o.auths = append(o.auths, rest)
			o.mu.Unlock()
			say("235 welcome")
		case "MAIL":
			mail = letter{from: rest}
			say("250 ok")
		case "RCPT":
			mail.to += rest
			say("250 ok")
		case "DATA":
			say("354 write")
			for {
				line, err := lines.ReadString('\n')
				if err != nil || line == ".\r\n" {
					break
				}
				mail.text += line
			}
			o.mu.Lock()
			o.mails = append(o.mails, mail)
			o.mu.Unlock()
			say("250 kept")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("500 what?")
		}
	}
}

// kept returns the mails so far, and how often somebody signed in.
func (o *postOffice) kept() ([]letter, []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]letter(nil), o.mails...), append([]string(nil), o.auths...)
}
