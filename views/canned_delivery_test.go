package views_test

import (
	"strings"

	"smartscheduler/views"
)

// cannedDelivery has a process in each state, long names and a hostile error.
func cannedDelivery() views.Delivery {
	at := views.Moment{Text: "9 Mar 14:12:00 UTC", Instant: "2027-03-09T14:12:00Z"}
	long := strings.Repeat("desk-north-", 5)
	process := func(name string, state views.ProcessState) views.DeliveryProcess {
		return views.DeliveryProcess{
			Name: name, State: state, Build: "512b63204800", Started: at, Seen: at, Position: "48211", Behind: "0", Lag: "0 ms", Last: "9 ms", Open: "312",
		}
	}
	d := views.Delivery{
		Path: "/admin/delivery", At: "14:12:05 UTC", Instant: at.Instant, Head: "48211", Epoch: "1795424886", Oldest: "3 ms",
		Names: []string{"desk-4711", long}, Processes: []views.DeliveryProcess{
			process("desk-4711", views.ProcessAlive), process(long, views.ProcessSilent), process("desk-4302", views.ProcessStopped),
		},
		Streams: []views.CountRow{
			{Label: "contractors", Counts: []string{"250", "0"}, Total: "250"}, {Label: "dispatch/north", Counts: []string{"12", "7"}, Total: "19"},
		},
		Counters: []views.CountRow{
			{Label: "Evicted in the last hour", Counts: []string{"0", "2"}, Total: "2", Warn: true}, {Label: "Told to reload: too far behind", Counts: []string{"0", "0"}, Total: "0"},
		},
		Errors: []views.DeliveryError{
			{When: at, Process: long, Act: "render", Text: nameMarkup + strings.Repeat(" and a long reason", 10)},
			{When: at, Process: "desk-4711", Act: "tail", Text: "read event log: " + strings.Repeat("x", 150), Until: "over after 31 s"},
		},
	}
	d.Processes[0].Here = true
	d.Processes[1].Behind, d.Processes[1].Lag, d.Processes[1].Slow, d.Processes[1].Last = "12", "14 s", true, "–"
	return d
}
