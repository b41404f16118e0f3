package main

import (
	"context"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"smartscheduler/db/dbtest"
)

// process is `smartscheduler serve` with an environment of its own; program is
// the plain case.
type process struct {
	t           testing.TB
	stdout, log *transcript
	cancel      context.CancelFunc
	exit        func() int
}

// serveWith runs the server until stop is called or the test ends.
func serveWith(t testing.TB, env map[string]string, flags ...string) *process {
	t.Helper()
	all := map[string]string{"ADDR": "127.0.0.1:0", "ADMIN_ADDR": "127.0.0.1:0"}
	maps.Copy(all, env)
	ctx, cancel := context.WithCancel(context.Background())
	p := &process{t: t, stdout: &transcript{}, log: &transcript{}, cancel: cancel}
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"serve"}, flags...), func(name string) string { return all[name] }, p.stdout, p.log)
	}()
	p.exit = sync.OnceValue(func() int { return <-code })
	t.Cleanup(func() { p.stop() })
	return p
}

// stop ends the server and returns its exit code.
func (p *process) stop() int {
	p.cancel()
	return p.exit()
}

// logged waits for a line of the program's own log and returns what the pattern
// finds in it. Lines of the packages may be in another's: they use the default
// logger, which is that of the program started last.
func (p *process) logged(pattern string) []string {
	p.t.Helper()
	var found []string
	eventually(p.t, "the log has "+pattern, func() bool {
		found = regexp.MustCompile(pattern).FindStringSubmatch(p.log.String())
		return found != nil
	})
	return found
}

// metricsAt waits until the metrics are served and returns where.
func (p *process) metricsAt() string {
	p.t.Helper()
	return p.logged(`msg="metrics are served" address=http://(\S+)/metrics`)[1]
}

// TestMetricsAreForThisMachine: a bare port is no invitation to the world.
func TestMetricsAreForThisMachine(t *testing.T) {
	t.Parallel()
	p := serveWith(t, map[string]string{"DATABASE_URL": dbtest.IsolatedDSN(t), "ADMIN_ADDR": ":0", "PUBLIC_URL": "https://desk.example.com"})
	address := p.metricsAt()
	host, _, err := net.SplitHostPort(address)
	if err != nil || !net.ParseIP(host).IsLoopback() {
		t.Errorf("metrics are served on %s", address)
	}
	if code := p.stop(); code != 0 {
		t.Errorf("ended with %d: %s", code, p.log)
	}
	refused := serveWith(t, map[string]string{"DATABASE_URL": "postgres://nowhere", "ADMIN_ADDR": "0.0.0.0:8081"})
	if code := refused.exit(); code == 0 || !strings.Contains(refused.log.String(), "not a loopback address") {
		t.Errorf("metrics for everybody: %d, %s", code, refused.log)
	}
}

// TestOwnDatabaseDies kills the database as the kernel does when memory runs
// out: the program ends, so that whoever started it starts it again.
func TestOwnDatabaseDies(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	env := map[string]string{"DATA_DIR": dir}
	first := serveWith(t, env, "--demo=none")
	first.metricsAt()
	text, err := os.ReadFile(filepath.Join(dir, "pg", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	ended := make(chan int, 1)
	go func() { ended <- first.exit() }()
	select {
	case code := <-ended:
		if code != 1 || !strings.Contains(first.log.String(), "our PostgreSQL has ended") {
			t.Errorf("ended with %d: %s", code, first.log)
		}
	case <-time.After(patience):
		t.Fatal("it goes on without its database")
	}
	second := serveWith(t, env, "--demo=none")
	second.metricsAt()
	if code := second.stop(); code != 0 {
		t.Errorf("the next start ended with %d: %s", code, second.log)
	}
}

// TestEveryStartTellsHowToSignIn: also the second one, when the link and the
// code of the first are used up, and also without --demo.
func TestEveryStartTellsHowToSignIn(t *testing.T) {
	t.Parallel()
	env := map[string]string{"DATA_DIR": dataDir(t)}
	for i, flags := range [][]string{nil, nil, {"--demo=none"}} {
		if i == 2 {
			env["DEMO_PASSWORD"] = "another long password"
		}
		p := serveWith(t, env, flags...)
		base := ""
		eventually(t, "it says all", func() bool {
			base = regexp.MustCompile(`SmartScheduler is at (\S+)\n`).FindString(p.stdout.String())
			return strings.Contains(p.stdout.String(), "/streams/dispatch/north\n")
		})
		said := p.stdout.String()
		for _, want := range []string{
			"ann@example.com (north)", `user link "Rosa Díaz"`, "kiosk enroll north", "24 hours", "10 minutes",
		} {
			if !strings.Contains(said, want) {
				t.Errorf("start %d does not say %s:\n%s", i+1, want, said)
			}
		}
		if known := strings.Contains(said, demoPassword); known != (i < 2) {
			t.Errorf("start %d: the password that works is told: %v\n%s", i+1, known, said)
		}
		if made := regexp.MustCompile(`/link/\S{20}`).MatchString(said); made != (i == 0) {
			t.Errorf("start %d: a link was made: %v\n%s", i+1, made, said)
		}
		if code := p.stop(); code != 0 || base == "" {
			t.Errorf("start %d ended with %d: %s", i+1, code, p.log)
		}
	}
}

// TestDemoIsNotForTheWorld: everybody knows the password of the demo world, so
// nobody but this machine gets to it.
func TestDemoIsNotForTheWorld(t *testing.T) {
	t.Parallel()
	for name, env := range map[string]map[string]string{
		"Proxy":    {"PUBLIC_URL": "https://desk.example.com"},
		"Anywhere": {"PUBLIC_URL": "https://desk.example.com", "ADDR": "0.0.0.0:0"},
		"Bare":     {"PUBLIC_URL": "https://desk.example.com", "ADDR": ":0"},
		"Same":     {"PUBLIC_URL": "https://desk.example.com", "DEMO_PASSWORD": demoPassword},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env["DATA_DIR"] = filepath.Join(t.TempDir(), "data")
			p := serveWith(t, env)
			if code := p.exit(); code != 1 || !strings.Contains(p.log.String(), "DEMO_PASSWORD") || !strings.Contains(p.log.String(), "--demo=none") {
				t.Errorf("ended with %d: %s", code, p.log)
			}
			if _, err := os.Stat(env["DATA_DIR"]); err == nil {
				t.Error("it had started its database by then")
			}
		})
	}
	dsn := dbtest.IsolatedDSN(t)
	for _, step := range []struct{ command, want string }{
		{"demo", "others could sign in as admin@example.com"},
		{"user password admin@example.com", "others could sign in as ann@example.com"},
		{"user disable ann@example.com", "others could sign in as bo@example.com"},
		{"user password bo@example.com", "others could sign in as vera@example.com"},
	} {
		(&terminal{t: t, env: map[string]string{"DATABASE_URL": dsn}}).does(password, strings.Fields(step.command)...)
		p := serveWith(t, map[string]string{"DATABASE_URL": dsn, "PUBLIC_URL": "https://desk.example.com"})
		if code := p.exit(); code != 1 || !strings.Contains(p.log.String(), step.want) {
			t.Errorf("after %s: ended with %d, want %s: %s", step.command, code, step.want, p.log)
		}
	}
	(&terminal{t: t, env: map[string]string{"DATABASE_URL": dsn}}).does(password, "user", "password", "vera@example.com")
	p := serveWith(t, map[string]string{"DATABASE_URL": dsn, "PUBLIC_URL": "https://desk.example.com"})
	p.metricsAt()
}

// TestWarnsOfTheOwnersRights: an owner who is no member of the application's
// role, on a server that has it, works, but not in silence.
func TestWarnsOfTheOwnersRights(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	good := serveWith(t, map[string]string{"DATABASE_URL": w.dsn})
	good.metricsAt()
	if strings.Contains(good.log.String(), "rights of the owner") {
		t.Errorf("it warns without reason: %s", good.log)
	}
	w.exec(`create role outsider login`)
	w.exec(`create database outside owner outsider`)
	dsn := regexp.MustCompile(`user=\S+`).ReplaceAllString(w.dsn, "user=outsider")
	dsn = regexp.MustCompile(`dbname='[^']*'`).ReplaceAllString(dsn, "dbname='outside'")
	p := serveWith(t, map[string]string{"DATABASE_URL": dsn})
	p.logged(`level=WARN msg="requests run with the rights of the owner.*grant smartscheduler_app`)
	p.metricsAt()
	p.stop()
	w.exec(`drop database outside with (force)`)
	w.exec(`drop role outsider`)
}

// TestTidiesUp: what has expired goes when the program starts, and who was to move
// to another region while it was down moves.
func TestTidiesUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec(`insert into kiosk_codes (code_hash, region, expires_at) values ('old', 'north', now() - interval '1 minute'),
	  ('new', 'north', now() + interval '10 minutes')`)
	w.exec(`insert into contractor_moves (contractor_id, from_region, to_region, effective_from, takes_effect)
	  values ($1, 'south', 'north', current_date - 1, now() - interval '9 hours')`, w.people["Kofi"])
	serveWith(t, map[string]string{"DATABASE_URL": w.dsn})
	eventually(t, "Kofi has moved", func() bool {
		return ask[string](w, `select concat_ws(' ', home_region, (select count(*) from event_log where event_type = 'ContractorMovedRegion')) from contractors
		  where id = $1`, w.people["Kofi"]) == "north 1"
	})
	eventually(t, "the old code is gone", func() bool {
		return ask[string](w, `select string_agg(code_hash, ' ' order by 1) from kiosk_codes`) == "new"
	})
}
