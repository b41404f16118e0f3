package postgres_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"smartscheduler/db/postgres"
)

func TestProgramKilled(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	p := runProgram(t, self(t), dir)
	keep(t, join(t, dir))
	before := serverPID(t, dir)
	p.kill(t)
	// At once: the old server is still there, and about to stop.
	s := start(t, durable(dir))
	ask(t, s, "select what from kept", "still here")
	if runtime.GOOS == "linux" && serverPID(t, dir) == before {
		t.Error("the server outlived its program")
	}
	if log := serverLog(t, dir); strings.Contains(log, "not properly shut down") {
		t.Errorf("the server did not stop in order after its program:\n%s", log)
	}
}

func TestProgramAndServerKilled(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	p := runProgram(t, self(t), dir)
	keep(t, join(t, dir))
	pid := serverPID(t, dir)
	// The server first, or it would hear of its program's death.
	check(t, syscall.Kill(pid, syscall.SIGKILL))
	p.kill(t)
	ask(t, start(t, durable(dir)), "select what from kept", "still here")
	if !strings.Contains(serverLog(t, dir), "not properly shut down") {
		t.Error("there was nothing to recover: the server was not killed")
	}
}

func TestProgramStopsInOrder(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	p := runProgram(t, self(t), dir)
	pid := serverPID(t, dir)
	check(t, p.leash.Close())
	check(t, p.Wait())
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("server %d still runs: %v", pid, err)
	}
}

// TestStalePostmasterFile: the number in the file of a killed server now
// belongs to a process of the same user that is no server, which PostgreSQL by
// itself refuses to start beside.
func TestStalePostmasterFile(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := start(t, quiet(dir))
	keep(t, s)
	file := filepath.Join(dir, "pg", "postmaster.pid")
	content, err := os.ReadFile(file)
	check(t, err)
	stop(t, s)

	foreign := exec.Command("cat")
	foreign.SysProcAttr = owner(t, dir)
	leash, err := foreign.StdinPipe()
	check(t, err)
	check(t, foreign.Start())
	t.Cleanup(func() {
		_ = leash.Close()
		if err := foreign.Wait(); err != nil {
			t.Errorf("the foreign process was touched: %v", err)
		}
	})
	_, rest, _ := strings.Cut(string(content), "\n")
	check(t, os.WriteFile(file, []byte(strconv.Itoa(foreign.Process.Pid)+"\n"+rest), 0o600))
	check(t, os.Chown(file, int(uidOf(t, dir)), -1))

	ask(t, start(t, quiet(dir)), "select what from kept", "still here")
}

func TestSecondStartIsRefused(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	p := runProgram(t, self(t), dir)
	_, err := postgres.Start(t.Context(), durable(dir))
	if !errors.Is(err, postgres.ErrLocked) {
		t.Fatalf("error %v, want ErrLocked", err)
	}
	if !strings.Contains(err.Error(), "process "+strconv.Itoa(p.Process.Pid)+" ") {
		t.Errorf("%q does not name process %d", err, p.Process.Pid)
	}
	p.end()
	ask(t, start(t, durable(dir)), "select 1", "1")
}

func TestJoinLeavesTheServer(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := start(t, quiet(dir))
	joined := join(t, dir)
	keep(t, joined)
	stop(t, joined)
	waitFor(t, joined.Done(), "Done after letting go")
	ask(t, s, "select what from kept", "still here")
}

func TestJoinStartsWhenNothingRuns(t *testing.T) {
	t.Parallel()
	ask(t, join(t, dataDir(t)), "select 1", "1")
}

func TestAdopt(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	byHand := runByHand(t, dir)
	s := start(t, quiet(dir))
	ask(t, s, "show port", "6543")
	stop(t, s)
	again := start(t, quiet(dir))
	ask(t, again, "show port", "6543")
	check(t, byHand.Signal(syscall.SIGINT))
	waitFor(t, again.Done(), "Done after the end of an adopted server")
}

// runByHand makes a cluster and runs its server as somebody would by hand.
func runByHand(t *testing.T, dir string) *os.Process {
	t.Helper()
	first := start(t, quiet(dir))
	socket := filepath.Dir(socketOf(t, first.DSN("postgres")))
	stop(t, first)
	bin, err := postgres.Installed(t.Context(), quiet(dir))
	check(t, err)
	check(t, os.Mkdir(socket, 0o700))
	t.Cleanup(func() { _ = os.Remove(socket) })
	check(t, os.Chown(socket, int(uidOf(t, dir)), -1))
	cmd := exec.Command(filepath.Join(bin, "postgres"), "-D", filepath.Join(dir, "pg"), "-k", socket, "-p", "6543", "-c", "listen_addresses=")
	cmd.SysProcAttr = owner(t, dir)
	check(t, cmd.Start())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait()
	}()
	t.Cleanup(func() { _ = cmd.Process.Signal(syscall.SIGINT); <-ended })
	until(t, "a server started by hand", func() bool {
		content, _ := os.ReadFile(filepath.Join(dir, "pg", "postmaster.pid"))
		return strings.Contains(string(content), "\nready")
	})
	return cmd.Process
}

// until waits for what another process does; nothing else tells when.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); <-tick.C {
		if done() {
			return
		}
	}
	t.Fatalf("waited 20 s for %s", what)
}

func join(t *testing.T, dir string) *postgres.Server {
	t.Helper()
	opts := quiet(dir)
	opts.Join = true
	return start(t, opts)
}

func uidOf(t *testing.T, dir string) uint32 {
	t.Helper()
	info, err := os.Stat(filepath.Join(dir, "pg"))
	check(t, err)
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		t.Fatal("no owner")
	}
	return stat.Uid
}
