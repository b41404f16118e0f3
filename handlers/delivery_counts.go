package handlers

import (
	"maps"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"smartscheduler/db"
)

const (
	// keptErrors bounds the errors that are kept, errorText their length in bytes.
	keptErrors = 10
	errorText  = 200
	// countedFor is the time whose evictions count as the last hour's.
	countedFor = 60 // minutes
)

// deliveryCounts keeps what the operator's page shows of this process.
type deliveryCounts struct {
	mu       sync.Mutex
	counters db.DeliveryCounters
	errors   []db.DeliveryError // newest first
	evicted  map[int64]int64    // by minute since 1970
}

func (d *deliveryCounts) change(f func(*db.DeliveryCounters)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f(&d.counters)
}

// eviction counts one at now.
func (d *deliveryCounts) eviction(now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.counters.Evicted++
	if d.evicted == nil {
		d.evicted = make(map[int64]int64)
	}
	d.forget(now)
	d.evicted[now.Unix()/60]++
}

// forget drops the minutes that are over an hour ago. d.mu is held.
func (d *deliveryCounts) forget(now time.Time) {
	maps.DeleteFunc(d.evicted, func(minute, _ int64) bool { return minute <= now.Unix()/60-countedFor })
}

// snapshot returns the counters and errors as they are.
func (d *deliveryCounts) snapshot(now time.Time) (db.DeliveryCounters, []db.DeliveryError) {
	d.mu.Lock()
	defer d.mu.Unlock()
	counters := d.counters
	counters.Resyncs = maps.Clone(d.counters.Resyncs)
	d.forget(now)
	for _, n := range d.evicted {
		counters.EvictedLastHour += n
	}
	return counters, append([]db.DeliveryError{}, d.errors...)
}

// trouble notes an error, or with a nil one that what failed last works again.
func (d *deliveryCounts) trouble(now time.Time, act string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		e := db.DeliveryError{At: now, Act: act, Text: plainError(err.Error())}
		d.errors = append([]db.DeliveryError{e}, d.errors[:min(len(d.errors), keptErrors-1)]...)
		return
	}
	for i := range d.errors {
		if d.errors[i].Act == act {
			if d.errors[i].Until == nil {
				d.errors[i].Until = &now
			}
			return
		}
	}
}

// secret finds what a connection string may hold: the user and password of a
// URL, and the password of a list.
var secret = regexp.MustCompile(`://[^/@\s]*@|(?i)password=('[^']*'|\S*)`)

// plainError is one short line without secrets.
func plainError(text string) string {
	text = strings.Join(strings.Fields(secret.ReplaceAllString(text, "…")), " ")
	if len(text) <= errorText {
		return text
	}
	cut := errorText
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
