package db

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/events"
)

// ExportKind says what a file of an export holds.
type ExportKind string

// What can be exported. All but the events can be imported again, into an empty
// system in this order.
const (
	ExportRegions     ExportKind = "regions"
	ExportSkills      ExportKind = "skills"
	ExportContractors ExportKind = "contractors"
	ExportJobs        ExportKind = "jobs"
	ExportAssignments ExportKind = "assignments"
	ExportEvents      ExportKind = "events"
)

// ExportKinds lists them all, in the order in which they are imported.
func ExportKinds() []ExportKind {
	return []ExportKind{ExportRegions, ExportSkills, ExportContractors, ExportJobs, ExportAssignments, ExportEvents}
}

// ExportFormat is how a file is written.
type ExportFormat string

// The formats. CSV is made for spreadsheets, and for the import; JSONL has one
// JSON object a line. Regions are GeoJSON, and nothing else is.
const (
	ExportCSV     ExportFormat = "csv"
	ExportJSONL   ExportFormat = "jsonl"
	ExportGeoJSON ExportFormat = "geojson"
)

// Formats lists the formats of a kind, the usual one first.
func (k ExportKind) Formats() []ExportFormat {
	if k == ExportRegions {
		return []ExportFormat{ExportGeoJSON}
	}
	return []ExportFormat{ExportCSV, ExportJSONL}
}

// Export is the request for a file. The zero value finds nothing, because
// whoever asks must say what he may see: Everywhere or Regions.
type Export struct {
	Kind   ExportKind
	Format ExportFormat
	// Everywhere takes what all regions have; otherwise what Regions have.
	Everywhere bool
	Regions    []string
	// Region narrows contractors, jobs, assignments and events to one region if
	// it is not empty.
	Region string
	// From and To are local dates, 2006-01-02, both included; "" means no bound.
	// They narrow jobs by what was promised, assignments by when they are, and
	// events by when they were logged.
	From, To string
}

// ErrExport: there is no such export.
var ErrExport = fmt.Errorf("no such export: %w", ErrNotFound)

// Exported is a finished file, which the caller reads and closes. It is on disk
// and no longer has anything to do with the database.
type Exported struct {
	*os.File
	// Rows counts what it holds, Size its bytes.
	Rows int
	Size int64
}

// Close closes the file and deletes it.
func (f *Exported) Close() error {
	err := f.File.Close()
	// It may be gone already, see newExported.
	_ = os.Remove(f.Name())
	return err
}

// Export writes a file of what the system holds, all as of one instant. It goes
// to disk first, page by page, so that memory does not grow with it and a slow
// reader keeps no snapshot and no connection. It returns ErrExport for a kind
// without that format, and ErrUnavailable.
func (db *DB) Export(ctx context.Context, x Export) (*Exported, error) {
	write, known := exporters()[x.Kind]
	if !known || !slices.Contains(x.Kind.Formats(), x.Format) {
		return nil, ErrExport
	}
	file, err := newExported()
	if err != nil {
		return nil, fmt.Errorf("export %s: %w", x.Kind, err)
	}
	err = db.inSnapshot(ctx, func(tx *sqlx.Tx) error {
		if err := giveExportTime(ctx, tx); err != nil {
			return err
		}
		file.Rows, err = write(ctx, tx, x, file)
		return err
	})
	if err == nil {
		err = file.rewind()
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("export %s: %w", x.Kind, err)
	}
	return file, nil
}

// newExported makes the file that nobody else can read. Its name is taken away
// at once where the system allows it, so that it ends with the process.
func newExported() (*Exported, error) {
	file, err := os.CreateTemp("", "export-*")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(file.Name())
	return &Exported{File: file}, nil
}

func (f *Exported) rewind() (err error) {
	if f.Size, err = f.Seek(0, io.SeekEnd); err != nil {
		return err
	}
	_, err = f.Seek(0, io.SeekStart)
	return err
}

// giveExportTime lets a statement take longer than one that a page waits for. It
// makes instants UTC, so that a file is the same from every machine.
func giveExportTime(ctx context.Context, tx *sqlx.Tx) error {
	_, err := tx.ExecContext(ctx, `select set_config('statement_timeout', '1min', true), set_config('timezone', 'UTC', true)`)
	if err != nil {
		return fmt.Errorf("give the export time: %w", err)
	}
	return nil
}

// exporters write the kinds.
func exporters() map[ExportKind]func(context.Context, *sqlx.Tx, Export, io.Writer) (int, error) {
	return map[ExportKind]func(context.Context, *sqlx.Tx, Export, io.Writer) (int, error){
		ExportRegions:     exportRows[exportedRegion],
		ExportSkills:      exportRows[exportedSkill],
		ExportContractors: exportRows[exportedContractor],
		ExportJobs:        exportRows[exportedJob],
		ExportAssignments: exportRows[exportedAssignment],
		ExportEvents:      exportRows[exportedEvent],
	}
}

// exportRow is one row of a file. Its JSON is that of the struct.
type exportRow interface {
	// query reads all rows; its parameters are those of Export.args.
	query() string
	// columns and cells are the row as a table has it.
	columns() []string
	cells() ([]string, error)
}

// exportPage is how many rows are held at a time.
const exportPage = 500

// exportRows reads the rows of a kind through a cursor and writes them.
func exportRows[T exportRow](ctx context.Context, tx *sqlx.Tx, x Export, to io.Writer) (rows int, err error) {
	var kind T
	// Every query takes all parameters, so that none has a type in doubt.
	query := `declare export no scroll cursor for with asked as (select $1::boolean as everywhere, $2::text[] as regions,
	  $3::text as region, nullif($4::text, '')::date as since, nullif($5::text, '')::date as until) ` + kind.query()
	if _, err := tx.ExecContext(ctx, query, x.Everywhere, pq.Array(x.Regions), x.Region, x.From, x.To); err != nil {
		return 0, fmt.Errorf("open cursor: %w", err)
	}
	out := newExportWriter(x.Format, to)
	if err := out.begin(kind.columns()); err != nil {
		return 0, err
	}
	for {
		var page []T
		if err := tx.SelectContext(ctx, &page, fmt.Sprintf(`fetch %d from export`, exportPage)); err != nil {
			return 0, fmt.Errorf("fetch: %w", err)
		}
		for _, row := range page {
			if err := out.write(row); err != nil {
				return 0, err
			}
		}
		if rows += len(page); len(page) < exportPage {
			return rows, out.end()
		}
	}
}

// between bounds a local date by what was asked.
func between(first, last string) string {
	return `coalesce(` + last + ` >= since, true) and coalesce(` + first + ` <= until, true)`
}

// noQueue leaves out the queue of jobs without region, which every system has.
const noQueue = ` where slug <> '` + events.Unrouted + `'`
