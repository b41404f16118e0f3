package events_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"smartscheduler/events"
)

// catalogue is what each kind may carry beside the envelope, in the order of the
// alphabet.
var catalogue = map[events.Kind]string{
	events.KindJobCreated:            "copyOf jobId region",
	events.KindJobUpdated:            "after auditId before changed jobId region status",
	events.KindJobAssigned:           "answerBy assignmentId assignmentVersion auditId contractorId day days endLocal endUtc jobId region replacesAssignmentId source startLocal startUtc timeZone",
	events.KindJobUnassigned:         "assignmentId auditId contractorId day days jobId previousEndUtc previousStartUtc reason region replacedBy timeZone",
	events.KindJobRescheduled:        "answerBy assignmentId assignmentVersion auditId cause contractorId day days endLocal endUtc jobId previousEndUtc previousStartUtc region startLocal startUtc timeZone",
	events.KindJobRegionChanged:      "cause fromRegion jobId region toRegion",
	events.KindJobCancelled:          "auditId by jobId reason region",
	events.KindImportCompleted:       "batchId created region updated",
	events.KindActionUndone:          "assignmentId auditId batchId contractorId jobId region removed undoOf",
	events.KindAvailabilityChanged:   "changed contractorId from region to",
	events.KindContractorMovedRegion: "contractorId effectiveFrom from region to",
	"AwarenessChanged":               "assignmentId channel jobId ofEvent ofSeq recipient region rung",
	events.KindAssignmentAccepted:    "auto",
	events.KindAssignmentDeclined:    "reasonCode",
	events.KindAssignmentExpired:     "answerBy",
	events.KindTravelStarted:         "",
	events.KindArrivedOnSite:         "",
	events.KindJobStarted:            "",
	events.KindJobPaused:             "reason",
	events.KindJobResumed:            "",
	events.KindJobCompleted:          "endUtc previousEndUtc startUtc",
	events.KindTapRefused:            "state tap",
	events.KindJobIncomplete:         "endUtc previousEndUtc reason startUtc",
}

// ofStep is what all events about the work on an assignment carry.
const ofStep = "assignmentId assignmentVersion at auditId clientAt contractorId jobId onBehalf region"

// fill gives every field of a fact a value that is as long as any: regions of 63
// characters, ids of 36, lists of fourteen words, instants with microseconds.
func fill(v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2027, 12, 31, 23, 59, 59, 123_456_000, time.UTC)))
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
			if name := v.Type().Field(i).Name; v.Field(i).Kind() == reflect.String && (strings.Contains(name, "Region") || name == "From" || name == "To") {
				v.Field(i).SetString(strings.Repeat("x", 63))
			}
		}
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 14, 14))
		for i := range v.Len() {
			v.Index(i).SetString("promised_window_x")
		}
	case v.Kind() == reflect.String:
		v.SetString(strings.Repeat("x", 36))
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(1_000_000)
	}
}

// TestCatalogue: every kind carries the fields of the catalogue and no others, and
// stays under 2 KB with the longest values.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	envelope := []string{"type", "schemaVersion", "eventId", "occurredAt", "actor", "correlationId"}
	for _, f := range facts {
		t.Run(string(f.EventKind()), func(t *testing.T) {
			t.Parallel()
			full := reflect.New(reflect.TypeOf(f)).Elem()
			fill(full)
			e := fact(full.Interface().(events.Fact))
			e.ID, e.CorrelationID, e.Actor.ID = strings.Repeat("x", 36), strings.Repeat("x", 36), strings.Repeat("x", 64)
			raw, err := e.Payload()
			if err != nil {
				t.Fatal(err)
			}
			var fields map[string]json.RawMessage
			if err := json.Unmarshal(raw, &fields); err != nil {
				t.Fatal(err)
			}
			want, known := catalogue[f.EventKind()]
			list := strings.Fields(want)
			if _, step := fields["at"]; step {
				list = append(list, strings.Fields(ofStep)...)
			}
			got := slices.DeleteFunc(slices.Sorted(maps.Keys(fields)), func(name string) bool { return slices.Contains(envelope, name) })
			slices.Sort(list)
			if !known || !slices.Equal(got, list) {
				t.Errorf("it carries %q, the catalogue has %q", got, list)
			}
			if len(raw) >= 2048 {
				t.Errorf("it can have %d bytes", len(raw))
			}
		})
	}
}
