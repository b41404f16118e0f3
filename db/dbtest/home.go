package dbtest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"smartscheduler/db/postgres"
)

// prefix starts the names of our directories, so that a later run finds those
// that a killed machine left behind.
const prefix = "smartscheduler-test-"

// roomInMemory is the free memory file system that a cluster is put into.
const roomInMemory = 4 << 30

// home is the directory of a cluster. A shell waits for the end of this process
// and then removes it, however the process ended.
type home struct {
	dir     string
	alive   *os.File // locked as long as this process lives
	cleaner *exec.Cmd
	leash   io.Closer
}

// cleanUp waits until its standard input ends, which is when this process ends
// or lets go, then for the server (the parent-death signal stops it; where
// there is none, the shell does), and removes the directory.
const cleanUp = `
cat >/dev/null
tries=0
while pid=$(head -n 1 "$1/pg/postmaster.pid" 2>/dev/null) && [ "$tries" -lt 100 ]; do
	if [ "$tries" -eq 10 ]; then
		case $(ps -o command= -p "$pid" 2>/dev/null) in *"$1"*) kill -QUIT "$pid" ;; esac
	fi
	tries=$((tries + 1))
	sleep 0.1
done
rm -rf "$1"
`

func makeHome() (*home, error) {
	base := baseDir()
	sweep(base)
	dir, err := os.MkdirTemp(base, prefix)
	if err != nil {
		return nil, fmt.Errorf("make a directory for the cluster: %w", err)
	}
	h := &home{dir: dir}
	if err := h.guard(); err != nil {
		return nil, errors.Join(fmt.Errorf("guard %s: %w", dir, err), os.RemoveAll(dir))
	}
	return h, nil
}

// guard marks the directory as in use and starts its cleaner.
func (h *home) guard() error {
	if err := os.Chmod(h.dir, 0o711); err != nil {
		return err
	}
	var err error
	if h.alive, err = os.Create(filepath.Join(h.dir, "alive")); err != nil {
		return err
	}
	if err := lockFile(h.alive); err != nil {
		return err
	}
	h.cleaner = exec.Command("/bin/sh", "-c", cleanUp, "cleaner", h.dir)
	h.cleaner.Dir = "/"
	// What ends the tests, such as Ctrl-C, must not end the cleaner.
	h.cleaner.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	leash, err := h.cleaner.StdinPipe()
	if err != nil {
		return err
	}
	h.leash = leash
	return h.cleaner.Start()
}

// remove lets the cleaner do its work and waits for it.
func (h *home) remove() error {
	return errors.Join(h.leash.Close(), h.cleaner.Wait(), h.alive.Close())
}

// baseDir prefers memory to disk, if the server's user can get there.
func baseDir() string {
	const memory = "/dev/shm"
	var space syscall.Statfs_t
	if os.Getenv("TMPDIR") == "" && syscall.Statfs(memory, &space) == nil &&
		space.Bavail*uint64(space.Bsize) > roomInMemory && postgres.Reachable(memory) {
		return memory
	}
	if dir := os.TempDir(); postgres.Reachable(dir) {
		return dir
	}
	return "/tmp"
}

// sweep removes directories whose process and cleaner are both gone, as after a
// crash of the machine.
func sweep(base string) {
	dirs, _ := filepath.Glob(filepath.Join(base, prefix+"*")) // the only error is a bad pattern
	for _, dir := range dirs {
		if abandoned(dir) {
			// Another user's directory stays; that is not our concern.
			_ = os.RemoveAll(dir)
		}
	}
}

// abandoned tells whether nobody holds the lock of a directory. One that was
// only just made may not be locked yet.
func abandoned(dir string) bool {
	info, err := os.Stat(dir)
	if err != nil || time.Since(info.ModTime()) < time.Minute {
		return false
	}
	file, err := os.Open(filepath.Join(dir, "alive"))
	if errors.Is(err, os.ErrNotExist) {
		return true
	}
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	return lockFile(file) == nil
}

func lockFile(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
