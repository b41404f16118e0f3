package main

import (
	"time"

	"smartscheduler/schedule"
)

// settle says how far the contractors have come with the jobs that they hold,
// as their times and now have it, so many of the past ones of one day incomplete.
func (d *dealer) settle(incomplete int) {
	running := make(map[string]bool)
	held := make([][]schedule.AssignmentStatus, len(d.jobs))
	for i, j := range d.jobs {
		if j.Contractor == "" || j.Progress != "" {
			continue
		}
		for _, at := range j.days {
			p := schedule.Completed
			switch {
			case at.Start.After(d.now):
				p = ""
			case at.End.After(d.now):
				p = []schedule.AssignmentStatus{schedule.InProgress, schedule.OnSite, schedule.Paused}[len(running)%3]
				running[j.Contractor] = true
			case incomplete > 0 && len(j.days) == 1:
				p, incomplete = schedule.Incomplete, incomplete-1
			}
			held[i] = append(held[i], p)
		}
	}
	for i := range d.jobs {
		j := &d.jobs[i]
		for n, p := range held[i] {
			if p == "" {
				held[i][n] = d.coming(j.days[n], held[i][:n], running[j.Contractor])
			}
		}
		if len(held[i]) > 0 {
			j.Progress, j.Later = held[i][0], held[i][1:]
		}
	}
}

// coming is how far a contractor has come with a day of a job that has not begun;
// before says how far with the days before it.
func (d *dealer) coming(at schedule.Span, before []schedule.AssignmentStatus, running bool) schedule.AssignmentStatus {
	switch n := len(before); {
	case n > 0 && before[n-1] == schedule.Assigned:
		return schedule.Assigned
	case n > 0:
		return schedule.Accepted
	case !running && at.Start.Before(d.now.Add(time.Hour)):
		return schedule.EnRoute
	case d.random.IntN(3) == 0:
		return schedule.Assigned
	}
	return schedule.Accepted
}
