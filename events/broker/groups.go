package broker

import "smartscheduler/events"

// Groups counts the open connections of each stream that is followed. One that
// follows several streams counts for each, so the sum may exceed Streams.
func (b *Broker) Groups() map[events.Stream]int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	groups := make(map[events.Stream]int)
	for _, t := range b.topics {
		for _, s := range t.streams {
			groups[s] += len(t.conns)
		}
	}
	return groups
}
