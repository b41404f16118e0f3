// Package postgres runs the PostgreSQL server that SmartScheduler brings up for
// itself when it is given no DATABASE_URL: it finds installed binaries, makes a
// cluster in the data directory, runs the server as a child process on a
// private Unix socket, and stops it again. It never deletes or upgrades a
// cluster.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"
)

// Names inside the server; the owner is its superuser.
const (
	// Owner is the superuser that owns everything in the cluster.
	Owner = "smartscheduler"
	// Database is the database that Start makes when it does not exist.
	Database = "smartscheduler"
)

// stopTimeout is how long a server may take over an orderly stop before it is
// told to stop at once, which costs a crash recovery at the next start.
const stopTimeout = 10 * time.Second

// ErrLocked: another process of ours runs the server of this data directory.
// The error that wraps it names the process.
var ErrLocked = errors.New("the data directory is in use")

// Options configures Start.
type Options struct {
	// DataDir is the directory that holds the cluster (in pg), the lock and the
	// server's log. It is made when it does not exist.
	DataDir string
	// Fast gives up durability for speed, and keeps everything in DataDir, the
	// socket too if its path is not too long: for tests only.
	Fast bool
	// Join uses the server that another process of ours runs on this data
	// directory, instead of answering ErrLocked, and leaves it running: for
	// commands beside a running program.
	Join bool
	// Log gets one line per step; nil means slog.Default.
	Log *slog.Logger

	// search overrides where binaries are looked for.
	search *search
}

// Server is a running PostgreSQL server.
type Server struct {
	place  place
	lock   *lock  // nil when joined
	child  *child // nil when adopted
	socket string // directory of the socket
	port   string
	log    *slog.Logger

	done     <-chan struct{}
	quit     chan struct{}
	stopOnce sync.Once
	stopErr  error
}

// Start brings up the server of opts.DataDir and makes Database in it. A first
// start makes the cluster. A living server of the same cluster is used as it
// is, and not stopped by Stop. ctx bounds the start only; a crash recovery may
// take minutes.
//
// Errors: ErrNoBinaries, ErrOtherMajor, ErrLocked.
func Start(ctx context.Context, opts Options) (*Server, error) {
	s, err := start(ctx, opts)
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	return s, nil
}

func start(ctx context.Context, opts Options) (*Server, error) {
	log := opts.Log
	if log == nil {
		log = slog.Default()
	}
	where, err := settle(opts.DataDir, log)
	if err != nil {
		return nil, err
	}
	s := &Server{place: where, log: log, quit: make(chan struct{})}
	s.lock, err = takeLock(filepath.Join(where.dir, "lock"))
	if errors.Is(err, ErrLocked) && opts.Join {
		return s, s.join(ctx)
	}
	if err != nil {
		return nil, err
	}
	if err := s.bringUp(ctx, opts); err != nil {
		s.lock.release()
		return nil, err
	}
	return s, nil
}

// bringUp adopts or launches the server; the lock is held.
func (s *Server) bringUp(ctx context.Context, opts Options) error {
	found, err := s.living(ctx)
	if err != nil {
		return err
	}
	if found.alive {
		return s.adopt(ctx, found)
	}
	major, err := clusterMajor(s.place.cluster())
	if err != nil {
		return err
	}
	bin, err := findBinaries(ctx, opts.search, s.place, major)
	if err != nil {
		return err
	}
	if major == 0 {
		if err := initCluster(ctx, bin, s.place, opts.Fast); err != nil {
			return err
		}
		s.log.InfoContext(ctx, "made a database cluster", "dir", s.place.cluster(), "major", bin.major)
	}
	if s.socket, err = socketDir(s.place, opts.Fast); err != nil {
		return err
	}
	s.port = socketPort
	if err := s.launch(ctx, bin, opts.Fast, found.pid); err != nil {
		removeSocketDir(s.socket)
		return err
	}
	if err := s.ensureDatabase(ctx); err != nil {
		return errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
	}
	s.log.InfoContext(ctx, "PostgreSQL is up", "dir", s.place.cluster(), "major", bin.major, "pid", s.child.pid)
	return nil
}

// DSN returns the key=value connection string of a database of the server, as
// Owner, over the Unix socket.
func (s *Server) DSN(database string) string {
	return fmt.Sprintf("host=%s port=%s user=%s dbname=%s sslmode=disable", quote(s.socket), s.port, Owner, quote(database))
}

// Dir returns the directory that holds the cluster, the lock and the server's
// log: opts.DataDir, or its stand-in where the server's user cannot reach that.
func (s *Server) Dir() string { return s.place.dir }

// Done is closed when the server has ended, by Stop or by itself.
func (s *Server) Done() <-chan struct{} { return s.done }

// Stop ends the server and releases the data directory; an adopted or joined
// server is left running. It waits for open connections to be cut and for the
// last checkpoint; after 10 s, or when ctx ends, the server is told to end at
// once. Stopping twice is legal.
func (s *Server) Stop(ctx context.Context) error {
	s.stopOnce.Do(func() {
		close(s.quit)
		if s.child != nil {
			s.stopErr = s.child.stop(ctx)
			removeSocketDir(s.socket)
		}
		<-s.done
		if s.lock != nil {
			s.lock.release()
		}
	})
	return s.stopErr
}

// quote makes a value of a key=value connection string.
func quote(value string) string {
	out := make([]byte, 0, len(value)+2)
	out = append(out, '\'')
	for i := range len(value) {
		if value[i] == '\'' || value[i] == '\\' {
			out = append(out, '\\')
		}
		out = append(out, value[i])
	}
	return string(append(out, '\''))
}
