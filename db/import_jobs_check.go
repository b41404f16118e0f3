package db

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"smartscheduler/schedule"
)

// maySave tells whether the caller may have the job where it is and where it
// will be.
func (p *jobPlan) maySave(row JobRow, j *importedJob) bool {
	switch {
	case j.before != nil && !p.By.may(j.before.Region):
		p.reject(row, "external_id", row.Job.ExternalID, "this id belongs to a job that is not in your regions")
		return false
	case !p.By.may(j.Region):
		p.reject(row, "address", row.Job.Site.Address, "this place is not in your regions: leave the row to somebody who may change jobs there")
		return false
	}
	return true
}

func (p *jobPlan) reject(row JobRow, column, value, reason string) {
	p.bad = append(p.bad, RowError{Line: row.Line, Column: column, Value: value, Reason: reason})
}

// knownSkills returns the slugs of a row's skills, named by slug or by name,
// or nil if one is unknown.
func (p *jobPlan) knownSkills(row JobRow) []string {
	slugs, soFar := []string{}, len(p.bad)
	for _, s := range row.Job.Skills {
		slug, known := p.skills[strings.ToLower(s)]
		if !known && len(p.bad) < soFar+rowErrors {
			p.reject(row, "skills", s, "there is no such skill: correct the name, or have the skill added first")
		}
		slugs = append(slugs, slug)
	}
	if len(p.bad) > soFar {
		return nil
	}
	slices.Sort(slugs)
	return slices.Compact(slugs)
}

// rejectWindow says which end of the window is bad, and how a file names one of
// two equal hours.
func (p *jobPlan) rejectWindow(row JobRow, err error) {
	bad := RowError{Line: row.Line, Column: "window_start", Value: row.Job.WindowStart.String() + row.Job.WindowStartOffset, Reason: err.Error()}
	var invalid *Invalid
	if errors.As(err, &invalid) {
		bad.Reason = invalid.Message
		switch invalid.Field {
		case "window_end":
			bad.Column, bad.Value = invalid.Field, row.Job.WindowEnd.String()+row.Job.WindowEndOffset
		case "duration_minutes":
			bad.Column, bad.Value = invalid.Field, strconv.Itoa(row.Job.DurationMinutes)
		}
	}
	var local *schedule.LocalTimeError
	if errors.As(err, &local) && local.Kind == schedule.Repeated && len(local.Choices) > 0 {
		bad.Reason += ", by writing it like " + bad.Value + local.Choices[0].Offset
	}
	p.bad = append(p.bad, bad)
}
