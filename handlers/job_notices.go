package handlers

import (
	"context"
	"strings"
	"time"

	"smartscheduler/db"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// jobNotices are what a dispatcher may have overlooked about the job of the
// cards. The numbers of other jobs are links for those who may see them.
func (h *Handlers) jobNotices(ctx context.Context, p Principal, cards []db.Card) ([]views.JobNotice, error) {
	around, err := h.db.JobNotices(ctx, cards)
	if err != nil {
		return nil, err
	}
	var notices []views.JobNotice
	say := func(words string, jobs ...views.JobLink) {
		notices = append(notices, views.JobNotice{Text: words, Jobs: jobs})
	}
	card := cards[0]
	z, err := zonesOf(card)
	if err != nil {
		return nil, err
	}
	if text := clockChange(card, z); text != "" {
		say(text)
	}
	for i, days := range around.LongDays {
		for _, day := range days {
			say(cards[i].ContractorName + " works " + day.Detail + ".")
		}
	}
	if len(around.AlsoIn) > 0 {
		say("Its point also lies in " + strings.Join(around.AlsoIn, ", ") + ": the smallest region has it.")
	}
	var others []views.JobLink
	for _, o := range around.SameAddress {
		link := views.JobLink{Number: numberOf(o.Number)}
		if p.MaySee(card.Region) {
			link.JobID = o.ID
		}
		others = append(others, link)
	}
	if len(others) > 0 {
		say("At the same address on the same day:", others...)
	}
	return notices, nil
}

// clockChange says that the clocks change in the promised window, where that
// leaves less time than the job takes.
func clockChange(card db.Card, z zones) string {
	window := windowOf(card)
	wall := schedule.WallTimeIn(window.End, z.job).DB().Sub(schedule.WallTimeIn(window.Start, z.job).DB())
	takes := time.Duration(card.DurationMinutes) * time.Minute
	if wall < takes || window.Duration() >= takes {
		return ""
	}
	return "The clocks change in its window: that is only " + lengthLabel(int(window.Duration()/time.Minute)) + " long."
}
