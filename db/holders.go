package db

import (
	"context"
	"slices"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/events"
)

// holder is a contractor who has a job, as far as its streams go; empty for
// nobody.
type holder struct {
	ContractorID string         `db:"contractor_id"`
	Homes        pq.StringArray `db:"homes"`
}

// holders are all who have a job.
type holders []holder

// with adds one who has it, unless that is nobody.
func (hs holders) with(h holder) holders {
	if h.ContractorID == "" {
		return hs
	}
	return append(hs, h)
}

// lockHolders takes the rows of the contractors who have jobs, which are locked
// already, and notes their homes anew: they may have changed since the jobs were
// read. It comes last before the events, so that nobody waits for a whole import.
func lockHolders(ctx context.Context, tx *sqlx.Tx, crews []holders) error {
	var ids []string
	for _, crew := range crews {
		for _, h := range crew {
			ids = append(ids, h.ContractorID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	locked, err := lockContractors(ctx, tx, ids...)
	if err != nil {
		return err
	}
	for _, crew := range crews {
		for i, h := range crew {
			crew[i].Homes = locked[h.ContractorID].Homes
		}
	}
	return nil
}

// streams lists who has to hear of a job of this region: its dispatchers, and of
// each contractor those of his homes and himself.
func (hs holders) streams(region string) []events.Stream {
	streams := []events.Stream{events.DispatchStream(region)}
	for _, h := range hs {
		for _, s := range streamsOf(region, h.ContractorID, h.Homes...)[1:] {
			if !slices.Contains(streams, s) {
				streams = append(streams, s)
			}
		}
	}
	return streams
}

// streamsOfMove is streams for a job that comes from another region, whose
// dispatchers are named first.
func (hs holders) streamsOfMove(from, to string) []events.Stream {
	left := events.DispatchStream(from)
	return append([]events.Stream{left}, without(hs.streams(to), left)...)
}

// only is the contractor of an event that is about one, "" for none or several.
func (hs holders) only() string {
	if len(hs) == 0 || slices.ContainsFunc(hs, func(h holder) bool { return h.ContractorID != hs[0].ContractorID }) {
		return ""
	}
	return hs[0].ContractorID
}
