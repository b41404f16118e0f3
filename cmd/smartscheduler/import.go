package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"smartscheduler/db"
	"smartscheduler/events"
)

// runImport loads a file, all or nothing. Bad rows go to stderr, one a line.
func runImport(ctx context.Context, args []string, stdout, stderr io.Writer, database *db.DB) error {
	what, path, dryRun, err := importArgs(args, stdout)
	if err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	by := db.Actor{Kind: events.ActorImport, AllRegions: true}
	done, err := importers()[what](ctx, database, by, file, dryRun)
	var rejected *db.Rejected
	if errors.As(err, &rejected) {
		for _, row := range rejected.Rows {
			_, _ = fmt.Fprintln(stderr, row.Error())
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	_, err = fmt.Fprintln(stdout, importSummary(what, done, dryRun))
	return err
}

// importers read and import each kind of file.
func importers() map[string]func(context.Context, *db.DB, db.Actor, io.Reader, bool) (db.Imported, error) {
	return map[string]func(context.Context, *db.DB, db.Actor, io.Reader, bool) (db.Imported, error){
		"regions": importRegions, "skills": importSkills, "contractors": importContractors, "jobs": importJobs, "assignments": importAssignments,
	}
}

// importArgs reads `KIND FILE [--dry-run]`, with the flag anywhere.
func importArgs(args []string, stdout io.Writer) (what, path string, dryRun bool, err error) {
	flags := flag.NewFlagSet("import", flag.ContinueOnError)
	flags.BoolVar(&dryRun, "dry-run", false, "check the file and count, but save nothing")
	words, err := wordsAndFlags(flags, args, stdout)
	if err != nil {
		return "", "", false, err
	}
	if len(words) != 2 || importers()[words[0]] == nil {
		return "", "", false, usageError("import takes `regions FILE.geojson` or one of `skills`, `contractors`, `jobs` and `assignments` with FILE.csv")
	}
	return words[0], words[1], dryRun, nil
}

// wordsAndFlags returns the words of a command line in which flags may stand
// anywhere.
func wordsAndFlags(flags *flag.FlagSet, args []string, stdout io.Writer) ([]string, error) {
	var words []string
	for len(args) > 0 {
		if err := parse(flags, args, stdout); err != nil {
			return nil, err
		}
		if args = flags.Args(); len(args) > 0 {
			words, args = append(words, args[0]), args[1:]
		}
	}
	return words, nil
}

func importRegions(ctx context.Context, database *db.DB, by db.Actor, file io.Reader, dryRun bool) (db.Imported, error) {
	content, err := db.ReadRegionsGeoJSON(file)
	if err != nil {
		return db.Imported{}, err
	}
	return database.ImportRegions(ctx, db.RegionImport{By: by, File: content, DryRun: dryRun})
}

func importContractors(ctx context.Context, database *db.DB, by db.Actor, file io.Reader, dryRun bool) (db.Imported, error) {
	content, err := db.ReadContractorsCSV(file)
	if err != nil {
		return db.Imported{}, err
	}
	return database.ImportContractors(ctx, db.ContractorImport{By: by, File: content, DryRun: dryRun})
}

func importSkills(ctx context.Context, database *db.DB, by db.Actor, file io.Reader, dryRun bool) (db.Imported, error) {
	content, err := db.ReadSkillsCSV(file)
	if err != nil {
		return db.Imported{}, err
	}
	return database.ImportSkills(ctx, db.SkillImport{By: by, File: content, DryRun: dryRun})
}

func importAssignments(ctx context.Context, database *db.DB, by db.Actor, file io.Reader, dryRun bool) (db.Imported, error) {
	content, err := db.ReadAssignmentsCSV(file)
	if err != nil {
		return db.Imported{}, err
	}
	return database.ImportAssignments(ctx, db.AssignmentImport{By: by, File: content, DryRun: dryRun})
}

func importJobs(ctx context.Context, database *db.DB, by db.Actor, file io.Reader, dryRun bool) (db.Imported, error) {
	content, err := db.ReadJobsCSV(file)
	if err != nil {
		return db.Imported{}, err
	}
	return database.ImportJobs(ctx, db.JobImport{By: by, File: content, DryRun: dryRun})
}

func importSummary(what string, done db.Imported, dryRun bool) string {
	line := fmt.Sprintf("%s: %d created, %d updated, %d unchanged", what, done.Created, done.Updated, done.Unchanged)
	if done.Closed > 0 {
		line += fmt.Sprintf(", %d left alone because they are closed", done.Closed)
	}
	if done.Unrouted > 0 {
		line += fmt.Sprintf("; %d of the created are in no region", done.Unrouted)
	}
	if done.Moved > 0 {
		line += fmt.Sprintf("; %d jobs change region", done.Moved)
	}
	if done.LongDays > 0 {
		line += fmt.Sprintf("; %d of the created make a day of more than 10 hours", done.LongDays)
	}
	if done.Skills > 0 {
		line += fmt.Sprintf("; %d skills are new", done.Skills)
	}
	if dryRun {
		line += " (dry run: nothing was saved)"
	}
	return line
}
