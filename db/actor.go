package db

import (
	"slices"

	"smartscheduler/events"
)

// Actor is who runs a command and what that person may touch.
type Actor struct {
	// UserID is the user's id; empty for the system.
	UserID string
	// ContractorID is set for a contractor. He may touch his own assignments, by
	// Advance, and nothing else.
	ContractorID string
	// Kind is what the events say of the actor.
	Kind events.ActorKind
	// AllRegions lifts the limit of Regions (administrators, imports).
	AllRegions bool
	// Regions are the dispatcher's own; jobs that no region holds are
	// everybody's.
	Regions []string
}

func (a Actor) may(region string) bool {
	return a.AllRegions || region == events.Unrouted || slices.Contains(a.Regions, region)
}

func (a Actor) forEvent() events.Actor { return events.Actor{Kind: a.Kind, ID: a.UserID} }

// nullable turns "" into NULL.
func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}
