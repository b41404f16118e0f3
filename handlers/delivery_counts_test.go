package handlers_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smartscheduler/db"
	"smartscheduler/events/broker"
	"smartscheduler/handlers"
)

// What the relay and the broker count is what the operator's page shows.
func TestDeliveryCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := handlers.NewMetrics()
		if got, troubles := m.Delivery(); !reflect.DeepEqual(got, db.DeliveryCounters{}) || troubles == nil || len(troubles) > 0 {
			t.Errorf("at first %+v, %v", got, troubles)
		}
		m.Relay().Delivered(3, 30, 40*time.Millisecond)
		m.Relay().Delivered(2, 0, -time.Second) // clocks differ
		b := m.Broker()
		for _, why := range []broker.End{broker.EndEvicted, broker.EndClient, broker.EndBye} {
			b.StreamClosed("dispatcher", why)
		}
		time.Sleep(59 * time.Minute) // of the bubble
		b.StreamClosed("kiosk", broker.EndEvicted)
		b.StreamRefused("kiosk", broker.EndRefused)
		b.Lagged("kiosk")
		b.Resynced("epoch")
		b.Resynced("epoch")
		b.Replayed(0) // nothing was missed
		b.Replayed(7)
		zero := int64(0)
		want := db.DeliveryCounters{
			LastMillis: &zero, Published: 5, Evicted: 2, EvictedLastHour: 2, Lagged: 1, Resyncs: map[string]int64{"epoch": 2}, Refused: 1,
			Replays: 1, ReplayedEvents: 7,
		}
		if got, _ := m.Delivery(); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		time.Sleep(time.Minute)
		want.EvictedLastHour = 1
		if got, _ := m.Delivery(); !reflect.DeepEqual(got, want) {
			t.Errorf("an hour after the first: got %+v, want %+v", got, want)
		}
	})
}

// The last ten errors are kept, newest first, short and without secrets; the
// end of a failure is noted with it.
func TestDeliveryErrors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := handlers.NewMetrics()
		for i := range 12 {
			m.Trouble("event", fmt.Errorf("event %d", i))
		}
		m.Trouble("tail", errors.New("dial postgres://app:hunter2@db/desk password='hunter 2' Password=hunter2\nagain"))
		time.Sleep(time.Minute) // of the bubble
		m.Trouble("head", nil)  // of a failure that is kept no longer
		m.Trouble("tail", nil)  // over after a minute
		time.Sleep(time.Second) //
		m.Trouble("tail", nil)  // and stays so
		m.Trouble("listen", errors.New(strings.Repeat("é", 300)))
		_, got := m.Delivery()
		if len(got) != 10 || got[0].Act != "listen" || got[1].Act != "tail" || got[2].Text != "event 11" || got[9].Text != "event 4" {
			t.Fatalf("kept %+v", got)
		}
		if text := got[0].Text; len(text) > 210 || strings.ToValidUTF8(text, "?") != text {
			t.Errorf("long text: %q", text)
		}
		if text := got[1].Text; strings.Contains(text, "hunter") || strings.Contains(text, "2'") || text != "dial postgres…db/desk … … again" {
			t.Errorf("the text is %q", text)
		}
		if until := got[1].Until; until == nil || until.Sub(got[1].At) != time.Minute || got[0].Until != nil || got[2].Until != nil {
			t.Errorf("over at %v", until)
		}
	})
}
