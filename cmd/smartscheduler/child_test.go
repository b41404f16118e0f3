package main

import (
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// child is the program as a process of its own, which can be killed and
// stopped like any other.
type child struct {
	t      testing.TB
	base   string
	stdout *transcript
	log    *transcript
	cmd    *exec.Cmd
	wait   func() error
}

// startChild serves the database of dsn in a process of its own until the test
// ends, and returns when it is ready. More of the environment comes as NAME=value.
func startChild(t testing.TB, dsn string, env ...string) *child {
	t.Helper()
	c := launchChild(t, dsn, env...)
	eventually(t, "the process is ready", func() bool {
		resp, err := http.Get(c.base + "/readyz")
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	return c
}

// launchChild is startChild without the wait until it is ready.
func launchChild(t testing.TB, dsn string, env ...string) *child {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{t: t, stdout: &transcript{}, log: &transcript{}, cmd: exec.Command(path, "serve")}
	c.cmd.Env = append(os.Environ(), asProgram+"=1", "DATABASE_URL="+dsn, "ADDR=127.0.0.1:0", "ADMIN_ADDR=127.0.0.1:0")
	c.cmd.Env = append(c.cmd.Env, env...)
	c.cmd.Stdout, c.cmd.Stderr = c.stdout, c.log
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c.wait = sync.OnceValue(c.cmd.Wait)
	t.Cleanup(func() {
		_ = c.cmd.Process.Kill() // it may have ended
		_ = c.wait()
		if t.Failed() {
			t.Logf("process %d complained:\n%s", c.cmd.Process.Pid, c.log.troubles())
		}
	})
	eventually(t, "the process says where it is", func() bool {
		c.base = strings.TrimSpace(regexp.MustCompile(`https?://127\.0\.0\.1:\d+\n`).FindString(c.stdout.String()))
		return c.base != ""
	})
	return c
}

// signal sends a signal to the process.
func (c *child) signal(s syscall.Signal) {
	c.t.Helper()
	if err := c.cmd.Process.Signal(s); err != nil {
		c.t.Fatal(err)
	}
}

// kill ends the process without a warning.
func (c *child) kill() {
	c.t.Helper()
	c.signal(syscall.SIGKILL)
	_ = c.wait() // says that it was killed
}

// terminate asks the process to end and waits until it has.
func (c *child) terminate() {
	c.t.Helper()
	c.signal(syscall.SIGTERM)
	if err := c.wait(); err != nil {
		c.t.Errorf("after SIGTERM: %v", err)
	}
}
