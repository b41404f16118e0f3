package db

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxGeoJSON bounds a file of regions, in bytes.
const maxGeoJSON = 128 << 20

// RegionFile is what a GeoJSON file of regions says.
type RegionFile struct {
	Rows []RegionRow
	// Bad are the values that cannot be taken whatever the database holds.
	Bad []RowError
}

// RegionRow is one feature of a file of regions.
type RegionRow struct {
	// Line is the line of the file on which the feature begins, from 1.
	Line   int
	Region Region
	// HasPostcodes tells whether the feature lists postcodes; without a list
	// the region keeps those it has.
	HasPostcodes bool
}

// ReadRegionsGeoJSON reads a FeatureCollection of Polygons and MultiPolygons in
// WGS 84 with the properties slug, name and zone (IANA), and optionally
// postcodes (a list). Other properties are ignored. Bad features are collected
// in RegionFile.Bad; a file that is no such collection is ErrFile.
func ReadRegionsGeoJSON(r io.Reader) (RegionFile, error) {
	text, err := readText(r, maxGeoJSON)
	if err != nil {
		return RegionFile{}, err
	}
	// The decoder below counts no offset in its errors that leads to the line.
	var syntax *json.SyntaxError
	if err := json.Unmarshal(text, new(json.RawMessage)); errors.As(err, &syntax) {
		line := 1 + bytes.Count(text[:min(int(syntax.Offset), len(text))], []byte("\n"))
		return RegionFile{}, fmt.Errorf("line %d: %w: %w", line, err, ErrFile)
	}
	reader := geoReader{text: text, line: 1, first: make(map[string]int)}
	if err := reader.collection(); errors.Is(err, ErrFile) {
		return RegionFile{}, err
	} else if err != nil {
		return RegionFile{}, fmt.Errorf("%w: %w", err, ErrFile)
	}
	return reader.file, nil
}

// geoReader goes through a collection feature by feature, because the lines
// that they begin on are known only while decoding.
type geoReader struct {
	text []byte
	file RegionFile
	// line is the line of the byte at offset.
	line   int
	offset int64
	// first holds the line of each slug.
	first map[string]int
}

// lineAt returns the line of an offset. Offsets must not go down.
func (g *geoReader) lineAt(offset int64) int {
	offset = max(g.offset, min(offset, int64(len(g.text))))
	g.line += bytes.Count(g.text[g.offset:offset], []byte("\n"))
	g.offset = offset
	return g.line
}

func (g *geoReader) collection() error {
	dec := json.NewDecoder(bytes.NewReader(g.text))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return orFile(err, "it is not a GeoJSON object")
	}
	kind, found := "", false
	for dec.More() {
		member, err := dec.Token()
		if err != nil {
			return err
		}
		switch member {
		case "type":
			err = dec.Decode(&kind)
		case "features":
			found = true
			err = g.features(dec)
		case "crs":
			err = checkCRS(dec)
		default:
			err = dec.Decode(new(json.RawMessage))
		}
		if err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return err
	}
	if kind != "FeatureCollection" || !found {
		return fmt.Errorf("it is not a FeatureCollection: %w", ErrFile)
	}
	return nil
}

// orFile is err, or ErrFile with a text if there is none.
func orFile(err error, text string) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("%s: %w", text, ErrFile)
}

// checkCRS refuses coordinates of another reference system than WGS 84, which
// old files name and which would put every region somewhere else.
func checkCRS(dec *json.Decoder) error {
	var crs struct {
		Properties struct{ Name string }
	}
	if err := dec.Decode(&crs); err != nil {
		return err
	}
	name := crs.Properties.Name
	if name == "" || strings.HasSuffix(name, "CRS84") || strings.HasSuffix(name, ":4326") {
		return nil
	}
	return fmt.Errorf("its coordinates are in %s, convert them to WGS 84 (EPSG:4326): %w", shownValue(name), ErrFile)
}

func (g *geoReader) features(dec *json.Decoder) error {
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return orFile(err, "features is not a list")
	}
	for dec.More() {
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return err
		}
		f := feature{line: g.lineAt(dec.InputOffset() - int64(len(raw)))}
		row := f.read(raw)
		if before, twice := g.first[row.Region.Slug]; twice {
			f.reject("slug", row.Region.Slug, fmt.Sprintf("line %d has this slug already", before))
		} else if row.Region.Slug != "" {
			g.first[row.Region.Slug] = f.line
		}
		if g.file.Bad = append(g.file.Bad, f.bad...); len(f.bad) == 0 {
			g.file.Rows = append(g.file.Rows, row)
		}
	}
	_, err := dec.Token()
	return err
}
