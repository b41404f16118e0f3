package db

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/jmoiron/sqlx"
)

// SkillFile is what a CSV file of skills says.
type SkillFile struct {
	Rows []SkillRow
	// Bad are the values that cannot be taken whatever the database holds.
	Bad []RowError
}

// SkillRow is one row of a file of skills.
type SkillRow struct {
	// Line is the line of the file on which the row begins, from 1.
	Line int `json:"-"`
	// Slug names the skill in other files, Name on the pages.
	Slug string `json:"slug"`
	Name string `json:"name"`
}

// ReadSkillsCSV reads a file of skills, written as ReadJobsCSV says.
func ReadSkillsCSV(r io.Reader) (SkillFile, error) {
	table, err := openCSV(r, columns{required: []string{"slug", "name"}, optional: []string{errorColumn}})
	if err != nil {
		return SkillFile{}, err
	}
	var file SkillFile
	file.Bad, err = table.read(func(c *cells) {
		row := SkillRow{Line: c.line, Slug: c.text("slug", 1, 63), Name: c.text("name", 1, 200)}
		if !slugPattern.MatchString(row.Slug) {
			c.reject("slug", row.Slug, "write small letters, digits and hyphens, no hyphen first")
		}
		if c.once("slug", row.Slug); len(c.bad) == 0 {
			file.Rows = append(file.Rows, row)
		}
	})
	return file, err
}

// SkillImport is the command to take over a file of skills.
type SkillImport struct {
	By   Actor
	File SkillFile
	// DryRun counts and checks everything and saves nothing.
	DryRun bool
}

// ImportSkills adds the skills of a file and renames those that differ from it,
// by slug, all or nothing; skills that the file lacks stay. It returns *Rejected
// for bad rows, ErrImportRunning, ErrUnavailable and, to everybody but
// administrators, ErrNotFound.
func (db *DB) ImportSkills(ctx context.Context, in SkillImport) (Imported, error) {
	var done Imported
	err := db.inTx(ctx, func(tx *sqlx.Tx) (err error) {
		done, err = importSkills(ctx, tx, in)
		return err
	})
	if err != nil {
		return Imported{}, fmt.Errorf("import skills: %w", err)
	}
	return done, nil
}

func importSkills(ctx context.Context, tx *sqlx.Tx, in SkillImport) (Imported, error) {
	if !in.By.AllRegions {
		return Imported{}, ErrNotFound
	}
	if err := takeImportLock(ctx, tx); err != nil {
		return Imported{}, err
	}
	if _, err := tx.ExecContext(ctx, `select pg_advisory_xact_lock($1)`, skillsLock); err != nil {
		return Imported{}, fmt.Errorf("lock skills: %w", err)
	}
	names, err := skillNames(ctx, tx)
	if err != nil {
		return Imported{}, err
	}
	var done Imported
	var changed []SkillRow
	for _, row := range in.File.Rows {
		before, known := names[row.Slug]
		switch {
		case !known:
			done.Created++
		case before == row.Name:
			done.Unchanged++
			continue
		default:
			done.Updated++
		}
		names[row.Slug] = row.Name
		changed = append(changed, row)
	}
	if err := rejected(in.File.Bad, twoOfAName(changed, names)); err != nil || in.DryRun {
		return done, err
	}
	return done, execBatches(ctx, tx, "save skills", `
	  insert into skills (slug, name) select slug, name from json_to_recordset($1::json) as x(slug text, name text)
	  on conflict (slug) do update set name = excluded.name`, changed)
}

// twoOfAName refuses rows that would leave two skills which go by one name,
// whatever its capitals.
func twoOfAName(rows []SkillRow, names map[string]string) []RowError {
	called := make(map[string]int, 2*len(names))
	for slug, name := range names {
		called[slug]++
		if lower := strings.ToLower(name); lower != slug {
			called[lower]++
		}
	}
	var bad []RowError
	for _, row := range rows {
		if called[strings.ToLower(row.Name)] > 1 || called[row.Slug] > 1 {
			bad = append(bad, RowError{Line: row.Line, Column: "name", Value: row.Name, Reason: "another skill goes by that name"})
		}
	}
	return bad
}
