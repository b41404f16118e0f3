package handlers_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"smartscheduler/db"
	"smartscheduler/handlers"
	"smartscheduler/schedule"
)

var candidateLabel = regexp.MustCompile(`(?s)<label class="candidate".*?</label>`)

// candidatesOf are the contractors that a form offers, in its order.
func candidatesOf(got *httptest.ResponseRecorder) (labels []string) {
	for _, label := range candidateLabel.FindAllString(got.Body.String(), -1) {
		labels = append(labels, html.UnescapeString(label))
	}
	return labels
}

// TestOverdueJob: a job that was not done in time still finds somebody.
func TestOverdueJob(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	lee := o.addContractor("north", "Lee")
	past := time.Now().AddDate(0, 0, -40).Format(time.DateOnly)
	j, other := o.addJob("north", past), o.addJob("north", soonDay())
	form := ann.get("/jobs/" + j.id + "/assignments/new")
	if got := candidatesOf(form); len(got) != 1 {
		t.Fatalf("the form offers %q", got)
	}
	wantSaid(t, form, http.StatusOK, "Lee", "not free in the promised window")
	at := soonDay() + "T09:00"
	wantStatus(t, ann.assign(other, lee, at), http.StatusOK)
	if slots := slotsOf(ann.assign(j, lee, at)); len(slots) != 3 {
		t.Errorf("a lost race offers %q", slots)
	}
}

// auditRule is the rule that the newest audit record of a job has of a
// contractor.
func (o *office) auditRule(jobID, contractorID string) string {
	o.t.Helper()
	decision, err := o.db.DecisionOf(o.t.Context(), o.audit(jobID))
	if err != nil {
		o.t.Fatal(err)
	}
	for _, c := range decision.Candidates {
		if c.ContractorID == contractorID {
			return c.Rule
		}
	}
	o.t.Fatalf("%s is no candidate of %+v", contractorID, decision)
	return ""
}

// TestHoursAreForTheDispatcher: who doesn't work then can be chosen, against a
// warning that stays in the audit record.
func TestHoursAreForTheDispatcher(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	day := soonDay()
	nia, lee := o.addContractor("north", "Nia"), o.addContractor("north", "Lee")
	o.exec(`delete from contractor_hours where contractor_id = $1`, nia)
	booked := o.addJob("north", day)
	wantStatus(t, ann.assign(booked, nia, day+"T08:00"), http.StatusOK)
	t.Run("Offered", func(t *testing.T) {
		got := candidatesOf(ann.get("/jobs/" + o.addJob("north", day).id + "/assignments/new"))
		if len(got) != 2 || !strings.Contains(got[0], "Lee") || !strings.Contains(got[1], "Nia") {
			t.Fatalf("the form offers %q", got)
		}
		// Nia is booked until 09:00.
		if !strings.Contains(got[1], `data-start="`+day+`T09:00"`) || !strings.Contains(got[1], "outside working hours") {
			t.Errorf("Nia is offered as %s", got[1])
		}
		if strings.Contains(got[0], "candidate-warn") {
			t.Errorf("Lee is warned of: %s", got[0])
		}
	})
	t.Run("Recorded", func(t *testing.T) {
		j := o.addJob("north", day)
		wantSaid(t, ann.assign(j, lee, day+"T02:00", "override_reason", "burst pipe"), http.StatusOK, "02:00–03:00 (outside working hours)")
		if rule := o.auditRule(j.id, lee); rule != schedule.RuleOutsideHours {
			t.Errorf("recorded is %q", rule)
		}
		wantSaid(t, ann.change(o, j.id, "times", "start", day+"T10:00"), http.StatusOK, "10:00–11:00<")
		if rule := o.auditRule(j.id, lee); rule != "" {
			t.Errorf("recorded is %q of a time within the hours", rule)
		}
		o.exec(`insert into contractor_exceptions (contractor_id, day, note) values ($1, $2, 'dentist')`, lee, day)
		wantSaid(t, ann.change(o, j.id, "times", "start", day+"T11:00"), http.StatusOK, "dentist")
		if rule := o.auditRule(j.id, lee); rule != schedule.RuleOff {
			t.Errorf("recorded is %q on a day off", rule)
		}
		wantSaid(t, ann.change(o, j.id, "contractor", "contractor_id", nia, "start", day+"T12:00"), http.StatusOK, "outside working hours")
		if rule := o.auditRule(j.id, nia); rule != schedule.RuleOutsideHours {
			t.Errorf("recorded is %q after a reassignment", rule)
		}
		wantSaid(t, ann.clone().plain().get("/jobs/"+j.id), http.StatusOK, "burst pipe", "outside working hours", "off that day")
	})
}

// TestNobodyElse: who lacks a skill or has no hours left on any day is no choice,
// and the form says why.
func TestNobodyElse(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	day := soonDay()
	o.addContractor("north", "Lee")
	kim, mia := o.addContractor("north", "Kim", "gas"), o.addContractor("north", "Mia", "gas")
	o.exec(`update contractor_skills set valid_until = $2::date - 1 where contractor_id = $1`, kim, day)
	var held job
	for i := range 9 {
		long := o.addJob("north", day, func(n *db.NewJob) { n.DurationMinutes = 12 * 60 })
		wantStatus(t, ann.assign(long, mia, soon().AddDate(0, 0, i).Format(time.DateOnly)+"T06:00", "override_reason", "rush"), http.StatusOK)
		if i == 0 {
			held = long
		}
	}
	form := ann.get("/jobs/" + o.addJob("north", day, func(n *db.NewJob) { n.Skills = []string{"gas"} }).id + "/assignments/new")
	if got := candidatesOf(form); len(got) != 0 {
		t.Errorf("the form offers %q", got)
	}
	wantSaid(t, form, http.StatusOK, "no Gas skill", "Gas expired", "on "+held.number)
}

// TestReassignKeepsTheAppointment: who is free at the booked time comes first
// and keeps it; only who is not is offered another time, with a warning.
func TestReassignKeepsTheAppointment(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	day := soonDay()
	lee, kim, nia := o.addContractor("north", "Lee"), o.addContractor("north", "Kim"), o.addContractor("north", "Nia")
	o.addContractor("south", "Zoe")
	o.exec(`delete from contractor_hours where contractor_id = $1`, nia)
	j, other := o.addJob("north", day), o.addJob("north", day)
	wantStatus(t, ann.assign(j, lee, day+"T14:00"), http.StatusOK)
	wantStatus(t, ann.assign(other, kim, day+"T14:30"), http.StatusOK)
	form := ann.get("/assignments/" + o.card(j.id).AssignmentID + "/contractor")
	got := candidatesOf(form)
	for i, want := range [][]string{
		{"Zoe", day + "T14:00", "free at the booked time", "from another region: South"},
		{"Kim", day + "T08:00", "not at the booked time: booked 14:30–15:30 on " + other.number},
		{"Nia", day + "T14:00", "at the booked time", "outside working hours"},
	} {
		for _, text := range want {
			if len(got) != 3 || !strings.Contains(got[i], text) {
				t.Fatalf("place %d lacks %q: %q", i+1, text, got)
			}
		}
	}
	wantSaid(t, form, http.StatusOK, `value="`+day+`T14:00"`)
}

// TestNoOtherStart: that nothing else is free is said only where it was looked
// for.
func TestNoOtherStart(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	day := soonDay()
	nia, lee := o.addContractor("north", "Nia"), o.addContractor("north", "Lee")
	o.exec(`delete from contractor_hours where contractor_id = $1`, nia)
	j, other := o.addJob("north", day), o.addJob("north", day)
	wantStatus(t, ann.assign(j, nia, day+"T09:00"), http.StatusOK)
	const none = "no other start is free"
	taken := ann.assign(j, lee, day+"T09:00")
	wantSaid(t, taken, http.StatusConflict, "was just given to Nia", "Nothing was saved.")
	if strings.Contains(taken.Body.String(), none) {
		t.Error("a job that was taken says that nothing is free")
	}
	wantSaid(t, ann.assign(other, nia, day+"T09:00"), http.StatusConflict, "Nia was just booked", none)
}

// TestDayOffNotesStayAtHome: why somebody is off is read by those of his home,
// and not by the dispatchers of a region that he only serves, neither among the
// candidates nor in what an assignment or a move is answered with.
func TestDayOffNotesStayAtHome(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	day := soonDay()
	maya := o.addContractor("south", "Maya")
	o.exec(`insert into contractor_regions (contractor_id, region) values ($1, 'north')`, maya)
	o.exec(`insert into contractor_exceptions (contractor_id, day, note) select $1, d::date, 'dentist' from generate_series($2::date - 8, $2::date + 8, interval '1 day') d`,
		maya, day)
	for _, who := range []struct {
		name    string
		regions []string
		reads   bool
	}{{"Ann", []string{"north"}, false}, {"Bo", []string{"north", "south"}, true}} {
		b := o.person(handlers.RoleDispatcher, who.name, who.regions...)
		j := o.addJob("north", day)
		says := func(what string, got *httptest.ResponseRecorder) {
			t.Helper()
			wantSaid(t, got, http.StatusOK, "off on")
			if reads := strings.Contains(got.Body.String(), "dentist"); reads != who.reads {
				t.Errorf("%s, %s: reads the note: %t", who.name, what, reads)
			}
		}
		says("the candidates", b.get("/jobs/"+j.id+"/assignments/new"))
		says("an assignment", b.assign(j, maya, day+"T09:00"))
		says("a move", b.change(o, j.id, "times", "start", day+"T10:00"))
		wantStatus(t, b.change(o, j.id, "removal"), http.StatusOK)
	}
}
