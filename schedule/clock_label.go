package schedule

import (
	"strings"
	"time"
)

// ClockLabel writes t as the clock of the job's zone shows it, "09:00". The
// zone is named when it differs from the region's: by its everyday name where
// North America has one ("09:00 CT"), else by its abbreviation ("09:00 CET").
// In the hour that a zone repeats the abbreviation is always there, because
// "01:30" alone would be two times.
func ClockLabel(t time.Time, job, region *time.Location) string {
	local := t.In(job)
	label := local.Format("15:04")
	abbrev, _ := local.Zone()
	if _, err := Resolve(WallTimeFromDB(local), job, ""); err != nil {
		return label + " " + abbrev
	}
	if job.String() == region.String() {
		return label
	}
	name := everydayName(local)
	if name == "" {
		return label + " " + abbrev
	}
	if name == everydayName(t.In(region)) {
		return label
	}
	return label + " " + name
}

// everydayName is ET, CT, MT or PT for zones of North America that change
// between the two abbreviations of such a pair, else "". A zone that stays on
// one of them all year (Phoenix, Panama) has no everyday name, and neither has
// one elsewhere that shares the letters (Havana, Shanghai).
func everydayName(local time.Time) string {
	name := local.Location().String()
	if !strings.HasPrefix(name, "America/") && !strings.HasPrefix(name, "US/") && !strings.HasPrefix(name, "Canada/") {
		return ""
	}
	winter, offset := time.Date(local.Year(), time.January, 1, 12, 0, 0, 0, local.Location()).Zone()
	summer, _ := time.Date(local.Year(), time.July, 1, 12, 0, 0, 0, local.Location()).Zone()
	type pair struct {
		winter, summer string
		hours          int
	}
	switch (pair{winter, summer, offset / 3600}) {
	case pair{"EST", "EDT", -5}:
		return "ET"
	case pair{"CST", "CDT", -6}:
		return "CT"
	case pair{"MST", "MDT", -7}:
		return "MT"
	case pair{"PST", "PDT", -8}:
		return "PT"
	}
	return ""
}
