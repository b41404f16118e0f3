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
}

// importedFile is what was done with it.
type importedFile struct {
	counts Imported
	bad    []RowError
	// added are the ids of the new rows.
	added []string
}

// importFile reads and imports a file of either kind.
func (db *DB) importFile(ctx context.Context, tx *sqlx.Tx, f importFile) (importedFile, error) {
	if f.kind == ImportOfContractors {
		return importContractorFile(ctx, tx, f)
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
