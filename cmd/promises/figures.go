package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// figure is one row of a table that a long run has written.
type figure struct {
	what, value, limit, kept string
	// file is where it stands, in docs.
	file string
}

// ofPromise is the first cell of a row with a figure of a promise.
var ofPromise = regexp.MustCompile(`^P0?(\d{1,2})$`)

// findFigures reads the tables of all pages of dir but our own whose first
// column names a promise: | P10 | what | figure | limit | …; a column "kept"
// may follow.
func findFigures(dir string) (map[int][]figure, error) {
	pages, err := filepath.Glob(filepath.Join(dir, "*.md"))
	if err != nil {
		return nil, err
	}
	figures := make(map[int][]figure)
	for _, page := range pages {
		if filepath.Base(page) == filepath.Base(out) {
			continue
		}
		text, err := os.ReadFile(page)
		if err != nil {
			return nil, fmt.Errorf("find the figures: %w", err)
		}
		readFigures(filepath.Base(page), string(text), figures)
	}
	return figures, nil
}

func readFigures(file, text string, figures map[int][]figure) {
	kept := -1
	for line := range strings.Lines(text) {
		cells := cellsOf(line)
		if len(cells) == 0 {
			continue
		}
		if cells[0] == "promise" {
			kept = slices.Index(cells, "kept")
		}
		number := ofPromise.FindStringSubmatch(cells[0])
		if number == nil || len(cells) < 4 {
			continue
		}
		f := figure{what: cells[1], value: cells[2], limit: cells[3], file: file}
		if kept > 0 && kept < len(cells) {
			f.kept = cells[kept]
		}
		n, _ := strconv.Atoi(number[1]) // two digits at most
		figures[n] = append(figures[n], f)
	}
}

// cellsOf are those of a line of a Markdown table; nil when it is none.
func cellsOf(line string) []string {
	line = strings.TrimSpace(line)
	if len(line) < 2 || line[0] != '|' || line[len(line)-1] != '|' {
		return nil
	}
	cells := strings.Split(line[1:len(line)-1], "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}
