package postgres_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"smartscheduler/db/postgres"
)

// asProgram makes the test binary run a server, as the program does, on the
// data directory that it names, until its standard input ends.
const asProgram = "SMARTSCHEDULER_TEST_DATA_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(asProgram); dir != "" {
		if err := program(dir); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

func program(dir string) error {
	s, err := postgres.Start(context.Background(), durable(dir))
	if err != nil {
		return err
	}
	fmt.Println("ready", url.QueryEscape(s.DSN("postgres")))
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	return s.Stop(context.Background())
}

// process is the program as another process.
type process struct {
	*exec.Cmd
	leash io.Closer
	dsn   string
}

// runProgram starts the program and waits until its server is ready.
func runProgram(t *testing.T, cmd *exec.Cmd, dir string) *process {
	t.Helper()
	cmd.Env = append(append(os.Environ(), cmd.Env...), asProgram+"="+dir)
	leash, err := cmd.StdinPipe()
	check(t, err)
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	p := &process{Cmd: cmd, leash: leash}
	t.Cleanup(p.end)
	line, err := bufio.NewReader(out).ReadString('\n')
	check(t, err)
	escaped, ready := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if !ready {
		t.Fatalf("the program says %q", line)
	}
	p.dsn, err = url.QueryUnescape(escaped)
	check(t, err)
	return p
}

// kill ends the program as the kernel would: it can do nothing about it.
func (p *process) kill(t *testing.T) {
	t.Helper()
	check(t, p.Process.Kill())
	_ = p.Wait() // "signal: killed" is what we want
}

// end lets the program stop by itself; after kill it does nothing.
func (p *process) end() {
	_ = p.leash.Close()
	_ = p.Wait()
}

func self(t *testing.T) *exec.Cmd {
	t.Helper()
	path, err := os.Executable()
	check(t, err)
	return exec.Command(path)
}

func quiet(dir string) postgres.Options {
	return postgres.Options{DataDir: dir, Fast: true, Log: slog.New(slog.DiscardHandler)}
}

// durable is how the program runs its server.
func durable(dir string) postgres.Options {
	opts := quiet(dir)
	opts.Fast = false
	return opts
}

// dataDir makes a directory that root's server user can reach, unlike those of
// t.TempDir.
func dataDir(t *testing.T) string {
	t.Helper()
	above, err := os.MkdirTemp("", "ssched-test-")
	check(t, err)
	check(t, os.Chmod(above, 0o711))
	t.Cleanup(func() {
		if err := os.RemoveAll(above); err != nil {
			t.Error(err)
		}
	})
	return filepath.Join(above, ".data")
}

func start(t *testing.T, opts postgres.Options) *postgres.Server {
	t.Helper()
	s, err := postgres.Start(t.Context(), opts)
	check(t, err)
	t.Cleanup(func() { stop(t, s) })
	return s
}

func stop(t *testing.T, s *postgres.Server) {
	t.Helper()
	if err := s.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

// ask fails the test unless the statement answers want.
func ask(t *testing.T, s *postgres.Server, statement, want string) {
	t.Helper()
	got, err := s.Ask(t.Context(), postgres.Database, statement)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	if got != want {
		t.Errorf("%s: %q, want %q", statement, got, want)
	}
}

// keep writes a row that must survive.
func keep(t *testing.T, s *postgres.Server) {
	t.Helper()
	ask(t, s, "create table kept as select 'still here' as what", "")
}

// serverPID reads the process id of the server of a data directory.
func serverPID(t *testing.T, dir string) int {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, "pg", "postmaster.pid"))
	check(t, err)
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(first)
	check(t, err)
	return pid
}

func serverLog(t *testing.T, dir string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, "postgres.log"))
	check(t, err)
	return string(content)
}

// owner is the user that the cluster of a data directory belongs to, for
// processes that are to be run like its server.
func owner(t *testing.T, dir string) *syscall.SysProcAttr {
	t.Helper()
	info, err := os.Stat(filepath.Join(dir, "pg"))
	check(t, err)
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		t.Fatal("no owner")
	}
	if os.Geteuid() != 0 {
		return &syscall.SysProcAttr{}
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: stat.Uid, Gid: stat.Gid}}
}

// waitFor ends when the channel is closed, and fails the test after 20 s.
func waitFor(t *testing.T, done <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatalf("waited 20 s for %s", what)
	}
}

// writeProgram writes an executable file while no other test starts a process,
// which would inherit the open file and make it "busy".
func writeProgram(t *testing.T, path, content string) {
	t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	check(t, os.WriteFile(path, []byte(content), 0o755))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
