package views_test

import (
	"github.com/a-h/templ"

	"smartscheduler/views"
)

// cannedSteps are what may be done in one of four states.
func cannedSteps(n int) []views.PhoneStep {
	why := func(act, label, ask string) views.PhoneStep {
		return views.PhoneStep{Act: act, Label: label, Ask: ask, Reasons: []views.Choice{
			{Value: "too_far", Label: "Too far"}, {Value: "parts", Label: "Parts are missing"}, {Value: "other", Label: "Another reason"},
		}}
	}
	return [][]views.PhoneStep{
		{{Act: "accept", Label: "Accept"}, why("decline", "Decline", "Why do you decline?")},
		{{Act: "travel", Label: "On my way"}, {Act: "start", Label: "Start work"}, why("decline", "Decline", "Why do you decline?")},
		{{Act: "complete", Label: "Done"}, why("pause", "Pause", "Why do you pause?"), why("incomplete", "Can't complete", "Why can't it be completed?")},
		nil,
	}[n%4]
}

// cannedDecline is a card whose contractor declined without a reason.
func cannedDecline() views.PhoneCard {
	card := cannedPhoneCard(0)
	card.Steps = cannedSteps(0)
	card.Steps[1].Text, card.Steps[1].Errors = "It is", views.Errors{"reason": "Choose why.", "reason_text": "Say why in a few words."}
	return card
}

// cannedAnswers are the pages about answers and reports of contractors.
func cannedAnswers() map[string]templ.Component {
	phone := views.Page{Title: "J-1000", User: &views.User{Name: nameLong, Role: "contractor"}}
	behalf := views.BehalfForm{FormContext: views.FormContext{Board: "north", Date: "2027-03-09", Version: 3, IdempotencyKey: "key"}, Job: cannedJob(), AssignmentID: jobID(90),
		Current: nameEmoji + ", Tue 10:00–12:30", Act: "accept"}
	done := behalf
	done.Act, done.Errors = "complete", views.Errors{"override_reason": "That is too long."}
	return map[string]templ.Component{
		"phone-reason":  views.PhoneStepPage(phone, cannedDecline()),
		"phone-refused": views.PhoneRefusedPage(phone, views.PhoneRefusal{AssignmentID: jobID(90), Text: "The offer of J-1000 ended 12:30. Nothing was changed.", Sort: "1"}),
		"accept-for":    views.PanelPage(cannedPage("Accept J-1001", ""), views.BehalfPanel(behalf)),
		"complete-for":  views.PanelPage(cannedPage("Complete J-1001", ""), views.BehalfPanel(done)),
	}
}
