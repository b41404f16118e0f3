package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/security"
)

// certificateFor writes a self-signed certificate for this machine to files
// that may be there already.
func certificateFor(t testing.TB, dir string) (cert, key string, serial *big.Int) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err = rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	public, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: public}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key, serial
}

// secured serves a database over TLS of its own, and plain HTTP beside it.
func secured(t testing.TB, dsn string) (p *process, base, dir string) {
	t.Helper()
	dir = t.TempDir()
	cert, key, _ := certificateFor(t, dir)
	p = serveWith(t, map[string]string{"DATABASE_URL": dsn, "HTTP_ADDR": "127.0.0.1:0"}, "--tls-cert", cert, "--tls-key", key)
	eventually(t, "it says where it is", func() bool {
		base = regexp.MustCompile(`https://127\.0\.0\.1:\d+`).FindString(p.stdout.String())
		return base != ""
	})
	return p, base, dir
}

// overTLS makes a client of certificates that nobody has signed, and of HTTP/2.
func (c *client) overTLS(change ...func(*http.Transport)) *client {
	c.t.Helper()
	transport := &http.Transport{
		DisableCompression: true, ForceAttemptHTTP2: true,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}
	for _, f := range change {
		f(transport)
	}
	c.t.Cleanup(transport.CloseIdleConnections)
	c.http.Transport = transport
	return c
}

// signIn signs a client in.
func (c *client) signIn(name string) *client {
	c.t.Helper()
	c.post(http.StatusSeeOther, "/login", url.Values{"email": {name + "@example.com"}, "password": {password}})
	return c
}

// TestP11TLSOfItsOwn speaks TLS and HTTP/2 with files, takes a new certificate
// while a stream stays open, refuses what is old, and sends plain HTTP on.
func TestP11TLSOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, base, dir := secured(t, w.dsn)
	ann := w.client(base).overTLS().signIn("Ann")
	for _, cookie := range ann.http.Jar.Cookies(parsed(t, base)) {
		if cookie.Name != "__Host-s" {
			t.Errorf("cookie %s", cookie.Name)
		}
	}
	resp, err := ann.http.Do(ann.request(http.MethodGet, "/dispatch/north", nil))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	if resp.Proto != "HTTP/2.0" || resp.StatusCode != http.StatusOK || resp.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%s %d, HSTS %q", resp.Proto, resp.StatusCode, resp.Header.Get("Strict-Transport-Security"))
	}
	stream := ann.listen("/streams/dispatch/north+unrouted")
	if _, err := tls.Dial("tcp", strings.TrimPrefix(base, "https://"), &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 was accepted")
	}

	// Half a renewal changes nothing, a whole one is used.
	before, broken := serialOf(t, base), time.Now()
	if err := os.WriteFile(filepath.Join(dir, "tls.crt"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the broken file was looked at", func() bool {
		if serialOf(t, base).Cmp(before) != 0 {
			t.Fatal("another certificate is in use")
		}
		return time.Since(broken) > 2*lookEvery // each handshake looks, at most so often
	})
	_, _, serial := certificateFor(t, dir)
	eventually(t, "the new certificate is used", func() bool { return serialOf(t, base).Cmp(serial) == 0 })
	stream.passed(w.fence().first)

	var plain string
	eventually(t, "plain HTTP is served", func() bool {
		plain = regexp.MustCompile(`plain HTTP is sent on to TLS" address=(\S+)`).FindString(p.log.String())
		return plain != ""
	})
	_, plain, _ = strings.Cut(plain, "address=")
	clear := w.client("http://" + plain)
	status, header, _ := clear.do(clear.request(http.MethodGet, "/jobs/new?x=1", nil))
	if status != http.StatusMovedPermanently || header.Get("Location") != base+"/jobs/new?x=1" {
		t.Errorf("plain HTTP: %d %s", status, header.Get("Location"))
	}
	if status, _, _ := clear.do(clear.request(http.MethodPost, "/login", url.Values{"password": {password}})); status != http.StatusBadRequest {
		t.Errorf("a password in the clear: %d", status)
	}
}

// serialOf returns the number of the certificate that is served.
func serialOf(t testing.TB, base string) *big.Int {
	t.Helper()
	conn, err := tls.Dial("tcp", strings.TrimPrefix(base, "https://"), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber
}

func parsed(t testing.TB, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestP11EightTabsOverHTTP2 opens eight boards in one browser over TLS: all are
// live at once, where HTTP/1.1 would stop at six, and all get a new card.
func TestP11EightTabsOverHTTP2(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, base, _ := secured(t, w.dsn)
	j := w.job("north", "Tile the hall")
	first := newTab(t, base)
	trust := func(p *tab) {
		call(p, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true})
	}
	trust(first)
	w.signInAt(first, "Ann")
	tabs := []*tab{first.open("/dispatch/north").live()}
	for len(tabs) < 8 {
		p := first.another()
		trust(p)
		tabs = append(tabs, p.open("/dispatch/north").live())
	}
	w.client(base).overTLS().signIn("Ada").assign(j, "Rosa", "09:00")
	for _, p := range tabs {
		p.awaitCard(j, "lane-north-"+w.people["Rosa"]+"-"+w.today)
		p.sameAs("the protocol", `performance.getEntriesByType('navigation')[0].nextHopProtocol`, "h2")
		p.sound()
	}
}
