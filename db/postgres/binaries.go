package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// oldest is the oldest major version that works with us.
const oldest = 14

// ErrNoBinaries: no PostgreSQL was found. Its text is the line that helps.
var ErrNoBinaries = errors.New("no PostgreSQL 14 or newer is installed: " +
	"run `apt-get install -y postgresql` (Debian, Ubuntu), `dnf install -y postgresql-server` (Fedora, RHEL) or `brew install postgresql` (macOS), " +
	"or set PG_BINDIR to its bin directory; " +
	"or run one in a container, `docker run -d -p 127.0.0.1:5432:5432 -e POSTGRES_PASSWORD=secret postgres:17`, " +
	"and set DATABASE_URL=postgres://postgres:secret@127.0.0.1:5432/postgres")

// ErrOtherMajor: the cluster was made by a major version that is not installed.
// Nothing was changed.
var ErrOtherMajor = errors.New("the cluster needs another major version of PostgreSQL; nothing was changed")

// binaries is a directory with postgres and initdb.
type binaries struct {
	dir   string
	major int
}

// locales are the arguments of initdb for a locale that sorts by code point and
// knows UTF-8, best first. From 17 on PostgreSQL brings its own.
func (b binaries) locales() [][]string {
	if b.major >= 17 {
		return [][]string{{"--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"}}
	}
	return [][]string{{"--locale=C.UTF-8"}, {"--locale=C.utf8"}, {"--locale=C"}}
}

// search is where binaries are looked for.
type search struct {
	getenv func(string) string
	// installed are patterns of the directories that packages install into.
	installed []string
	// from is where the search for node_modules starts, upwards.
	from string
}

func systemSearch() (*search, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("look for PostgreSQL: %w", err)
	}
	return &search{getenv: os.Getenv, from: dir, installed: []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/usr/libexec/postgresql*",
		"/opt/homebrew/opt/postgresql*/bin",
		"/usr/local/opt/postgresql*/bin",
		"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
	}}, nil
}

// findBinaries returns the first usable binaries, of the given major version if
// that is not 0.
func findBinaries(ctx context.Context, where *search, p place, major int) (binaries, error) {
	if where == nil {
		var err error
		if where, err = systemSearch(); err != nil {
			return binaries{}, err
		}
	}
	var others []string
	for _, dir := range where.candidates(ctx) {
		found, err := inspect(ctx, dir, p)
		switch {
		case err != nil || found.major < oldest:
			continue
		case major == 0 || major == found.major:
			return found, nil
		}
		others = append(others, fmt.Sprintf("%d in %s", found.major, found.dir))
	}
	if err := ctx.Err(); err != nil {
		return binaries{}, fmt.Errorf("look for PostgreSQL: %w", err)
	}
	if len(others) > 0 {
		return binaries{}, fmt.Errorf("cluster %s was made by PostgreSQL %d, and only %s was found; install %d or set PG_BINDIR: %w",
			p.cluster(), major, strings.Join(others, ", "), major, ErrOtherMajor)
	}
	if dir := where.getenv("PG_BINDIR"); dir != "" {
		return binaries{}, fmt.Errorf("PG_BINDIR=%s does not work: %w", dir, ErrNoBinaries)
	}
	return binaries{}, ErrNoBinaries
}

// Installed returns the bin directory that Start would use with the same
// options.
//
// Errors: ErrNoBinaries, ErrOtherMajor.
func Installed(ctx context.Context, opts Options) (string, error) {
	where, err := settle(opts.DataDir, slog.New(slog.DiscardHandler))
	if err != nil {
		return "", fmt.Errorf("look for PostgreSQL: %w", err)
	}
	major, err := clusterMajor(where.cluster())
	if err != nil {
		return "", fmt.Errorf("look for PostgreSQL: %w", err)
	}
	found, err := findBinaries(ctx, opts.search, where, major)
	if err != nil {
		return "", err
	}
	return found.dir, nil
}

// candidates lists directories to look into, best first. PG_BINDIR is an order:
// nothing else counts beside it.
func (s *search) candidates(ctx context.Context) []string {
	if dir := s.getenv("PG_BINDIR"); dir != "" {
		return []string{dir}
	}
	var dirs []string
	add := func(dir string) {
		real, err := filepath.EvalSymlinks(dir)
		if err == nil && !slices.Contains(dirs, real) {
			dirs = append(dirs, real)
		}
	}
	for _, dir := range filepath.SplitList(s.getenv("PATH")) {
		// Debian keeps postgres out of PATH; a link there leads to its home,
		// where initdb and the libraries are.
		if real, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres")); err == nil {
			add(filepath.Dir(real))
		}
		if dir, err := run(ctx, filepath.Join(dir, "pg_config"), "--bindir"); err == nil {
			add(dir)
		}
	}
	for _, pattern := range s.installed {
		found, _ := filepath.Glob(pattern) // the only error is a bad pattern
		before, _, _ := strings.Cut(pattern, "*")
		slices.SortStableFunc(found, func(a, b string) int {
			return version(strings.TrimPrefix(b, before)) - version(strings.TrimPrefix(a, before))
		})
		for _, dir := range found {
			add(dir)
		}
	}
	for _, dir := range s.packaged() {
		add(dir)
	}
	return dirs
}

// inspect asks the binaries of a directory for their version, by running them,
// which also shows whether they run here at all.
func inspect(ctx context.Context, dir string, p place) (binaries, error) {
	dir, err := prepare(dir, p)
	if err != nil {
		return binaries{}, err
	}
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return binaries{}, err
	}
	// "postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)"
	out, err := run(ctx, filepath.Join(dir, "postgres"), "--version")
	if err != nil {
		return binaries{}, err
	}
	_, after, _ := strings.Cut(out, "(PostgreSQL) ")
	return binaries{dir: dir, major: version(after)}, nil
}

// version is the first number in a text, 0 if there is none.
func version(text string) int {
	n, err := strconv.Atoi(regexp.MustCompile(`[0-9]+`).FindString(text))
	if err != nil {
		return 0
	}
	return n
}

func run(ctx context.Context, path string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, args...).Output()
	return strings.TrimSpace(string(out)), err
}
