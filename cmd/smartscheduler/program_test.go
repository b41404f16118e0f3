package main

import (
	"bytes"
	"context"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience bounds every wait of these tests. It is long because the machine may
// be busy; nothing that works comes near it.
const patience = 30 * time.Second

// program is the whole server, running in this process as `smartscheduler
// serve` would run.
type program struct {
	// base is the address of the pages, such as http://127.0.0.1:40123.
	base string
	log  *transcript
	stop func()
}

// startProgram serves the database of dsn until the test ends or stop is
// called.
func startProgram(t testing.TB, dsn string) *program {
	t.Helper()
	env := map[string]string{"DATABASE_URL": dsn, "ADDR": "127.0.0.1:0", "ADMIN_ADDR": "127.0.0.1:0"}
	ctx, cancel := context.WithCancel(context.Background())
	stdout, log := &transcript{}, &transcript{}
	exit := make(chan int, 1)
	go func() {
		exit <- run(ctx, []string{"serve"}, func(name string) string { return env[name] }, stdout, log)
	}()
	p := &program{log: log}
	p.stop = sync.OnceFunc(func() {
		cancel()
		if code := <-exit; code != 0 {
			t.Errorf("the program ended with %d", code)
		}
	})
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("the program complained:\n%s", log.troubles())
		}
	})
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	eventually(t, "the program says where it is", func() bool {
		p.base = address.FindString(stdout.String())
		return p.base != ""
	})
	return p
}

// eventually waits until ready is true.
func eventually(t testing.TB, what string, ready func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !ready() {
		select {
		case <-look.C:
		case <-deadline.C:
			t.Fatalf("never happened: %s", what)
		}
	}
}

// transcript is a writer that several goroutines may use.
type transcript struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

var _ io.Writer = (*transcript)(nil)

func (b *transcript) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *transcript) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// troubles returns the last lines that say more than that all is well.
func (b *transcript) troubles() string {
	var lines []string
	for line := range strings.Lines(b.String()) {
		if !strings.Contains(line, "level=INFO") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines[max(0, len(lines)-30):], "")
}
