package broker_test

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"smartscheduler/events"
)

// message is one event as a browser would dispatch it.
type message struct{ id, name, data, retry string }

// wire parses an event stream as the HTML standard says: lines end with LF, CR
// or CRLF, an empty line dispatches, unknown fields are ignored.
type wire struct {
	r      *bufio.Reader
	id     string
	wasCR  bool
	closer io.Closer
}

func newWire(r io.Reader) *wire { return &wire{r: bufio.NewReader(r)} }

func (w *wire) line() (string, error) {
	var b strings.Builder
	for {
		c, err := w.r.ReadByte()
		if err != nil {
			return "", err
		}
		skip := w.wasCR && c == '\n'
		w.wasCR = c == '\r'
		switch {
		case skip:
		case c == '\n' || c == '\r':
			return b.String(), nil
		default:
			b.WriteByte(c)
		}
	}
}

// next returns the next message that has data.
func (w *wire) next() (message, error) {
	var m message
	var data []string
	for {
		line, err := w.line()
		if err != nil {
			return message{}, err
		}
		if line == "" {
			if data == nil {
				m = message{retry: m.retry}
				continue
			}
			m.id, m.data = w.id, strings.Join(data, "\n")
			return m, nil
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "id":
			w.id = value
		case "event":
			m.name = value
		case "retry":
			m.retry = value
		case "data":
			data = append(data, value)
		}
	}
}

// domain returns the next message that is not a control frame.
func (w *wire) domain() (message, error) {
	for {
		m, err := w.next()
		if err != nil || slices.Contains(events.Kinds(), events.Kind(m.name)) {
			return m, err
		}
	}
}

func (w *wire) must(t *testing.T) message {
	t.Helper()
	m, err := w.next()
	if err != nil {
		t.Fatalf("read the stream: %v", err)
	}
	return m
}

// wants reads one message and compares name and id.
func (w *wire) wants(t *testing.T, name string, id events.Position) message {
	t.Helper()
	m := w.must(t)
	if m.name != name || m.id != id.String() {
		t.Fatalf("frame = %q, want %s with id %s", m, name, id)
	}
	return m
}

func (w *wire) wantsEnd(t *testing.T) {
	t.Helper()
	if m, err := w.next(); !errors.Is(err, io.EOF) {
		t.Fatalf("frame %q, error %v, want the end of the stream", m, err)
	}
}
