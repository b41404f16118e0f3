package postgres_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"smartscheduler/db/postgres"
)

// TestAccount: PostgreSQL refuses to run as root, so root's server runs as
// somebody else, and an ordinary user's as himself.
func TestAccount(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	start(t, quiet(dir))
	uid := int(uidOf(t, dir))
	if uid == 0 {
		t.Error("the cluster belongs to root")
	}
	if os.Geteuid() != 0 && uid != os.Geteuid() {
		t.Errorf("the cluster belongs to %d, want %d", uid, os.Geteuid())
	}
}

// TestOrdinaryUser: where the tests run as root, the program is also run as an
// ordinary user, who has nothing but his directory.
func TestOrdinaryUser(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	cmd := self(t)
	if os.Geteuid() == 0 {
		above := filepath.Dir(dir)
		check(t, os.Chown(above, 65534, 65534))
		copied := filepath.Join(above, "program")
		content, err := os.ReadFile(cmd.Path)
		check(t, err)
		writeProgram(t, copied, string(content))
		cmd = exec.Command(copied)
		cmd.Dir = above
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	p := runProgram(t, cmd, dir)
	if os.Geteuid() == 0 && uidOf(t, dir) != 65534 {
		t.Errorf("the cluster belongs to %d", uidOf(t, dir))
	}
	keep(t, join(t, dir))
	p.end()
	// Root takes over as the cluster's owner.
	ask(t, start(t, durable(dir)), "select what from kept", "still here")
}

// TestUnreachableDataDir: root's checkout may lie where the server's user
// cannot go. An ordinary user can always go where he may write.
func TestUnreachableDataDir(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	check(t, os.Chmod(filepath.Dir(dir), 0o700))
	s := start(t, quiet(dir))
	t.Cleanup(func() {
		stop(t, s)
		if err := os.RemoveAll(s.Dir()); err != nil {
			t.Error(err)
		}
	})
	keep(t, s)
	if root := os.Geteuid() == 0; root == (s.Dir() == dir) {
		t.Errorf("as root: %v, cluster in %s", root, s.Dir())
	}
	stop(t, s)
	ask(t, start(t, quiet(dir)), "select what from kept", "still here")
	if postgres.Reachable(filepath.Dir(dir)) == (os.Geteuid() == 0) {
		t.Error("Reachable does not tell the difference")
	}
}

func TestForeignCluster(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := start(t, quiet(dir))
	stop(t, s)
	if os.Geteuid() != 0 {
		// Only root can give a cluster away; to an ordinary user root's own
		// directories are foreign.
		if postgres.Reachable("/root") {
			t.Error("an ordinary user reaches /root")
		}
		return
	}
	check(t, os.Chown(filepath.Join(dir, "pg"), 0, 0))
	_, err := postgres.Start(t.Context(), quiet(dir))
	if err == nil || !strings.Contains(err.Error(), "belongs to user id 0") {
		t.Errorf("error %v", err)
	}
}

// TestSocketDirectoryTaken: whoever prepares our directory in the temp
// directory must not come between us and the database.
func TestSocketDirectoryTaken(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(path string) error{
		"open to others": func(path string) error { return errors.Join(os.Mkdir(path, 0o755), os.Chmod(path, 0o755)) },
		"a link":         func(path string) error { return os.Symlink(os.TempDir(), path) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			s := start(t, durable(dir))
			socket := filepath.Dir(socketOf(t, s.DSN("postgres")))
			stop(t, s)
			check(t, prepare(socket))
			check(t, os.Lchown(socket, int(uidOf(t, dir)), -1))
			t.Cleanup(func() { _ = os.Remove(socket) })
			_, err := postgres.Start(t.Context(), durable(dir))
			if err == nil || !strings.Contains(err.Error(), "not a private directory") {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestLongTempDirectory(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	long := filepath.Join(filepath.Dir(dir), strings.Repeat("long", 25))
	check(t, os.Mkdir(long, 0o777))
	cmd := self(t)
	cmd.Env = []string{"TMPDIR=" + long}
	p := runProgram(t, cmd, dir)
	if path := socketOf(t, p.dsn); len(path) > 103 {
		t.Errorf("socket %s of %d bytes", path, len(path))
	}
}
