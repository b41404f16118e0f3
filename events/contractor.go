package events

// AvailabilityChanged announces that something changed which decides what a
// contractor can be given. Changed holds the names of what changed, never the
// values: a note about a day off is nobody else's business.
type AvailabilityChanged struct {
	ContractorID string `json:"contractorId"`
	// Region is his home.
	Region  string   `json:"region"`
	Changed []string `json:"changed"`
	// From and To are the first and the last local date concerned, as
	// 2006-01-02; empty when it holds from now on.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// EventKind implements Fact.
func (AvailabilityChanged) EventKind() Kind { return KindAvailabilityChanged }

// ContractorMovedRegion announces that a contractor has another home region.
type ContractorMovedRegion struct {
	ContractorID string `json:"contractorId"`
	// Region is the new home, as To is.
	Region string `json:"region"`
	// From and To are the slugs of the old and of the new home.
	From string `json:"from"`
	To   string `json:"to"`
	// EffectiveFrom is the local date of the new home on which it happened, as
	// 2006-01-02.
	EffectiveFrom string `json:"effectiveFrom"`
}

// EventKind implements Fact.
func (ContractorMovedRegion) EventKind() Kind { return KindContractorMovedRegion }
