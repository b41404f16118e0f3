package dbtest_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"smartscheduler/db/dbtest"
)

// TestEndings: however a test process ends, its server ends and its directory
// goes.
func TestEndings(t *testing.T) {
	t.Parallel()
	for how, fails := range map[string]bool{
		"pass": false, "fail": true, "panic": true, "exit": true, "kill": true, "leak": true,
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			out, err := again(t, ending+"="+how)
			if (err != nil) != fails {
				t.Errorf("ended with %v:\n%s", err, out)
			}
			cluster := said(t, out, "cluster=")
			until(t, "the removal of "+cluster, func() bool {
				_, err := os.Stat(filepath.Dir(cluster))
				return errors.Is(err, os.ErrNotExist)
			})
			pid, err := strconv.Atoi(said(t, out, "server="))
			if err != nil {
				t.Fatal(err)
			}
			until(t, "the end of server "+strconv.Itoa(pid), func() bool { return !alive(pid) })
			if how == "leak" && !strings.Contains(out, "goroutines behind") {
				t.Errorf("it does not tell of the goroutine:\n%s", out)
			}
		})
	}
}

// TestWithoutBinaries: no PostgreSQL means red, not skipped.
func TestWithoutBinaries(t *testing.T) {
	t.Parallel()
	out, err := again(t, "PG_BINDIR=/nowhere")
	if err == nil || !strings.Contains(out, "apt-get install -y postgresql") || strings.Contains(out, "SKIP") {
		t.Errorf("ended with %v:\n%s", err, out)
	}
}

// again runs TestOpen in a process of its own.
func again(t *testing.T, env string) (string, error) {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "-test.run=^TestOpen$", "-test.v")
	cmd.Env = append(os.Environ(), env)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func said(t *testing.T, out, name string) string {
	t.Helper()
	_, rest, found := strings.Cut(out, name)
	if !found {
		t.Fatalf("it does not say %s:\n%s", name, out)
	}
	line, _, _ := strings.Cut(rest, "\n")
	return line
}

// until waits for what another process does; nothing else tells when.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); <-tick.C {
		if done() {
			return
		}
	}
	t.Errorf("waited 20 s for %s", what)
}

func TestSweep(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	now := time.Now()
	for name, test := range map[string]struct {
		locked, marked bool
		age            time.Duration
		stays          bool
	}{
		"young":     {false, true, 0, true},
		"in use":    {true, true, time.Hour, true},
		"abandoned": {false, true, time.Hour, false},
		"half made": {false, false, time.Hour, false},
	} {
		dir := filepath.Join(base, dbtest.Prefix+strings.ReplaceAll(name, " ", "-"))
		if err := os.MkdirAll(filepath.Join(dir, "pg"), 0o700); err != nil {
			t.Fatal(err)
		}
		if test.marked {
			file, err := os.Create(filepath.Join(dir, "alive"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = file.Close() }()
			if test.locked {
				if err := dbtest.LockFile(file); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := os.Chtimes(dir, now.Add(-test.age), now.Add(-test.age)); err != nil {
			t.Fatal(err)
		}
		dbtest.Sweep(base)
		if _, err := os.Stat(dir); (err == nil) != test.stays {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// alive tells whether a process exists.
func alive(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }
