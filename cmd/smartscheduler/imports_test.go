package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "smartscheduler/"

// mayImport says which packages of ours a package may import. Commands may
// import everything but test support. A new package is written down here first.
var mayImport = map[string][]string{
	"events":           nil,
	"schedule":         nil,
	"static":           nil,
	"views":            {"static"},
	"db":               {"events", "schedule"},
	"db/postgres":      nil,
	"db/postgres/find": {"db/postgres"},
	"db/dbtest":        {"db", "db/postgres"},
	"events/broker":    {"events"},
	"events/relay":     {"events", "events/broker"},
	"handlers":         {"db", "events", "events/broker", "events/relay", "schedule", "static", "views"},
}

// onlyIn says where a dependency may be imported: in a package, or in one file.
// Below a name counts as the name.
var onlyIn = map[string][]string{
	"github.com/labstack/echo": {"handlers", "cmd"},
	"github.com/lib/pq":        {"db", "events/relay/wake.go"},
	"github.com/r3labs/sse":    {"events/broker"},
}

// pure packages do no input or output.
var pure = []string{"events", "schedule"}

// doesIO lists packages of the standard library that reach outside.
var doesIO = []string{"database/sql", "io/fs", "io/ioutil", "log", "net", "os", "syscall"}

// source is one file that goes into the program.
type source struct {
	pkg, file string // "events/relay", "wake.go"
	imports   []string
}

// TestImports holds the arrows between the packages, so that they do not depend
// on anybody's memory.
func TestImports(t *testing.T) {
	t.Parallel()
	files := sources(t)
	for pkg := range mayImport {
		if !slices.ContainsFunc(files, func(f source) bool { return f.pkg == pkg }) {
			t.Errorf("there is no package %s", pkg)
		}
	}
	for _, file := range files {
		for _, complaint := range complaints(file) {
			t.Error(complaint)
		}
	}
}

// TestImportsNotice shows that each rule can be broken.
func TestImportsNotice(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]source{
		"a leaf imports":       {"events", "event.go", []string{"smartscheduler/schedule"}},
		"views fetches":        {"views", "board.go", []string{"smartscheduler/db"}},
		"db draws":             {"db", "jobs.go", []string{"smartscheduler/views"}},
		"db publishes":         {"db", "jobs.go", []string{"smartscheduler/events/broker"}},
		"relay says SQL":       {"events/relay", "relay.go", []string{"smartscheduler/db"}},
		"relay draws":          {"events/relay", "relay.go", []string{"smartscheduler/views"}},
		"broker reads":         {"events/broker", "broker.go", []string{"smartscheduler/events/relay"}},
		"supervisor says SQL":  {"db/postgres", "session.go", []string{"github.com/lib/pq"}},
		"test support in use":  {"handlers", "routes.go", []string{"smartscheduler/db/dbtest"}},
		"test support in cmd":  {"cmd/smartscheduler", "run.go", []string{"smartscheduler/db/dbtest"}},
		"testing in use":       {"handlers", "routes.go", []string{"testing"}},
		"echo below the edge":  {"views", "board.go", []string{"github.com/labstack/echo/v4"}},
		"echo's parts":         {"db", "jobs.go", []string{"github.com/labstack/echo/v4/middleware"}},
		"driver in handlers":   {"handlers", "errors.go", []string{"github.com/lib/pq"}},
		"driver's parts":       {"handlers", "errors.go", []string{"github.com/lib/pq/pqerror"}},
		"driver in the relay":  {"events/relay", "relay.go", []string{"github.com/lib/pq"}},
		"second user of sse":   {"handlers", "streams.go", []string{"github.com/r3labs/sse/v2"}},
		"events reads files":   {"events", "event.go", []string{"os"}},
		"events dials":         {"events", "event.go", []string{"net/http"}},
		"schedule says SQL":    {"schedule", "slots.go", []string{"database/sql"}},
		"schedule runs things": {"schedule", "slots.go", []string{"os/exec"}},
		"a new package":        {"helpers", "helpers.go", nil},
	} {
		if len(complaints(file)) == 0 {
			t.Errorf("%s: nobody complains about %+v", name, file)
		}
	}
	for _, file := range []source{
		{"events/relay", "wake.go", []string{"github.com/lib/pq"}},
		{"db", "errors.go", []string{"github.com/lib/pq/pqerror", "smartscheduler/events"}},
		{"cmd/smartscheduler", "serve.go", []string{"github.com/labstack/echo/v4", "os", "smartscheduler/handlers"}},
		{"db/dbtest", "dbtest.go", []string{"testing", "smartscheduler/db"}},
	} {
		if found := complaints(file); len(found) > 0 {
			t.Errorf("%+v: %v", file, found)
		}
	}
}

// complaints tells which rules the imports of a file break.
func complaints(file source) []string {
	var found []string
	where := file.pkg + "/" + file.file
	allowed, known := mayImport[file.pkg]
	command := within(file.pkg, "cmd")
	if !known && !command {
		found = append(found, fmt.Sprintf("%s: say in mayImport what package %s may import", where, file.pkg))
	}
	for _, path := range file.imports {
		if ours, ok := strings.CutPrefix(path, module); ok {
			if ours == "db/dbtest" || !command && !slices.Contains(allowed, ours) {
				found = append(found, fmt.Sprintf("%s imports %s", where, ours))
			}
		}
		if path == "testing" && file.pkg != "db/dbtest" {
			found = append(found, where+" imports testing")
		}
		for dependency, places := range onlyIn {
			here := func(place string) bool { return place == where || place == file.pkg || place == "cmd" && command }
			if within(path, dependency) && !slices.ContainsFunc(places, here) {
				found = append(found, fmt.Sprintf("%s imports %s, which belongs to %v", where, path, places))
			}
		}
		reachesOut := func(dependency string) bool { return within(path, dependency) }
		if slices.Contains(pure, file.pkg) && slices.ContainsFunc(doesIO, reachesOut) {
			found = append(found, fmt.Sprintf("%s imports %s and should do no I/O", where, path))
		}
	}
	return found
}

func within(path, above string) bool {
	return path == above || strings.HasPrefix(path, above+"/")
}

// sources reads the imports of every file that goes into a program of ours.
func sources(t *testing.T) []source {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,CgoFiles", module+"...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var files []source
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg struct {
			ImportPath, Dir   string
			GoFiles, CgoFiles []string
		}
		if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
			return files
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		for _, name := range slices.Concat(pkg.GoFiles, pkg.CgoFiles) {
			files = append(files, source{strings.TrimPrefix(pkg.ImportPath, module), name, importsOf(t, filepath.Join(pkg.Dir, name))})
		}
	}
}

func importsOf(t *testing.T, path string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var imports []string
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		imports = append(imports, imported)
	}
	return imports
}
