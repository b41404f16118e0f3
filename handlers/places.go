package handlers

import (
	"cmp"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/events"
)

// places are the regions by slug, with their clocks and names. "" is the one for
// days that belong to no region: the caller's first.
type places map[string]place

type place struct {
	name string
	zone *time.Location
}

// clock is the zone in which a region reads its times.
func (p places) clock(region string) *time.Location {
	if loc := p[region].zone; loc != nil {
		return loc
	}
	return p[""].zone
}

// name is what people call a region.
func (p places) name(region string) string {
	if region == events.Unrouted {
		return "the unrouted queue"
	}
	return "region " + cmp.Or(p[region].name, region)
}

// places reads the regions for a caller.
func (h *Handlers) places(c echo.Context) (places, error) {
	regions, err := h.db.Regions(c.Request().Context())
	if err != nil {
		return nil, err
	}
	p, _ := principal(c)
	return placesOf(regions, p)
}

func placesOf(regions []db.Region, p Principal) (places, error) {
	known := make(places, len(regions)+1)
	for _, r := range regions {
		loc, err := loadZone(r)
		if err != nil {
			return nil, err
		}
		known[r.Slug] = place{r.Name, loc}
		if known[""].zone == nil && p.MaySee(r.Slug) {
			known[""] = place{zone: loc}
		}
	}
	if known[""].zone == nil {
		known[""] = place{zone: time.UTC}
	}
	return known, nil
}
