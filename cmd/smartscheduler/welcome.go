package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"smartscheduler/db"
)

// welcome loads the demo world into an empty database of our own and prints
// where the screens are and, while it holds the demo world, how to sign in.
func (con console) welcome(ctx context.Context, cfg config, d *db.DB, base string) error {
	_, err := fmt.Fprintf(con.stdout, "\nSmartScheduler is at %s\n", base)
	if err != nil || cfg.databaseURL != "" {
		return err
	}
	loaded := false
	if cfg.demo != "none" {
		if loaded, err = loadTour(ctx, con.env, d, time.Now()); err != nil {
			return fmt.Errorf("load the demo world: %w", err)
		}
	}
	ann, err := d.UserByEmail(ctx, tourDispatcher)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return con.showTour(ctx, cfg, d, base, ann, loaded)
}

// showTour prints how to sign in as each role. A link and a code work once and
// not for long, so they are made for a world that was just loaded only.
func (con console) showTour(ctx context.Context, cfg config, d *db.DB, base string, ann db.User, loaded bool) error {
	password := cfg.demoPassword
	match, err := db.PasswordMatches(password, ann.PasswordHash.String)
	if err != nil {
		return err
	}
	if !match {
		password = "the one that was set; another: go run ./cmd/smartscheduler user password " + ann.Email
	}
	phone, wall := "a one-time link for 24 hours", "a one-time code for 10 minutes"
	if loaded {
		code, err := d.CreateKioskCode(ctx, "north", "Demo wall", time.Now())
		if err != nil {
			return err
		}
		token, _, err := d.CreateContractorLink(ctx, tourContractor, time.Now())
		if err != nil {
			return err
		}
		phone, wall = base+"/link/"+token+" (once, within 24 hours)", base+"/kiosk with code "+code+" (once, within 10 minutes)"
	}
	_, err = fmt.Fprintf(con.stdout, `
  Dispatcher  %[1]s/login  %[2]s (north), bo@example.com (south)
  Admin       %[1]s/login  admin@example.com; auditor: vera@example.com
  Password    %[3]s
  Phone       %[4]s
              a new one: go run ./cmd/smartscheduler user link "Rosa Díaz"
  Wall        %[5]s
              a new one: go run ./cmd/smartscheduler kiosk enroll north
  Streams     %[1]s/streams/dispatch/north
`, base, ann.Email, password, phone, wall)
	return err
}
