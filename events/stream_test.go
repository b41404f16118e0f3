package events_test

import (
	"testing"

	"smartscheduler/events"
)

func TestStreams(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		stream         events.Stream
		name           string
		region         string
		contractor     string
		logged         events.Stream
		dispatch, wall bool
	}{
		{events.DispatchStream("north"), "dispatch/north", "north", "", "dispatch/north", true, false},
		{events.ContractorStream("c1"), "contractor/c1", "", "c1", "contractor/c1", false, false},
		{events.KioskStream("north"), "kiosk/north", "north", "", "dispatch/north", false, true},
		{"other", "other", "", "", "other", false, false},
	} {
		s := tt.stream
		if string(s) != tt.name || s.Region() != tt.region || s.ContractorID() != tt.contractor ||
			s.Logged() != tt.logged || s.IsDispatch() != tt.dispatch || s.IsKiosk() != tt.wall {
			t.Errorf("%s: region %q, contractor %q, logged %q, dispatch %v, kiosk %v",
				s, s.Region(), s.ContractorID(), s.Logged(), s.IsDispatch(), s.IsKiosk())
		}
	}
}

func TestPositionRoundTrip(t *testing.T) {
	t.Parallel()
	for _, p := range []events.Position{{}, {Epoch: 1, Pos: 2}, {Epoch: 1<<63 - 1, Pos: 1<<63 - 1}} {
		if got, err := events.ParsePosition(p.String()); err != nil || got != p {
			t.Errorf("%s = %v, %v", p, got, err)
		}
	}
}

func TestParsePositionTakesNothingElse(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", "1", "-", "1-", "-1", "1--1", "-1-1", "1-1-1", "01-1", "1-01", "+1-1", "1-+1", " 1-1", "1-1 ", "1-1\n",
		"0x1-1", "1_0-1", "9223372036854775808-1", "1-9223372036854775808", "a-b", "1–1",
	} {
		if p, err := events.ParsePosition(s); err == nil {
			t.Errorf("%q was read as %v", s, p)
		}
	}
}

func FuzzParsePosition(f *testing.F) {
	f.Add("1-2")
	f.Add("-1-2")
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := events.ParsePosition(s); err == nil && p.String() != s {
			t.Errorf("%q was read as %s", s, p)
		}
	})
}
