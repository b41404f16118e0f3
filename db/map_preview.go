package db

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/schedule"
)

// ShownMoves bounds the jobs of a MapPreview that are named.
const ShownMoves = 100

// MapPreview is what a change of the map would do, or did, to regions and jobs.
type MapPreview struct {
	// Digest stands for exactly this: who confirms it has seen it.
	Digest string `json:"digest"`
	// Regions are those that are new or differ, the new ones first. Their paths
	// are of the picture, Width by Height units.
	Regions []PreviewRegion `json:"regions"`
	Width   int             `json:"width"`
	Height  int             `json:"height"`
	// Moved counts the jobs that change region; Moves are the first of them, by
	// number.
	Moved int           `json:"moved"`
	Moves []PreviewMove `json:"moves"`
}

// PreviewRegion is a region that a map adds or changes.
type PreviewRegion struct {
	Slug string `json:"slug"`
	Name string `json:"name"`
	New  bool   `json:"new"`
	// Before and After are the outlines as SVG paths; Before is empty for a new
	// region, both where the outline stays as it is.
	Before string `json:"before"`
	After  string `json:"after"`
}

// PreviewMove is a job that comes to another region. What names people is looked
// up when it is shown and not kept.
type PreviewMove struct {
	JobID  string `json:"job" db:"id"`
	Number int64  `json:"-" db:"number"`
	Title  string `json:"-" db:"title"`
	// From and To are the names of the regions.
	From string `json:"from"`
	To   string `json:"to"`
	// ContractorID and Holder are the id and the name of the first contractor who
	// has it, "" for an open job; Others counts the rest of its crew.
	ContractorID string `json:"contractor"`
	Others       int    `json:"others"`
	Holder       string `json:"-" db:"holder"`
	// X and Y are where the job is on the picture; Drawn is false if it is not.
	X     int  `json:"x"`
	Y     int  `json:"y"`
	Drawn bool `json:"drawn"`
}

// Value implements driver.Valuer.
func (m MapPreview) Value() (driver.Value, error) { return jsonText(m) }

// Scan implements sql.Scanner.
func (m *MapPreview) Scan(from any) error { return scanJSON(from, m) }

// MapMoves is the error of a change of the map that does something else than
// was confirmed, or that nobody has confirmed yet. It changed nothing.
type MapMoves struct {
	MapPreview
	counts Imported
}

// Error implements error.
func (m *MapMoves) Error() string { return fmt.Sprintf("%d jobs would change region", m.Moved) }

// ImportPreview returns what the map of a batch was shown to do, nil when that is
// not known, or not any more. It asks for nobody's rights.
func (db *DB) ImportPreview(ctx context.Context, id string) (*MapPreview, error) {
	var found struct {
		Preview *MapPreview `db:"preview"`
	}
	if err := db.pool.GetContext(ctx, &found, `select preview from import_batches where id = $1`, id); err != nil {
		return nil, fmt.Errorf("preview of import %s: %w", id, notFound(err))
	}
	if found.Preview != nil {
		if err := db.nameMoves(ctx, found.Preview.Moves); err != nil {
			return nil, fmt.Errorf("preview of import %s: %w", id, err)
		}
	}
	return found.Preview, nil
}

// nameMoves looks up the jobs and contractors of a stored preview.
func (db *DB) nameMoves(ctx context.Context, moves []PreviewMove) error {
	jobs, contractors := make([]string, len(moves)), make([]string, len(moves))
	for i, m := range moves {
		jobs[i], contractors[i] = m.JobID, m.ContractorID
	}
	var rows []PreviewMove
	err := db.pool.SelectContext(ctx, &rows, `select j.id, j.number, j.title, coalesce(c.name, '') as holder
	  from unnest($1::uuid[], $2::text[]) as m (job, contractor) join jobs j on j.id = m.job
	  left join contractors c on c.id = nullif(m.contractor, '')::uuid`, pq.Array(jobs), pq.Array(contractors))
	if err != nil {
		return translate(err)
	}
	for _, row := range rows {
		i := slices.Index(jobs, row.JobID)
		moves[i].Number, moves[i].Title, moves[i].Holder = row.Number, row.Title, row.Holder
	}
	return nil
}

// digest stands for the regions that change, from which version, and for the
// jobs that go elsewhere with whoever has them.
func (p *regionPlan) digest() string {
	var b strings.Builder
	for _, list := range [][]regionJSON{p.created, p.updated} {
		for _, r := range list {
			fmt.Fprintf(&b, "%s %d\n", r.Slug, r.version)
		}
	}
	for _, m := range p.moves {
		if m.to.Region != m.Region {
			fmt.Fprintf(&b, "%s %s %s %v\n", m.ID, m.Region, m.to.Region, m.crew)
		}
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

// preview describes the plan.
func (p *regionPlan) preview(ctx context.Context, tx *sqlx.Tx) (MapPreview, error) {
	shown := MapPreview{Digest: p.digest(), Moved: leaving(p.moves)}
	picture, err := p.draw(ctx, tx, &shown)
	if err != nil {
		return MapPreview{}, err
	}
	names, err := p.regionNames(ctx, tx)
	if err != nil {
		return MapPreview{}, err
	}
	for _, m := range p.moves {
		if m.to.Region == m.Region {
			continue
		}
		move := PreviewMove{JobID: m.ID, Number: m.Number, Title: m.Title, From: names[m.Region], To: names[m.to.Region],
			ContractorID: m.One.ContractorID, Others: max(len(m.crew)-1, 0), Holder: m.Holder}
		if at := pointOf(m.Lat, m.Lng); at != nil {
			move.X, move.Y, move.Drawn = picture.Place(*at)
		}
		if shown.Moves = append(shown.Moves, move); len(shown.Moves) == ShownMoves {
			break
		}
	}
	return shown, nil
}

// regionNames are the names of all regions as they will be, by slug.
func (p *regionPlan) regionNames(ctx context.Context, tx *sqlx.Tx) (map[string]string, error) {
	var rows []Region
	if err := tx.SelectContext(ctx, &rows, `select slug, name from regions`); err != nil {
		return nil, fmt.Errorf("names of regions: %w", err)
	}
	names := make(map[string]string, len(rows)+len(p.created))
	for _, r := range rows {
		names[r.Slug] = r.Name
	}
	for _, list := range [][]regionJSON{p.created, p.updated} {
		for _, r := range list {
			names[r.Slug] = r.Name
		}
	}
	return names, nil
}

// draw adds the regions with their outlines before and after.
func (p *regionPlan) draw(ctx context.Context, tx *sqlx.Tx, shown *MapPreview) (schedule.Picture, error) {
	before, err := storedOutlines(ctx, tx, p.updated)
	if err != nil {
		return schedule.Picture{}, err
	}
	var outlines []schedule.Outline
	for i, r := range append(p.created[:len(p.created):len(p.created)], p.updated...) {
		after, err := schedule.ReadOutline(r.Geometry)
		if err != nil {
			return schedule.Picture{}, fmt.Errorf("draw region %s: %w", r.Slug, err)
		}
		outlines = append(outlines, before[r.Slug], after)
		shown.Regions = append(shown.Regions, PreviewRegion{Slug: r.Slug, Name: r.Name, New: i < len(p.created)})
	}
	picture := schedule.Draw(outlines...)
	shown.Width, shown.Height = picture.Width, picture.Height
	for i := range shown.Regions {
		shown.Regions[i].Before, shown.Regions[i].After = picture.Paths[2*i], picture.Paths[2*i+1]
	}
	return picture, nil
}

// storedOutlines are the outlines of regions as they are.
func storedOutlines(ctx context.Context, tx *sqlx.Tx, regions []regionJSON) (map[string]schedule.Outline, error) {
	slugs := make([]string, len(regions))
	for i, r := range regions {
		slugs[i] = r.Slug
	}
	var rows []Region
	err := tx.SelectContext(ctx, &rows, `select slug, coalesce(geometry::text, '') as geometry from regions where slug = any($1)`, pq.Array(slugs))
	if err != nil {
		return nil, fmt.Errorf("outlines of regions: %w", err)
	}
	outlines := make(map[string]schedule.Outline, len(rows))
	for _, r := range rows {
		if outlines[r.Slug], err = schedule.ReadOutline([]byte(r.Geometry)); err != nil {
			return nil, fmt.Errorf("draw region %s: %w", r.Slug, err)
		}
	}
	return outlines, nil
}
