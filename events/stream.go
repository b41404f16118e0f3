package events

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Stream is the name of one group of readers: dispatch/{region},
// contractor/{id} or kiosk/{region}. Only this file spells such names.
type Stream string

const (
	dispatchPrefix   = "dispatch/"
	contractorPrefix = "contractor/"
	kioskPrefix      = "kiosk/"
)

// Unrouted is the reserved region of jobs whose point no region holds.
const Unrouted = "unrouted"

// DispatchStream is the stream of a region's dispatchers.
func DispatchStream(region string) Stream { return Stream(dispatchPrefix + region) }

// ContractorStream is the stream of one contractor's phones.
func ContractorStream(id string) Stream { return Stream(contractorPrefix + id) }

// KioskStream is the stream of a region's wall displays. It follows the
// dispatch stream of the region and never stands in PublishedTo.
func KioskStream(region string) Stream { return Stream(kioskPrefix + region) }

// Region returns the region of a dispatch or kiosk stream, else "".
func (s Stream) Region() string {
	if r, ok := strings.CutPrefix(string(s), dispatchPrefix); ok {
		return r
	}
	r, _ := strings.CutPrefix(string(s), kioskPrefix)
	if r == string(s) {
		return ""
	}
	return r
}

// ContractorID returns the contractor of a contractor stream, else "".
func (s Stream) ContractorID() string {
	id, ok := strings.CutPrefix(string(s), contractorPrefix)
	if !ok {
		return ""
	}
	return id
}

// IsDispatch tells whether s is a stream of dispatchers.
func (s Stream) IsDispatch() bool { return strings.HasPrefix(string(s), dispatchPrefix) }

// IsKiosk tells whether s is a stream of wall displays.
func (s Stream) IsKiosk() bool { return strings.HasPrefix(string(s), kioskPrefix) }

// Logged returns the stream whose name stands in PublishedTo for what s shows:
// the dispatch stream for a kiosk, s itself for the others.
func (s Stream) Logged() Stream {
	if s.IsKiosk() {
		return DispatchStream(s.Region())
	}
	return s
}

// Position is a place in the log as clients see it: the SSE id, written
// `epoch-pos`. The epoch changes when a backup is restored, so that a position
// of another history is recognised.
type Position struct {
	Epoch int64
	// Pos counts the published events from 1; 0 is before the first.
	Pos int64
}

// String writes the position as digits, a dash and digits.
func (p Position) String() string {
	return strconv.FormatInt(p.Epoch, 10) + "-" + strconv.FormatInt(p.Pos, 10)
}

// ParsePosition reads what String writes and nothing else; anything else is an
// error, which callers answer with a resync and never with a 4xx.
func ParsePosition(s string) (Position, error) {
	a, b, ok := strings.Cut(s, "-")
	if !ok {
		return Position{}, fmt.Errorf("parse position %.40q: no dash", s)
	}
	epoch, err := strconv.ParseInt(a, 10, 64)
	if err != nil {
		return Position{}, fmt.Errorf("parse position %.40q: epoch", s)
	}
	pos, err := strconv.ParseInt(b, 10, 64)
	if err != nil {
		return Position{}, fmt.Errorf("parse position %.40q: pos", s)
	}
	p := Position{Epoch: epoch, Pos: pos}
	if p.String() != s || epoch < 0 || pos < 0 {
		return Position{}, fmt.Errorf("parse position %.40q: not canonical", s)
	}
	return p, nil
}

// Control is the name of a frame that is not in the log.
type Control string

// The control frames. Every one of them carries an id like any other frame,
// because an empty id would erase the browser's position.
const (
	ControlHello        Control = "hello"
	ControlHeartbeat    Control = "hb"
	ControlResync       Control = "resync"
	ControlSessionEnded Control = "session-ended"
	ControlUnavailable  Control = "unavailable"
	ControlBye          Control = "bye"
)

// Logged is an event as the relay reads it back from the log.
type Logged struct {
	Position     Position
	Kind         Kind
	EventID      string
	Region       string
	JobID        string
	ContractorID string
	PublishedTo  []Stream
	// Payload is the stored JSON object, without `seq`.
	Payload   []byte
	CreatedAt time.Time
}

// dispatcherOnly are the payload fields that name another contractor or his
// assignment, and what is planned beside the work of one; contractors and kiosks
// never get them.
var dispatcherOnly = []string{"replacedBy", "replacesAssignmentId", "before", "after"}

// notOnWalls are the payload fields about a contractor that are nothing for a
// public wall: why he does not come.
var notOnWalls = []string{"reasonCode"}

// JSON returns the payload with its `seq`, in the fields that the audience of
// s may see, as one line without CR or LF.
func (l Logged) JSON(s Stream) ([]byte, error) {
	fields, err := orderedFields(l.Payload)
	if err != nil {
		return nil, fmt.Errorf("payload of event %s: %w", l.EventID, err)
	}
	var out bytes.Buffer
	out.WriteString(`{"seq":`)
	out.WriteString(strconv.FormatInt(l.Position.Pos, 10))
	for _, f := range fields {
		if !s.IsDispatch() && slices.Contains(dispatcherOnly, f.name) || s.IsKiosk() && slices.Contains(notOnWalls, f.name) {
			continue
		}
		out.WriteByte(',')
		out.WriteString(strconv.Quote(f.name))
		out.WriteByte(':')
		if err := json.Compact(&out, f.value); err != nil {
			return nil, fmt.Errorf("payload of event %s: %w", l.EventID, err)
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

type field struct {
	name  string
	value json.RawMessage
}

// orderedFields splits a JSON object without losing the order of its fields,
// so that the same payload always gives the same bytes.
func orderedFields(object []byte) ([]field, error) {
	dec := json.NewDecoder(bytes.NewReader(object))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("not an object: %w", err)
	}
	var fields []field
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name, _ := t.(string)
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, err
		}
		fields = append(fields, field{name, value})
	}
	if _, err := dec.Token(); err != nil { // the closing brace
		return nil, fmt.Errorf("not a whole object: %w", err)
	}
	return fields, nil
}
