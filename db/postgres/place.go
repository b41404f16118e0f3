package postgres

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// stateDir is where root puts what the server's user could not reach elsewhere.
const stateDir = "/var/lib/smartscheduler"

// dirMode lets the server's user pass through to the cluster, and nobody list.
const dirMode = 0o711

// account is the user that the server runs as.
type account struct {
	uid, gid int
	// change: this process is root and must give up its rights for the server,
	// which refuses to run as root.
	change bool
}

// place is where a cluster lives and whom it belongs to.
type place struct {
	dir string // absolute, without symbolic links
	account
}

func (p place) cluster() string    { return filepath.Join(p.dir, "pg") }
func (p place) unfinished() string { return filepath.Join(p.dir, "pg.init") }
func (p place) logFile() string    { return filepath.Join(p.dir, "postgres.log") }

// settle makes the data directory and decides who runs the server there. Root
// keeps the cluster elsewhere when its user could not reach the directory.
func settle(dataDir string, log *slog.Logger) (place, error) {
	dir, err := makeDir(dataDir)
	if err != nil {
		return place{}, fmt.Errorf("data directory: %w", err)
	}
	who, err := accountFor(filepath.Join(dir, "pg"))
	if err != nil {
		return place{}, err
	}
	if who.canReach(dir) {
		return place{dir: dir, account: who}, nil
	}
	if !who.change {
		return place{}, fmt.Errorf("data directory %s: a directory above it may not be entered", dir)
	}
	state, err := makeDir(filepath.Join(stateDir, short(dir)))
	if err != nil {
		return place{}, fmt.Errorf("state directory: %w", err)
	}
	if who, err = accountFor(filepath.Join(state, "pg")); err != nil {
		return place{}, err
	}
	log.Warn("the database's user cannot reach the data directory; the cluster is kept elsewhere",
		"data_dir", dir, "cluster", state, "uid", who.uid)
	return place{dir: state, account: who}, nil
}

// makeDir makes dir, if it is not there, so that other users can pass through
// it, and returns its one true path.
func makeDir(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(abs); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(abs, dirMode); err != nil {
			return "", err
		}
		// MkdirAll obeys the umask.
		if err := os.Chmod(abs, dirMode); err != nil {
			return "", err
		}
	}
	return filepath.EvalSymlinks(abs)
}

// accountFor decides who runs the server of a cluster. An existing cluster runs
// as its owner, because PostgreSQL accepts nobody else.
func accountFor(cluster string) (account, error) {
	self := account{uid: os.Geteuid(), gid: os.Getegid()}
	info, err := os.Stat(cluster)
	switch {
	case err == nil:
		owner, ok := info.Sys().(*syscall.Stat_t)
		if !ok || int(owner.Uid) == self.uid && self.uid != 0 {
			return self, nil
		}
		if self.uid != 0 || owner.Uid == 0 {
			return account{}, fmt.Errorf("cluster %s belongs to user id %d and this process runs as %d: run as the cluster's owner, or choose another DATA_DIR",
				cluster, owner.Uid, self.uid)
		}
		return account{uid: int(owner.Uid), gid: int(owner.Gid), change: true}, nil
	case !errors.Is(err, fs.ErrNotExist):
		return account{}, fmt.Errorf("look at cluster: %w", err)
	case self.uid != 0:
		return self, nil
	}
	return unprivileged()
}

// unprivileged is whom root runs a new cluster as.
func unprivileged() (account, error) {
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.Atoi(found.Uid)
		gid, errGID := strconv.Atoi(found.Gid)
		if errUID == nil && errGID == nil && uid > 0 {
			return account{uid: uid, gid: gid, change: true}, nil
		}
	}
	return account{}, errors.New("PostgreSQL refuses to run as root, and there is neither a user postgres nor a user nobody")
}

// canReach tells whether the account may enter dir and everything above it.
func (a account) canReach(dir string) bool {
	for {
		info, err := os.Stat(dir)
		if err != nil {
			return false
		}
		if !a.mayEnter(info) {
			return false
		}
		above := filepath.Dir(dir)
		if above == dir {
			return true
		}
		dir = above
	}
}

func (a account) mayEnter(info fs.FileInfo) bool {
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || a.uid == 0 {
		return true
	}
	switch mode := info.Mode().Perm(); {
	case int(owner.Uid) == a.uid:
		return mode&0o100 != 0
	case int(owner.Gid) == a.gid:
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}

// own gives path to the account, when this process is somebody else.
func (a account) own(path string) error {
	if !a.change {
		return nil
	}
	return os.Chown(path, a.uid, a.gid)
}

// Reachable tells whether the user that a new server would run as may enter
// dir. As an ordinary user that is this user.
func Reachable(dir string) bool {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return false
	}
	who, err := accountFor(filepath.Join(dir, "pg"))
	return err == nil && who.canReach(dir)
}

// short is a name of ten characters for a path.
func short(path string) string {
	sum := sha256.Sum256([]byte(path))
	return hex.EncodeToString(sum[:])[:10]
}
