package main

import (
	"database/sql"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"smartscheduler/events"
)

// administrator is whoever makes and restores backups of a database.
type administrator struct {
	t    testing.TB
	w    *world
	name string
	// server is a connection to another database of the same server.
	server *sql.DB
}

func newAdministrator(t testing.TB, w *world) *administrator {
	t.Helper()
	server, err := sql.Open("postgres", regexp.MustCompile(`dbname='[^']*'`).ReplaceAllString(w.dsn, "dbname='postgres'"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return &administrator{t: t, w: w, name: ask[string](w, `select current_database()`), server: server}
}

// exec runs statements one by one, with the name of the database for NAME.
func (a *administrator) exec(statements ...string) {
	a.t.Helper()
	for _, s := range statements {
		s = strings.ReplaceAll(s, "NAME", a.name)
		if _, err := a.server.Exec(s); err != nil {
			a.t.Fatalf("%s: %v", s, err)
		}
	}
}

// alone makes statements run while nobody is connected to the database.
func (a *administrator) alone(statements ...string) {
	a.t.Helper()
	a.exec(`alter database NAME allow_connections false`,
		`select pg_terminate_backend(pid) from pg_stat_activity where datname = 'NAME'`)
	eventually(a.t, "nobody is connected", func() bool {
		var n int
		if err := a.server.QueryRow(`select count(*) from pg_stat_activity where datname = $1`, a.name).Scan(&n); err != nil {
			a.t.Fatal(err)
		}
		return n == 0
	})
	a.exec(statements...)
	a.exec(`alter database NAME allow_connections true`)
}

// copies backs up by a copy of the database, and restores by putting the copy
// in its place.
func (a *administrator) copies() (backup, restore func()) {
	return func() { a.alone(`create database NAME_backup template NAME`) },
		func() {
			a.alone(`alter database NAME rename to NAME_lost`, `alter database NAME_backup rename to NAME`)
			a.exec(`drop database NAME_lost with (force)`)
		}
}

// dumps backs up with pg_dump, and restores with pg_restore into the database
// that is there.
func (a *administrator) dumps() (backup, restore func()) {
	file := filepath.Join(a.t.TempDir(), "backup")
	return func() { a.tool("pg_dump", "-Fc", "-f", file, "-d", a.w.dsn) },
		func() {
			a.tool("pg_restore", "--clean", "--if-exists", "--single-transaction", "-d", a.w.dsn, file)
		}
}

func (a *administrator) tool(name string, args ...string) {
	a.t.Helper()
	program, err := exec.LookPath(name)
	if err != nil {
		installed, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
		if len(installed) == 0 {
			a.t.Fatalf("this test needs %s (apt-get install -y postgresql-client): %v", name, err)
		}
		program = installed[len(installed)-1]
	}
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "PGCONNECT_TIMEOUT=10")
	if out, err := cmd.CombinedOutput(); err != nil {
		a.t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// resyncs are the resync frames of a stream, as reason and position.
func (l *listener) resyncs() (reasons []string, at []events.Position) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.frames {
		if f.event != string(events.ControlResync) {
			continue
		}
		var why struct {
			Reason string `json:"reason"`
		}
		position, err := events.ParsePosition(f.id)
		if err := json.Unmarshal([]byte(f.data), &why); err != nil {
			l.t.Error(err)
		}
		if err != nil {
			l.t.Error(err)
		}
		reasons, at = append(reasons, why.Reason), append(at, position)
	}
	return reasons, at
}

// TestP06EpochAfterRestore restores a backup under two running processes, with
// a copy of the database and with pg_dump and pg_restore, and nobody tells
// them: every open stream gets one resync, an old position that comes back
// later too, the pages show the restored jobs, and live events go on.
func TestP06EpochAfterRestore(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]func(*administrator) (backup, restore func()){
		"Copy": (*administrator).copies, "Dump": (*administrator).dumps,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			backup, restore := how(newAdministrator(t, w))
			first, second := startProgram(t, w.dsn), startProgram(t, w.dsn)
			ada := w.staff(first.base, "Ada")
			kept, lost := w.job("north", "Tile the hall"), w.job("north", "Tile the porch")
			ada.assign(kept, "Rosa", "09:00")
			board := w.desk(t, first.base, "Ann").open("/dispatch/north").live()
			ann := w.staff(second.base, "Ann")
			streams := []*listener{
				w.staff(first.base, "Ann").listen("/streams/dispatch/north+unrouted"),
				ann.listen("/streams/dispatch/north+unrouted?format=json"),
			}
			board.passed(w.fence().first)
			backup()
			ada.assign(lost, "Lee", "10:00")
			ada.move(kept, "14:00")
			after := w.fence()
			board.caughtUp(after.first)
			for _, s := range streams {
				s.passed(after.first)
			}
			old := ask[string](w, `select epoch || '-' || pos from event_head`)

			restore()
			for _, s := range streams {
				s.until("the resync", func(f frame) bool { return f.event == string(events.ControlResync) })
			}
			board.awaitCard(lost, "open-north")
			board.await("the time of the backup", "document.querySelector('"+cardsOf(kept.id)+"').textContent.includes('09:00')")
			get[bool](board, `(probe.applied = 0, true)`)
			start := w.fence().last
			// Positions that were used before are used again: nobody may think
			// that he has them.
			ada.assign(lost, "Rosa", "16:00")
			end := w.fence().first
			board.caughtUp(end)
			board.awaitCard(lost, "lane-north-"+w.people["Rosa"]+"-"+w.today)
			epoch := ask[int64](w, `select epoch from event_head`)
			for _, s := range streams {
				s.until("the news", func(f frame) bool { p, _ := events.ParsePosition(f.id); return p.Epoch == epoch && p.Pos >= end })
				w.wantOneResync(s, epoch)
				var kinds []string
				for _, f := range s.facts(start, end) {
					if p, _ := events.ParsePosition(f.id); p.Epoch == epoch {
						kinds = append(kinds, f.event)
					}
				}
				if len(kinds) != 1 || kinds[0] != "JobAssigned" {
					t.Errorf("after the restore %s got %v", s.name, kinds)
				}
			}
			late := ann.listen("/streams/dispatch/north+unrouted", "Last-Event-ID", old)
			late.passed(w.fence().first)
			w.wantOneResync(late, epoch)
			if got, want := board.lasting(), board.another().open("/dispatch/north").lasting(); got != want {
				t.Errorf("the board shows\n%s\nand a fresh one\n%s", got, want)
			}
			board.sound()
		})
	}
}

// wantOneResync checks that a stream was told once that its position is of
// another epoch.
func (w *world) wantOneResync(s *listener, epoch int64) {
	w.t.Helper()
	reasons, at := s.resyncs()
	if len(reasons) != 1 || reasons[0] != "epoch" || at[0].Epoch != epoch {
		w.t.Errorf("%s got the resyncs %v at %v, not one of epoch %d", s.name, reasons, at, epoch)
	}
}

// TestP06RestoredCommand runs the command of the runbook beside a running
// process: every stream gets one resync, and no event is lost or repeated.
func TestP06RestoredCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := startProgram(t, w.dsn)
	ada := w.staff(app.base, "Ada")
	j := w.job("north", "Tile the hall")
	stream := ada.listen("/streams/dispatch/north+unrouted")
	stream.passed(w.fence().first)
	said := (&terminal{t: t, env: map[string]string{"DATABASE_URL": w.dsn}}).does("", "restored")
	epoch := ask[int64](w, `select epoch from event_head`)
	if !strings.Contains(said, str(epoch)) {
		t.Errorf("it said %s, the epoch is %d", said, epoch)
	}
	stream.until("the resync", func(f frame) bool { return f.event == string(events.ControlResync) })
	start := w.fence().last
	ada.shuffle(j, 8)
	end := w.fence().first
	stream.passed(end)
	w.wantOneResync(stream, epoch)
	if got, want := len(stream.facts(start, end)), len(w.positions(start, end-1)); got != want {
		t.Errorf("%d events after it, not %d", got, want)
	}
}
