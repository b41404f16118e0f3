package main

import (
	"context"
	"fmt"
	"time"

	"smartscheduler/db"
)

// welcome loads the demo world into an empty database of our own and prints
// where the screens are and how to sign in.
func (con console) welcome(ctx context.Context, cfg config, d *db.DB, base string) error {
	_, err := fmt.Fprintf(con.stdout, "\nSmartScheduler is at %s\n", base)
	if err != nil || cfg.databaseURL != "" || cfg.demo == "none" {
		return err
	}
	loaded, err := loadTour(ctx, con.env, d, time.Now())
	if err != nil {
		return fmt.Errorf("load the demo world: %w", err)
	}
	if !loaded {
		return nil
	}
	code, err := d.CreateKioskCode(ctx, "north", "Demo wall", time.Now())
	if err != nil {
		return err
	}
	token, contractor, err := d.CreateContractorLink(ctx, tourContractor, time.Now())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(con.stdout, `
  Dispatcher  %[1]s/login           ann@example.com (north), bo@example.com (south)
  Admin       %[1]s/login           admin@example.com; auditor: vera@example.com
              password             %[2]s
  Phone       %[1]s/link/%[3]s
              signs in %[4]s, once; another link: smartscheduler user link NAME
  Wall        %[1]s/kiosk           code %[5]s, once; another: smartscheduler kiosk enroll REGION
  Streams     %[1]s/streams/dispatch/north
`, base, or(con.env("DEMO_PASSWORD"), "dispatch-demo-2027"), token, contractor.Name, code)
	return err
}
