package broker

import (
	"encoding/json"
	"time"

	"smartscheduler/events"
)

// beat is the broker's own goroutine: it offers heartbeats and ends old
// connections. Each connection keeps the rhythm of its own start, so that
// thousands are not woken in one instant.
func (b *Broker) beat() {
	defer close(b.stopped)
	tick := time.NewTicker(max(min(b.opts.Heartbeat/15, time.Second), time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-b.stop:
			return
		case <-tick.C:
			b.beatOnce(b.opts.Now())
		}
	}
}

// beatOnce serves the connections that are due. They share one frame, which is
// offered in order with the events: its id claims that all before it was sent.
func (b *Broker) beatOnce(now time.Time) {
	b.publishing.Lock()
	defer b.publishing.Unlock()
	defer b.handOver()
	var f *frame
	b.each(func(c *conn) {
		if !c.dieAt.IsZero() && !now.Before(c.dieAt) {
			c.end(EndBye)
			return
		}
		if now.Before(c.beatAt) {
			return
		}
		c.beatAt = c.beatAt.Add(b.opts.Heartbeat)
		if c.beatAt.Before(now) { // the process was stopped meanwhile
			c.beatAt = now.Add(b.opts.Heartbeat)
		}
		if f == nil {
			f = b.heartbeat()
		}
		if f != nil {
			b.offer(c, f)
		}
	})
}

// beatNow offers a heartbeat to every connection, beside those of its rhythm.
func (b *Broker) beatNow() {
	b.publishing.Lock()
	defer b.publishing.Unlock()
	defer b.handOver()
	f := b.heartbeat()
	if f == nil {
		return
	}
	b.each(func(c *conn) { b.offer(c, f) })
}

// heartbeat frames the state of the service at the head; nil if it cannot.
func (b *Broker) heartbeat() *frame {
	data, err := json.Marshal(beatData{b.opts.Clock().UTC(), b.degraded.Load(), b.delayed.Load()})
	if err != nil {
		return nil
	}
	head := b.Head()
	body, err := b.private.frame(head.String(), string(events.ControlHeartbeat), data, 0)
	if err != nil {
		b.opts.Log.Error("frame of a heartbeat", "error", err)
		return nil
	}
	return &frame{position: head, bytes: body, beat: data}
}
