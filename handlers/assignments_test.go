package handlers_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/handlers"
)

// wantSaid wants an answer of a status that says each of the texts.
func wantSaid(t testing.TB, got *httptest.ResponseRecorder, status int, texts ...string) {
	t.Helper()
	wantStatus(t, got, status)
	said := html.UnescapeString(got.Body.String())
	for _, text := range texts {
		if !strings.Contains(said, text) {
			t.Errorf("the answer does not say %q: %.4000s", text, said)
		}
	}
}

// unchanged runs requests that must write nothing.
func (o *office) unchanged(requests func()) {
	o.t.Helper()
	before := o.written()
	requests()
	if after := o.written(); after != before {
		o.t.Errorf("assignments, their versions, audit records, events, versions of jobs: %v, were %v", after, before)
	}
}

// TestS4ClockChange is the fourth day of the project's days in the life.
func TestS4ClockChange(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	lee := o.addContractor("north", "Lee")
	ofMinutes := func(day string, minutes int) job {
		return o.addJob("north", day, func(n *db.NewJob) { n.DurationMinutes = minutes })
	}
	t.Run("SixHoursOverTheGap", func(t *testing.T) {
		j := ofMinutes("2027-03-13", 360)
		wantSaid(t, ann.assign(j, lee, "2027-03-13T22:00"), http.StatusOK, "22:00–Sun 05:00")
		if got := o.card(j.id).At().Duration(); got != 6*time.Hour {
			t.Errorf("it is %s long, want 6 h", got)
		}
	})
	t.Run("MissingHour", func(t *testing.T) {
		j := ofMinutes("2027-03-14", 60)
		o.unchanged(func() {
			got := ann.assign(j, lee, "2027-03-14T02:30")
			wantSaid(t, got, http.StatusUnprocessableEntity, "02:30 does not exist that night; 01:59 or 03:00?", `value="2027-03-14T02:30"`,
				`name="instead" value="start 2027-03-14T01:59"`, `name="instead" value="start 2027-03-14T03:00"`)
		})
	})
	t.Run("RepeatedHour", func(t *testing.T) {
		first, second := ofMinutes("2027-11-07", 60), ofMinutes("2027-11-07", 60)
		o.unchanged(func() {
			wantSaid(t, ann.assign(first, lee, "2027-11-07T01:30"), http.StatusUnprocessableEntity,
				"First 01:30 (EDT)", "Second 01:30 (EST)", `name="start_offset" value="-04:00"`, `name="start_offset" value="-05:00"`)
		})
		wantStatus(t, ann.assign(first, lee, "2027-11-07T01:30", "start_offset", "-04:00"), http.StatusOK)
		wantStatus(t, ann.assign(second, lee, "2027-11-07T01:30", "start_offset", "-05:00"), http.StatusOK)
		if gap := o.card(second.id).Start.Time.Sub(o.card(first.id).Start.Time); gap != time.Hour {
			t.Errorf("the two are %s apart, want 1 h", gap)
		}
		// The form of such an assignment keeps which of the two it is.
		form := ann.get("/assignments/" + o.card(second.id).AssignmentID + "/times")
		wantSaid(t, form, http.StatusOK, `value="2027-11-07T01:30"`, `value="-05:00"`)
	})
	t.Run("CentralTime", func(t *testing.T) {
		o.addRegion("bridgeport", "America/Chicago")
		kim := o.person(handlers.RoleAdmin, "Kim")
		j := o.addJob("bridgeport", soonDay())
		wantStatus(t, kim.assign(j, lee, soonDay()+"T09:00"), http.StatusOK)
		board := kim.get("/dispatch/north?date=" + soonDay())
		if card := cardIn(board.Body.String(), j.id); !strings.Contains(card, "09:00–10:00 CT") {
			t.Errorf("on an Eastern board the card reads %s", card)
		}
	})
}

// TestRepeatedPost sends one form several times under its key.
func TestRepeatedPost(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann, bo := o.person(handlers.RoleDispatcher, "Ann", "north"), o.person(handlers.RoleDispatcher, "Bo", "north")
	lee := o.addContractor("north", "Lee")
	day := soonDay()
	t.Run("SameAnswer", func(t *testing.T) {
		j, key := o.addJob("north", day), uuid.NewString()
		first := ann.assign(j, lee, day+"T09:00", "idempotency_key", key)
		wantStatus(t, first, http.StatusOK)
		o.unchanged(func() {
			again := ann.assign(j, lee, day+"T09:00", "idempotency_key", key)
			if again.Code != http.StatusOK || again.Body.String() != first.Body.String() {
				t.Errorf("the second answer is %d:\n%s\nthe first was\n%s", again.Code, again.Body, first.Body)
			}
			wantStatus(t, ann.assign(j, lee, day+"T09:15", "idempotency_key", key), http.StatusUnprocessableEntity)
			wantStatus(t, bo.assign(j, lee, day+"T09:00", "idempotency_key", key), http.StatusConflict)
			wantStatus(t, ann.assign(j, lee, day+"T09:00"), http.StatusConflict)
		})
		// Another form of the same job is another request under the key.
		wantStatus(t, ann.change(o, j.id, "removal", "idempotency_key", key), http.StatusUnprocessableEntity)
		wantStatus(t, ann.change(o, j.id, "removal"), http.StatusOK)
	})
	t.Run("CorrectedAfterAFailure", func(t *testing.T) {
		held, j, key := o.addJob("north", day), o.addJob("north", day), uuid.NewString()
		wantStatus(t, ann.assign(held, lee, day+"T12:00"), http.StatusOK)
		o.unchanged(func() {
			wantStatus(t, ann.assign(j, lee, "", "idempotency_key", key), http.StatusUnprocessableEntity)
			wantStatus(t, ann.assign(j, lee, day+"T12:30", "idempotency_key", key), http.StatusConflict)
		})
		wantStatus(t, ann.assign(j, lee, day+"T13:00", "idempotency_key", key), http.StatusOK)
	})
	t.Run("AtOnce", func(t *testing.T) {
		j, key := o.addJob("north", day), uuid.NewString()
		before := o.logged(events.KindJobAssigned)
		browsers := []*browser{ann.clone(), ann.clone(), ann.clone(), ann.clone()}
		answers := atOnce(len(browsers), func(i int) *httptest.ResponseRecorder {
			return browsers[i].assign(j, lee, day+"T15:00", "idempotency_key", key)
		})
		for i, got := range answers {
			if got.Code != http.StatusOK || got.Body.String() != answers[0].Body.String() {
				t.Errorf("request %d: %d %.300s", i, got.Code, got.Body)
			}
		}
		if n := o.logged(events.KindJobAssigned) - before; n != 1 {
			t.Errorf("%d events, want 1", n)
		}
	})
	t.Run("KeyTooLong", func(t *testing.T) {
		j := o.addJob("north", day)
		got := ann.assign(j, lee, day+"T17:00", "idempotency_key", strings.Repeat("é", 201))
		wantSaid(t, got, http.StatusUnprocessableEntity, "open it again")
		wantStatus(t, ann.assign(j, lee, day+"T17:00", "idempotency_key", strings.Repeat("é", 200)), http.StatusOK)
	})
}

// plain makes the browser one without script.
func (b *browser) plain() *browser {
	b.header.Del("HX-Request-Type")
	return b
}

// TestWithoutScript: every form works as a plain post.
func TestWithoutScript(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north").plain()
	lee, maya := o.addContractor("north", "Lee"), o.addContractor("north", "Maya")
	day := soonDay()
	j := o.addJob("north", day)
	board := []string{"board", "north", "date", day}
	whole := "<!doctype html>"
	wantSaid(t, ann.get("/jobs/"+j.id+"/assignments/new?board=north&date="+day), http.StatusOK, whole, "Lee", "Maya")
	wantSaid(t, ann.assign(j, lee, "", board...), http.StatusUnprocessableEntity, whole, "Give a date and a time.")
	wantSaid(t, ann.assign(j, "", day+"T09:00", board...), http.StatusUnprocessableEntity, whole, "Choose a contractor.")
	wantLocation(t, ann.assign(j, lee, day+"T09:00", board...), "/dispatch/north?date="+day)
	wantSaid(t, ann.assign(j, maya, day+"T09:00", board...), http.StatusConflict, whole, "was just given to Lee")
	wantLocation(t, ann.change(o, j.id, "times", "start", day+"T10:00"), "/jobs/"+j.id)
	wantLocation(t, ann.change(o, j.id, "contractor", append(board, "contractor_id", maya)...), "/dispatch/north?date="+day)
	wantLocation(t, ann.change(o, j.id, "removal", "board", "//evil.example", "date", day), "/jobs/"+j.id)
}

// TestLogMustBeWritten: an assignment whose event cannot be logged is refused
// as a whole, and the answer says so.
func TestLogMustBeWritten(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	lee, day := o.addContractor("north", "Lee"), soonDay()
	j := o.addJob("north", day)
	o.exec(`revoke insert on event_log from smartscheduler_app`)
	o.unchanged(func() {
		wantSaid(t, ann.assign(j, lee, day+"T09:00"), http.StatusInternalServerError, "may not have been saved")
	})
	o.exec(`grant insert on event_log to smartscheduler_app`)
	wantStatus(t, ann.assign(j, lee, day+"T09:00"), http.StatusOK)
}

// TestOddForms: whatever a form holds, nothing breaks and nothing is saved.
func TestOddForms(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ann := o.person(handlers.RoleDispatcher, "Ann", "north")
	lee, day := o.addContractor("north", "Lee"), soonDay()
	j := o.addJob("north", day)
	at := day + "T09:00"
	o.unchanged(func() {
		for _, fields := range []url.Values{
			{}, {"version": {"x"}}, {"version": {"0"}}, {"version": {"-1"}}, {"version": {"99999999999999999999"}},
			{"contractor_id": {"nonsense"}}, {"contractor_id": {strings.ToUpper(uuid.NewString())}}, {"contractor_id": {"' or 1=1 --"}},
			{"start": {"9999-12-31T23:59"}}, {"start": {"0001-01-01T00:00"}}, {"start": {"9999-12-31T00:00"}, "end": {"9999-12-31T23:59"}},
			{"start": {"2027-02-30T10:00"}}, {"start": {"10:00"}}, {"start_offset": {"+99:99"}}, {"start_offset": {"nonsense"}},
			{"end": {"nonsense"}}, {"end": {day + "T08:00"}}, {"slot": {"nonsense nonsense nonsense"}}, {"slot": {at + "-17:00"}},
			{"audit_id": {"nonsense"}, "start": {""}}, {"contractor_id": {lee, lee}},
		} {
			full := j.fields("contractor_id", lee, "start", at)
			for name, values := range fields {
				full[name] = values
			}
			if len(fields) == 0 {
				full = url.Values{}
			}
			if got := ann.post("/jobs/"+j.id+"/assignments", full); got.Code != http.StatusUnprocessableEntity {
				t.Errorf("%v: %d, want 422: %.300s", fields, got.Code, got.Body)
			}
		}
	})
}
