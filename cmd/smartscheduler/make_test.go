package main

import (
	"bufio"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// dataDir is a directory that the database's user can reach, also below root.
func dataDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "smartscheduler-data-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestMakeRunEndsTheServer: a signal to `make run` alone, as a supervisor sends
// it, leaves no server behind.
func TestMakeRunEndsTheServer(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	ctx, cancel := context.WithTimeout(t.Context(), 4*patience) // it builds the program
	defer cancel()
	cmd := exec.CommandContext(ctx, "make", "-C", "../..", "run", "BINARY="+filepath.Join(t.TempDir(), "smartscheduler"))
	cmd.Env = append(os.Environ(), "ADDR=127.0.0.1:0", "ADMIN_ADDR=127.0.0.1:0", "DATA_DIR="+dir, "DATABASE_URL=", "MAKEFLAGS=")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// Whatever make leaves behind is in its group.
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	complaints := &transcript{}
	cmd.Stderr = complaints
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	address := ""
	lines := bufio.NewScanner(out)
	for address == "" && lines.Scan() {
		address = regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(lines.Text())
	}
	if address == "" {
		t.Fatalf("it never said where it is: %s", complaints)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the server has ended", func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
	for lines.Scan() { // to its end, which is when nobody holds it any more
	}
	_ = cmd.Wait() // make ends by the signal
}

// TestCheckSaysWhatIsMissing: who can install nothing is told so in one line.
func TestCheckSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Fatal(err)
	}
	dirname, err := exec.LookPath("dirname")
	if err != nil {
		t.Fatal(err)
	}
	for name, programs := range map[string][]string{"NoApt": {"sudo"}, "NoSudo": {"apt-get"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bin := t.TempDir()
			scripts := map[string]string{"go": "exit 1", "id": "echo 1000", "dirname": "exec " + dirname + ` "$@"`}
			for _, program := range programs {
				scripts[program] = "echo ran >&2"
			}
			for program, does := range scripts {
				if err := os.WriteFile(filepath.Join(bin, program), []byte("#!"+bash+"\n"+does+"\n"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.CommandContext(t.Context(), bash, "../../.ci/run")
			cmd.Env = []string{"PATH=" + bin}
			out, err := cmd.CombinedOutput()
			if err == nil || strings.Count(string(out), "\n") != 1 || !strings.Contains(string(out), "postgresql") {
				t.Errorf("ended with %v and said\n%s", err, out)
			}
		})
	}
}

// TestPackagesAreInstalledOnce: installing again takes the packages away from a
// server that runs on them, so make does it for another list of packages only.
func TestPackagesAreInstalledOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	makefile, err := filepath.Abs("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write("npm", "#!/bin/sh\nrm -rf node_modules && mkdir node_modules && echo installed >>log\n")
	for i, lock := range []string{"one", "one", "two"} {
		write("package-lock.json", lock)
		cmd := exec.CommandContext(t.Context(), "make", "-C", dir, "-f", makefile, "npm")
		cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "MAKEFLAGS=")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		log, err := os.ReadFile(filepath.Join(dir, "log"))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := strings.Count(string(log), "installed"), []int{1, 1, 2}[i]; got != want {
			t.Errorf("after run %d: installed %d times, want %d", i+1, got, want)
		}
	}
}
