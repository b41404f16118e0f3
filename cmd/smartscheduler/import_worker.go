package main

import (
	"context"
	"log/slog"
	"time"
)

// importEvery is the time between two looks for imports that were confirmed in
// another process, or that the database was too busy for.
const importEvery = 2 * time.Second

// runImports works off the confirmed imports one after the other until ctx ends.
func (a *app) runImports(ctx context.Context) error {
	tick := time.NewTicker(importEvery)
	defer tick.Stop()
	for {
		ran, err := a.db.RunImport(ctx, a.now)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			slog.WarnContext(ctx, "import", "error", err)
		}
		if ran {
			continue
		}
		select {
		case <-a.db.ImportWake():
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}
