package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// CreateContractor adds a contractor and logs AvailabilityChanged for the board
// of his home. A retry under the same key adds nobody and returns the same id.
// It returns *Invalid for bad input, ErrNotFound to everybody but
// administrators, and ErrKeyReused.
func (db *DB) CreateContractor(ctx context.Context, cmd Command, f ContractorFields) (string, error) {
	var out Outcome
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		if !cmd.By.AllRegions {
			return ErrNotFound
		}
		if err := lockKey(ctx, tx, cmd); err != nil {
			return err
		}
		done, known, err := storedOutcome(ctx, tx, cmd)
		if err != nil || known {
			out = done
			return err
		}
		if out, err = createContractor(ctx, tx, cmd.By, f); err != nil {
			return err
		}
		return storeOutcome(ctx, tx, cmd, out)
	})
	if err != nil {
		return "", fmt.Errorf("create contractor: %w", err)
	}
	db.signal()
	return out.ContractorID, nil
}

func createContractor(ctx context.Context, tx *sqlx.Tx, by Actor, f ContractorFields) (Outcome, error) {
	f, err := f.checked(ctx, tx)
	if err != nil {
		return Outcome{}, err
	}
	id := uuid.NewString()
	lat, lng := coordinates(f.Base)
	_, err = tx.ExecContext(ctx, `insert into contractors (id, name, phone, email, home_region, base_lat, base_lng, active, auto_accept)
	  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, id, f.Name, f.Phone, f.Email, f.Home, lat, lng, f.Active, f.AutoAccept)
	if err != nil {
		return Outcome{}, fmt.Errorf("insert contractor: %w", err)
	}
	if err := f.insertParts(ctx, tx, id); err != nil {
		return Outcome{}, err
	}
	event := contractorEvent(by, id, f.Home, []events.Stream{events.DispatchStream(f.Home), events.ContractorStream(id)},
		events.AvailabilityChanged{ContractorID: id, Region: f.Home, Changed: []string{"new contractor"}})
	return Outcome{ContractorID: id, EventIDs: []string{event.ID}}, appendEvents(ctx, tx, event)
}

// coordinates are a point as two columns.
func coordinates(p *schedule.Point) (lat, lng any) {
	if p == nil {
		return nil, nil
	}
	return p.Lat, p.Lng
}

// insertParts writes what hangs on a contractor but his exceptions.
func (f ContractorFields) insertParts(ctx context.Context, tx *sqlx.Tx, id string) error {
	row := []contractorJSON{{ID: id, Serves: f.Serves, Skills: skillRows(f.Skills), Hours: hourRows(f.Hours)}}
	for _, insert := range contractorInserts[1:] {
		if err := execBatches(ctx, tx, insert.what, insert.query, row); err != nil {
			return err
		}
	}
	return nil
}

// ChangeContractor is the command to change a contractor.
type ChangeContractor struct {
	By           Actor
	ContractorID string
	Version      int
	Fields       ContractorFields
	// From is the first day of another home, a local date there; the zero Day is
	// today.
	From schedule.Day
	// Confirmed is the Digest of the Clashes that the caller was shown, and
	// Release the ids of those jobs among them that are taken off him.
	Confirmed string
	Release   []string
	// Now is the instant from which on jobs are future ones.
	Now time.Time
}

// ChangeContractor changes a contractor and logs what changed as one
// AvailabilityChanged, another home as ContractorMovedRegion: for the boards
// where he has jobs, those of his homes, and his phone. Another home from a later
// day on is only noted, see CarryOutMoves, and takes the place of one that was to
// come. Who gets another home while he holds jobs of the old one on these days
// keeps them, as a guest there, or is relieved of those in Release, at once; the
// caller must have been shown them. It returns ErrNotFound, *Invalid, *Conflict, and *Clashes with what is to be
// shown.
func (db *DB) ChangeContractor(ctx context.Context, cmd ChangeContractor) error {
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		if !cmd.By.AllRegions {
			return ErrNotFound
		}
		// Jobs before the contractor, as everywhere.
		jobs, err := lockEachJob(ctx, tx, cmd.Release)
		if err != nil {
			return err
		}
		before, err := lockRecord(ctx, tx, cmd.ContractorID, cmd.Version, cmd.Now)
		if err != nil {
			return err
		}
		return cmd.apply(ctx, tx, before, jobs)
	})
	if err != nil {
		return fmt.Errorf("change contractor %s: %w", cmd.ContractorID, asConflict(err, ""))
	}
	db.signal()
	return nil
}

// lockEachJob takes the rows of jobs in the order of their ids.
func lockEachJob(ctx context.Context, tx *sqlx.Tx, ids []string) ([]*lockedJob, error) {
	var jobs []*lockedJob
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		j, err := lockJob(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, j)
	}
	return jobs, nil
}

// lockRecord takes the contractor's row and then reads him; version must be
// the one that he has. Nobody changes one who was erased.
func lockRecord(ctx context.Context, tx *sqlx.Tx, id string, version int, now time.Time) (ContractorRecord, error) {
	locked, err := lockContractors(ctx, tx, id)
	if err != nil {
		return ContractorRecord{}, err
	}
	if len(locked) == 0 {
		return ContractorRecord{}, ErrNotFound
	}
	r, err := contractorRecord(ctx, tx, id, now)
	if err == nil && (r.Version != version || r.Erased) {
		err = &Conflict{Kind: ConflictStale, ContractorID: id}
	}
	return r, err
}

func (cmd ChangeContractor) apply(ctx context.Context, tx *sqlx.Tx, before ContractorRecord, jobs []*lockedJob) error {
	after, err := cmd.Fields.checked(ctx, tx)
	if err != nil {
		return err
	}
	changed, moves := before.Fields().changesTo(after), after.Home != before.HomeRegion
	if len(changed) == 0 && !moves {
		return nil
	}
	streams := before.streams(after.Home)
	var log []events.Event
	if moves {
		if log, after.Home, err = cmd.move(ctx, tx, before, after.Home, jobs, streams); err != nil {
			return err
		}
	}
	if err := after.update(ctx, tx, before.ID); err != nil {
		return err
	}
	if len(changed) > 0 {
		log = append(log, contractorEvent(cmd.By, before.ID, after.Home, streams,
			events.AvailabilityChanged{ContractorID: before.ID, Region: after.Home, Changed: changed}))
	}
	for i := range log {
		log[i].CorrelationID = log[0].CorrelationID
	}
	return appendEvents(ctx, tx, log...)
}

// update writes the fields over a contractor, whose row is locked.
func (f ContractorFields) update(ctx context.Context, tx *sqlx.Tx, id string) error {
	lat, lng := coordinates(f.Base)
	_, err := tx.ExecContext(ctx, `update contractors set name = $2, phone = $3, email = $4, home_region = $5, base_lat = $6,
	    base_lng = $7, active = $8, auto_accept = $9, version = version + 1, updated_at = now() where id = $1`,
		id, f.Name, f.Phone, f.Email, f.Home, lat, lng, f.Active, f.AutoAccept)
	if err != nil {
		return fmt.Errorf("update contractor: %w", err)
	}
	for _, table := range []string{"contractor_regions", "contractor_skills", "contractor_hours"} {
		if _, err := tx.ExecContext(ctx, `delete from `+table+` where contractor_id = $1`, id); err != nil {
			return fmt.Errorf("clear %s: %w", table, err)
		}
	}
	return f.insertParts(ctx, tx, id)
}

// streams are those of an event about the contractor: the boards of his homes
// and of the regions where he has jobs to do, and his phone.
func (r ContractorRecord) streams(homes ...string) []events.Stream {
	var streams []events.Stream
	add := func(region string) {
		if s := events.DispatchStream(region); !slices.Contains(streams, s) {
			streams = append(streams, s)
		}
	}
	add(r.HomeRegion)
	if r.Move != nil {
		add(r.Move.To)
	}
	for _, home := range homes {
		add(home)
	}
	for _, card := range r.Future {
		add(card.Region)
	}
	return append(streams, events.ContractorStream(r.ID))
}

// contractorEvent fills the envelope of an event about a contractor and no job.
func contractorEvent(by Actor, id, home string, to []events.Stream, fact events.Fact) events.Event {
	return events.Event{
		ID: uuid.NewString(), OccurredAt: time.Now().UTC(), Actor: by.forEvent(), CorrelationID: uuid.NewString(),
		Region: home, ContractorID: id, PublishedTo: to, Fact: fact,
	}
}
