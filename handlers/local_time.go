package handlers

import (
	"errors"
	"strings"

	"smartscheduler/db"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// takeInstead puts the value of the button that was pressed, such as
// "start 2027-03-14T03:00", in place of what was typed into that field.
func (f Form) takeInstead() {
	field, value, ok := strings.Cut(f["instead"], " ")
	delete(f, "instead")
	if ok {
		f[field] = value
		delete(f, field+"_offset")
	}
}

// explainInvalid puts what a command refused beside its field. A local time that
// is not one instant becomes a question with its answers beside it: the times
// before and after a skipped hour, or which of two equal hours is meant.
func explainInvalid(invalid *db.Invalid, f *views.FormContext, choices map[string]*[]views.OffsetChoice) {
	var local *schedule.LocalTimeError
	if !errors.As(invalid.Err, &local) || choices[invalid.Field] == nil {
		f.Errors[invalid.Field] = sentence(invalid.Message)
		return
	}
	if local.Kind == schedule.Missing {
		f.Errors[invalid.Field] = local.Question()
		f.Instead = map[string][]views.Choice{invalid.Field: {
			{Value: local.BeforeWall.String(), Label: local.Before}, {Value: local.AfterWall.String(), Label: local.After},
		}}
		return
	}
	f.Errors[invalid.Field+"_offset"] = local.Question()
	*choices[invalid.Field] = offsetChoices(local)
}

func offsetChoices(local *schedule.LocalTimeError) []views.OffsetChoice {
	list := make([]views.OffsetChoice, len(local.Choices))
	for i, choice := range local.Choices {
		list[i] = views.OffsetChoice{Value: choice.Offset, Label: choice.Label()}
		if local.Kind == schedule.Repeated && i < 2 {
			list[i].Label = []string{"First ", "Second "}[i] + local.Wall.Clock() + " (" + choice.Name() + ")"
		}
	}
	return list
}

// explainHours asks which hours are meant of those that a clock skips on one of
// the days.
func explainHours(local *schedule.LocalTimeError, cmd db.ChangeDays, shown *views.DaysForm) {
	shown.Errors["hours"] = local.Question()
	if cmd.From != cmd.To {
		shown.Errors["hours"] = "On " + dayLabel(local.Wall.DB()) + " " + local.Question()
	}
	var offered []views.Choice
	for _, w := range []schedule.WallTime{local.BeforeWall, local.AfterWall} {
		start, end := cmd.Start, cmd.End
		if start == local.Wall.Clock() {
			start = w.Clock()
		} else {
			end = w.Clock()
		}
		if w.Date() == local.Wall.Date() && start < end {
			offered = append(offered, views.Choice{Value: start + "–" + end, Label: start + "–" + end})
		}
	}
	shown.Instead = map[string][]views.Choice{"hours": offered}
}
