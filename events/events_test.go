package events_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"smartscheduler/events"
)

var start = time.Date(2027, 3, 1, 9, 0, 0, 123_456_789, time.FixedZone("CST", -6*3600))

// facts is one fact of each kind.
var facts = []events.Fact{
	events.JobCreated{JobID: "j1", Region: "north"},
	events.JobUpdated{JobID: "j1", Region: "north", Changed: []string{"title", "headcount"}, Before: &events.Plan{Headcount: 1}, After: &events.Plan{Headcount: 2}},
	events.JobAssigned{JobID: "j1", ContractorID: "c1", StartUTC: start.UTC(), Source: events.SourceAuto, ReplacesAssignmentID: "a0"},
	events.JobUnassigned{JobID: "j1", ContractorID: "c1", Reason: events.ReasonReassigned, ReplacedBy: "c2"},
	events.JobRescheduled{JobID: "j1", Cause: events.CauseDispatcher},
	events.JobRegionChanged{JobID: "j1", FromRegion: "north", ToRegion: "south", Cause: "site"},
	events.JobCancelled{JobID: "j1", Region: "north", Reason: events.CancelCustomer, By: events.ActorDispatcher, AuditID: "d1"},
	events.ImportCompleted{BatchID: "b1", Region: "north", Created: 2},
	events.AvailabilityChanged{ContractorID: "c1", Region: "north", Changed: []string{"exceptions"}, From: "2027-03-09", To: "2027-03-10"},
	events.ContractorMovedRegion{ContractorID: "c1", Region: "south", From: "north", To: "south", EffectiveFrom: "2027-03-09"},
	events.AwarenessChanged{JobID: "j1", Recipient: "c1", Channel: events.ChannelPhone, Rung: events.RungSeen, OfEvent: "e0", OfSeq: 41},
	events.ActionUndone{UndoOf: "e0", BatchID: "b1", Region: "north", Removed: 2},
	events.AssignmentAccepted{Step: step},
	events.AssignmentDeclined{Step: step, ReasonCode: "too_far"},
	events.AssignmentExpired{Step: step, AnswerBy: start.UTC()},
	events.TravelStarted{Step: step},
	events.ArrivedOnSite{Step: step},
	events.JobStarted{Step: step},
	events.JobPaused{Step: step, Reason: events.StepOther},
	events.JobResumed{Step: step},
	events.JobCompleted{Step: step, Ending: events.Ending{EndUTC: start.UTC()}},
	events.JobIncomplete{Step: step, Reason: "parts"},
	events.TapRefused{Step: step, Tap: "accept", State: "unassigned"},
}

var step = events.Step{JobID: "j1", ContractorID: "c1", AssignmentID: "a1", Region: "north", At: start.UTC(), AuditID: "d1", AssignmentVersion: 2}

func fact(f events.Fact) events.Event {
	return events.Event{
		ID: "e1", OccurredAt: start, Actor: events.Actor{Kind: events.ActorDispatcher, ID: "u1"},
		CorrelationID: "r1", Fact: f,
	}
}

func TestKindsAreComplete(t *testing.T) {
	t.Parallel()
	var kinds []events.Kind
	for _, f := range facts {
		kinds = append(kinds, f.EventKind())
	}
	all := events.Kinds()
	slices.Sort(kinds)
	slices.Sort(all)
	if !slices.Equal(kinds, all) {
		t.Fatalf("kinds of the facts = %q, Kinds() = %q", kinds, all)
	}
}

func TestPayloadIsOneFlatObject(t *testing.T) {
	t.Parallel()
	for _, f := range facts {
		t.Run(string(f.EventKind()), func(t *testing.T) {
			t.Parallel()
			raw, err := fact(f).Payload()
			got := fields(t, raw, err)
			for name, want := range map[string]any{
				"type": string(f.EventKind()), "schemaVersion": 1.0, "eventId": "e1", "correlationId": "r1",
				"occurredAt": "2027-03-01T15:00:00.123456Z",
			} {
				if got[name] != want {
					t.Errorf("%s = %v, want %v", name, got[name], want)
				}
			}
			own, err := json.Marshal(f)
			for name := range fields(t, own, err) {
				if _, ok := got[name]; !ok {
					t.Errorf("%s is missing in %s", name, raw)
				}
			}
			if len(raw) > 2000 {
				t.Errorf("payload of %d bytes", len(raw))
			}
		})
	}
}

// fields reads a JSON object.
func fields(t *testing.T, raw []byte, err error) map[string]any {
	t.Helper()
	var got map[string]any
	if err := errors.Join(err, json.Unmarshal(raw, &got)); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return got
}

func logged(t *testing.T, f events.Fact) events.Logged {
	t.Helper()
	raw, err := fact(f).Payload()
	if err != nil {
		t.Fatal(err)
	}
	return events.Logged{Position: events.Position{Epoch: 1, Pos: 42}, Kind: f.EventKind(), EventID: "e1", Payload: raw}
}

func TestJSONShowsWhatTheAudienceMaySee(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		fact   events.Fact
		hidden string
		// ours says that the contractor may see it, but no wall.
		ours bool
	}{
		{facts[1], `"before":{"headcount":1},"after":{"headcount":2}`, false},
		{facts[2], `"replacesAssignmentId":"a0"`, false},
		{facts[3], `"replacedBy":"c2"`, false},
		{events.AssignmentDeclined{Step: step, ReasonCode: "too_far"}, `"reasonCode":"too_far"`, true},
	} {
		l := logged(t, tt.fact)
		for _, s := range []events.Stream{events.DispatchStream("north"), events.ContractorStream("c1"), events.KioskStream("north")} {
			got, err := l.JSON(s)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(got, []byte(`{"seq":42,"type":`)) || !json.Valid(got) || bytes.ContainsAny(got, "\r\n") {
				t.Errorf("%s: %s", s, got)
			}
			if shown := bytes.Contains(got, []byte(tt.hidden)); shown != (s.IsDispatch() || tt.ours && !s.IsKiosk()) {
				t.Errorf("%s: %s shown = %v", s, tt.hidden, shown)
			}
			again, err := l.JSON(s)
			if err != nil || !bytes.Equal(got, again) {
				t.Errorf("%s: not the same bytes twice: %s", s, again)
			}
		}
	}
}

// PostgreSQL gives jsonb back with spaces and in an order of its own.
func TestJSONOfAStoredPayload(t *testing.T) {
	t.Parallel()
	l := events.Logged{Position: events.Position{Epoch: 1, Pos: 7}, Payload: []byte("{\"b\": {\"x\": [1, 2]},\n \"a\": \"é\\n<\", \"replacedBy\": \"c2\"}")}
	got, err := l.JSON(events.ContractorStream("c1"))
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"seq":7,"b":{"x":[1,2]},"a":"é\n<"}`; string(got) != want {
		t.Fatalf("JSON = %s, want %s", got, want)
	}
}

func TestJSONOfABrokenPayload(t *testing.T) {
	t.Parallel()
	for _, payload := range []string{"", "null", "[]", "{", `{"a":}`, `{"a":1`, `{"a" 1}`} {
		got, err := events.Logged{EventID: "e9", Payload: []byte(payload)}.JSON("")
		if err == nil || !strings.Contains(err.Error(), "e9") {
			t.Errorf("JSON of %q = %s, %v, want an error that names the event", payload, got, err)
		}
	}
}
