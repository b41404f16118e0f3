package main

import (
	"context"
	"log/slog"
	"time"
)

// offersEvery is the time between two looks for offers whose time to answer is
// over.
const offersEvery = 2 * time.Second

// expireOffers ends what contractors did not answer in time, until ctx ends. What
// fails now is tried again. Time is that of the database, which all processes have
// in common.
func (a *app) expireOffers(ctx context.Context) error {
	tick := time.NewTicker(offersEvery)
	defer tick.Stop()
	for {
		done, err := a.db.ExpireOffers(ctx, a.ahead())
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			slog.WarnContext(ctx, "offers wait for their end", "error", err)
		}
		if done > 0 {
			slog.InfoContext(ctx, "offers ended without an answer", "offers", done)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}
