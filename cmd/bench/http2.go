package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// perShared is how many streams share a connection of HTTP/2, as the tabs of a
// browser do.
const perShared = 10

// serveTLS starts the program with a certificate of its own, which makes it
// speak HTTP/2.
func (l *lab) serveTLS(ctx context.Context) (*process, error) {
	cert, key, err := certificate(l.dir)
	if err != nil {
		return nil, err
	}
	return startServer(ctx, l.binary, l.dsn, "TLS_CERT="+cert, "TLS_KEY="+key)
}

// certificate writes a new one for this machine, that nobody has signed.
func certificate(dir string) (certFile, keyFile string, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	public, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return "", "", err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return "", "", err
	}
	certFile, keyFile = filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	write := func(file, kind string, data []byte) error {
		return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}), 0o600)
	}
	return certFile, keyFile, errors.Join(write(certFile, "CERTIFICATE", public), write(keyFile, "PRIVATE KEY", secret))
}

// transport makes a connection that takes certificates that nobody has signed,
// and HTTP/2 where it is spoken, with a window of a browser's size or less.
func transport() *http.Transport {
	return &http.Transport{
		DisableCompression: true, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: loadWriters,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		HTTP2:           &http.HTTP2Config{MaxReceiveBufferPerStream: 64 << 10},
	}
}

// overHTTP2 gives a crowd of n readers their shared connections.
func (c *crowd) overHTTP2(n int) *crowd {
	for range (n + perShared - 1) / perShared {
		c.shared = append(c.shared, transport())
	}
	return c
}

// share opens the stream at the reader's place on a shared connection and waits
// for hello.
func (r *reader) share(ctx context.Context) (io.Closer, *bufio.Reader, error) {
	body, err := r.askShared(ctx, r.crowd.shared[r.number%len(r.crowd.shared)])
	if err != nil {
		return nil, nil, err
	}
	lines := bufio.NewReaderSize(body, 4096)
	if err := r.begin(lines, false); err != nil {
		return nil, nil, errors.Join(err, r.crowd.drop(body))
	}
	return body, lines, nil
}

// askShared asks for the stream; only the header is read.
func (r *reader) askShared(ctx context.Context, over *http.Transport) (io.ReadCloser, error) {
	// The stream outlives the call that opens it.
	req, err := http.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodGet, r.crowd.server.base+"/streams/dispatch/"+region, nil)
	if err != nil {
		return nil, err
	}
	req.AddCookie(r.cookie())
	if r.place != "" {
		req.Header.Set("Last-Event-ID", r.place)
	}
	res, err := over.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK || res.ProtoMajor != 2 {
		return nil, errors.Join(fmt.Errorf("answer %s %s: %w", res.Proto, res.Status, errRefused), res.Body.Close())
	}
	if !r.crowd.keep(res.Body) {
		return nil, errors.Join(net.ErrClosed, res.Body.Close())
	}
	return res.Body, nil
}
