package db_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"smartscheduler/db/dbtest"
	"smartscheduler/events"
)

// BenchmarkAppendEvents is one transaction that logs n events and nothing else.
func BenchmarkAppendEvents(b *testing.B) {
	for _, n := range []int{1, 2, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			app, _ := dbtest.Isolated(b)
			for b.Loop() {
				logEvents(b, app, many(n)...)
			}
			b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func many(n int) []events.Event {
	evs := make([]events.Event, n)
	for i := range evs {
		evs[i] = assigned(uuid.NewString(), uuid.NewString(), "north")
	}
	return evs
}

// BenchmarkSequenceAndTail gives positions to n committed events and reads
// them, which is what a relay does between a commit and the broker.
func BenchmarkSequenceAndTail(b *testing.B) {
	for _, n := range []int{1, 10, 500} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			app, _ := dbtest.Isolated(b)
			pos := int64(0)
			for b.Loop() {
				b.StopTimer()
				logEvents(b, app, many(n)...)
				b.StartTimer()
				if given, err := app.Sequence(b.Context(), 500); given != n || err != nil {
					b.Fatalf("gave %d positions: %v", given, err)
				}
				evs, err := app.After(b.Context(), pos, 500)
				if err != nil || len(evs) != n {
					b.Fatalf("read %d events: %v", len(evs), err)
				}
				pos = evs[n-1].Position.Pos
			}
			b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
