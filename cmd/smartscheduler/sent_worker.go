package main

import (
	"context"
	"log/slog"
	"maps"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
)

// sentEvery is the time between two looks at what the connections of contractors
// took. A page that is shown says more by itself before that.
const sentEvery = 2 * time.Second

// noteSent notes what was sent to contractors until ctx ends. What cannot be
// noted now is noted later.
func (a *app) noteSent(ctx context.Context) error {
	tick := time.NewTicker(sentEvery)
	defer tick.Stop()
	noted := make(map[events.Stream]events.Position)
	failing := false
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		taken := a.broker.Taken(func(s events.Stream) bool { return s.ContractorID() != "" })
		err := a.noteTaken(ctx, taken, noted)
		if err != nil && !failing && ctx.Err() == nil {
			slog.WarnContext(ctx, "what was sent to contractors is noted later", "error", err)
		}
		failing = err != nil
	}
}

// noteTaken notes what connections took since noted, and moves that.
func (a *app) noteTaken(ctx context.Context, taken, noted map[events.Stream]events.Position) error {
	news := make(map[string]events.Position)
	head := a.broker.Head()
	for s, at := range taken {
		if at.Epoch == head.Epoch && at != noted[s] {
			news[s.ContractorID()] = at
		}
	}
	if len(news) > 0 {
		for {
			n, err := a.db.NoteSent(ctx, news)
			if err != nil {
				return err
			}
			if n < db.MaxNoted {
				break
			}
		}
	}
	clear(noted)
	maps.Copy(noted, taken)
	return nil
}
