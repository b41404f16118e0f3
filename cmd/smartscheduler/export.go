package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"smartscheduler/db"
)

// runExport writes a file of what the system holds to stdout.
func runExport(ctx context.Context, args []string, stdout, stderr io.Writer, database *db.DB) error {
	wanted, err := exportArgs(args, stdout)
	if err != nil {
		return err
	}
	file, err := database.Export(ctx, wanted)
	if err != nil {
		return err
	}
	_, err = io.Copy(stdout, file)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", wanted.Kind, err)
	}
	_, err = fmt.Fprintf(stderr, "%s: %d exported\n", wanted.Kind, file.Rows)
	return err
}

// exportArgs reads `KIND [--format F] [--region R] [--from D] [--to D]`, with
// the flags anywhere.
func exportArgs(args []string, stdout io.Writer) (db.Export, error) {
	x := db.Export{Everywhere: true}
	var format string
	flags := flag.NewFlagSet("export", flag.ContinueOnError)
	flags.StringVar(&format, "format", "", "csv (the default) or jsonl; regions are geojson")
	flags.StringVar(&x.Region, "region", "", "only those of a region")
	flags.StringVar(&x.From, "from", "", "only from this day on, such as 2027-03-08")
	flags.StringVar(&x.To, "to", "", "only until this day")
	words, err := wordsAndFlags(flags, args, stdout)
	if err != nil {
		return x, err
	}
	if len(words) == 1 {
		x.Kind = db.ExportKind(words[0])
	}
	if !slices.Contains(db.ExportKinds(), x.Kind) {
		return x, usageError("export takes one of " + strings.Join(kindNames(), ", "))
	}
	formats := x.Kind.Formats()
	if x.Format = formats[0]; format != "" {
		x.Format = db.ExportFormat(format)
	}
	if !slices.Contains(formats, x.Format) {
		return x, usageError(fmt.Sprintf("%s are exported as %s", x.Kind, formats[0]))
	}
	for _, day := range []string{x.From, x.To} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return x, usageError(fmt.Sprintf("%q is not a date such as 2027-03-08", day))
		}
	}
	return x, nil
}

func kindNames() []string {
	names := make([]string, len(db.ExportKinds()))
	for i, kind := range db.ExportKinds() {
		names[i] = string(kind)
	}
	return names
}
