package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// socketPort is only a part of the socket's name: the server listens on no port.
const socketPort = "5432"

// maxSocketPath is the longest path of a Unix socket that every system takes
// (Linux allows 107 bytes, macOS 103).
const maxSocketPath = 103

// socketDir makes the private directory of the server's socket: in the temp
// directory, because the path of a socket is short, or inside the data directory
// if it fits there and is wanted. Whoever may enter it is the owner of the
// database, so it must be a real directory of the server's user that nobody else
// can enter.
func socketDir(p place, inside bool) (string, error) {
	var dirs []string
	if inside {
		dirs = append(dirs, filepath.Join(p.dir, "socket"))
	}
	name := "ssched-" + short(fmt.Sprintf("%d:%s", p.uid, p.dir))
	for _, temp := range []string{os.TempDir(), "/tmp"} {
		temp, err := filepath.EvalSymlinks(temp)
		if err == nil && filepath.IsAbs(temp) && p.canReach(temp) {
			dirs = append(dirs, filepath.Join(temp, name))
		}
	}
	for _, dir := range dirs {
		if len(filepath.Join(dir, ".s.PGSQL."+socketPort)) > maxSocketPath {
			continue
		}
		if err := makePrivate(dir, p.account); err != nil {
			return "", err
		}
		clearSocket(dir)
		return dir, nil
	}
	return "", errors.New("no temp directory is short enough for a socket and open to the database's user: set TMPDIR")
}

func makePrivate(dir string, who account) error {
	err := os.Mkdir(dir, 0o700)
	if err == nil {
		err = who.own(dir)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make the socket directory: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("look at the socket directory: %w", err)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || info.Mode().Perm() != 0o700 || !ok || int(owner.Uid) != who.uid {
		return fmt.Errorf("socket directory %s is not a private directory of user id %d: remove it, or set TMPDIR", dir, who.uid)
	}
	return nil
}

// clearSocket removes what a killed server leaves behind. No server of the
// cluster may be alive.
func clearSocket(dir string) {
	_ = os.Remove(filepath.Join(dir, ".s.PGSQL."+socketPort))
	_ = os.Remove(filepath.Join(dir, ".s.PGSQL."+socketPort+".lock"))
}

// removeSocketDir removes the directory after the end of its server. It is
// empty then, or somebody else's and left alone.
func removeSocketDir(dir string) {
	clearSocket(dir)
	_ = os.Remove(dir)
}
