// Command bench measures a whole SmartScheduler process against the least that
// a server could do, in one run on one machine, and writes a Markdown table.
// Times and CPU are of the server's process only; the readers live in this one
// and share the machine with it, so ratios count and single figures do not.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"smartscheduler/db"
	"smartscheduler/db/postgres"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == floorCommand {
		if err := runFloor(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "bench: floor:", err)
			os.Exit(1)
		}
		return
	}
	streams := flag.Int("streams", 1000, "open streams")
	rounds := flag.Int("rounds", 3, "rounds; the table has the medians")
	out := flag.String("o", "", "file for the table besides standard output")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *streams, *rounds, *out)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// How much each phase does.
const (
	sparseEvents = 50
	sparseEvery  = 200 * time.Millisecond // 5 events a second
	loadEvents   = 200
	loadWriters  = 8
)

// run measures round by round: the commands without a stream, the streams at
// rest, few events, many events, and the floor for the same frames.
func run(ctx context.Context, streams, rounds int, out string) error {
	dir, err := os.MkdirTemp("", "smartscheduler-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	// As root the server runs as somebody else, who must be able to enter.
	if err := os.Chmod(dir, 0o711); err != nil {
		return err
	}
	server, err := postgres.Start(ctx, postgres.Options{DataDir: filepath.Join(dir, "data")})
	if err != nil {
		return err
	}
	defer func() { _ = server.Stop(context.WithoutCancel(ctx)) }()
	dsn := server.DSN(postgres.Database)
	w, err := newWorld(ctx, dsn, streams)
	if err != nil {
		return err
	}
	defer func() { _ = w.db.Close() }()
	binary := filepath.Join(dir, "smartscheduler")
	if err := build(ctx, binary); err != nil {
		return err
	}
	var all []figures
	for round := range rounds {
		f, err := measure(ctx, binary, dsn, w, streams)
		if err != nil {
			return fmt.Errorf("round %d: %w", round+1, err)
		}
		fmt.Fprintf(os.Stderr, "round %d of %d: %+v\n", round+1, rounds, f)
		all = append(all, f)
	}
	assigns, err := measureAssign(ctx)
	if err != nil {
		return err
	}
	table := report(medians(all), assigns, streams, rounds)
	fmt.Print(table)
	if out == "" {
		return nil
	}
	return os.WriteFile(out, []byte(table), 0o644)
}

// measure is one round on a fresh process.
func measure(ctx context.Context, binary, dsn string, w *world, streams int) (f figures, err error) {
	p, err := startServer(ctx, binary, dsn)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()

	bare, err := w.phase(ctx, p, nil)
	if err != nil {
		return f, fmt.Errorf("without streams: %w", err)
	}
	before, err := p.resident()
	if err != nil {
		return f, err
	}
	readers, err := openReaders(ctx, p.base, w.cookies, streams)
	if err != nil {
		return f, err
	}
	defer readers.close()
	if err := settle(ctx); err != nil {
		return f, err
	}
	after, err := p.resident()
	if err != nil {
		return f, err
	}
	f.idleBytes = float64(after-before) / float64(streams)
	full, err := w.phase(ctx, p, readers)
	if err != nil {
		return f, fmt.Errorf("with streams: %w", err)
	}
	f.p50, f.p99 = full.p50, full.p99
	f.sparse = perDelivery(full.sparse-bare.sparse, sparseEvents, streams)
	f.load = perDelivery(full.load-bare.load, loadEvents, streams)
	f.frameBytes = readers.frameBytes()
	f.sparseFloor, f.loadFloor, err = measureFloor(ctx, streams, f.frameBytes)
	return f, err
}

// settle gives the server time to let go of what connecting needed.
func settle(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(3 * time.Second):
		return nil
	}
}

// perDelivery is CPU time in microseconds for each event and stream.
func perDelivery(cpu time.Duration, events, streams int) float64 {
	return float64(cpu.Microseconds()) / float64(events*streams)
}

// openPool connects as the server's requests do.
func openPool(ctx context.Context, dsn string) (*db.DB, error) {
	owner, err := db.Open(ctx, db.Options{DSN: dsn, AsOwner: true, MaxConns: 2})
	if err != nil {
		return nil, err
	}
	if err := owner.Migrate(ctx); err != nil {
		return nil, errors.Join(err, owner.Close())
	}
	if err := owner.Close(); err != nil {
		return nil, err
	}
	return db.Open(ctx, db.Options{DSN: dsn, MaxConns: 4})
}
