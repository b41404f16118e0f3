package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// share is what one function allocated of the memory that is in use.
type share struct {
	function string
	bytes    float64
}

// heapShares reads which functions allocated the most memory that is in use.
func heapShares(ctx context.Context, p *process, count int) ([]share, error) {
	body, err := p.admin(ctx, "/debug/pprof/heap")
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }()
	file, err := os.CreateTemp("", "heap-*.pprof")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	if _, err := io.Copy(file, body); err != nil {
		return nil, err
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	out, err := exec.CommandContext(ctx, "go", "tool", "pprof", "-top", "-sample_index=inuse_space", "-unit=kB",
		"-nodecount="+strconv.Itoa(count), file.Name()).Output()
	if err != nil {
		return nil, fmt.Errorf("read the heap profile: %w", err)
	}
	return parseTop(string(out)), nil
}

// parseTop reads lines such as `1024.50kB 12.5% 12.5% 2048kB 25% bufio.NewReaderSize`.
func parseTop(text string) (shares []share) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 6 {
			continue
		}
		kb, err := strconv.ParseFloat(strings.TrimSuffix(fields[0], "kB"), 64)
		if err != nil || !strings.HasSuffix(fields[1], "%") {
			continue
		}
		shares = append(shares, share{strings.Join(fields[5:], " "), kb * 1024})
	}
	return shares
}
