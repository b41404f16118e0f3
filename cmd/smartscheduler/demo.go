package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"smartscheduler/db"
)

// demoPassword is that of every staff account of a demo world, unless
// DEMO_PASSWORD names another.
const demoPassword = "dispatch-demo-2027"

// refuseDemoPassword returns an error if an account of a demo world can be
// signed in to with the published password.
func refuseDemoPassword(ctx context.Context, database *db.DB) error {
	for _, u := range weekUsers("") { // those of all worlds are among them
		user, err := database.UserByEmail(ctx, u.Email)
		if errors.Is(err, db.ErrNotFound) || err == nil && user.Disabled {
			continue
		}
		if err != nil {
			return err
		}
		known, err := db.PasswordMatches(demoPassword, user.PasswordHash.String)
		if err != nil {
			return err
		}
		if known {
			return fmt.Errorf("others could sign in as %[1]s, because everybody knows the password of the demo world: "+
				"run `smartscheduler user password %[1]s` or `smartscheduler user disable %[1]s`", user.Email)
		}
	}
	return nil
}

// demoZone is where the demo worlds are.
const demoZone = "America/New_York"

// runDemo fills an empty database with a demo world.
func runDemo(ctx context.Context, args []string, env func(string) string, stdout io.Writer, database *db.DB) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	name := flags.String("world", "tour", "the world to load: tour, week or load")
	seed := flags.Uint64("seed", 1, "number that picks names and places")
	monday := flags.String("monday", "", "first day of the week to fill, 2006-01-02 (default: this week's Monday)")
	planted := flags.String("planted", "", "file for the list of what is wrong on purpose in the world week")
	if err := parse(flags, args, stdout); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return usageError(fmt.Sprintf("unexpected argument %q", flags.Arg(0)))
	}
	if *planted != "" && *name != "week" {
		return usageError("--planted goes with --world week only")
	}
	day, err := demoMonday(*monday, time.Now())
	if err != nil {
		return err
	}
	w, err := seedDemo(ctx, env, database, *name, *seed, day)
	if err != nil {
		return err
	}
	if *planted != "" {
		if err := writePlanted(ctx, *planted, database, w, calendar{day}); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(stdout, "loaded the demo world %s for the week of Monday %s: %d regions, %d contractors, %d jobs\n",
		w.Name, day.Format(time.DateOnly), len(w.Regions), len(w.Contractors), len(w.Jobs))
	return err
}

// loadTour loads the demo world tour into an empty database, for the week of
// now. It returns false, and changes nothing, when the database is not empty.
func loadTour(ctx context.Context, env func(string) string, database *db.DB, now time.Time) (loaded bool, err error) {
	if empty, err := database.Empty(ctx); err != nil || !empty {
		return false, err
	}
	day, err := demoMonday("", now)
	if err != nil {
		return false, err
	}
	_, err = seedDemo(ctx, env, database, "tour", 1, day)
	return err == nil, err
}

// seedDemo makes a world and writes it into an empty database.
func seedDemo(ctx context.Context, env func(string) string, database *db.DB, name string, seed uint64, monday time.Time) (db.World, error) {
	w, err := demoWorld(name, seed, monday, cmp.Or(env("DEMO_PASSWORD"), demoPassword))
	if err != nil {
		return w, err
	}
	err = database.SeedWorld(ctx, w)
	if errors.Is(err, db.ErrNotEmpty) {
		return w, fmt.Errorf("a demo world needs an empty database, and this one has content; nothing was changed: %w", err)
	}
	return w, err
}

// demoWorld makes the world of a name; monday is midnight in demoZone.
func demoWorld(name string, seed uint64, monday time.Time, password string) (db.World, error) {
	switch name {
	case "tour":
		return tourWorld(seed, monday, password), nil
	case "week":
		return weekWorld(seed, monday, password)
	case "load":
		return loadWorld(seed, monday, password, 1)
	}
	return db.World{}, usageError(fmt.Sprintf("there is no demo world %q: there are tour, week and load", name))
}

// demoMonday reads a date that must be a Monday, or takes that of now's week.
// It returns midnight in demoZone.
func demoMonday(text string, now time.Time) (time.Time, error) {
	zone, err := time.LoadLocation(demoZone)
	if err != nil {
		return time.Time{}, err
	}
	if text == "" {
		now = now.In(zone)
		return time.Date(now.Year(), now.Month(), now.Day()-(int(now.Weekday())+6)%7, 0, 0, 0, 0, zone), nil
	}
	day, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		return time.Time{}, usageError(fmt.Sprintf("--monday %q is not a date like 2027-03-08", text))
	}
	if day.Weekday() != time.Monday {
		return time.Time{}, usageError(fmt.Sprintf("--monday %s is a %s", text, day.Weekday()))
	}
	return day, nil
}
