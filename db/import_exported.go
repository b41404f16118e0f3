package db

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"smartscheduler/schedule"
)

// ExportedAs is what the export of a job says beside what people enter. An
// import goes by it when the job is new; that of a known job is changed by
// commands alone.
type ExportedAs struct {
	// Number is 0 for the next one.
	Number int64
	// Status is open, draft, on hold or cancelled. All others follow from the
	// assignments, which have a file of their own.
	Status schedule.JobStatus
	// Region is "" for the one that the place is in, and Reason why it was that
	// one: "override" if it was chosen by hand.
	Region, Reason string
	// Zone is "" for that of the region.
	Zone string
}

// maxNumber bounds the numbers of jobs that a file may bring: the next new job
// has a higher one.
const maxNumber = 999_999_999

// maxAccessNotes bounds what is said about getting in, in characters.
const maxAccessNotes = 2000

func (was ExportedAs) numberCell() string {
	if was.Number == 0 {
		return ""
	}
	return strconv.FormatInt(was.Number, 10)
}

func (c *cells) exportedAs() ExportedAs {
	was := ExportedAs{
		Status: c.jobStatus(), Region: c.text("region", 0, 63), Reason: c.regionReason(), Zone: c.text("zone", 0, 100),
	}
	if value := c.cell("number"); value != "" {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 1 || n > maxNumber {
			c.reject("number", value, "write the number of the job without letters, or leave it empty")
		}
		was.Number = n
	}
	if was.Zone != "" {
		if _, err := schedule.LoadZone(was.Zone); err != nil {
			c.reject("zone", was.Zone, "it is not an IANA time zone like America/New_York")
		}
	}
	return was
}

func (c *cells) jobStatus() schedule.JobStatus {
	value := c.cell("status")
	switch s := schedule.JobStatus(value); s {
	case schedule.JobDraft, schedule.JobOnHold, schedule.JobCancelled:
		return s
	case "", schedule.JobOpen, schedule.JobPartiallyAssigned, schedule.JobAssigned, schedule.JobInProgress,
		schedule.JobCompleted, schedule.JobIncomplete:
		return schedule.JobOpen
	}
	c.reject("status", value, "write open, on_hold, cancelled or draft, or leave it empty")
	return ""
}

// numberFor is the number that a row asks for, nil for the next one. A file of
// somebody who has only some of the regions says nothing about numbers, which
// are everybody's.
func (p *jobPlan) numberFor(row JobRow) *int64 {
	if row.Was.Number == 0 || !p.By.AllRegions {
		return nil
	}
	return &row.Was.Number
}

// takeNumbers leaves the new jobs the numbers that are free, and lets the next
// ones begin after them: first, so that nobody else takes one meanwhile.
func (p *jobPlan) takeNumbers(ctx context.Context, tx *sqlx.Tx) error {
	var wanted []int64
	for _, j := range p.created {
		if j.Number != nil {
			wanted = append(wanted, *j.Number)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	if _, err := tx.ExecContext(ctx, `select setval('jobs_number_seq', $1) from jobs_number_seq where last_value <= $1`, slices.Max(wanted)); err != nil {
		return fmt.Errorf("set the next number: %w", err)
	}
	var taken []int64
	if err := tx.SelectContext(ctx, &taken, `select number from jobs where number = any($1)`, pq.Array(wanted)); err != nil {
		return fmt.Errorf("look up numbers: %w", err)
	}
	known := make(map[int64]bool, len(taken))
	for _, n := range taken {
		known[n] = true
	}
	for _, j := range p.created {
		if j.Number != nil && known[*j.Number] {
			j.Number = nil
		}
	}
	return nil
}

// regionReason is by hand if a region is given and nothing else is said.
func (c *cells) regionReason() string {
	value := c.cell("region_reason")
	switch {
	case value == "" && c.cell("region") != "":
		return "override"
	case value == "", slices.Contains([]string{"override", "polygon", "border", "postcode", "none"}, value):
		return value
	}
	c.reject("region_reason", value, "write override, or leave it empty")
	return ""
}
