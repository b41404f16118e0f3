// Promises writes docs/promises.md: what delivery promises, which tests show it,
// what was measured, and which run must fail. The promises are listed here; the
// tests are found by their names, and the figures in the other pages of docs.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// out is the page, from the root of the repository.
var out = filepath.Join("docs", "promises.md")

func main() {
	root := flag.String("root", ".", "root of the repository")
	flag.Parse()
	if err := run(*root); err != nil {
		fmt.Fprintln(os.Stderr, "promises:", err)
		os.Exit(1)
	}
}

// run writes the page also when something is missing, and then says what.
func run(root string) error {
	page, missing, err := generate(root)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(root, out), page, 0o644); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return missing
}

// generate returns the page and what it lacks to be complete.
func generate(root string) (page []byte, missing, err error) {
	proofs, err := findTests(root)
	if err != nil {
		return nil, nil, err
	}
	figures, err := findFigures(filepath.Join(root, "docs"))
	if err != nil {
		return nil, nil, err
	}
	list := promises()
	return draw(list, proofs, figures), lacking(list, proofs), nil
}
