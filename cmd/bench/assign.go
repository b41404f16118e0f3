package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// assignRow is the rate of assignments of some writers, by our command and by
// the same statements of a plain client.
type assignRow struct {
	writers     string
	ours, plain float64 // assignments a second
}

// measureAssign runs the benchmark that lies beside the command: it takes turns
// between the two, in one database.
func measureAssign(ctx context.Context) ([]assignRow, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkAssign$", "-benchtime", "2000x", "./db")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("benchmark of assignments: %w\n%s", err, out)
	}
	var rows []assignRow
	for line := range strings.Lines(string(out)) {
		name, ok := strings.CutPrefix(line, "BenchmarkAssign/")
		if !ok {
			continue
		}
		writers, _, _ := strings.Cut(strings.Fields(name)[0], "-")
		row := assignRow{writers: writers}
		fields := strings.Fields(line)
		for i := 1; i < len(fields); i++ {
			value, _ := strconv.ParseFloat(fields[i-1], 64)
			switch fields[i] {
			case "assigns/s":
				row.ours = value
			case "plain/s":
				row.plain = value
			}
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("benchmark of assignments: no figures in\n%s", out)
	}
	return rows, nil
}
