package main

import (
	"context"
	"fmt"
	"time"

	"smartscheduler/db"
)

// user is `smartscheduler user …`.
func (con console) user(ctx context.Context, args []string, d *db.DB) error {
	if len(args) != 2 || args[0] != "link" {
		return usageError("user link CONTRACTOR, by id, external id or exact name")
	}
	token, contractor, err := d.CreateContractorLink(ctx, args[1], time.Now())
	if err != nil {
		return err
	}
	base := or(con.env("PUBLIC_URL"), "http://"+or(con.env("ADDR"), "127.0.0.1:8080"))
	_, err = fmt.Fprintf(con.stdout, "%s/link/%s\nfor %s; it works once and for 24 hours\n", base, token, contractor.Name)
	return err
}

// kiosk is `smartscheduler kiosk …`.
func (con console) kiosk(ctx context.Context, args []string, d *db.DB) error {
	if len(args) != 2 || (args[0] != "enroll" && args[0] != "enrol") {
		return usageError("kiosk enroll REGION")
	}
	code, err := d.CreateKioskCode(ctx, args[1], "", time.Now())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(con.stdout, "%s\ntype it on the display at /kiosk within 10 minutes; it works once\n", code)
	return err
}
