// Command bench measures a whole SmartScheduler process and writes a Markdown
// table. Without a subcommand it measures what a delivery costs against the
// least that a server could do, in one run on one machine; `soak` measures the
// promises about frozen readers (P7), idle consumers (P9) and a storm of
// reconnects (P10), and fails when one of them is not kept.
//
// CPU and memory are of the server's process only; the readers live in this one
// and share the machine with it, so ratios count and single figures do not.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
)

// soakCommand is the subcommand that measures promises.
const soakCommand = "soak"

func main() {
	args := os.Args[1:]
	name := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := command(ctx, name, args)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func command(ctx context.Context, name string, args []string) error {
	flags := flag.NewFlagSet("bench "+name, flag.ExitOnError)
	out := flags.String("o", "", "file for the table besides standard output")
	switch name {
	case "":
		rounds := flags.Int("rounds", 3, "rounds; the table has the medians")
		crowds := flags.Bool("crowds", true, "measure 10,000 streams too, not 1,000 alone")
		_ = flags.Parse(args) // exits by itself
		return runBench(ctx, *rounds, *crowds, *out)
	case soakCommand:
		only := flags.String("only", "", "measure only the promises whose name begins so, such as P10")
		_ = flags.Parse(args)
		return runSoak(ctx, *only, *out)
	case floorCommand:
		return runFloor(os.Stdin, os.Stdout)
	}
	return fmt.Errorf("unknown subcommand %q", name)
}

// publish prints the table and writes it to a file if there is a name.
func publish(table, file string) error {
	fmt.Print(table)
	if file == "" {
		return nil
	}
	return os.WriteFile(file, []byte(table), 0o644)
}
