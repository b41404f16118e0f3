package postgres

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// child is a process that ends with this one.
type child struct {
	pid   int
	cmd   *exec.Cmd
	ended chan struct{}
	err   error // valid after ended
}

// startChild starts cmd as the account. On Linux the kernel sends onDeath to it
// when this process dies; the signal follows the thread that started the child,
// so that thread is kept for the child's whole life.
func startChild(cmd *exec.Cmd, who account, onDeath syscall.Signal, env ...string) (*child, error) {
	cmd.Env = append(environment(), env...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{
		// Ctrl-C in a terminal goes to the whole process group; the program
		// must first say goodbye to its own clients.
		Setpgid: true,
	}
	followToDeath(cmd.SysProcAttr, onDeath)
	if who.change {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(who.uid), Gid: uint32(who.gid)}
	}
	c := &child{cmd: cmd, ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		c.err = cmd.Wait()
		close(c.ended)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("run %s: %w", cmd.Path, err)
	}
	c.pid = cmd.Process.Pid
	return c, nil
}

// stop ends a server in an orderly way, and at once after stopTimeout or when
// ctx ends.
func (c *child) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	// An error here means that it has ended already.
	_ = c.cmd.Process.Signal(syscall.SIGINT)
	select {
	case <-c.ended:
		return nil
	case <-ctx.Done():
	}
	_ = c.cmd.Process.Signal(syscall.SIGQUIT)
	select {
	case <-c.ended:
	case <-time.After(stopTimeout):
		_ = c.cmd.Process.Kill()
		<-c.ended
	}
	return fmt.Errorf("stop PostgreSQL: it did not end in time and was stopped at once; the next start recovers it")
}

// environment is ours without what would steer PostgreSQL or translate its
// messages.
func environment() []string {
	var env []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "PG") && !strings.HasPrefix(entry, "LC_") && !strings.HasPrefix(entry, "LANG") {
			env = append(env, entry)
		}
	}
	return append(env, "LC_ALL=C")
}
