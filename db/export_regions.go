package db

import (
	"encoding/json"

	"github.com/lib/pq"
)

// exportedRegion is a feature of a file of regions.
type exportedRegion struct {
	Slug      string         `db:"slug"`
	Name      string         `db:"name"`
	Zone      string         `db:"zone"`
	Postcodes pq.StringArray `db:"postcodes"`
	// Geometry is GeoJSON.
	Geometry []byte `db:"geometry"`
}

func (exportedRegion) query() string {
	return `select slug, name, zone, postcodes, coalesce(geometry, 'null'::jsonb) as geometry from asked, regions` + noQueue + ` order by slug`
}

func (exportedRegion) columns() []string { return nil }

// cells is empty: regions are no table.
func (exportedRegion) cells() ([]string, error) { return nil, ErrExport }

// MarshalJSON implements json.Marshaler: a GeoJSON Feature, as the import reads
// it.
func (r exportedRegion) MarshalJSON() ([]byte, error) {
	type properties struct {
		Slug      string   `json:"slug"`
		Name      string   `json:"name"`
		Zone      string   `json:"zone"`
		Postcodes []string `json:"postcodes"`
	}
	return json.Marshal(struct {
		Type       string          `json:"type"`
		Properties properties      `json:"properties"`
		Geometry   json.RawMessage `json:"geometry"`
	}{"Feature", properties{r.Slug, r.Name, r.Zone, append([]string{}, r.Postcodes...)}, r.Geometry})
}
