package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// certificates is how TLS is spoken, and what plain HTTP beside it answers.
type certificates struct {
	tls   *tls.Config
	plain http.Handler
}

// certificates returns what the configuration asks for; its tls is nil when we
// don't speak TLS. port is that of TLS.
func (c config) certificates(port string) (certificates, error) {
	onward := toTLS(c.publicURL, port)
	switch {
	case c.tlsCert != "":
		files := &certificateFiles{cert: c.tlsCert, key: c.tlsKey}
		if err := files.load(); err != nil {
			return certificates{}, fmt.Errorf("read the certificate: %w", err)
		}
		return certificates{tls: &tls.Config{
			MinVersion: tls.VersionTLS12, GetCertificate: files.get, NextProtos: []string{"h2", "http/1.1"},
		}, plain: onward}, nil
	case len(c.acmeDomains) > 0:
		manager := &autocert.Manager{
			Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(c.acmeDomains...), Cache: autocert.DirCache(c.acmeCache),
			Client: &acme.Client{DirectoryURL: c.acmeDirectory, UserAgent: "smartscheduler"},
		}
		certs := certificates{tls: manager.TLSConfig(), plain: onward}
		certs.tls.MinVersion = tls.VersionTLS12
		if c.httpAddr != "" { // else nobody could see the proof there
			certs.plain = manager.HTTPHandler(onward)
		}
		return certs, nil
	}
	return certificates{}, nil
}

// toTLS sends readers on to the same page over TLS. A form that was sent in the
// clear is refused, because a redirect would hide that everybody could read it.
func toTLS(publicURL, port string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "use https", http.StatusBadRequest)
			return
		}
		base := strings.TrimRight(publicURL, "/")
		if base == "" {
			host, _, err := net.SplitHostPort(r.Host)
			if err != nil {
				host = r.Host
			}
			if base = "https://" + host; port != "443" {
				base = "https://" + net.JoinHostPort(strings.Trim(host, "[]"), port)
			}
		}
		http.Redirect(w, r, base+r.URL.RequestURI(), http.StatusMovedPermanently)
	})
}

// lookEvery is the time between two looks at the files of a certificate.
const lookEvery = time.Second

// certificateFiles is a certificate that is read again when its files change,
// so that a renewal needs no restart.
type certificateFiles struct {
	cert, key string

	mu      sync.Mutex
	looked  time.Time
	changed [2]time.Time
	current *tls.Certificate
}

// get implements tls.Config.GetCertificate. While the files are not a
// certificate, as in the middle of a renewal, the one before goes on.
func (f *certificateFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if time.Since(f.looked) >= lookEvery {
		if err := f.load(); err != nil {
			slog.Warn("the certificate cannot be read, the one before goes on", "error", err)
		}
	}
	return f.current, nil
}

// load reads the files if they changed since the last time.
func (f *certificateFiles) load() error {
	f.looked = time.Now()
	var changed [2]time.Time
	for i, name := range []string{f.cert, f.key} {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		changed[i] = info.ModTime()
	}
	if f.current != nil && changed == f.changed {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return err
	}
	if f.current != nil {
		slog.Info("a new certificate is in use", "file", f.cert)
	}
	f.current, f.changed = &pair, changed
	return nil
}
