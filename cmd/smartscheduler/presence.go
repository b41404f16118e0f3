package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"smartscheduler/db"
	"smartscheduler/events"
)

const (
	// reportEvery is the time between two reports of a process, reportTime what
	// one may take.
	reportEvery = 5 * time.Second
	reportTime  = 2 * time.Second
	// maxGroups bounds the groups that a report names; the smallest of more are
	// counted together.
	maxGroups = 50
)

// instanceName names this process to people: what was configured, else its
// host and number.
func instanceName(configured string) string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	if len(host) > maxInstance/2 {
		host = host[:maxInstance/2]
	}
	return cmp.Or(configured, fmt.Sprintf("%s-%d", host, os.Getpid()))
}

// report tells the operator's page of this process until ctx ends, and then
// that it has stopped, unless the database was away already. What it cannot
// tell is only counted.
func (a *app) report(ctx context.Context) error {
	tick := time.NewTicker(reportEvery)
	defer tick.Stop()
	for {
		told := a.tell(ctx, false)
		select {
		case <-tick.C:
		case <-ctx.Done():
			if told {
				a.tell(context.WithoutCancel(ctx), true)
			}
			return nil
		}
	}
}

// tell writes one report and returns whether it was written.
func (a *app) tell(ctx context.Context, stopped bool) bool {
	ctx, cancel := context.WithTimeout(ctx, reportTime)
	defer cancel()
	at := a.broker.Head()
	lag, err := a.db.OldestAfter(ctx, at)
	if at.Epoch == 0 {
		lag = 0 // the relay has not looked yet: the whole log would count
	}
	if err == nil {
		counters, troubles := a.metrics.Delivery()
		counters.Open = a.broker.Streams()
		err = a.db.ReportDelivery(ctx, db.DeliveryProcess{
			Instance: a.instance, Build: a.build, StartedAt: a.started, Stopped: stopped, Position: at, Lag: lag,
			Streams: grouped(a.broker.Groups()), Counters: counters, Errors: troubles,
		})
	}
	if err != nil && !errors.Is(ctx.Err(), context.Canceled) {
		a.metrics.Unreported()
	}
	return err == nil
}

// Names of groups that stand for many.
const (
	groupContractors = "contractors"
	groupOthers      = "others"
)

// grouped counts connections by stream as people look at them: all contractors
// together, and of very many other groups the smallest together.
func grouped(streams map[events.Stream]int) map[string]int {
	groups := make(map[string]int)
	for s, n := range streams {
		if s.ContractorID() != "" {
			groups[groupContractors] += n
			continue
		}
		groups[string(s)] = n
	}
	if len(groups) <= maxGroups {
		return groups
	}
	bySize := slices.SortedFunc(maps.Keys(groups), func(a, b string) int { return cmp.Or(groups[b]-groups[a], cmp.Compare(a, b)) })
	for _, small := range bySize[maxGroups:] {
		groups[groupOthers] += groups[small]
		delete(groups, small)
	}
	return groups
}
