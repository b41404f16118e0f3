package postgres

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// lock is an advisory lock on a file of the data directory. The kernel releases
// it with its process, however that ends, so it is never stale.
type lock struct {
	file *os.File
	// orphan is the server that the last holder ran as its child; 0 if none.
	orphan int
}

// takeLock takes the lock or answers ErrLocked with the holder's process id.
func takeLock(path string) (*lock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	holder, orphan := readLock(path)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		_ = file.Close()
		return nil, fmt.Errorf("process %d runs SmartScheduler on it already (%s): %w", holder, path, ErrLocked)
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	l := &lock{file: file, orphan: orphan}
	// Until our own server runs the last one matters, also to the next holder.
	if err := l.note(orphan); err != nil {
		l.release()
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	return l, nil
}

// note writes down who holds the lock, and the server that it runs.
func (l *lock) note(server int) error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt([]byte(fmt.Sprintf("%d\n%d\n", os.Getpid(), server)), 0)
	return err
}

// release gives the lock back at once: closing the file is not enough while a
// process that is just being started still has a copy of it.
func (l *lock) release() {
	_ = syscall.Flock(int(l.file.Fd()), syscall.LOCK_UN)
	_ = l.file.Close()
}

// readLock reads a lock file; numbers that it does not say are 0.
func readLock(path string) (holder, server int) {
	content, err := os.ReadFile(path)
	if err != nil {
		return 0, 0
	}
	_, _ = fmt.Fscan(strings.NewReader(string(content)), &holder, &server)
	return holder, server
}
