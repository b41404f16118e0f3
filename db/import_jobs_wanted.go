package db

import (
	"cmp"
	"slices"
	"strconv"

	"smartscheduler/schedule"
)

// wanted is the job of a row as the import will leave it; false if the row is
// bad.
func (p *jobPlan) wanted(row JobRow, before *storedJob) (*importedJob, bool) {
	n := row.Job
	n.Skills = p.knownSkills(row)
	if before != nil && !p.File.HasDays {
		n.Days = before.Days
	}
	j := &importedJob{before: before}
	j.jobJSON = newJobJSON(n)
	if !j.place(p, row, before) {
		return nil, false
	}
	window, err := n.window(j.Zone)
	if err != nil {
		p.rejectWindow(row, err)
		return nil, false
	}
	if n.Skills == nil || !p.maySave(row, j) {
		return nil, false
	}
	j.Start, j.End = window.Start, window.End
	if before == nil {
		j.Status, j.Number = row.Was.Status, p.numberFor(row)
	} else {
		j.ID, j.SiteID = before.ID, before.SiteID
		p.keepAbsent(j)
		if small := tooSmall(before.visits, j.jobJSON); small != nil {
			p.reject(row, small.Field, strconv.Itoa(map[string]int{"headcount": j.Headcount, "days": j.Days}[small.Field]), small.Message)
			return nil, false
		}
		j.Status = schedule.JobStatus(before.Status).Replanned(len(before.crew), j.Headcount*j.Days)
		j.changes = before.differences(j.jobJSON)
		if !slices.Contains(j.changes, "customer") {
			j.CustomerID = before.CustomerID
		}
	}
	return j, true
}

// place decides region, reason and zone. A job that stays where it was keeps
// all three; one that moves takes the zone of its new region, unless its
// instants are booked.
func (j *importedJob) place(p *jobPlan, row JobRow, before *storedJob) bool {
	site := row.Job.Site
	if before != nil && (before.Override != "" || before.at(site)) {
		j.Region, j.Reason, j.Zone = before.Region, before.Reason, before.Zone
		return true
	}
	if before == nil && row.Was.Region != "" {
		return j.placeAs(p, row)
	}
	found := p.index.Locate(site.Point, site.Postcode)
	j.Region, j.Reason, j.Zone = found.Region, found.Reason, p.zones[found.Region]
	switch {
	case before == nil:
		j.Zone = cmp.Or(row.Was.Zone, j.Zone)
	case len(before.crew) > 0:
		j.Zone = before.Zone
	}
	return true
}

// placeAs puts a new job where it was when it was exported: jobs that are over
// don't follow a change of the map.
func (j *importedJob) placeAs(p *jobPlan, row JobRow) bool {
	zone, known := p.zones[row.Was.Region]
	if !known {
		p.reject(row, "region", row.Was.Region, "there is no such region: leave it empty to have it found by the place")
		return false
	}
	j.Region, j.Reason, j.Zone = row.Was.Region, row.Was.Reason, cmp.Or(row.Was.Zone, zone)
	if j.Reason == "override" {
		j.Override = &j.Region
	}
	return true
}

// keepAbsent keeps what the file has no column for.
func (p *jobPlan) keepAbsent(j *importedJob) {
	if !p.File.HasCustomerName {
		j.CustomerName = j.before.CustomerName
	}
	if !p.File.HasCustomerPhone {
		j.CustomerPhone = j.before.CustomerPhone
	}
	if !p.File.HasAccessNotes {
		j.AccessNotes = j.before.AccessNotes
	}
	if !p.File.HasNotes {
		j.Notes = j.before.Notes
	}
	if !p.File.HasHeadcount {
		j.Headcount = j.before.Headcount
	}
}
