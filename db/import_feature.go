package db

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"smartscheduler/events"
	"smartscheduler/schedule"
)

// feature reads one feature and collects what is wrong with it.
type feature struct {
	line int
	bad  []RowError
}

func (f *feature) reject(column, value, reason string) {
	f.bad = append(f.bad, RowError{Line: f.line, Column: column, Value: value, Reason: reason})
}

func (f *feature) read(raw []byte) RegionRow {
	row := RegionRow{Line: f.line}
	var members struct {
		Type       string
		Properties map[string]json.RawMessage
		Geometry   json.RawMessage
	}
	if err := json.Unmarshal(raw, &members); err != nil || members.Type != "Feature" {
		f.reject("", string(raw), "it is not a GeoJSON Feature")
		return row
	}
	row.Region = Region{
		Slug: f.slug(members.Properties["slug"]), Name: f.name(members.Properties["name"]),
		Zone: f.zone(members.Properties["zone"]), Geometry: f.geometry(members.Geometry, members.Properties["postcodes"] != nil),
	}
	if list, ok := members.Properties["postcodes"]; ok {
		row.HasPostcodes = true
		row.Region.Postcodes = f.postcodes(list)
	}
	return row
}

// text reads a property that must be text.
func (f *feature) text(column string, raw json.RawMessage) (string, bool) {
	if raw == nil {
		f.reject(column, "", "the property is missing")
		return "", false
	}
	var value *string
	if err := json.Unmarshal(raw, &value); err != nil || value == nil {
		f.reject(column, string(raw), "it must be text")
		return "", false
	}
	return strings.TrimSpace(*value), true
}

var slugForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

func (f *feature) slug(raw json.RawMessage) string {
	slug, ok := f.text("slug", raw)
	switch {
	case !ok:
	case !slugForm.MatchString(slug):
		f.reject("slug", slug, "write up to 63 small letters, digits and dashes, no dash first")
	case slug == events.Unrouted:
		f.reject("slug", slug, "this slug is reserved for jobs without a region")
	}
	return slug
}

func (f *feature) name(raw json.RawMessage) string {
	name, ok := f.text("name", raw)
	if problem := regionNameProblem(name); ok && problem != "" {
		f.reject("name", name, problem)
	}
	return name
}

// regionNameProblem says what is wrong with the name of a region, "" for nothing.
func regionNameProblem(name string) string {
	switch {
	case name == "":
		return "it must not be empty"
	case utf8.RuneCountInString(name) > 200:
		return "200 characters are the most"
	case strings.ContainsAny(name, "\n\t\r"), strings.ContainsFunc(name, isControl):
		return "it has a control character"
	}
	return ""
}

func (f *feature) zone(raw json.RawMessage) string {
	zone, ok := f.text("zone", raw)
	if !ok {
		return ""
	}
	if _, err := schedule.LoadZone(zone); err != nil {
		f.reject("zone", zone, "it is not an IANA time zone like America/New_York")
	}
	return zone
}

func (f *feature) postcodes(raw json.RawMessage) []string {
	codes := []string{}
	if err := json.Unmarshal(raw, &codes); err != nil || codes == nil {
		f.reject("postcodes", string(raw), "it must be a list of texts")
		return []string{}
	}
	clean, bad := cleanPostcodes(codes)
	for _, code := range bad {
		f.reject("postcodes", code, postcodeRule)
	}
	return clean
}

const postcodeRule = "a postcode has 1 to 20 characters"

// cleanPostcodes returns the entries of a list of postcodes in order, each once,
// and those that cannot be any. The list is never nil, which would be NULL.
func cleanPostcodes(codes []string) (clean, bad []string) {
	clean = []string{}
	for _, code := range codes {
		trimmed := strings.TrimSpace(code)
		if trimmed == "" || utf8.RuneCountInString(trimmed) > 20 || strings.ContainsFunc(trimmed, isControl) {
			bad = append(bad, code)
			continue
		}
		clean = append(clean, trimmed)
	}
	slices.Sort(clean)
	return slices.Compact(clean), bad
}

// geometry is null for a region without an area, which has to list postcodes, so
// that none loses its area by a slip.
func (f *feature) geometry(raw json.RawMessage, postcodes bool) string {
	if raw == nil || string(raw) == "null" {
		if !postcodes {
			f.reject("geometry", "", "the geometry is missing; a region without an area lists its postcodes")
		}
		return "null"
	}
	plain, err := readGeometry(raw)
	if err != nil {
		f.reject("geometry", string(raw), strings.TrimPrefix(err.Error(), "read geometry: "))
	}
	return plain
}
