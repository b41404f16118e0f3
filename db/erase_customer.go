package db

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
)

// EraseCustomer removes a customer. His jobs keep their region, times, status and
// history; what they say of him, his sites and the reasons that were typed about
// them, is replaced. It logs JobUpdated for each job, so that open pages show it.
// Somebody who was erased already is no error. It returns ErrNotFound, *Invalid,
// *Conflict when anything changed since the form was opened, *Clashes with the
// jobs that are to be done still, and ErrImportRunning.
func (db *DB) EraseCustomer(ctx context.Context, cmd Erase) error {
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		already, err := cmd.begin(ctx, tx)
		if err != nil || already {
			return err
		}
		r, locked, err := cmd.lockCustomer(ctx, tx)
		if err != nil {
			return err
		}
		if err := (&Clashes{Cards: r.ToDo(cmd.Now)}).unless(""); err != nil {
			return err
		}
		texts := []string{r.Phone, r.Email}
		for _, c := range r.Cards {
			texts = append(texts, c.Address)
		}
		if err := cmd.note(ctx, tx, ErasedCustomer, r.Name, texts...); err != nil {
			return err
		}
		if err := r.erase(ctx, tx); err != nil {
			return err
		}
		return appendInBatches(ctx, tx, r.erased(cmd.By, locked))
	})
	if err != nil {
		return fmt.Errorf("erase customer %s: %w", cmd.ID, asConflict(err, ""))
	}
	db.signal()
	return nil
}

// lockCustomer takes the jobs, then those who have them, then the customer, as
// everywhere, and reads him under these locks.
func (cmd Erase) lockCustomer(ctx context.Context, tx *sqlx.Tx) (CustomerRecord, map[string]lockedContractor, error) {
	before, err := customerRecord(ctx, tx, cmd.ID)
	if err != nil {
		return before, nil, err
	}
	if err := forgetFiles(ctx, tx, ImportOfJobs, before.Name, cmd.Now); err != nil {
		return before, nil, err
	}
	if err := lockJobs(ctx, tx, before.jobIDs()); err != nil {
		return before, nil, err
	}
	var ids []string
	for _, c := range before.Cards {
		if c.Assigned() {
			ids = append(ids, c.ContractorID)
		}
	}
	locked, err := lockContractors(ctx, tx, ids...)
	if err != nil {
		return before, nil, err
	}
	if _, err := tx.ExecContext(ctx, `select from customers where id = $1 for update`, cmd.ID); err != nil {
		return before, nil, fmt.Errorf("lock customer: %w", err)
	}
	r, err := customerRecord(ctx, tx, cmd.ID)
	if err != nil {
		return r, nil, err
	}
	if digest := r.Digest(); digest != before.Digest() || digest != cmd.Confirmed {
		return r, nil, &Conflict{Kind: ConflictStale}
	}
	return r, locked, nil
}

func (r CustomerRecord) erase(ctx context.Context, tx *sqlx.Tx) error {
	return runSteps(ctx, tx,
		step{"erase jobs", `update jobs set title = $2, notes = case notes when '' then '' else $2 end, erased_at = now(),
		    version = version + 1, updated_at = now() where site_id in (select id from sites where customer_id = $1)`, []any{r.ID, erasedWord}},
		step{"erase sites", `update sites set customer_id = null, address = $2, postcode = '', lat = null, lng = null,
		    access_notes = case access_notes when '' then '' else $2 end where customer_id = $1`, []any{r.ID, erasedWord}},
		eraseWords(r.jobIDs(), "", ""),
		step{"delete customer", `delete from customers where id = $1`, []any{r.ID}})
}

// erased are the events: one for each job, to everybody who may see it.
func (r CustomerRecord) erased(by Actor, locked map[string]lockedContractor) []events.Event {
	log := importEvents{batch: uuid.NewString(), at: time.Now().UTC(), by: by}
	regions, crews := make(map[string]string), make(map[string]holders)
	for _, c := range r.Cards {
		regions[c.JobID] = c.Region
		crews[c.JobID] = crews[c.JobID].with(holder{ContractorID: c.ContractorID, Homes: locked[c.ContractorID].Homes})
	}
	var evs []events.Event
	for _, id := range r.jobIDs() {
		evs = append(evs, log.envelope(id, crews[id].only(), regions[id], crews[id].streams(regions[id]),
			events.JobUpdated{JobID: id, Region: regions[id], Changed: []string{"title", "site", "customer", "notes", "access_notes"}}))
	}
	return evs
}
