package events

// Rung says how far an event got to one recipient by one channel. Each includes
// those before it; the first of all, logged, is the event's own row in the log.
type Rung string

// The rungs above logged, from the lowest to the highest.
const (
	// RungSent: a live connection of the recipient took it.
	RungSent Rung = "sent"
	// RungOnScreen: his page has it, looked at or not.
	RungOnScreen Rung = "on-screen"
	// RungSeen: it was in view for a second, in a page that was shown.
	RungSeen Rung = "seen"
	// RungAcknowledged: he answered it, or said that he knows.
	RungAcknowledged Rung = "acknowledged"
)

// Rungs lists the rungs above logged from the lowest to the highest.
func Rungs() []Rung { return []Rung{RungSent, RungOnScreen, RungSeen, RungAcknowledged} }

// Channel is a way to a recipient.
type Channel string

// ChannelPhone is the contractor's own page, on any of his devices.
const ChannelPhone Channel = "phone"

// AwarenessChanged announces that a contractor got to know more of an earlier
// event about his assignment. Rungs that were reached at once make one of it,
// with the highest.
type AwarenessChanged struct {
	JobID        string `json:"jobId"`
	AssignmentID string `json:"assignmentId"`
	Region       string `json:"region"`
	// Recipient is the contractor.
	Recipient string  `json:"recipient"`
	Channel   Channel `json:"channel"`
	Rung      Rung    `json:"rung"`
	// OfEvent and OfSeq name the event that he knows of; empty when it was not
	// logged, as in a demo world.
	OfEvent string `json:"ofEvent,omitempty"`
	OfSeq   int64  `json:"ofSeq,omitempty"`
}

// EventKind implements Fact.
func (AwarenessChanged) EventKind() Kind { return KindAwarenessChanged }
