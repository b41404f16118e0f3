package postgres_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"smartscheduler/db/postgres"
)

func TestStartCold(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := start(t, durable(dir))
	for statement, want := range map[string]string{
		"select current_database()":    "smartscheduler",
		"select current_user":          "smartscheduler",
		"select usesuper from pg_user": "t",
		"show server_encoding":         "UTF8",
		"show data_checksums":          "on",
		"show fsync":                   "on",
		"show synchronous_commit":      "on",
		"show full_page_writes":        "on",
		"show listen_addresses":        "",
		"select 'ä' < 'z'":             "f",
		"select count(*) from pg_hba_file_rules where type <> 'local' and auth_method <> 'reject'": "0",
	} {
		ask(t, s, statement, want)
	}
	socket := filepath.Dir(socketOf(t, s.DSN("postgres")))
	info, err := os.Stat(socket)
	check(t, err)
	if info.Mode().Perm() != 0o700 {
		t.Errorf("socket directory has mode %o", info.Mode().Perm())
	}
	if _, err := os.Stat(filepath.Join(dir, "pg.init")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("pg.init is still there: %v", err)
	}
}

func TestStartWarm(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := start(t, quiet(dir))
	ask(t, s, "show fsync", "off")
	keep(t, s)
	stop(t, s)
	again := start(t, quiet(dir))
	ask(t, again, "select what from kept", "still here")
	if log := serverLog(t, dir); strings.Contains(log, "not properly shut down") {
		t.Errorf("the first stop was not clean:\n%s", log)
	}
}

func TestStartMakesALostDatabase(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := start(t, quiet(dir))
	_, err := s.Ask(t.Context(), "postgres", "drop database smartscheduler")
	check(t, err)
	stop(t, s)
	ask(t, start(t, quiet(dir)), "select current_database()", "smartscheduler")
}

func TestStopLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := start(t, durable(dir))
	socket := socketOf(t, s.DSN("postgres"))
	pid := serverPID(t, dir)
	stop(t, s)
	waitFor(t, s.Done(), "Done after Stop")
	stop(t, s)
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("server %d still runs: %v", pid, err)
	}
	for _, path := range []string{filepath.Dir(socket), filepath.Join(dir, "pg", "postmaster.pid")} {
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there: %v", path, err)
		}
	}
	if !strings.Contains(serverLog(t, dir), "database system is shut down") {
		t.Error("the server did not shut down in order")
	}
}

func TestStopWithoutPatience(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s, err := postgres.Start(t.Context(), durable(dir))
	check(t, err)
	keep(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_ = s.Stop(ctx) // whether the orderly stop was faster is a race
	ask(t, start(t, quiet(dir)), "select what from kept", "still here")
}

func TestDoneWhenTheServerDies(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := start(t, quiet(dir))
	check(t, syscall.Kill(serverPID(t, dir), syscall.SIGKILL))
	waitFor(t, s.Done(), "Done after the server's death")
	stop(t, s)
	ask(t, start(t, quiet(dir)), "select 1", "1")
}

func TestStartReportsWhyTheServerEnded(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	stop(t, start(t, quiet(dir)))
	conf, err := os.OpenFile(filepath.Join(dir, "pg", "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	check(t, err)
	_, err = conf.WriteString("\nno_such_setting = 1\n")
	check(t, errors.Join(err, conf.Close()))
	_, err = postgres.Start(t.Context(), quiet(dir))
	if err == nil || !strings.Contains(err.Error(), "postgresql.conf") {
		t.Fatalf("error %v does not name the file", err)
	}
}

func TestUnfinishedClusterIsMadeAgain(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	half := filepath.Join(dir, "pg.init", "base")
	check(t, os.MkdirAll(half, 0o711))
	check(t, os.WriteFile(filepath.Join(half, "1"), []byte("half"), 0o600))
	check(t, os.Chmod(dir, 0o711))
	ask(t, start(t, quiet(dir)), "select 1", "1")
}

func TestNotACluster(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	diary := filepath.Join(dir, "pg", "diary")
	check(t, os.MkdirAll(filepath.Dir(diary), 0o755))
	check(t, os.WriteFile(diary, []byte("dear"), 0o644))
	giveAway(t, filepath.Dir(diary))
	if _, err := postgres.Start(t.Context(), quiet(dir)); err == nil || !strings.Contains(err.Error(), "not a cluster") {
		t.Fatalf("error %v on a directory of something else", err)
	}
	if content, err := os.ReadFile(diary); err != nil || string(content) != "dear" {
		t.Errorf("the directory was touched: %q, %v", content, err)
	}
}

func TestAskReportsErrors(t *testing.T) {
	t.Parallel()
	s := start(t, quiet(dataDir(t)))
	if _, err := s.Ask(t.Context(), "postgres", "select 1/0"); err == nil || err.Error() != "division by zero" {
		t.Errorf("error %v", err)
	}
	if _, err := s.Ask(t.Context(), "nowhere", "select 1"); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("error %v", err)
	}
}

// giveAway makes a directory of root belong to somebody else; an ordinary
// user's stays his own.
func giveAway(t *testing.T, dir string) {
	t.Helper()
	if os.Geteuid() == 0 {
		check(t, os.Chown(dir, 65534, 65534))
	}
}

// socketOf is the path of the socket of a connection string.
func socketOf(t *testing.T, dsn string) string {
	t.Helper()
	for _, pair := range strings.Fields(dsn) {
		if host, ok := strings.CutPrefix(pair, "host="); ok {
			return filepath.Join(strings.Trim(host, "'"), ".s.PGSQL.5432")
		}
	}
	t.Fatalf("no host in %q", dsn)
	return ""
}
