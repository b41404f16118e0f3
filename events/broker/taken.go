package broker

import "smartscheduler/events"

// Taken tells for each stream that wanted admits how far a live connection of it
// got: the kernel took everything up to that position. Of several connections the
// furthest counts. One that has something left to write, because its reader is
// slow or gone, does not count until it has written that.
//
// It looks at each connection for as long as an offer takes, and makes those who
// write do nothing.
func (b *Broker) Taken(wanted func(events.Stream) bool) map[events.Stream]events.Position {
	b.mu.RLock()
	defer b.mu.RUnlock()
	taken := make(map[events.Stream]events.Position)
	for s, topics := range b.following {
		if !wanted(s) {
			continue
		}
		for _, t := range topics {
			for _, c := range t.conns {
				at, ok := c.taken()
				if best := taken[s]; ok && (at.Epoch > best.Epoch || at.Epoch == best.Epoch && at.Pos > best.Pos) {
					taken[s] = at
				}
			}
		}
	}
	return taken
}

// taken is the position of a connection that has nothing left to write of what it
// was about: whose goroutine sleeps, and for which no flusher writes.
func (c *conn) taken() (at events.Position, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.sleeping || c.writing || c.lagged || c.ending != "" || len(c.stream.rest) > 0 {
		return events.Position{}, false
	}
	return c.stream.last, true
}
