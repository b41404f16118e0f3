package relay_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"smartscheduler/events/relay"
)

// troubles keeps what a relay is troubled by, one line each.
type troubles struct {
	mu    sync.Mutex
	lines []string
}

func (l *troubles) hear(act string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		l.lines = append(l.lines, act+" works")
		return
	}
	l.lines = append(l.lines, act+": "+err.Error())
}

// A row of equal failures is told once, and its end; what happens once is told
// each time.
func TestTroubleIsTold(t *testing.T) {
	t.Parallel()
	told := &troubles{}
	bubble(t, func(t *testing.T, w *world) {
		w.log.set(func(l *fakeLog) { l.away = true })
		time.Sleep(time.Minute) // bubble time
		w.log.set(func(l *fakeLog) { l.away = false })
		w.fragments.bad["job-2"] = "broken"
		w.broker.refuse[3] = "no room"
		w.log.commit(numbered(3)...)
		w.within(t, time.Minute, 3)
		w.log.set(func(l *fakeLog) { l.panics = 1 })
		w.log.commit(event("job-4", "north"))
		w.within(t, time.Minute, 4)
		synctest.Wait()
		told.mu.Lock()
		defer told.mu.Unlock()
		count := func(prefix string) (n int) {
			for _, line := range told.lines {
				if strings.HasPrefix(line, prefix) {
					n++
				}
			}
			return n
		}
		for prefix, want := range map[string]int{
			"head: the database is away": 1, "head works": 1, "event: event 2 cannot be rendered": 1, "publish: no room": 1, "panic: panic: the log": 1,
		} {
			if count(prefix) != want {
				t.Errorf("%q was told %d times, want %d", prefix, count(prefix), want)
			}
		}
		if slices.Index(told.lines, "head works") < slices.Index(told.lines, "head: the database is away") || t.Failed() {
			t.Errorf("told:\n%s", strings.Join(told.lines, "\n"))
		}
	}, func(o *relay.Options) { o.Trouble = told.hear })
}
