package db

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
)

// exportWriter writes the rows of a file in one format.
type exportWriter interface {
	begin(columns []string) error
	write(row exportRow) error
	end() error
}

func newExportWriter(format ExportFormat, to io.Writer) exportWriter {
	buffered := bufio.NewWriterSize(to, 64<<10)
	switch format {
	case ExportJSONL:
		return &jsonWriter{to: buffered, after: "\n"}
	case ExportGeoJSON:
		return &jsonWriter{to: buffered, head: `{"type":"FeatureCollection","features":[` + "\n", between: ",\n", foot: "\n]}\n"}
	}
	table := csv.NewWriter(buffered)
	table.UseCRLF = true
	return &tableWriter{to: buffered, table: table}
}

// tableWriter writes CSV as spreadsheets open it: with a byte order mark, and
// with nothing in it that they would run as a formula.
type tableWriter struct {
	to    *bufio.Writer
	table *csv.Writer
}

func (w *tableWriter) begin(columns []string) error {
	if _, err := w.to.WriteString("\ufeff"); err != nil {
		return err
	}
	return w.table.Write(columns)
}

func (w *tableWriter) write(row exportRow) error {
	cells, err := row.cells()
	if err != nil {
		return err
	}
	for i, cell := range cells {
		cells[i] = NeutralCell(cell)
	}
	return w.table.Write(cells)
}

func (w *tableWriter) end() error {
	w.table.Flush()
	if err := w.table.Error(); err != nil {
		return err
	}
	return w.to.Flush()
}

// jsonWriter writes one JSON object a line.
type jsonWriter struct {
	to *bufio.Writer
	// head and foot stand around all rows, between stands between two, and after
	// behind each.
	head, between, after, foot string
	rows                       int
}

func (w *jsonWriter) begin([]string) error {
	_, err := w.to.WriteString(w.head)
	return err
}

func (w *jsonWriter) write(row exportRow) error {
	object, err := json.Marshal(row)
	if err != nil {
		return fmt.Errorf("write row: %w", err)
	}
	if w.rows++; w.rows > 1 {
		if _, err := w.to.WriteString(w.between); err != nil {
			return err
		}
	}
	if _, err := w.to.Write(object); err != nil {
		return err
	}
	_, err = w.to.WriteString(w.after)
	return err
}

func (w *jsonWriter) end() error {
	if _, err := w.to.WriteString(w.foot); err != nil {
		return err
	}
	return w.to.Flush()
}
