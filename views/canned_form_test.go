package views_test

import (
	"fmt"

	"smartscheduler/views"
)

func cannedJob() views.JobSummary {
	return views.JobSummary{
		JobID: jobID(1), Number: "J-1001", Title: nameMarkup, Customer: nameArabic, Place: "Signal Mountain 37377",
		Window: "Tue 10:00–12:00", Duration: "2 h 30 min", Skills: []string{"Gas", "HVAC"}, Priority: "rush",
		ZoneLabel: "Eastern time", Zone: "America/New_York",
	}
}

func cannedContext() views.FormContext {
	return views.FormContext{Board: "north", Date: "2027-03-09", Version: 3, IdempotencyKey: "22222222-0000-4000-8000-000000000001"}
}

func cannedAssign() views.AssignmentForm {
	f := views.AssignmentForm{
		FormContext: cannedContext(), Job: cannedJob(), ContractorID: contractorID(0), Start: "2027-03-09T10:00",
		AuditID: "33333333-0000-4000-8000-000000000001",
	}
	for i, name := range cannedNames()[:5] {
		f.Candidates = append(f.Candidates, views.Candidate{
			ContractorID: contractorID(i), Name: name, Start: fmt.Sprintf("2027-03-09T%02d:00", 10+i), Slot: fmt.Sprintf("Tue %02d:00–%02d:00", 10+i, 12+i),
		})
	}
	f.Candidates[1].Notes = []string{"Home region South", "2 jobs that day"}
	f.Candidates[2].Warnings = []string{"outside his hours 08:00–17:00"}
	f.Refused = []views.Refusal{{Name: nameLong, Reasons: []string{"no Gas skill", "Tile expired 12 Nov"}}, {Name: "Lee Park", Reasons: []string{"booked 10:00–12:00 on J-1042"}}}
	return f
}

func cannedConflict() views.AssignmentForm {
	f := cannedAssign()
	f.End = "2027-03-09T12:30"
	f.Conflict = &views.Conflict{
		Message: nameEmoji + " was just booked 10:00–12:00 on J-1042 by Ann",
		Slots:   []views.Slot{{Start: "2027-03-09T12:00", Label: "Tue 12:00–14:30"}, {Start: "2027-03-09T14:30", Label: "Tue 14:30–17:00"}, {Start: "2027-03-10T08:00", Offset: "-05:00", Label: "Wed 08:00–10:30"}},
	}
	return f
}

func cannedInvalid() views.AssignmentForm {
	f := cannedAssign()
	f.ContractorID, f.Start = "", "2027-11-07T01:30"
	f.StartChoices = []views.OffsetChoice{{Value: "-04:00", Label: "first 01:30 (EDT, -04:00)"}, {Value: "-05:00", Label: "second 01:30 (EST, -05:00)"}}
	f.NeedsReason = true
	f.Errors = views.Errors{
		"contractor_id": "Choose a contractor", "start_offset": "01:30 happens twice that night: choose EDT (-04:00) or EST (-05:00)",
		"end": "The end is before the start", "override_reason": "Say why the rule may be broken", "": "The form is too old",
	}
	f.Stale = &views.Stale{Rows: []views.StaleRow{{Label: "Window", Yours: "Tue 10:00–12:00", Now: "Tue 13:00–15:00"}, {Label: "Title", Yours: nameMarkup, Now: nameLong}}}
	return f
}

func cannedJobForm() views.JobForm {
	return views.JobForm{
		Skills: []views.Choice{{Value: "hardwood", Label: "Hardwood"}, {Value: "gas", Label: "Gas"}, {Value: "tile", Label: nameLong}}, Chosen: map[string]bool{"gas": true},
		Priority: "normal", FormContext: views.FormContext{IdempotencyKey: "22222222-0000-4000-8000-000000000002"},
	}
}

func cannedInvalidJobForm() views.JobForm {
	f := cannedJobForm()
	f.Title, f.CustomerName, f.WindowStart = nameMarkup, nameArabic, "2027-03-14T02:30"
	f.Errors = views.Errors{
		"title": "Say what is to be done", "duration_minutes": "At least 1 minute", "window_start": "02:30 does not exist that night; 01:59 or 03:00?",
		"skills": "Unknown skill", "lat": "Between -90 and 90", "customer_name": "Too long", "priority": "Choose one",
	}
	f.Instead = map[string][]views.Choice{"window_start": {{Value: "2027-03-14T01:59", Label: "01:59"}, {Value: "2027-03-14T03:00", Label: "03:00"}}}
	return f
}

func cannedEdit() views.JobEdit {
	f := cannedJobForm()
	f.FormContext, f.Job = cannedContext(), cannedJob()
	f.Title, f.CustomerName, f.CustomerPhone, f.DurationMinutes = nameMarkup, nameArabic, "555-0142", "150"
	f.Address, f.Postcode, f.Lat, f.Lng = nameMarkup, "37377", "35.1", "-85.3"
	f.WindowStart, f.WindowEnd = "2027-03-09T10:00", "2027-03-09T12:00"
	f.Regions = []views.RegionLink{{Slug: "north", Name: "North"}, {Slug: "south", Name: nameMarkup}}
	return views.JobEdit{JobForm: f, RegionName: "Unrouted", RegionWhy: "no region holds it", Holder: nameLong + ", Tue 10:00–12:30"}
}

func cannedStaleEdit() views.JobEdit {
	f := cannedEdit()
	f.WindowStart, f.WindowStartOffset = "2027-11-07T01:30", "-05:00"
	f.WindowStartChoices = []views.OffsetChoice{{Value: "-04:00", Label: "EDT (-04:00)"}, {Value: "-05:00", Label: "EST (-05:00)"}}
	f.Errors = views.Errors{"window_start_offset": "01:30 happens twice that night", "region_override": "Choose a region from the list.", "": "Nothing differs from what is saved."}
	f.Stale = &views.Stale{Rows: []views.StaleRow{{Label: "Title", Yours: nameMarkup, Now: nameLong}, {Label: "Status", Yours: "as when you opened the form", Now: "Assigned"}}}
	return f
}

func cannedAct() views.JobActForm {
	f := views.JobActForm{
		FormContext: cannedContext(), Job: cannedJob(), Act: "cancellation", Title: "Cancel J-1001", Means: "The job is called off for good.",
		Submit: "Cancel the job", Current: nameMarkup + ", Tue 10:00–12:30", Reasons: []views.Choice{{Label: "Choose why"}, {Value: "other", Label: "Another reason."}},
		Words: nameMarkup, WordsLabel: "In words",
	}
	f.Errors = views.Errors{"reason": "Choose why it is cancelled."}
	f.Stale = &views.Stale{Rows: []views.StaleRow{{Label: "Status", Yours: "as when you opened the form", Now: "Open"}}}
	return f
}

func cannedCopy() views.JobCopyForm {
	f := views.JobCopyForm{FormContext: cannedContext(), Job: cannedJob(), FirstDay: "2027-11-07", Times: "4", WindowStartOffset: "-05:00"}
	f.WindowStartChoices = []views.OffsetChoice{{Value: "-04:00", Label: "EDT (-04:00)"}, {Value: "-05:00", Label: "EST (-05:00)"}}
	f.Errors = views.Errors{"times": "From 1 to 52 times.", "window_start_offset": "01:30 happens twice that night"}
	return f
}

func cannedMove() views.MoveForm {
	return views.MoveForm{FormContext: cannedContext(), Job: cannedJob(), AssignmentID: jobID(90), Current: nameMarkup + ", Tue 10:00–12:30", Start: "2027-03-09T10:00", End: "2027-03-09T12:30"}
}

func cannedRemoval() views.RemovalForm {
	return views.RemovalForm{FormContext: cannedContext(), Job: cannedJob(), AssignmentID: jobID(90), Current: nameMarkup + ", Tue 10:00–12:30", Reason: nameMarkup, NeedsReason: true}
}
