package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"smartscheduler/db/postgres"
)

// endWithInput ends this process with its standard input, so that it never
// outlives the tests, however they end.
func endWithInput() {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(3)
	}()
}

// killable is the program as a process of its own, always on the same address.
type killable struct {
	t             testing.TB
	dsn, addr     string
	before, after func() // hooks of a control: before a start, at a kill

	mu    sync.Mutex
	cmd   *exec.Cmd
	leash io.Closer
	log   *transcript
	// ended is closed when the process has ended.
	ended chan struct{}
	// faults are ends that nobody asked for, and what no log should say.
	faults []string
}

func newKillable(t testing.TB, dsn string) *killable {
	t.Helper()
	a := &killable{t: t, dsn: dsn, addr: freeAddress(t), before: func() {}, after: func() {}}
	t.Cleanup(a.kill)
	return a
}

// freeAddress is an address that nobody is given who asks for any port.
func freeAddress(t testing.TB) string {
	t.Helper()
	for range 100 {
		addr := fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(10000))
		listener, err := net.Listen("tcp", addr)
		if err == nil {
			_ = listener.Close()
			return addr
		}
	}
	t.Fatal("no port is free")
	return ""
}

func (a *killable) base() string { return "http://" + a.addr }

// start runs the program and returns when it serves.
func (a *killable) start() {
	a.t.Helper()
	a.before()
	cmd := exec.Command(os.Args[0], "serve")
	cmd.Env = append(os.Environ(), asProgram+"="+onLeash, "DATABASE_URL="+a.dsn, "ADDR="+a.addr, "ADMIN_ADDR=127.0.0.1:0", "PUBLIC_URL=")
	log := &transcript{}
	cmd.Stderr = log
	leash, err := cmd.StdinPipe()
	if err != nil {
		a.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		a.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		a.t.Fatal(err)
	}
	ended, serves := make(chan struct{}), make(chan bool, 1)
	a.mu.Lock()
	a.cmd, a.leash, a.log, a.ended = cmd, leash, log, ended
	a.mu.Unlock()
	go func() {
		defer close(ended)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if strings.Contains(lines.Text(), a.addr) {
				serves <- true
			}
		}
		err := cmd.Wait()
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.cmd == cmd {
			a.faults = append(a.faults, fmt.Sprintf("it ended by itself: %v: %s", err, log.troubles()))
		}
	}()
	select {
	case <-serves:
	case <-ended:
		a.t.Fatalf("the program does not start: %s", log)
	}
}

// kill ends the program as kill -9 does.
func (a *killable) kill() {
	a.mu.Lock()
	cmd, ended := a.cmd, a.ended
	a.cmd = nil
	a.mu.Unlock()
	if cmd == nil {
		return
	}
	_ = cmd.Process.Kill()
	a.after()
	<-ended
	_ = a.leash.Close()
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, bad := range []string{"DATA RACE", "panic"} {
		if said := a.log.String(); strings.Contains(said, bad) {
			a.faults = append(a.faults, "it says "+bad+": "+said)
		}
	}
}

// faulty returns what the processes did wrong so far.
func (a *killable) faulty() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string(nil), a.faults...)
}

// killableCluster is a PostgreSQL with everything that keeps data safe.
type killableCluster struct {
	t      testing.TB
	dir    string
	server *postgres.Server
}

func newKillableCluster(t testing.TB) *killableCluster {
	t.Helper()
	c := &killableCluster{t: t, dir: dataDir(t)}
	c.start()
	t.Cleanup(func() {
		if err := c.server.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if err := migrate(t.Context(), c.dsn()); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *killableCluster) dsn() string { return c.server.DSN(postgres.Database) }

// start returns when it accepts connections.
func (c *killableCluster) start() {
	c.t.Helper()
	server, err := postgres.Start(context.Background(), postgres.Options{DataDir: c.dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		c.t.Fatal(err)
	}
	if c.server != nil && c.server.DSN("x") != server.DSN("x") {
		c.t.Fatal("PostgreSQL is somewhere else now")
	}
	c.server = server
}

// kill ends the server without a goodbye. The signal of an immediate stop is
// what pg_ctl sends.
func (c *killableCluster) kill(kind string) {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.dir, "pg", "postmaster.pid"))
	if err != nil {
		c.t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		c.t.Fatal(err)
	}
	signal := syscall.SIGKILL
	if kind == stopImmediate {
		signal = syscall.SIGQUIT
	}
	if err := syscall.Kill(pid, signal); err != nil {
		c.t.Fatal(err)
	}
	<-c.server.Done()
	_ = c.server.Stop(context.Background()) // it has ended; this lets go of its directory
}
