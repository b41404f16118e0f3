package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"smartscheduler/db"
)

// user is `smartscheduler user …`.
func (con console) user(ctx context.Context, args []string, d *db.DB) error {
	switch {
	case len(args) == 2 && args[0] == "link":
		return con.userLink(ctx, args[1], d)
	case len(args) == 2 && args[0] == "unlink":
		return con.userUnlink(ctx, args[1], d)
	case len(args) >= 3 && args[0] == "role":
		return con.userRole(ctx, args[1], args[2], args[3:], d)
	case len(args) >= 4 && args[0] == "add":
		return con.userAdd(ctx, args[1], args[2], args[3], args[4:], d)
	case len(args) == 2 && slices.Contains([]string{"password", "disable", "enable"}, args[0]):
		return con.userChange(ctx, args[0], args[1], d)
	}
	return usageError("user takes `add ROLE EMAIL NAME [REGION…]`, `role EMAIL ROLE [REGION…]`, `password EMAIL`, `disable EMAIL`, " +
		"`enable EMAIL`, or `link CONTRACTOR` or `unlink CONTRACTOR` by id, external id or exact name")
}

func (con console) userLink(ctx context.Context, name string, d *db.DB) error {
	token, contractor, err := d.CreateContractorLink(ctx, name, time.Now())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(con.stdout, "%s/link/%s\nfor %s; it works once and for 24 hours\n", publicBase(con.env), token, contractor.Name)
	return err
}

func (con console) userUnlink(ctx context.Context, name string, d *db.DB) error {
	contractor, err := d.RevokeContractorLinks(ctx, name)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(con.stdout, "%s is signed out everywhere, and no link of his works; `user link` makes a new one\n", contractor.Name)
	return err
}

// staffRole refuses a role that nobody of the staff can have, and regions that
// do not go with it.
func staffRole(role string, regions []string) error {
	switch {
	case !slices.Contains([]string{"admin", "dispatcher", "auditor"}, role):
		return usageError(fmt.Sprintf("a role is admin, dispatcher or auditor, not %q; contractors are imported, and sign in by `user link`", role))
	case (role == "dispatcher") != (len(regions) > 0):
		return usageError("a dispatcher has at least one region, named by slug at the end; nobody else has any")
	}
	return nil
}

// userRole gives somebody another role, or other regions. It counts at once,
// also on the pages that he has open.
func (con console) userRole(ctx context.Context, email, role string, regions []string, d *db.DB) error {
	if err := staffRole(role, regions); err != nil {
		return err
	}
	u, err := d.UserByEmail(ctx, email)
	if err != nil {
		return err
	}
	if err := d.SetUserRole(ctx, u.ID, role, regions); err != nil {
		return err
	}
	_, err = fmt.Fprintln(con.stdout, strings.Join(append([]string{u.Email, "is", role}, regions...), " "))
	return err
}

// userAdd adds somebody who signs in with a password. Contractors come from a
// file, and sign in by links.
func (con console) userAdd(ctx context.Context, role, email, name string, regions []string, d *db.DB) error {
	if err := staffRole(role, regions); err != nil {
		return err
	}
	address, err := mail.ParseAddress(email)
	switch {
	case strings.TrimSpace(name) == "":
		return usageError("the name is empty; put a name of several words in quotation marks")
	case err != nil || address.Address != email:
		return usageError(fmt.Sprintf("%q is not an e-mail address", email))
	}
	password, err := con.readPassword(email)
	if err != nil {
		return err
	}
	u, err := d.CreateUser(ctx, db.NewUser{Email: email, Name: name, Role: role, Password: password, Regions: regions})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(con.stdout, "%s (%s) may sign in as %s\n", u.Name, u.Role, u.Email)
	return err
}

// userChange changes the password of a user or whether he may sign in. Each but
// enable ends his sessions.
func (con console) userChange(ctx context.Context, act, email string, d *db.DB) error {
	u, err := d.UserByEmail(ctx, email)
	if err != nil {
		return err
	}
	done := ""
	switch act {
	case "password":
		var password string
		if password, err = con.readPassword(u.Email); err == nil {
			err = d.SetPassword(ctx, u.ID, password)
		}
		done = "has a new password and is signed out everywhere"
	case "disable":
		err = d.DisableUser(ctx, u.ID)
		done = "may no longer sign in and is signed out everywhere"
	case "enable":
		err = d.EnableUser(ctx, u.ID)
		done = "may sign in again"
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(con.stdout, "%s %s\n", u.Email, done)
	return err
}

// readPassword reads one line. Arguments can be seen by everybody on the
// machine, so a password is never one.
func (con console) readPassword(email string) (string, error) {
	if _, err := fmt.Fprintf(con.stderr, "reading the password of %s from standard input, one line of %d to %d characters\n",
		email, db.MinPassword, db.MaxPassword); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(con.stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", errors.New("there is no password on standard input; nothing was changed")
	}
	return line, nil
}

// kiosk is `smartscheduler kiosk …`.
func (con console) kiosk(ctx context.Context, args []string, d *db.DB) error {
	switch {
	case len(args) == 2 && (args[0] == "enroll" || args[0] == "enrol"):
		return con.kioskCode(ctx, args[1], d)
	case len(args) == 1 && args[0] == "list":
		return con.kioskList(ctx, d)
	case len(args) == 2 && args[0] == "rotate":
		return con.kioskRotate(ctx, args[1], d)
	case len(args) == 2 && args[0] == "revoke":
		if err := d.RevokeKiosk(ctx, args[1]); err != nil {
			return err
		}
		_, err := fmt.Fprintf(con.stdout, "display %s shows nothing any more\n", args[1])
		return err
	}
	return usageError("kiosk takes `enroll REGION`, `list`, `rotate ID` or `revoke ID`")
}

// kioskRotate is for a display whose token somebody else may have.
func (con console) kioskRotate(ctx context.Context, id string, d *db.DB) error {
	code, err := d.RotateKiosk(ctx, id, time.Now())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(con.stdout, "%s\ntype it on the display within 10 minutes; its old key opens nothing any more\n", code)
	return err
}

func (con console) kioskCode(ctx context.Context, region string, d *db.DB) error {
	code, err := d.CreateKioskCode(ctx, region, "", time.Now())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(con.stdout, "%s\ntype it on the display at /kiosk within 10 minutes; it works once\n", code)
	return err
}

func (con console) kioskList(ctx context.Context, d *db.DB) error {
	kiosks, err := d.Kiosks(ctx, time.Time{}, 0)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(con.stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ID\tREGION\tENROLLED\tLAST SEEN\tSTATE") // Flush returns the error
	for _, k := range kiosks {
		seen, state := "never", "active"
		if k.LastSeen.Valid {
			seen = k.LastSeen.Time.UTC().Format(time.RFC3339)
		}
		if k.RevokedAt.Valid {
			state = "revoked"
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", k.ID, k.Region, k.CreatedAt.UTC().Format(time.RFC3339), seen, state)
	}
	return table.Flush()
}
