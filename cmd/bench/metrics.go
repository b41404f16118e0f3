package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// namespace begins the names of the program's own metrics.
const namespace = "smartscheduler_"

// metrics are the values of one scrape, by name with labels.
type metrics map[string]float64

// metrics reads what the process counts of itself.
func (p *process) metrics(ctx context.Context) (metrics, error) {
	body, err := p.admin(ctx, "/metrics")
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }()
	m := metrics{}
	lines := bufio.NewScanner(body)
	for lines.Scan() {
		name, text, ok := strings.Cut(lines.Text(), " ")
		if i := strings.IndexByte(lines.Text(), '}'); i >= 0 { // label values may hold blanks
			name, text, ok = lines.Text()[:i+1], strings.TrimSpace(lines.Text()[i+1:]), true
		}
		value, err := strconv.ParseFloat(text, 64)
		if ok && err == nil && !strings.HasPrefix(name, "#") {
			m[name] = value
		}
	}
	return m, lines.Err()
}

// admin reads a page of the administrator's listener.
func (p *process) admin(ctx context.Context, path string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.adminBase+path, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		_ = res.Body.Close()
		return nil, fmt.Errorf("GET %s: %s", path, res.Status)
	}
	return res.Body, nil
}

// sum adds the values of a metric over its labels, those that have all of with.
func (m metrics) sum(name string, with ...string) (total float64) {
	for key, value := range m {
		if base, _, _ := strings.Cut(key, "{"); base != name {
			continue
		}
		has := true
		for _, label := range with {
			has = has && strings.Contains(key, label)
		}
		if has {
			total += value
		}
	}
	return total
}

// evicted counts the streams that were ended because they were too slow.
func (m metrics) evicted() int {
	const ended = namespace + "streams_ended_total"
	return int(m.sum(ended, `reason="write"`) + m.sum(ended, `reason="evicted"`))
}
