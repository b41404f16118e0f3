package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// acmeName is the name for which a certificate is fetched.
const acmeName = "desk.example.com"

// TestP11CertificateByACME fetches a certificate from an ACME server of this
// machine, which looks at the program's own door first, and serves with it.
func TestP11CertificateByACME(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address, cache := freeAddress(t), t.TempDir()
	directory, management, cert := startACME(t, address)
	launchChild(t, w.dsn, "ADDR="+address, "ACME_DOMAINS="+acmeName, "ACME_CACHE="+cache,
		"ACME_DIRECTORY="+directory, "SSL_CERT_FILE="+cert)

	trusted := x509.NewCertPool()
	pem, err := os.ReadFile(cert)
	if err != nil || !trusted.AppendCertsFromPEM(pem) {
		t.Fatalf("read %s: %v", cert, err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Get(management + "/roots/0")
	if err != nil {
		t.Fatal(err)
	}
	root, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	issued := x509.NewCertPool()
	if err != nil || !issued.AppendCertsFromPEM(root) {
		t.Fatalf("root of the ACME server: %v", err)
	}
	var state tls.ConnectionState
	eventually(t, "it serves with a certificate of that server", func() bool {
		conn, err := tls.Dial("tcp", address, &tls.Config{ServerName: acmeName, RootCAs: issued, NextProtos: []string{"h2"}})
		if err != nil {
			return false
		}
		state = conn.ConnectionState()
		_ = conn.Close()
		return true
	})
	if state.NegotiatedProtocol != "h2" {
		t.Errorf("it speaks %q", state.NegotiatedProtocol)
	}
	if _, err := os.Stat(filepath.Join(cache, acmeName)); err != nil {
		t.Errorf("the certificate is not kept: %v", err)
	}
	if _, err := tls.Dial("tcp", address, &tls.Config{ServerName: "other.example.com", InsecureSkipVerify: true}); err == nil {
		t.Error("it got a certificate for a name that nobody named")
	}
}

// startACME runs pebble, which is made for tests like this one; it asks for
// proof at an address. Its own certificate is in the file cert.
func startACME(t testing.TB, proof string) (directory, management, cert string) {
	t.Helper()
	dir := t.TempDir()
	cert, key, _ := certificateFor(t, dir)
	listen, manage := freeAddress(t), freeAddress(t)
	proofAt := func() int {
		at, err := net.ResolveTCPAddr("tcp", proof)
		if err != nil {
			t.Fatal(err)
		}
		return at.Port
	}()
	config, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": listen, "managementListenAddress": manage, "certificate": cert, "privateKey": key,
		"httpPort": proofAt, "tlsPort": proofAt, "ocspResponderURL": "",
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "pebble.json")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		t.Fatal(err)
	}
	program, err := exec.Command("go", "tool", "-modfile=../../tools/go.mod", "-n", "pebble").Output()
	if err != nil {
		t.Fatalf("this test needs pebble (go get -modfile=tools/go.mod -tool github.com/letsencrypt/pebble/v2/cmd/pebble): %v", err)
	}
	log := &transcript{}
	cmd := exec.Command(strings.TrimSpace(string(program)), "-config", file, "-dnsserver", startDNS(t))
	cmd.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0")
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
		if t.Failed() {
			t.Logf("pebble:\n%s", log)
		}
	})
	for _, address := range []string{listen, manage} {
		eventually(t, "pebble listens", func() bool {
			conn, err := net.Dial("tcp", address)
			if err == nil {
				_ = conn.Close()
			}
			return err == nil
		})
	}
	return "https://" + listen + "/dir", "https://" + manage, cert
}

// startDNS answers, over TCP, that every name is this machine.
func startDNS(t testing.TB) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = answerDNS(conn) // whoever asks notices
			_ = conn.Close()
		}
	}()
	return l.Addr().String()
}

// answerDNS answers one question.
func answerDNS(conn net.Conn) error {
	var size uint16
	if err := binary.Read(conn, binary.BigEndian, &size); err != nil {
		return err
	}
	question := make([]byte, size)
	if _, err := io.ReadFull(conn, question); err != nil {
		return err
	}
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil {
		return err
	}
	m.Response, m.Additionals = true, nil
	for _, q := range m.Questions {
		if q.Type == dnsmessage.TypeA {
			m.Answers = append(m.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1},
				Body:   &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}},
			})
		}
	}
	answer, err := m.AppendPack(make([]byte, 2, 512))
	if err != nil {
		return err
	}
	binary.BigEndian.PutUint16(answer, uint16(len(answer)-2))
	_, err = conn.Write(answer)
	return err
}
