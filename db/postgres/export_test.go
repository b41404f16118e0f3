package postgres

import (
	"context"
	"log/slog"
)

// Ask runs one statement and returns its first value.
func (s *Server) Ask(ctx context.Context, database, statement string) (string, error) {
	return s.ask(ctx, database, statement)
}

// SearchIn makes Start look for binaries only where it is told to.
func (o Options) SearchIn(env map[string]string, from string, installed ...string) Options {
	o.search = &search{getenv: func(name string) string { return env[name] }, installed: installed, from: from}
	return o
}

// Found is what Find returns: a bin directory and its major version.
type Found struct {
	Dir   string
	Major int
}

// Find looks for binaries as Start with these options would.
func (o Options) Find(ctx context.Context, major int) (Found, error) {
	where, err := settle(o.DataDir, slog.New(slog.DiscardHandler))
	if err != nil {
		return Found{}, err
	}
	b, err := findBinaries(ctx, o.search, where, major)
	return Found{Dir: b.dir, Major: b.major}, err
}
