package db_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"smartscheduler/db"
	"smartscheduler/events"
)

// BenchmarkAssign gives jobs to contractors with 1, 8 and 32 writers, with our
// command and with the same SQL statements by a client that has none of our
// code: database/sql and lib/pq only. Both run in the same database, turn by
// turn, so that the ratio is of one run. The cluster of the tests does not
// sync to disk, which leaves the work of the code and of the statements.
//
//	go test -run '^$' -bench BenchmarkAssign -benchtime 2000x ./db
func BenchmarkAssign(b *testing.B) {
	for _, writers := range []int{1, 8, 32} {
		b.Run(fmt.Sprint(writers), func(b *testing.B) { benchmarkAssign(b, writers) })
	}
}

// turn is how many assignments each side makes before it is the other's turn.
const turn = 100

func benchmarkAssign(b *testing.B, writers int) {
	d := newDesk(b)
	bench := newBench(b, d, writers)
	var ours, plain time.Duration
	for left := b.N; left > 0; left -= turn {
		n := min(left, turn)
		mine, theirs := bench.jobs(n), bench.jobs(n)
		ours += timed(writers, n, func(i int) error { return bench.command(mine[i]) }, b)
		plain += timed(writers, n, func(i int) error { return bench.statements(theirs[i]) }, b)
	}
	b.ReportMetric(float64(b.N)/ours.Seconds(), "assigns/s")
	b.ReportMetric(float64(b.N)/plain.Seconds(), "plain/s")
	b.ReportMetric(plain.Seconds()/ours.Seconds(), "ratio")
}

// timed runs n calls from several writers and returns how long they took.
func timed(writers, n int, call func(i int) error, b *testing.B) time.Duration {
	b.Helper()
	var next atomic.Int64
	var group sync.WaitGroup
	began := time.Now()
	for range writers {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := call(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	return time.Since(began)
}

// slot is a job that waits, and a contractor and an hour that are free.
type slot struct {
	job, contractor, start string
	at                     time.Time
}

type bench struct {
	b           testing.TB
	d           *desk
	ours        *db.DB
	plain       *sql.DB
	contractors []string
	given       int
}

func newBench(b testing.TB, d *desk, writers int) *bench {
	b.Helper()
	plain, err := sql.Open("postgres", d.dsn)
	if err != nil {
		b.Fatal(err)
	}
	plain.SetMaxOpenConns(writers)
	plain.SetMaxIdleConns(writers)
	ours, err := db.Open(context.Background(), db.Options{DSN: d.dsn, MaxConns: writers})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _, _ = ours.Close(), plain.Close() })
	w := &bench{b: b, d: d, ours: ours, plain: plain}
	for i := range 40 {
		w.contractors = append(w.contractors, d.contractor("north", fmt.Sprint("Contractor ", i)))
	}
	return w
}

// jobs adds jobs, each with a contractor and a time of its own, five of two hours a
// day: that is no long day yet.
func (w *bench) jobs(n int) []slot {
	w.b.Helper()
	slots := make([]slot, n)
	first := eastern(w.b, tuesday+"T00:00")
	for i := range slots {
		round := w.given / len(w.contractors)
		at := first.AddDate(0, 0, round/5).Add(time.Duration(round%5) * 2 * time.Hour)
		slots[i] = slot{w.d.job("north"), w.contractors[w.given%len(w.contractors)], at.Format("2006-01-02T15:04"), at}
		w.given++
	}
	return slots
}

func (w *bench) command(s slot) error {
	cmd := db.Assign{JobID: s.job, ContractorID: s.contractor, At: w.d.times(s.start, "")}
	cmd.By, cmd.Version, cmd.Key, cmd.RequestHash = w.d.ann, 1, uuid.NewString(), "h"
	_, err := w.ours.Assign(context.Background(), cmd)
	return err
}

// statements makes the same change by the statements of the command.
func (w *bench) statements(s slot) (err error) {
	ctx := context.Background()
	tx, err := w.plain.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback()
		}
	}()
	if err := w.read(ctx, tx, s); err != nil {
		return err
	}
	if err := w.write(ctx, tx, s); err != nil {
		return err
	}
	return tx.Commit()
}

// homes are the regions that look after contractor c.
const homes = `(select array_agg(x.home order by x.place, x.home) from (select c.home_region as home, 1 as place where c.id is not null
    union select unnest(array[m.from_region, m.to_region]), 2 from contractor_moves m
           where m.contractor_id = c.id and (m.done_at is null or m.effective_from > current_date - 60)) x)::text`

func (w *bench) read(ctx context.Context, tx *sql.Tx, s slot) error {
	var text string
	for _, q := range []struct {
		query string
		args  []any
	}{
		{`select id::text || number || region || status || zone || duration_minutes || headcount || days || skills::text || version
		    from jobs where id = $1 for no key update`, []any{s.job}},
		{`select v.id::text || v.number || coalesce(a.id::text, '') || coalesce(a.place, 0) || coalesce(a.contractor_id::text, '')
		      || coalesce(lower(a.during), now()) || coalesce(upper(a.during), now()) || coalesce(a.status, '') || coalesce(a.version, 0)
		      || coalesce(case when c.id is not null then ` + homes + ` end, '')
		    from visits v left join assignments a on a.visit_id = v.id and a.active left join contractors c on c.id = a.contractor_id
		   where v.job_id = $1 and v.number <= $2 order by v.number, a.place`, []any{s.job, 1}},
		{`select result::text from idempotency_keys where actor_id = $1 and key = $2`, []any{w.d.ann.UserID, s.job}},
		{`select c.id::text || c.name || c.home_region || c.active || c.auto_accept || ` + homes + `
		   from contractors c where c.id = any($1::uuid[]) order by c.id for no key update of c`,
			[]any{pq.Array([]string{s.contractor})}},
		{`select a.id::text || c.name || j.number from assignments a join contractors c on c.id = a.contractor_id join jobs j on j.id = a.job_id
		   left join audit_records d on d.id = a.audit_id left join users u on u.id = d.actor_id
		  where a.active and a.contractor_id = $1 and a.during && tstzrange($2, $3) and a.id is distinct from $4
		  order by lower(a.during) limit 1`, []any{s.contractor, s.at, s.at.Add(2 * time.Hour), nil}},
		{`select r.zone || (select coalesce(jsonb_agg(jsonb_build_object('Weekday', h.weekday,
		      'Start', to_char(h.starts, 'HH24:MI'), 'End', to_char(h.ends, 'HH24:MI'))), '[]')
		     from contractor_hours h where h.contractor_id = c.id)::text || (select coalesce(jsonb_agg(jsonb_build_object('Day', e.day,
		      'Off', e.starts is null, 'Note', e.note, 'Start', to_char(e.starts, 'HH24:MI'), 'End', to_char(e.ends, 'HH24:MI')) order by e.day), '[]')
		     from contractor_exceptions e where e.contractor_id = c.id
		      and e.day between ($2::timestamptz - interval '1 day')::date and ($3::timestamptz + interval '1 day')::date)::text
		    || (select coalesce(jsonb_agg(jsonb_build_object('Start', lower(a.during), 'End', upper(a.during))), '[]')
		     from assignments a where a.contractor_id = c.id and a.active and a.id is distinct from $4
		      and a.during && tstzrange($2::timestamptz - interval '2 days', $3::timestamptz + interval '2 days'))::text
		   from contractors c join regions r on r.slug = c.home_region where c.id = $1`, []any{s.contractor, s.at, s.at.Add(2 * time.Hour), nil}},
	} {
		if err := tx.QueryRowContext(ctx, q.query, q.args...).Scan(&text); err != nil && err != sql.ErrNoRows {
			return err
		}
	}
	return nil
}

func (w *bench) write(ctx context.Context, tx *sql.Tx, s slot) error {
	audit, id, end := uuid.NewString(), uuid.NewString(), s.at.Add(2*time.Hour)
	_, err := tx.ExecContext(ctx, `insert into audit_records (id, action, job_id, contractor_id, source, actor_kind, actor_id, override_reason,
	      weights_version, before, candidates)
	  select $2, 'assign', $3, $4, 'manual', 'dispatcher', $5, '', 1, $11, coalesce(jsonb_agg(jsonb_build_object('contractorId', c.id, 'rule',
	      case when exists (select from unnest($6::text[]) need where not exists (
	                select from contractor_skills k where k.contractor_id = c.id and k.skill = need))
	           then 'skill_missing'
	           when exists (select from contractor_skills k where k.contractor_id = c.id and k.skill = any($6::text[]) and k.valid_until < $7::date)
	           then 'skill_expired'
	           when exists (select from assignments a where a.contractor_id = c.id and a.active
	                           and a.during && tstzrange($8, $9) and a.id is distinct from $10)
	           then 'overlap' else '' end) order by c.name, c.id), '[]')
	    from contractors c where c.active and ((c.home_region = $1 or exists (select from contractor_regions s
	      where s.contractor_id = c.id and s.region = $1)
	      or exists (select from contractor_moves m where m.contractor_id = c.id and m.to_region = $1 and m.done_at is null)) or c.id = $4)`,
		"north", audit, s.job, s.contractor, w.d.ann.UserID, pq.Array([]string{}), tuesday, s.at, end, nil,
		`{"status":"open","version":1,"crew":[]}`)
	if err != nil {
		return err
	}
	var answerBy sql.NullTime
	err = tx.QueryRowContext(ctx, `with job as (update jobs set status = 'assigned', version = version + 1, updated_at = now() where id = $2)
	  insert into assignments (id, visit_id, job_id, contractor_id, during, source, audit_id, created_by, place, status, version, offered_at, answer_by)
	  select $1, v.id, $2, $3, tstzrange($4, $5), 'manual', $6, $7, 1, 'assigned', 1, now(), now() + (
	      select make_interval(mins => case when o.priority = 'rush' then r.rush_answer_minutes else r.answer_minutes end)
	        from jobs o join regions r on r.slug = o.region where o.id = $2)
	    from visits v where v.job_id = $2 returning answer_by`,
		id, s.job, s.contractor, s.at, end, audit, w.d.ann.UserID).Scan(&answerBy)
	if err != nil {
		return err
	}
	payload, err := json.Marshal(map[string]any{"type": events.KindJobAssigned, "schemaVersion": 1, "eventId": uuid.NewString(),
		"jobId": s.job, "contractorId": s.contractor, "assignmentId": id, "startUtc": s.at.UTC(), "endUtc": end.UTC(),
		"region": "north", "source": "manual", "auditId": audit, "timeZone": "America/New_York", "answerBy": answerBy.Time.UTC()})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `with e as materialized (select nextval('event_log_id_seq') as id)
	  insert into event_log (id, batch, event_id, event_type, schema_version, region, job_id, contractor_id, payload, published_to,
	      correlation_id, actor_kind, actor_id)
	  select id, id, $1, 'JobAssigned', 1, 'north', $2, $3, $4, $5, $6, 'dispatcher', $7 from e`,
		uuid.NewString(), s.job, s.contractor, string(payload), pq.Array([]string{"dispatch/north", "contractor/" + s.contractor}),
		uuid.NewString(), w.d.ann.UserID)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `insert into idempotency_keys (actor_id, key, request_hash, result) values ($1, $2, 'h', '{}')`,
		w.d.ann.UserID, uuid.NewString())
	return err
}
