package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

// TestPageIsFresh: the page is what its sources give, and nothing is missing.
func TestPageIsFresh(t *testing.T) {
	t.Parallel()
	page, missing, err := generate(root)
	if err != nil {
		t.Fatal(err)
	}
	if missing != nil {
		t.Errorf("missing:\n%v", missing)
	}
	written, err := os.ReadFile(filepath.Join(root, out))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(page, written) {
		t.Errorf("%s is out of date: `make promises` writes it anew", out)
	}
}

// repository writes a small one with the tests and the page of figures given.
func repository(t *testing.T, tests, figures string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a/a_test.go": "package a\n" + tests, "node_modules/b/b_test.go": "package b\n// B.\nfunc TestP02B() {}\n", "docs/soak.md": figures,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestPageFromSources: what the page says is found, and what is missing noticed.
func TestPageFromSources(t *testing.T) {
	t.Parallel()
	dir := repository(t, `
// TestP01P07Both shows two things. And more.
func TestP01P07Both() {}
// TestP07ControlWithout: it fails.
func TestP07ControlWithout() {}
func TestP99Alien() {}
// TestP1 is of no promise.
func TestP1() {}
// A method is no test.
func (x) TestP02Method() {}
`, `
| promise | what | figure | limit | kept |
|---|---|---|---|---|
| P07 | p99 of the others | 12 ms | ≤ 250 ms | yes |
| P7 | memory | 9 MB | ≤ 8 MB | **no** |
| P08 without an end
| what | P09 | 1 | 2 |

| promise | what | figure | promised | its control |
|---|---|---|---|---|
| P1 | lost | 0 of 10 | 0 | no |
`)
	text, missing, err := generate(dir)
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for _, want := range []string{
		"| 1 test | lost: 0 of 10 | – |", "| 1 test | p99 of the others: 12 ms; **1 of 2 limits missed** | `TestP07ControlWithout` |", "| 0 tests | in the tests | – |",
		"## P1: Acknowledged means stored\n\n- [`TestP01P07Both`](../a/a_test.go): shows two things.\n\n| measured",
		"- control: [`TestP07ControlWithout`](../a/a_test.go): it fails.\n\n",
		"| memory | 9 MB | ≤ 8 MB | **no** | [soak](soak.md) |\n", "| lost | 0 of 10 | 0 |  | [soak](soak.md) |\n",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	if missing == nil {
		t.Fatal("nothing is missing")
	}
	lacks := strings.Split(missing.Error(), "\n")
	for want, there := range map[string]bool{
		"P1 (Acknowledged means stored) has no test": false, "P1 (Acknowledged means stored) has no control": true,
		"P7 (A frozen reader hurts nobody) has no control": false, "P2 (PostgreSQL may be killed) has no test": true,
		"P2 (PostgreSQL may be killed) has no control": true, "P5 (No gap in the life of a screen) has no control": false,
		"TestP99Alien is of no promise": true, "TestP99Alien has no comment that says what it shows": true,
	} {
		found := false
		for _, line := range lacks {
			found = found || line == want
		}
		if found != there {
			t.Errorf("%q is said: %v\n%v", want, found, missing)
		}
	}
}
