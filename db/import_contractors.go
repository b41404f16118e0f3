package db

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// ContractorImport is the command to take over a file of contractors.
type ContractorImport struct {
	By   Actor
	File ContractorFile
	// DryRun counts and checks everything and saves nothing.
	DryRun bool
	// OnlyGood leaves bad rows out, instead of saving nothing because of them.
	OnlyGood bool
	// batch correlates the events; "" means a new one.
	batch string
}

// ImportContractors adds the contractors of a file and changes those that
// differ from it, by external id, all or nothing unless only the good rows are
// asked for; contractors that the file lacks stay. Skills that are not known are
// made, under their slug. The boards of the home regions concerned, old and new,
// and of those where a changed one has jobs, get one ImportCompleted each. Who
// gets another home keeps his jobs, moves today whatever was planned, and has a
// ContractorMovedRegion: for his phone
// and, when there are up to 50 of them, for the boards too. Phones show other
// changes when they are next loaded.
// It returns *Rejected for bad rows, ErrImportRunning and ErrUnavailable.
func (db *DB) ImportContractors(ctx context.Context, in ContractorImport) (Imported, error) {
	var done Imported
	err := db.inTx(ctx, func(tx *sqlx.Tx) error {
		p, err := importContractors(ctx, tx, in)
		if err == nil {
			done = p.done
		}
		return err
	})
	if err != nil {
		return Imported{}, fmt.Errorf("import contractors: %w", err)
	}
	if !in.DryRun && done.Created+done.Updated > 0 {
		db.signal()
	}
	return done, nil
}

func importContractors(ctx context.Context, tx *sqlx.Tx, in ContractorImport) (*contractorPlan, error) {
	lock := takeImportLock
	if in.DryRun {
		lock = giveTime
	}
	if err := lock(ctx, tx); err != nil {
		return nil, err
	}
	p, err := newContractorPlan(ctx, tx, in.File)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(in.File.Rows))
	for i, row := range in.File.Rows {
		ids[i] = row.ExternalID
	}
	stored, err := storedContractors(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	for _, row := range in.File.Rows {
		p.add(row, stored[row.ExternalID])
	}
	p.bad = inOrder(in.File.Bad, p.bad)
	if err := rejected(p.bad); err != nil && !in.OnlyGood {
		return nil, err
	}
	p.done.Created, p.done.Updated, p.done.Skills = len(p.created), len(p.changed), len(p.newSkills)
	p.done.Blocked = blocked(p.bad)
	if in.DryRun {
		return p, nil
	}
	if err := p.save(ctx, tx); err != nil {
		return nil, err
	}
	evs, err := p.record(ctx, tx, in)
	if err != nil {
		return nil, err
	}
	return p, appendInBatches(ctx, tx, evs)
}

// contractorPlan is what an import of contractors is going to write.
type contractorPlan struct {
	file ContractorFile
	// regions are the zones of the regions, by slug.
	regions   map[string]string
	skills    map[string]string
	newSkills map[string]bool

	created, changed []contractorJSON
	moved            []homeChange
	// touched counts what boards have to show anew, by region.
	touched map[string]events.ImportCompleted
	bad     []RowError
	done    Imported
}

func newContractorPlan(ctx context.Context, tx *sqlx.Tx, file ContractorFile) (*contractorPlan, error) {
	p := &contractorPlan{file: file, regions: make(map[string]string), newSkills: make(map[string]bool), touched: make(map[string]events.ImportCompleted)}
	var regions []Region
	if err := tx.SelectContext(ctx, &regions, `select slug, zone from regions where slug <> $1`, events.Unrouted); err != nil {
		return nil, fmt.Errorf("zones of regions: %w", err)
	}
	for _, r := range regions {
		p.regions[r.Slug] = r.Zone
	}
	var err error
	p.skills, err = skillSlugs(ctx, tx)
	return p, err
}

// add sorts one row into bad, new, changed and unchanged.
func (p *contractorPlan) add(row ContractorRow, before *storedContractor) {
	soFar := len(p.bad)
	after := contractorJSON{
		ID: uuid.NewString(), ExternalID: row.ExternalID, Name: row.Name, Phone: row.Phone, Email: row.Email,
		Home: row.Home, Serves: row.Serves, Skills: skillRows(p.knownSkills(row)), Hours: hourRows(row.Hours),
		Exceptions: exceptionRows(row.Exceptions), Active: row.Active, AutoAccept: row.AutoAccept,
	}
	if row.Base != nil {
		after.Lat, after.Lng = &row.Base.Lat, &row.Base.Lng
	}
	p.checkRegion(row.Line, "home_region", row.Home)
	for _, region := range row.Serves {
		p.checkRegion(row.Line, "served_regions", region)
	}
	if len(p.bad) > soFar {
		return
	}
	p.noteSkills(after)
	if row.Neutralised {
		p.done.Neutralised++
	}
	if before != nil {
		p.keepAbsent(&after, before)
	}
	switch {
	case before == nil:
		p.created = append(p.created, after)
		p.touch(after.Home, 1, 0)
	case before.equals(after):
		p.done.Unchanged++
	default:
		after.ID = before.ID
		p.changed = append(p.changed, after)
		for _, region := range slices.Compact([]string{before.HomeRegion, after.Home}) {
			p.touch(region, 0, 1)
		}
		if before.HomeRegion != after.Home {
			p.moved = append(p.moved, homeChange{id: before.ID, from: before.HomeRegion, to: after.Home})
		}
	}
}

// keepAbsent keeps what the file has no column for.
func (p *contractorPlan) keepAbsent(after *contractorJSON, before *storedContractor) {
	if !p.file.HasBase {
		after.Lat, after.Lng = before.base()
	}
	if !p.file.HasExceptions {
		after.Exceptions = nil
	}
}

// noteSkills notes the skills of a good row that are new.
func (p *contractorPlan) noteSkills(c contractorJSON) {
	for _, s := range c.Skills {
		if _, known := p.skills[s.Skill]; !known {
			p.newSkills[s.Skill] = true
		}
	}
}

func (p *contractorPlan) checkRegion(line int, column, slug string) {
	if _, ok := p.regions[slug]; !ok {
		p.bad = append(p.bad, RowError{Line: line, Column: column, Value: slug, Reason: "there is no such region: import regions first, and name them by slug"})
	}
}

var slugPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// knownSkills gives a row's skills their slugs, sorted.
func (p *contractorPlan) knownSkills(row ContractorRow) []schedule.Skill {
	skills := make(map[string]schedule.Skill)
	for _, s := range row.Skills {
		slug := strings.ToLower(s.Slug)
		found, known := p.skills[slug]
		if known {
			slug = found
		}
		switch _, twice := skills[slug]; {
		case twice:
			p.bad = append(p.bad, RowError{Line: row.Line, Column: "skills", Value: s.Slug, Reason: "it stands there twice"})
		case !known && !slugPattern.MatchString(slug):
			p.bad = append(p.bad, RowError{Line: row.Line, Column: "skills", Value: s.Slug, Reason: "there is no such skill, and a new one has small letters, digits and hyphens only"})
		}
		skills[slug] = schedule.Skill{Slug: slug, ValidUntil: s.ValidUntil}
	}
	list := make([]schedule.Skill, 0, len(skills))
	for _, slug := range slices.Sorted(maps.Keys(skills)) {
		list = append(list, skills[slug])
	}
	return list
}

// save writes the new skills, the new contractors and the changed ones.
func (p *contractorPlan) save(ctx context.Context, tx *sqlx.Tx) error {
	slugs := slices.Sorted(maps.Keys(p.newSkills))
	if _, err := tx.ExecContext(ctx, `insert into skills (slug, name) select s, s from unnest($1::text[]) s`, pq.Array(slugs)); err != nil {
		return fmt.Errorf("insert skills: %w", err)
	}
	if err := execBatches(ctx, tx, contractorInserts[0].what, contractorInserts[0].query, p.created); err != nil {
		return err
	}
	if err := p.updateContractors(ctx, tx); err != nil {
		return err
	}
	for _, insert := range contractorInserts[1:] {
		if err := execBatches(ctx, tx, insert.what, insert.query, slices.Concat(p.created, p.changed)); err != nil {
			return err
		}
	}
	return nil
}

// updateContractors writes changed contractors, in the order of their ids, and
// takes away what hangs on them and is written anew.
func (p *contractorPlan) updateContractors(ctx context.Context, tx *sqlx.Tx) error {
	changed := p.changed
	slices.SortFunc(changed, func(a, b contractorJSON) int { return strings.Compare(a.ID, b.ID) })
	err := execBatches(ctx, tx, "update contractors", `
	  update contractors c set name = x.name, phone = x.phone, email = x.email, home_region = x.home_region,
	      base_lat = x.base_lat, base_lng = x.base_lng, version = c.version + 1, updated_at = now()
	    from json_to_recordset($1::json) as x(id uuid, name text, phone text, email text, home_region text, base_lat float8, base_lng float8)
	   where c.id = x.id`, changed)
	if err != nil {
		return err
	}
	tables := []string{"contractor_regions", "contractor_skills", "contractor_hours"}
	if p.file.HasExceptions {
		tables = append(tables, "contractor_exceptions")
	}
	for _, table := range tables {
		err := execBatches(ctx, tx, "clear "+table, `delete from `+table+` where contractor_id in
		  (select id from json_to_recordset($1::json) as x(id uuid))`, changed)
		if err != nil {
			return err
		}
	}
	return nil
}
