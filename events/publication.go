package events

import "time"

// Publication says what one process queued of one logged event, and to how
// many connections. An event without one was delivered by replay only.
type Publication struct {
	// Pos is the event's place in the log.
	Pos int64
	// Instance names the process.
	Instance string
	// PublishedAt is an instant, by the clock of the process.
	PublishedAt time.Time
	// Receivers counts the connections.
	Receivers int
	// Error says in plain words why the readers were told to reload instead;
	// empty when the event was published as it should be.
	Error string
}
