package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	_ "time/tzdata" // the zones must not depend on the machine

	"smartscheduler/db"
	"smartscheduler/db/postgres"
)

const usage = `smartscheduler: the dispatch desk of a field-service business

  smartscheduler [serve] [--addr ADDR] [--demo tour|none]   serve the pages (the default)
  smartscheduler migrate                                    bring the database schema up to date
  smartscheduler demo --world tour|week|load                fill an empty database; --seed N, --monday DATE, --planted FILE
  smartscheduler import regions FILE.geojson                load regions
  smartscheduler import contractors FILE.csv                load contractors and their skills
  smartscheduler import jobs FILE.csv                       load jobs; --dry-run checks a file and saves nothing
  smartscheduler import skills|assignments FILE.csv         load the other files of an export
  smartscheduler export KIND [--format csv|jsonl]           write regions, skills, contractors, jobs, assignments or
                                                            events to stdout; --region R, --from DAY, --to DAY
  smartscheduler user add ROLE EMAIL NAME [REGION…]         add an admin, dispatcher or auditor
  smartscheduler user password EMAIL                        change a password
  smartscheduler user disable|enable EMAIL                  stop somebody from signing in, or let him again
  smartscheduler user role EMAIL ROLE [REGION…]             give somebody another role or other regions, at once
  smartscheduler user link CONTRACTOR                       print a sign-in link for a contractor's phone
  smartscheduler user unlink CONTRACTOR                     sign a contractor out and make his links worthless
  smartscheduler kiosk enroll REGION                        print a one-time code for a display
  smartscheduler kiosk list                                 list the displays
  smartscheduler kiosk rotate ID                            end a display's key at once and print a code for a new one
  smartscheduler kiosk revoke ID                            end a display for good
  smartscheduler restored                                   after a backup was restored: let every page reload

Passwords are read from standard input, one line.

Environment: ADDR, ADMIN_ADDR, DATABASE_URL, DATA_DIR, DEMO_PASSWORD, PUBLIC_URL, BEHIND_PROXY, INSTANCE;
for TLS: TLS_CERT, TLS_KEY, or ACME_DOMAINS, ACME_CACHE, ACME_DIRECTORY; HTTP_ADDR;
for mail to those who forgot their password: SMTP_URL (smtps://name:password@host or smtp://…), MAIL_FROM.
`

// console is where a command reads and writes.
type console struct {
	env            func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
	// log writes to stderr; the default logger does so too, for the packages.
	log *slog.Logger
}

// run runs one command and returns its exit code: 0 done, 1 failed, 2 misused.
func run(ctx context.Context, args []string, env func(string) string, stdout, stderr io.Writer) int {
	log := slog.New(slog.NewTextHandler(stderr, nil))
	slog.SetDefault(log)
	con := console{env: env, stdin: os.Stdin, stdout: stdout, stderr: stderr, log: log}
	name := "serve"
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		name, args = args[0], args[1:]
	}
	err := con.command(ctx, name, args)
	var misused usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &misused):
		_, _ = fmt.Fprintf(stderr, "smartscheduler: %v\n\n%s", err, usage)
		return 2
	case errors.Is(err, errReported):
		return 1
	}
	_, _ = fmt.Fprintf(stderr, "smartscheduler: %v\n", err)
	return 1
}

// usageError is a command line that cannot be understood.
type usageError string

// Error implements error.
func (e usageError) Error() string { return string(e) }

// errReported: the command failed and has told why already.
var errReported = errors.New("reported")

func (con console) command(ctx context.Context, name string, args []string) error {
	switch name {
	case "serve":
		cfg, err := readConfig(args, con.env, con.stdout)
		if err != nil {
			return err
		}
		err = con.serve(ctx, cfg)
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			return nil // told to stop before it had started
		}
		return err
	case "migrate":
		return con.withDatabase(ctx, func(*db.DB) error { return nil })
	case "demo":
		return con.withDatabase(ctx, func(d *db.DB) error { return runDemo(ctx, args, con.env, con.stdout, d) })
	case "import":
		return con.withDatabase(ctx, func(d *db.DB) error { return runImport(ctx, args, con.stdout, con.stderr, d) })
	case "export":
		return con.withDatabase(ctx, func(d *db.DB) error { return runExport(ctx, args, con.stdout, con.stderr, d) })
	case "user":
		return con.withDatabase(ctx, func(d *db.DB) error { return con.user(ctx, args, d) })
	case "kiosk":
		return con.withDatabase(ctx, func(d *db.DB) error { return con.kiosk(ctx, args, d) })
	case "restored":
		return con.withRights(ctx, true, func(d *db.DB) error { return con.restored(ctx, args, d) })
	case "help":
		_, err := fmt.Fprint(con.stdout, usage)
		return err
	}
	return usageError(fmt.Sprintf("there is no command %q", name))
}

// withDatabase runs fn on the migrated database: the one of DATABASE_URL, or
// our own, which is started for the while unless a server runs already.
func (con console) withDatabase(ctx context.Context, fn func(*db.DB) error) error {
	return con.withRights(ctx, false, fn)
}

// withRights is withDatabase with the rights of the application or those of the
// owner.
func (con console) withRights(ctx context.Context, asOwner bool, fn func(*db.DB) error) error {
	source, err := openSource(ctx, con.env("DATABASE_URL"), cmp.Or(con.env("DATA_DIR"), ".data"), true)
	if err != nil {
		return err
	}
	defer source.stop()
	if err := migrate(ctx, source.dsn); err != nil {
		return err
	}
	d, err := db.Open(ctx, db.Options{DSN: source.dsn, AsOwner: asOwner, MaxConns: 4})
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return fn(d)
}

// source is where the database is.
type source struct {
	// dsn is the connection string of the owner.
	dsn string
	// ended is closed when our own PostgreSQL has ended; nil for another's.
	ended <-chan struct{}
	stop  func()
}

// openSource leads to the database of databaseURL, or starts our own PostgreSQL
// in dataDir, which stop ends again.
func openSource(ctx context.Context, databaseURL, dataDir string, join bool) (source, error) {
	if databaseURL != "" {
		return source{dsn: databaseURL, stop: func() {}}, nil
	}
	server, err := postgres.Start(ctx, postgres.Options{DataDir: dataDir, Join: join})
	if err != nil {
		return source{}, err
	}
	return source{dsn: server.DSN(postgres.Database), ended: server.Done(), stop: func() {
		if err := server.Stop(context.WithoutCancel(ctx)); err != nil {
			slog.Error("stop PostgreSQL", "error", err)
		}
	}}, nil
}

func migrate(ctx context.Context, dsn string) error {
	owner, err := db.Open(ctx, db.Options{DSN: dsn, AsOwner: true, MaxConns: 2})
	if err != nil {
		return err
	}
	defer func() { _ = owner.Close() }()
	return owner.Migrate(ctx)
}
