package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// maxLog is the size at which a server's log is set aside at the next start.
const maxLog = 8 << 20

// errOrphans: backends of a killed server still hold its shared memory. They
// end by themselves as soon as they notice.
var errOrphans = errors.New("processes of the last server still run")

// launch runs the server and waits until it accepts connections. foreign is the
// process named by a stale postmaster.pid; 0 if none.
func (s *Server) launch(ctx context.Context, bin binaries, fast bool, foreign int) error {
	patience := time.Now().Add(3 * stopTimeout)
	for {
		err := s.launchOnce(ctx, bin, fast, foreign)
		if err == nil || !errors.Is(err, errOrphans) || time.Now().After(patience) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(10 * poll):
		}
	}
}

func (s *Server) launchOnce(ctx context.Context, bin binaries, fast bool, foreign int) error {
	out, err := openLog(s.place.logFile())
	if err != nil {
		return fmt.Errorf("open the server's log: %w", err)
	}
	defer func() { _ = out.Close() }()
	cmd := exec.Command(filepath.Join(bin.dir, "postgres"), s.arguments(fast)...)
	cmd.Stdout, cmd.Stderr = out.File, out.File
	var env []string
	if foreign != 0 {
		// pg_ctl's way to tell the server that a living process of that number
		// is no server. postmaster.pid stays: it also guards the shared memory.
		env = append(env, "PG_GRANDPARENT_PID="+strconv.Itoa(foreign))
	}
	server, err := startChild(cmd, s.place.account, syscall.SIGINT, env...)
	if err != nil {
		return err
	}
	if err := s.lock.note(server.pid); err != nil {
		return errors.Join(err, server.stop(ctx))
	}
	if err := s.waitReady(ctx, server, out); err != nil {
		return err
	}
	s.child, s.done = server, server.ended
	return nil
}

// arguments are the server's settings. They win over the cluster's own files.
func (s *Server) arguments(fast bool) []string {
	settings := []string{
		"listen_addresses=", "unix_socket_permissions=0700", "lc_messages=C",
		"timezone=UTC", "log_timezone=UTC", "logging_collector=off", "log_destination=stderr",
		// The default is that of a turning disk: a board then reads whole tables.
		"random_page_cost=1.1",
	}
	if fast {
		settings = append(settings, "fsync=off", "full_page_writes=off",
			"wal_level=minimal", "max_wal_senders=0", "shared_buffers=48MB", "max_connections=300",
			"checkpoint_timeout=1h", "max_wal_size=1GB", "min_wal_size=32MB", "jit=off")
	}
	args := []string{"-D", s.place.cluster(), "-k", s.socket, "-p", s.port}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	return args
}

// waitReady waits until the server says in postmaster.pid that it is ready; a
// server that ends instead is reported with what it last wrote to its log.
func (s *Server) waitReady(ctx context.Context, server *child, out *serverLog) error {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		select {
		case <-server.ended:
			said := out.said()
			if strings.Contains(said, "shared memory block") {
				return fmt.Errorf("%s: %w", lastLine(said), errOrphans)
			}
			return fmt.Errorf("postgres ended at once: %s (see %s)", lastLine(said), s.place.logFile())
		case <-ctx.Done():
			return errors.Join(ctx.Err(), server.stop(ctx))
		case <-tick.C:
		}
		if found := readPostmaster(s.place.cluster()); found.pid == server.pid && found.status == "ready" {
			return nil
		}
	}
}

// serverLog is the file that the server writes its messages to.
type serverLog struct {
	*os.File
	before int64 // size when it was opened
}

func openLog(path string) (*serverLog, error) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > maxLog {
		if err := os.Rename(path, path+".old"); err != nil {
			return nil, err
		}
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	info, err = file.Stat()
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return &serverLog{File: file, before: info.Size()}, nil
}

// said is what was written since the file was opened.
func (l *serverLog) said() string {
	text, err := io.ReadAll(io.NewSectionReader(l, l.before, maxLog))
	if err != nil {
		return err.Error()
	}
	return string(text)
}
