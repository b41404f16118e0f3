package db

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// BadRows returns the bad rows of a batch as a file for spreadsheets: the
// columns of the uploaded file, and `error` with what is wrong. Put right, it
// can be uploaded as it is. Cells that would run as formulas are neutralised.
// It returns ErrNotFound, and ErrSpent when the file is not kept any more.
func (db *DB) BadRows(ctx context.Context, by Actor, id string, now time.Time) ([]byte, error) {
	b, err := db.ImportBatch(ctx, by, id, now)
	if err != nil {
		return nil, err
	}
	if b.Kind == ImportOfRegions {
		return nil, fmt.Errorf("bad rows of import %s: a map has none: %w", id, ErrNotFound)
	}
	if !b.HasFile {
		return nil, fmt.Errorf("bad rows of import %s: %w", id, ErrSpent)
	}
	content, err := db.uploaded(ctx, id)
	if err != nil {
		return nil, err
	}
	bad, err := db.ImportErrors(ctx, id, 0, b.Values)
	if err != nil {
		return nil, err
	}
	reasons := make(map[int][]string)
	for _, e := range bad {
		reason := e.Reason
		if e.Column != "" {
			reason = e.Column + ": " + reason
		}
		reasons[e.Line] = append(reasons[e.Line], reason)
	}
	return badRowsFile(content, reasons)
}

// badRowsFile picks the rows that begin on certain lines out of an uploaded
// file and adds what is wrong with each.
func badRowsFile(content []byte, reasons map[int][]string) ([]byte, error) {
	text, err := readTable(bytes.NewReader(content), maxCSV)
	if err != nil {
		return nil, err
	}
	reader := newCSVReader(text)
	header, err := reader.Read()
	if err != nil {
		return nil, fmt.Errorf("there is no header line: %w", ErrFile)
	}
	// A file that was uploaded before may have the column already.
	old := slices.IndexFunc(header, func(name string) bool { return strings.EqualFold(strings.TrimSpace(name), errorColumn) })
	var out bytes.Buffer
	out.WriteString("\ufeff")
	writer := csv.NewWriter(&out)
	writer.Comma, writer.UseCRLF = reader.Comma, true
	writeRow(writer, header, len(header), old, errorColumn)
	lines := bytes.Split(text, []byte("\n"))
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		line := 0
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			line = broken.StartLine
			whole := bytes.Join(lines[line-1:min(broken.Line, len(lines))], []byte("\n"))
			record = []string{string(whole)}
		} else if err == nil {
			line, _ = reader.FieldPos(0)
		}
		if why := reasons[line]; len(why) > 0 {
			writeRow(writer, record, len(header), old, strings.Join(why, "; "))
		}
	}
	writer.Flush()
	return out.Bytes(), nil
}

// writeRow writes a row in width columns but the old one, and what is wrong with
// it after them. Writing to memory cannot fail.
func writeRow(w *csv.Writer, record []string, width, old int, why string) {
	row := make([]string, 0, width+1)
	for i := range max(width, len(record)) {
		if i == width {
			row = append(row, NeutralCell(why))
		}
		switch {
		case i == old:
		case i < len(record):
			// The writer would drop the line ends of an old Macintosh.
			row = append(row, NeutralCell(plainLines.Replace(cellText(record[i]))))
		default:
			row = append(row, "")
		}
	}
	if len(record) <= width {
		row = append(row, NeutralCell(why))
	}
	_ = w.Write(row)
}
