package main

import (
	"context"
	"log/slog"
	"time"
)

// movesEvery is the time between two looks for contractors whose day of moving
// to another region has begun.
const movesEvery = 20 * time.Second

// carryOutMoves gives contractors their new home regions, at once and within a
// minute of their midnight, until ctx ends. What fails now is tried again.
func (a *app) carryOutMoves(ctx context.Context) error {
	tick := time.NewTicker(movesEvery)
	defer tick.Stop()
	for {
		done, err := a.db.CarryOutMoves(ctx, a.now())
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			slog.WarnContext(ctx, "moves of contractors wait", "error", err)
		}
		if done > 0 {
			slog.InfoContext(ctx, "contractors moved", "moves", done)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}
