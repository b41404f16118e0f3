package handlers_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/handlers"
	"smartscheduler/schedule"
)

// BenchmarkBoard reads the board of one day, and answers with its page: 60 lanes of
// four jobs each with as many open jobs as lanes, and ten times that. The page is
// what a dispatcher's browser gets, compression aside.
//
//	go test -run '^$' -bench BenchmarkBoard ./handlers
func BenchmarkBoard(b *testing.B) {
	for _, lanes := range []int{60, 600} {
		o := newCrowd(b, lanes)
		ada := o.signedIn(o.user(handlers.RoleAdmin))
		day, err := schedule.ParseDay(soonDay())
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("lanes=%d/query", lanes), func(b *testing.B) {
			for best := newBest(b); b.Loop(); best.lap() {
				boards, err := o.db.Boards(b.Context(), []string{"north"}, day, 1)
				if err != nil || len(boards[0].Contractors) != lanes || len(boards[0].Lanes) != 4*lanes || len(boards[0].Open) != lanes {
					b.Fatalf("the board is not that of %d lanes: %v", lanes, err)
				}
			}
		})
		for _, view := range []string{"day", "week", "jobs"} {
			b.Run(fmt.Sprintf("lanes=%d/page=%s", lanes, view), func(b *testing.B) {
				size := 0
				for best := newBest(b); b.Loop(); best.lap() {
					got := ada.get("/dispatch/north?date=" + soonDay() + "&view=" + view)
					if size = got.Body.Len(); got.Code != http.StatusOK {
						b.Fatalf("the page answers %d", got.Code)
					}
				}
				b.ReportMetric(float64(size)/1000, "kB")
			})
		}
	}
}

// best keeps the shortest turn of a benchmark: on a machine that is shared the mean
// says more about the others.
type best struct {
	b    *testing.B
	from time.Time
	turn time.Duration
}

func newBest(b *testing.B) *best {
	return &best{b: b, from: time.Now(), turn: time.Hour}
}

func (t *best) lap() {
	now := time.Now()
	t.turn, t.from = min(t.turn, now.Sub(t.from)), now
	t.b.ReportMetric(float64(t.turn)/float64(time.Millisecond), "best-ms")
}

// newCrowd is an office with so many contractors in the north, each with four jobs
// of two hours on one day, and as many jobs that are open.
func newCrowd(b *testing.B, lanes int) *office {
	b.Helper()
	o := newOffice(b)
	o.addContractor("north", "Rosa", "tile")
	// Nothing logs this crowd: nobody listens.
	o.exec(`insert into contractors (name, home_region) select 'Contractor ' || n, 'north' from generate_series(2, $1::int) n`, lanes)
	o.exec(`insert into contractor_hours (contractor_id, weekday, starts, ends) select c.id, d, '08:00', '18:00' from contractors c, generate_series(1, 7) d where c.name <> 'Rosa'`)
	o.exec(`insert into contractor_skills (contractor_id, skill) select id, 'tile' from contractors where name <> 'Rosa'`)
	o.addJob("north", soonDay(), func(n *db.NewJob) { n.DurationMinutes, n.Skills = 120, []string{"tile"} })
	o.exec(`insert into jobs select (jsonb_populate_record(j, jsonb_build_object('id', gen_random_uuid(), 'number', j.number + n))).*
	  from jobs j, generate_series(1, $1::int * 5 - 1) n`, lanes)
	o.exec(`insert into visits (job_id) select id from jobs on conflict do nothing`)
	o.exec(`with slot as (
	    select c.id as contractor, q, row_number() over () as n from contractors c, unnest(array['08:00', '10:15', '13:00', '15:30']::time[]) q),
	  job as (select j.id, v.id as visit, row_number() over () as n from jobs j join visits v on v.job_id = j.id),
	  audit as (insert into audit_records (action, job_id, source, actor_kind) select 'assign', id, 'manual', 'system' from job where n <= $1::int * 4 returning id, job_id)
	  insert into assignments (visit_id, job_id, contractor_id, during, source, audit_id)
	  select job.visit, job.id, slot.contractor, tstzrange(at.start, at.start + interval '2 hours'), 'manual', audit.id
	    from job join slot using (n) join audit on audit.job_id = job.id, lateral (select ($2::date + q) at time zone 'America/New_York' as start) at`, lanes, soonDay())
	o.exec(`update jobs set status = 'assigned' where id in (select job_id from assignments)`)
	o.exec(`analyze`)
	return o
}
