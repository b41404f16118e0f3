package db_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"smartscheduler/db"
)

func TestDeleteExpired(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rosa, now := d.contractor("north", "Rosa"), time.Now()
	add := func(table, columns string, values ...any) {
		t.Helper()
		marks := []string{"$1", "$2", "$3", "$4", "$5"}[:len(values)]
		d.exec(`insert into `+table+` (`+columns+`) values (`+strings.Join(marks, ", ")+`)`, values...)
	}
	for name, age := range map[string]time.Duration{"kept": 7*24*time.Hour - time.Minute, "gone": 7*24*time.Hour + time.Minute} {
		add("idempotency_keys", "actor_id, key, request_hash, result, created_at", d.ann.UserID, name, "x", "{}", now.Add(-age))
	}
	for name, row := range map[string]struct {
		expires time.Duration
		used    bool
	}{"kept": {time.Minute, false}, "gone used": {time.Minute, true}, "gone old": {-time.Minute, false}} {
		var used any
		if row.used {
			used = now
		}
		add("contractor_links", "token_hash, contractor_id, expires_at, used_at", name, rosa, now.Add(row.expires), used)
		if !row.used {
			add("user_links", "token_hash, user_id, epoch, expires_at", name, d.ann.UserID, 1, now.Add(row.expires))
		}
		add("kiosk_codes", "code_hash, region, expires_at, used_at", name, "north", now.Add(row.expires), used)
		add("sessions", "token_hash, data, expiry, user_id", name, []byte{}, now.Add(row.expires), d.ann.UserID)
	}
	for name, age := range map[string]time.Duration{"kept": 24*time.Hour - time.Minute, "gone": 24*time.Hour + time.Minute} {
		d.exec(`insert into delivery_processes (instance, build, started_at, seen_at, epoch, position, lag_ms, streams, counters, last_errors)
		  values ($1, 'b', $2, $2, 1, 1, 0, '{}', '{}', '[]')`, name, now.Add(-age))
	}
	d.exec(`insert into customers (name, created_at) values ('gone', $1), ('kept', $2)`, now.Add(-61*time.Minute), now.Add(-59*time.Minute))
	for path, age := range map[string]string{"/kept": "11 months", "/gone": "367 days"} {
		d.exec(`insert into stream_refusals (minute, caller, role, path, address, created_at)
		  values (now(), 'x', 'dispatcher', $1, '', now() - $2::interval)`, path, age)
	}
	// More than go at once.
	d.exec(`insert into idempotency_keys (actor_id, key, request_hash, result, created_at)
	  select $1, 'gone ' || n, 'x', '{}', now() - interval '8 days' from generate_series(1, 4500) n`, d.ann.UserID)
	if n, err := d.db.DeleteExpired(t.Context(), now); n != 4501+2+2+1+1+1+1+1 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
	var left string
	d.scan(&left, `select string_agg(x, ', ' order by x) from (select 'key ' || key as x from idempotency_keys
	  union all select 'link ' || token_hash from contractor_links
	  union all select 'user link ' || token_hash from user_links union all select 'code ' || code_hash from kiosk_codes
	  union all select 'session ' || token_hash from sessions union all select 'process ' || instance from delivery_processes
	  union all select 'refusal ' || path from stream_refusals union all select 'customer ' || name from customers) q`)
	if left != "code kept, customer kept, key kept, link kept, process kept, refusal /kept, session gone used, session kept, user link kept" {
		t.Errorf("left are %s", left)
	}
	if n, err := d.db.DeleteExpired(t.Context(), now); n != 0 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}
}

// What is deleted and what is only spent look alike to who comes with it.
func TestDeletedLinkIsSpent(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	token, _, err := d.db.CreateContractorLink(t.Context(), d.contractor("north", uuid.NewString()), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.db.ConsumeContractorLink(t.Context(), token, time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.db.DeleteExpired(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	_, err = d.db.ConsumeContractorLink(t.Context(), token, time.Now())
	wantErr(t, err, db.ErrSpent)
}
