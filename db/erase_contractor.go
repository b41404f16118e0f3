package db

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/events"
)

// EraseContractor leaves of a contractor who is inactive and has no job to do
// nothing but his id, under which his assignments and his part of the history
// stay, and a name made of it. It logs AvailabilityChanged for the boards that
// may show him. Somebody who was erased already is no error. It returns
// ErrNotFound, *Invalid, *Conflict when he changed since the form was opened,
// *Clashes with the jobs that he is to do, and ErrImportRunning.
func (db *DB) EraseContractor(ctx context.Context, cmd Erase) error {
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		already, err := cmd.begin(ctx, tx)
		if err != nil || already {
			return err
		}
		r, err := lockRecord(ctx, tx, cmd.ID, cmd.Version, cmd.Now)
		if err != nil {
			return err
		}
		if r.Active {
			return &Invalid{Message: "only who is inactive can be erased"}
		}
		if err := (&Clashes{Cards: r.Future}).unless(""); err != nil {
			return err
		}
		if err := cmd.note(ctx, tx, ErasedContractor, r.Name, r.Phone, r.Email); err != nil {
			return err
		}
		if err := forgetFiles(ctx, tx, ImportOfContractors, r.Name, cmd.Now); err != nil {
			return err
		}
		if err := r.erase(ctx, tx); err != nil {
			return err
		}
		streams, err := r.everywhere(ctx, tx)
		if err != nil {
			return err
		}
		return appendEvents(ctx, tx, contractorEvent(cmd.By, r.ID, r.HomeRegion, streams, events.AvailabilityChanged{
			ContractorID: r.ID, Region: r.HomeRegion, Changed: []string{"personal data erased"},
		}))
	})
	if err != nil {
		return fmt.Errorf("erase contractor %s: %w", cmd.ID, err)
	}
	db.signal()
	return nil
}

// formerName is what somebody is called who was erased: enough to tell two of
// them apart.
func formerName(kind, id string) string { return "Former " + kind + " " + id[:4] }

func (r ContractorRecord) erase(ctx context.Context, tx *sqlx.Tx) error {
	name := formerName(ErasedContractor, r.ID)
	steps := []step{
		{"erase contractor", `update contractors set name = $2, phone = '', email = '', external_id = null, base_lat = null, base_lng = null,
		    erased_at = now(), version = version + 1, updated_at = now() where id = $1`, []any{r.ID, name}},
		// The address by which he never signed in is made of his id.
		{"erase user", `update users set name = $2, disabled_at = coalesce(disabled_at, now()), last_sign_in_at = null, erased_at = now(),
		    version = version + 1 where contractor_id = $1`, []any{r.ID, name}},
		{"forget answers", `delete from idempotency_keys where actor_id in (select id from users where contractor_id = $1)
		    or result ->> 'contractorId' = $1::text
		    or result ->> 'assignmentId' in (select id::text from assignments where contractor_id = $1)`, []any{r.ID}},
		{"end sessions", `delete from sessions where user_id in (select id from users where contractor_id = $1)`, []any{r.ID}},
		{"erase addresses", `select erase_words('{}', null, id) from users where contractor_id = $1`, []any{r.ID}},
		{"forget what imports kept", `update import_batches b set kept = '[]' where kind = 'contractors'
		    and position($1::text in kept::text) > 0`, []any{r.ID}},
		eraseWords(nil, r.ID, ""),
		{"drop the move to come", `delete from contractor_moves where contractor_id = $1 and done_at is null`, []any{r.ID}},
	}
	for _, table := range []string{"contractor_regions", "contractor_skills", "contractor_hours", "contractor_exceptions", "contractor_links"} {
		steps = append(steps, step{"clear " + table, `delete from ` + table + ` where contractor_id = $1`, []any{r.ID}})
	}
	return runSteps(ctx, tx, steps...)
}

// everywhere are the streams of every board that may show him, on any day.
func (r ContractorRecord) everywhere(ctx context.Context, tx *sqlx.Tx) ([]events.Stream, error) {
	var regions pq.StringArray
	err := tx.GetContext(ctx, &regions, `select coalesce(array_agg(distinct j.region), '{}')
	  from assignments a join jobs j on j.id = a.job_id where a.contractor_id = $1 and a.active`, r.ID)
	if err != nil {
		return nil, fmt.Errorf("regions of his jobs: %w", err)
	}
	return r.streams(regions...), nil
}
