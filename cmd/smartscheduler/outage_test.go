package main

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// outageRun is a time without a database, and what everybody has to say about it.
type outageRun struct {
	*world
	app  *child
	wire *wire
	ada  *client
	page *tab
	// board is the stream of a board, read without a browser.
	board *listener
	// slack is added to what is promised for a machine that does nothing else.
	slack time.Duration
	// lasts is how long the database is away.
	lasts time.Duration
	// goroutines of the program before.
	goroutines int
}

func newOutageRun(t testing.TB) *outageRun {
	t.Helper()
	w := newWorld(t)
	n := newWire(t, w.dsn)
	o := &outageRun{world: w, wire: n, app: startChild(t, n.dsn), lasts: 12 * time.Second, slack: 8 * time.Second}
	if os.Getenv("SOAK") != "" {
		o.lasts, o.slack = 30*time.Second, 0
	}
	o.ada = w.staff(o.app.base, "Ada")
	o.page = w.desk(t, o.app.base, "Ann").open("/dispatch/north").live()
	o.board = w.staff(o.app.base, "Bo").listen("/streams/dispatch/south")
	return o
}

// gauge reads a figure of the program.
func (o *outageRun) gauge(name string) int {
	o.t.Helper()
	at := regexp.MustCompile(`address=(http://\S+)/metrics`).FindStringSubmatch(o.app.log.String())
	if at == nil {
		o.t.Fatal("the program does not say where its metrics are")
	}
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (\S+)$`).FindStringSubmatch(o.client(at[1]).get("/metrics"))
	if found == nil {
		return 0 // nothing was counted yet
	}
	n, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		o.t.Fatal(err)
	}
	return int(n)
}

// within fails when something took longer than promised.
func (o *outageRun) within(what string, took, promised time.Duration) {
	o.t.Helper()
	o.t.Logf("%s: %v, promised within %v", what, took.Round(time.Millisecond), promised)
	if took > promised+o.slack {
		o.t.Errorf("%s took %v, promised within %v", what, took.Round(time.Millisecond), promised)
	}
}

func degraded(f frame) bool {
	var beat struct{ Degraded bool }
	return f.event == "hb" && json.Unmarshal([]byte(f.data), &beat) == nil && beat.Degraded
}

const (
	troubleShown = `document.getElementById('trouble').checkVisibility() && document.getElementById('trouble').innerText.includes('cannot be saved or seen')`
	troubleGone  = `!document.getElementById('trouble').checkVisibility() && document.getElementById('state').dataset.state === 'live'`
)

// run takes the database away and gives it back.
func (o *outageRun) run(cut, heal func()) {
	t := o.t
	first := o.jobs("north", 28)
	o.page.awaitCard(first[27], "open-north")
	opened := get[int](o.page, `probe.opened`)
	o.goroutines = o.gauge("go_goroutines")
	before := o.head()

	healing := make(chan struct{})
	began := time.Now()
	over := time.After(o.lasts)
	cut()
	wait := o.posts(first, healing)
	o.page.await("the page says that there is trouble", troubleShown)
	o.within("the words on the page", time.Since(began), 10*time.Second)
	o.board.until("a heartbeat that says so", degraded)
	o.refusals()
	missed := o.jobs("south", 5)
	<-over
	close(healing)
	if o.board.over() || get[int](o.page, `probe.opened`) != opened {
		t.Error("a stream was dropped")
	}
	o.page.await("the words are still there", troubleShown)

	healed := time.Now()
	heal()
	for _, j := range missed {
		o.board.until("what was missed", func(f frame) bool { return strings.Contains(f.data, ` data-job="`+j.id) })
	}
	o.within("what was missed", time.Since(healed), 5*time.Second)
	o.page.await("the page is live again", troubleGone)
	o.within("the end of the words", time.Since(healed), 5*time.Second)
	o.saved(wait(), healed)
	eventually(t, "the goroutines are gone", func() bool {
		now := o.gauge("go_goroutines")
		return now <= o.goroutines+20
	})
	end := o.fence().first
	o.page.caughtUp(end)
	o.board.passed(end)
	var got, want []string
	for _, f := range o.board.facts(before, end) {
		got = append(got, f.id)
	}
	for _, pos := range o.positionsOf("dispatch/south", before, end-1) {
		want = append(want, ask[string](o.world, `select epoch || '-' || $1::bigint from event_head`, pos))
	}
	if !slices.Equal(got, want) {
		t.Errorf("the stream of the board has %v, want %v", got, want)
	}
	if get[int](o.page, `probe.opened`) != opened {
		t.Error("the page's stream was opened again")
	}
	o.page.sound()
}

// positionsOf are those of a stream in the log, after one and up to another.
func (w *world) positionsOf(stream string, after, upTo int64) []int64 {
	w.t.Helper()
	var list []int64
	err := json.Unmarshal([]byte(ask[string](w, `select coalesce(json_agg(pos order by pos), '[]')::text from event_log
	  where pos > $1 and pos <= $2 and $3 = any(published_to) and event_type <> 'AwarenessChanged'`, after, upTo, stream)), &list)
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// TestP03Refused shows that while connections to the database are refused every
// stream stays open and says so, pages say within 10 s that nothing can be saved
// or seen, forms are refused in words within 6 s, and 5 s after the database is
// back everybody has what was missed. SOAK=1 makes it 30 s instead of 12.
func TestP03Refused(t *testing.T) {
	t.Parallel()
	o := newOutageRun(t)
	o.run(o.wire.refuse, o.wire.accept)
}

// TestP03Reset shows the same while every connection to the database is reset as
// soon as something is said on it. SOAK=1 makes it 30 s.
func TestP03Reset(t *testing.T) {
	t.Parallel()
	o := newOutageRun(t)
	o.run(func() { o.wire.poison("reset_peer", "upstream") }, func() { o.wire.cure("upstream") })
}

// TestP03BlackHole shows the same while the network swallows every packet from
// and to the database, so that no connection looks broken. SOAK=1 makes it 30 s.
func TestP03BlackHole(t *testing.T) {
	t.Parallel()
	o := newOutageRun(t)
	o.run(func() {
		o.wire.poison("timeout", "upstream")
		o.wire.poison("timeout", "downstream")
	}, func() {
		o.wire.cure("upstream")
		o.wire.cure("downstream")
	})
}

// TestP03UnansweredCommit shows that a form whose change was saved while the
// answer of the database got lost is refused within 6 s, and that sending it
// again with its key saves nothing twice and says that it is saved.
func TestP03UnansweredCommit(t *testing.T) {
	t.Parallel()
	o := newOutageRun(t)
	list := o.jobs("north", 1)
	// A commit that takes long enough for the network to break meanwhile.
	o.exec(`create function slow_commit() returns trigger language plpgsql as $$ begin perform pg_sleep(1.5); return null; end $$`)
	o.exec(`create constraint trigger slow_commit after insert on assignments deferrable initially deferred
	  for each row execute function slow_commit()`)
	assigned := func() int {
		return ask[int](o.world, `select count(*) from assignments where job_id = $1`, list[0].id)
	}
	healing := make(chan struct{})
	wait := o.posts(list, healing)
	eventually(t, "the commit is under way", func() bool {
		return ask[int](o.world, `select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`) == 1
	})
	if assigned() != 0 {
		t.Fatal("it is committed already")
	}
	o.wire.poison("timeout", "downstream")
	eventually(t, "the commit has gone through", func() bool { return assigned() == 1 })
	o.page.await("the page says that there is trouble", troubleShown)
	eventually(t, "the form was refused", func() bool { return o.gauge(`smartscheduler_assign_total{act="assign",outcome="unavailable"}`) > 0 })
	close(healing)
	healed := time.Now()
	o.wire.cure("downstream")
	o.saved(wait(), healed)
	if n := assigned(); n != 1 {
		t.Errorf("it was saved %d times", n)
	}
	o.page.await("the page shows it", `document.querySelector('.lane-cards > `+cardsOf(list[0].id)+`') !== null`)
}

// TestP03ForgottenConnections shows that when the network forgets all connections
// to the database at once, and says so to nobody, a form is saved and seen
// again within 10 s, although the program holds a whole pool of dead ones.
func TestP03ForgottenConnections(t *testing.T) {
	t.Parallel()
	o := newOutageRun(t)
	const pooled = `smartscheduler_db_connections{pool="requests"}`
	eventually(t, "there is a pool of connections", func() bool {
		var asking sync.WaitGroup
		for range 40 {
			asking.Go(func() {
				if resp, err := o.ada.http.Do(o.ada.request(http.MethodGet, "/dispatch/north", nil)); err == nil {
					_ = resp.Body.Close()
				}
			})
		}
		asking.Wait()
		return o.gauge(pooled) >= 10
	})
	list := o.jobs("north", 1)
	healing := make(chan struct{})
	close(healing)
	forgotten := time.Now()
	o.wire.bridge.forget()
	forms := o.posts(list, healing)()
	o.within("the form to be saved", forms[0].saved.Sub(forgotten), 10*time.Second)
	o.page.await("it is seen", `document.querySelector('.lane-cards > `+cardsOf(list[0].id)+`') !== null`)
	o.within("the form to be seen", time.Since(forgotten), 12*time.Second)
	o.page.await("the page is live", troubleGone)
}
