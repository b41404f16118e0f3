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
	for _, u := range tourUsers("") {
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
	name := flags.String("world", "tour", "the world to load; this version has tour only")
	seed := flags.Uint64("seed", 1, "number that picks names and places")
	monday := flags.String("monday", "", "first day of the week to fill, 2006-01-02 (default: this week's Monday)")
	if err := parse(flags, args, stdout); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return usageError(fmt.Sprintf("unexpected argument %q", flags.Arg(0)))
	}
	if *name != "tour" {
		return usageError(fmt.Sprintf("there is no demo world %q: this version has tour only", *name))
	}
	day, err := demoMonday(*monday, time.Now())
	if err != nil {
		return err
	}
	if err := seedTour(ctx, env, database, *seed, day); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "loaded the demo world tour for the week of Monday %s\n", day.Format(time.DateOnly))
	return err
}

// loadTour loads the demo world into an empty database, for the week of now. It
// returns false, and changes nothing, when the database is not empty.
func loadTour(ctx context.Context, env func(string) string, database *db.DB, now time.Time) (loaded bool, err error) {
	if empty, err := database.Empty(ctx); err != nil || !empty {
		return false, err
	}
	day, err := demoMonday("", now)
	if err != nil {
		return false, err
	}
	err = seedTour(ctx, env, database, 1, day)
	return err == nil, err
}

func seedTour(ctx context.Context, env func(string) string, database *db.DB, seed uint64, monday time.Time) error {
	err := database.SeedWorld(ctx, tourWorld(seed, monday, cmp.Or(env("DEMO_PASSWORD"), demoPassword)))
	if errors.Is(err, db.ErrNotEmpty) {
		return fmt.Errorf("a demo world needs an empty database, and this one has content; nothing was changed: %w", err)
	}
	return err
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
