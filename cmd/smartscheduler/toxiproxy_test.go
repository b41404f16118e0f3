package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// wire leads the program to its database through toxiproxy, which does to
// connections what networks do.
type wire struct {
	t   testing.TB
	api string
	// dsn is that of the database at the end of the wire.
	dsn    string
	bridge *bridge
}

// newWire runs toxiproxy between the returned DSN and the database of dsn.
func newWire(t testing.TB, dsn string) *wire {
	t.Helper()
	program, err := exec.Command("go", "tool", "-modfile=../../tools/go.mod", "-n", "github.com/Shopify/toxiproxy/v2/cmd/server").Output()
	if err != nil {
		t.Fatalf("this test needs toxiproxy (go get -modfile=tools/go.mod -tool github.com/Shopify/toxiproxy/v2/cmd/server): %v", err)
	}
	at := freeAddress(t)
	host, port, err := net.SplitHostPort(at)
	if err != nil {
		t.Fatal(err)
	}
	log := &transcript{}
	cmd := exec.Command(strings.TrimSpace(string(program)), "-host", host, "-port", port)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
		if t.Failed() {
			t.Logf("toxiproxy:\n%s", log.troubles())
		}
	})
	n := &wire{t: t, api: "http://" + at, bridge: newBridge(t, dsn)}
	eventually(t, "toxiproxy listens", func() bool {
		resp, err := http.Get(n.api + "/version")
		if err == nil {
			_ = resp.Body.Close()
		}
		return err == nil
	})
	listen := freeAddress(t)
	n.call(http.MethodPost, "/proxies", map[string]any{"name": "db", "listen": listen, "upstream": n.bridge.address, "enabled": true})
	host, port, err = net.SplitHostPort(listen)
	if err != nil {
		t.Fatal(err)
	}
	// Without sslmode, so that the program's own default is tried.
	n.dsn = regexp.MustCompile(`(host|port|sslmode)=\S+ ?`).ReplaceAllString(dsn, "") + " host=" + host + " port=" + port
	return n
}

// call asks toxiproxy for something.
func (n *wire) call(method, path string, fields map[string]any) {
	n.t.Helper()
	body, err := json.Marshal(fields)
	if err != nil {
		n.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(n.t.Context(), method, n.api+path, bytes.NewReader(body))
	if err != nil {
		n.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		n.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if text, _ := io.ReadAll(resp.Body); resp.StatusCode >= 300 {
		n.t.Fatalf("toxiproxy: %s %s is %d: %s", method, path, resp.StatusCode, text)
	}
}

// poison lets a toxic work on one direction: upstream leads to the database,
// downstream away from it.
func (n *wire) poison(kind, stream string) {
	n.t.Helper()
	n.call(http.MethodPost, "/proxies/db/toxics", map[string]any{
		"name": stream, "type": kind, "stream": stream, "toxicity": 1, "attributes": map[string]any{"timeout": 0},
	})
}

// cure takes the toxic of a direction away.
func (n *wire) cure(stream string) {
	n.t.Helper()
	n.call(http.MethodDelete, "/proxies/db/toxics/"+stream, nil)
}

// refuse ends all connections and refuses new ones.
func (n *wire) refuse() { n.call(http.MethodPost, "/proxies/db", map[string]any{"enabled": false}) }

// accept ends refuse.
func (n *wire) accept() { n.call(http.MethodPost, "/proxies/db", map[string]any{"enabled": true}) }

// bridge listens on TCP for a PostgreSQL that listens on a socket of the file
// system, where toxiproxy does not go.
type bridge struct {
	address, socket string
	running         sync.WaitGroup
	// dead is what swallows what comes over the connections of today.
	dead atomic.Pointer[atomic.Bool]
}

func newBridge(t testing.TB, dsn string) *bridge {
	t.Helper()
	field := func(name string) string {
		found := regexp.MustCompile(name + `='?([^' ]+)'?`).FindStringSubmatch(dsn)
		if found == nil {
			t.Fatalf("no %s in the DSN", name)
		}
		return found[1]
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &bridge{address: l.Addr().String(), socket: field("host") + "/.s.PGSQL." + field("port")}
	b.dead.Store(&atomic.Bool{})
	b.running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			dead := b.dead.Load()
			b.running.Go(func() { b.join(conn, dead) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		b.running.Wait() // toxiproxy, the other end, was killed
	})
	return b
}

// forget does what a firewall does that was started again: the connections
// there are lead nowhere, and neither end is told; new ones work.
func (b *bridge) forget() { b.dead.Swap(&atomic.Bool{}).Store(true) }

// join passes on what two ends say until one of them has ended.
func (b *bridge) join(conn net.Conn, dead *atomic.Bool) {
	defer func() { _ = conn.Close() }()
	server, err := net.Dial("unix", b.socket)
	if err != nil {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(swallow{server, dead}, conn)
		_ = server.Close()
	}()
	_, _ = io.Copy(swallow{conn, dead}, server)
	_ = conn.Close()
	<-done
}

// swallow writes until it is dead.
type swallow struct {
	io.Writer
	dead *atomic.Bool
}

// Write implements io.Writer.
func (s swallow) Write(p []byte) (int, error) {
	if s.dead.Load() {
		return len(p), nil
	}
	return s.Writer.Write(p)
}
