package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// poll is how often a starting, stopping or adopted server is looked at.
const poll = 10 * time.Millisecond

// postmaster is what a cluster's postmaster.pid says about its server.
type postmaster struct {
	pid    int
	port   string
	socket string
	status string // starting, ready, stopping, standby
	// alive: the process is a server of this cluster.
	alive bool
}

// readPostmaster reads postmaster.pid; without one it returns a zero value.
func readPostmaster(cluster string) postmaster {
	content, err := os.ReadFile(filepath.Join(cluster, "postmaster.pid"))
	if err != nil {
		return postmaster{}
	}
	lines := strings.Split(string(content), "\n")
	line := func(n int) string {
		if n < len(lines) {
			return strings.TrimSpace(lines[n])
		}
		return ""
	}
	pid, err := strconv.Atoi(line(0))
	if err != nil || pid <= 1 {
		return postmaster{}
	}
	return postmaster{pid: pid, port: line(3), socket: line(4), status: line(7), alive: serves(pid, cluster)}
}

// serves tells whether a process is a PostgreSQL server of this cluster. The
// number in a stale postmaster.pid may by now belong to anybody.
func serves(pid int, cluster string) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return false
	}
	if runtime.GOOS != "linux" {
		out, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
		return err == nil && strings.Contains(string(out), "postgres")
	}
	proc := fmt.Sprintf("/proc/%d/", pid)
	exe, err := os.Readlink(proc + "exe")
	if err != nil || !strings.HasPrefix(filepath.Base(exe), "postgres") {
		return false
	}
	// A server's working directory is its cluster.
	cwd, err := os.Stat(proc + "cwd")
	if err != nil {
		return false
	}
	home, err := os.Stat(cluster)
	return err == nil && os.SameFile(cwd, home)
}

// living looks for a server of our cluster that runs already, and waits until
// it is ready or gone. A server whose supervisor was killed has been told to
// stop by the kernel, although it may not have heard yet: it is waited for.
func (s *Server) living(ctx context.Context) (postmaster, error) {
	orphan := 0
	if runtime.GOOS == "linux" && s.lock != nil {
		orphan = s.lock.orphan
	}
	patience := time.Now().Add(stopTimeout)
	for tick := time.NewTicker(poll); ; {
		found := readPostmaster(s.place.cluster())
		settled := found.status == "ready" && (found.pid != orphan || time.Now().After(patience))
		if !found.alive || settled {
			tick.Stop()
			return found, nil
		}
		select {
		case <-ctx.Done():
			tick.Stop()
			return found, fmt.Errorf("server %d is %s: %w", found.pid, found.status, ctx.Err())
		case <-tick.C:
		}
	}
}

// join uses the server that another process of ours runs.
func (s *Server) join(ctx context.Context) error {
	found, err := s.living(ctx)
	if err != nil {
		return err
	}
	if !found.alive {
		return fmt.Errorf("another process is starting or stopping the server: %w", ErrLocked)
	}
	return s.adopt(ctx, found)
}

// adopt uses a server that this process did not start, once it has proved to be
// the server of our cluster.
func (s *Server) adopt(ctx context.Context, found postmaster) error {
	s.socket, s.port = found.socket, found.port
	if s.socket == "" {
		return fmt.Errorf("server %d of cluster %s runs without a Unix socket: stop it first", found.pid, s.place.cluster())
	}
	dir, err := s.ask(ctx, "postgres", "show data_directory")
	if err != nil {
		return fmt.Errorf("ask server %d: %w", found.pid, err)
	}
	if !sameFile(dir, s.place.cluster()) {
		return fmt.Errorf("server %d serves %s instead of %s", found.pid, dir, s.place.cluster())
	}
	if err := s.ensureDatabase(ctx); err != nil {
		return err
	}
	s.log.InfoContext(ctx, "using the PostgreSQL server that runs already", "dir", s.place.cluster(), "pid", found.pid)
	ended := make(chan struct{})
	s.done = ended
	go s.watch(found.pid, ended)
	return nil
}

// watch closes ended when an adopted server has ended, or was let go by Stop.
func (s *Server) watch(pid int, ended chan<- struct{}) {
	defer close(ended)
	tick := time.NewTicker(50 * poll)
	defer tick.Stop()
	for serves(pid, s.place.cluster()) {
		select {
		case <-s.quit:
			return
		case <-tick.C:
		}
	}
}

func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}
