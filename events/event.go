// Package events holds the facts that SmartScheduler logs and streams: what an
// event is, who may see which of its fields, and the names of the streams.
// It has no I/O and imports the standard library only.
package events

import (
	"encoding/json"
	"time"
)

// Kind names what happened, in the past tense. It is the `type` of the JSON
// payload and the `event:` line of an SSE frame, so only the constants of this
// package may ever be used as one.
type Kind string

// The kinds that are logged. Control frames have names of their own, see stream.go.
const (
	KindJobCreated       Kind = "JobCreated"
	KindJobUpdated       Kind = "JobUpdated"
	KindJobAssigned      Kind = "JobAssigned"
	KindJobUnassigned    Kind = "JobUnassigned"
	KindJobRescheduled   Kind = "JobRescheduled"
	KindJobRegionChanged Kind = "JobRegionChanged"
	KindJobCancelled     Kind = "JobCancelled"
	KindImportCompleted  Kind = "ImportCompleted"
	KindActionUndone     Kind = "ActionUndone"

	KindAssignmentAccepted Kind = "AssignmentAccepted"
	KindAssignmentDeclined Kind = "AssignmentDeclined"
	KindAssignmentExpired  Kind = "AssignmentExpired"
	KindTravelStarted      Kind = "TravelStarted"
	KindArrivedOnSite      Kind = "ArrivedOnSite"
	KindJobStarted         Kind = "JobStarted"
	KindJobPaused          Kind = "JobPaused"
	KindJobResumed         Kind = "JobResumed"
	KindJobCompleted       Kind = "JobCompleted"
	KindJobIncomplete      Kind = "JobIncomplete"
	KindTapRefused         Kind = "TapRefused"

	KindAvailabilityChanged   Kind = "AvailabilityChanged"
	KindContractorMovedRegion Kind = "ContractorMovedRegion"
	KindAwarenessChanged      Kind = "AwarenessChanged"
)

// Kinds lists every kind that can stand in the log, for filters and checks.
func Kinds() []Kind {
	return []Kind{
		KindJobCreated, KindJobUpdated, KindJobAssigned, KindJobUnassigned,
		KindJobRescheduled, KindJobRegionChanged, KindJobCancelled, KindImportCompleted, KindActionUndone,
		KindAssignmentAccepted, KindAssignmentDeclined, KindAssignmentExpired, KindTravelStarted, KindArrivedOnSite,
		KindJobStarted, KindJobPaused, KindJobResumed, KindJobCompleted, KindJobIncomplete, KindTapRefused,
		KindAvailabilityChanged, KindContractorMovedRegion, KindAwarenessChanged,
	}
}

// ActorKind says what sort of actor caused an event.
type ActorKind string

// The actors of the event catalogue.
const (
	ActorDispatcher ActorKind = "dispatcher"
	ActorContractor ActorKind = "contractor"
	ActorSystem     ActorKind = "system"
	ActorImport     ActorKind = "import"
)

// Actor is who caused an event. ID is an opaque user id of at most 64 bytes,
// empty for the system; it is never a name.
type Actor struct {
	Kind ActorKind `json:"kind"`
	ID   string    `json:"id,omitempty"`
}

// Fact is the kind-specific part of an event. Its JSON fields are flattened
// into the payload beside those of the envelope.
type Fact interface {
	// EventKind is the constant kind of this fact.
	EventKind() Kind
}

// Event is one fact with its envelope, ready to be logged.
type Event struct {
	// ID is a random UUID; readers de-duplicate by it.
	ID string
	// OccurredAt is the instant of the change, in UTC with microseconds.
	OccurredAt time.Time
	// Actor caused the change.
	Actor Actor
	// CorrelationID is shared by all events of one command.
	CorrelationID string
	// Region is the job's region when the event was logged.
	Region string
	// JobID and ContractorID are what the event is about; empty when it is
	// about none.
	JobID, ContractorID string
	// PublishedTo is the list of streams, fixed when the event is logged.
	// Kiosk streams follow their dispatch stream and are not listed.
	PublishedTo []Stream
	// Fact holds the fields of this kind.
	Fact Fact
}

// SchemaVersion is the version of every payload of this package. A breaking
// change raises it, an added field does not.
const SchemaVersion = 1

// envelope is the part of the payload that all kinds share.
type envelope struct {
	Type          Kind      `json:"type"`
	SchemaVersion int       `json:"schemaVersion"`
	EventID       string    `json:"eventId"`
	OccurredAt    time.Time `json:"occurredAt"`
	Actor         Actor     `json:"actor"`
	CorrelationID string    `json:"correlationId,omitempty"`
}

// Payload returns the flat JSON object that is stored in the log: the envelope
// and the fact in one object, times in UTC, under 2 KB. `seq` is not in it; it
// is known only when the event is published, see Logged.JSON.
func (e Event) Payload() ([]byte, error) {
	head, err := json.Marshal(envelope{
		Type: e.Fact.EventKind(), SchemaVersion: SchemaVersion, EventID: e.ID,
		OccurredAt: e.OccurredAt.UTC().Truncate(time.Microsecond), Actor: e.Actor,
		CorrelationID: e.CorrelationID,
	})
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(e.Fact)
	if err != nil {
		return nil, err
	}
	if len(body) == len("{}") {
		return head, nil
	}
	joined := append(head[:len(head)-1], ',')
	return append(joined, body[1:]...), nil
}
