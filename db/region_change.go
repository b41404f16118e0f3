package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/events"
)

// ChangeRegion is the command to change the name and the postcodes of a region.
type ChangeRegion struct {
	By        Actor
	Slug      string
	Version   int
	Name      string
	Postcodes []string
	// Confirmed is the Digest of the MapPreview that the caller was shown.
	Confirmed string
}

// ChangeRegion changes a region. Jobs that its postcodes decide about follow in
// the same transaction, each with its event; the caller must have been shown
// them. It returns ErrNotFound, also to everybody but administrators, *Invalid,
// *Conflict, and *MapMoves with what is to be shown.
func (db *DB) ChangeRegion(ctx context.Context, cmd ChangeRegion) error {
	logged := false
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		if !cmd.By.AllRegions || cmd.Slug == events.Unrouted {
			return ErrNotFound
		}
		err := takeMapLock(ctx, tx)
		if errors.Is(err, ErrImportRunning) {
			return &Invalid{Message: "an import is running: try again when it is done", Err: err}
		}
		if err != nil {
			return err
		}
		before, err := regionWithMap(ctx, tx, cmd.Slug, " for update")
		if err != nil {
			return err
		}
		if before.Version != cmd.Version {
			return &Conflict{Kind: ConflictStale}
		}
		logged, err = cmd.apply(ctx, tx, before)
		return err
	})
	if err != nil {
		return fmt.Errorf("change region %s: %w", cmd.Slug, err)
	}
	if logged {
		db.signal()
	}
	return nil
}

func (cmd ChangeRegion) apply(ctx context.Context, tx *sqlx.Tx, before Region) (logged bool, err error) {
	if problem := regionNameProblem(cmd.Name); problem != "" {
		return false, &Invalid{Field: "name", Message: problem}
	}
	codes, bad := cleanPostcodes(cmd.Postcodes)
	if len(bad) > 0 {
		return false, &Invalid{Field: "postcodes", Message: shownValue(bad[0]) + " is none: " + postcodeRule}
	}
	rerouted := !slices.Equal(codes, []string(before.Postcodes))
	if !rerouted && cmd.Name == before.Name {
		return false, nil
	}
	p := &regionPlan{updated: []regionJSON{{
		Slug: cmd.Slug, Name: cmd.Name, Zone: before.Zone, Geometry: json.RawMessage(before.Geometry), Postcodes: codes, version: before.Version,
	}}}
	if rerouted {
		if err := cmd.reroute(ctx, tx, p); err != nil {
			return false, err
		}
	}
	_, err = tx.ExecContext(ctx, `update regions set name = $2, postcodes = $3, version = version + 1, updated_at = now() where slug = $1`,
		cmd.Slug, cmd.Name, pq.Array(codes))
	if err != nil {
		return false, fmt.Errorf("update region: %w", err)
	}
	return len(p.moves) > 0, saveMoves(ctx, tx, cmd.By, "", p.moves)
}

// reroute finds the jobs that follow, and refuses unless they were shown.
func (cmd ChangeRegion) reroute(ctx context.Context, tx *sqlx.Tx, p *regionPlan) (err error) {
	if p.moves, err = movesUnder(ctx, tx, p.updated, true); err != nil {
		return err
	}
	if leaving(p.moves) == 0 || cmd.Confirmed == p.digest() {
		return nil
	}
	shown, err := p.preview(ctx, tx)
	if err != nil {
		return err
	}
	return &MapMoves{MapPreview: shown}
}
