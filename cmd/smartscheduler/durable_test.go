package main

import (
	"strings"
	"testing"
)

// TestP02RefusesToForget: a PostgreSQL that answers before a commit is written
// is refused at the start, in one line; one that only a power failure can hurt
// is warned of.
func TestP02RefusesToForget(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	env := map[string]string{"DATABASE_URL": w.dsn}
	good := serveWith(t, env)
	good.logged(`level=WARN msg="a power failure can damage the database.*fsync full_page_writes`)
	good.metricsAt()
	good.stop()
	name := ask[string](w, `select current_database()`)
	w.exec(`alter database ` + name + ` set synchronous_commit = off`)
	bad := serveWith(t, env)
	code := bad.exit()
	if said := bad.log.String(); code != 1 || !strings.Contains(said, "smartscheduler: PostgreSQL answers before a commit is written") {
		t.Errorf("ended with %d: %s", code, said)
	}
	w.exec(`alter database ` + name + ` reset synchronous_commit`)
	if again := serveWith(t, env); again.metricsAt() == "" {
		t.Error("it does not start any more")
	}
}
