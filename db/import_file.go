package db

import (
	"bytes"
	"context"

	"github.com/jmoiron/sqlx"
)

// What an uploaded file may hold.
const (
	ImportOfJobs        = "jobs"
	ImportOfContractors = "contractors"
	ImportOfRegions     = "regions"
)

// importFile is an uploaded file that is to be imported, or tried.
type importFile struct {
	by               Actor
	kind             string
	content          []byte
	dryRun, onlyGood bool
	// batch and progress as in JobImport.
	batch    string
	progress func(done, total int)
	// shown as in RegionImport.
	shown string
}

// importedFile is what was done with it.
type importedFile struct {
	counts Imported
	bad    []RowError
	// added are the ids of the new rows, if an undo can remove them.
	added []string
	// preview is of a map that was tried and has no bad row.
	preview *MapPreview
}

// importFile reads and imports a file of any kind.
func (db *DB) importFile(ctx context.Context, tx *sqlx.Tx, f importFile) (importedFile, error) {
	switch f.kind {
	case ImportOfContractors:
		return importContractorFile(ctx, tx, f)
	case ImportOfRegions:
		return importRegionFile(ctx, tx, f)
	}
	file, err := ReadJobsCSV(bytes.NewReader(f.content))
	if err != nil {
		return importedFile{}, err
	}
	p, err := db.importJobs(ctx, tx, JobImport{By: f.by, File: file, DryRun: f.dryRun, OnlyGood: f.onlyGood, batch: f.batch, progress: f.progress})
	if err != nil {
		return importedFile{}, err
	}
	done := importedFile{counts: p.done, bad: p.bad, added: make([]string, len(p.created))}
	for i, j := range p.created {
		done.added[i] = j.ID
	}
	return done, nil
}

func importContractorFile(ctx context.Context, tx *sqlx.Tx, f importFile) (importedFile, error) {
	file, err := ReadContractorsCSV(bytes.NewReader(f.content))
	if err != nil {
		return importedFile{}, err
	}
	p, err := importContractors(ctx, tx, ContractorImport{By: f.by, File: file, DryRun: f.dryRun, OnlyGood: f.onlyGood, batch: f.batch})
	if err != nil {
		return importedFile{}, err
	}
	done := importedFile{counts: p.done, bad: p.bad, added: make([]string, len(p.created))}
	for i, c := range p.created {
		done.added[i] = c.ID
	}
	return done, nil
}

// importRegionFile takes a map as a whole or not at all, whatever is asked: half
// a map would send jobs where nobody wants them.
func importRegionFile(ctx context.Context, tx *sqlx.Tx, f importFile) (importedFile, error) {
	file, err := ReadRegionsGeoJSON(bytes.NewReader(f.content))
	if err != nil {
		return importedFile{}, err
	}
	in := RegionImport{By: f.by, File: file, DryRun: f.dryRun, batch: f.batch, shown: f.shown}
	if !f.dryRun {
		p, err := importRegions(ctx, tx, in)
		if err != nil {
			return importedFile{}, err
		}
		return importedFile{counts: p.done}, nil
	}
	p, err := planRegions(ctx, tx, in)
	if err != nil {
		return importedFile{}, err
	}
	done := importedFile{counts: p.done, bad: inOrder(file.Bad)}
	if done.counts.Blocked = blocked(done.bad); done.counts.Blocked > 0 {
		return done, nil
	}
	shown, err := p.preview(ctx, tx)
	done.preview = &shown
	return done, err
}
