package broker

import (
	"slices"
	"strings"

	"smartscheduler/events"
)

// topic is a set of streams in one format. All its connections get the same
// bytes, which one stream of the SSE library frames.
type topic struct {
	name    string
	streams []events.Stream // sorted, each once
	format  Format
	framer  *framer
	conns   []*conn
}

// topicOf finds or makes the topic of a request. b.mu is held.
func (b *Broker) topicOf(streams []events.Stream, format Format) *topic {
	streams = slices.Clone(streams)
	slices.Sort(streams)
	streams = slices.Compact(streams)
	var name strings.Builder
	name.WriteByte("hj"[format&1])
	for _, s := range streams {
		name.WriteByte('\n')
		name.WriteString(string(s))
	}
	if t, ok := b.topics[name.String()]; ok {
		return t
	}
	t := &topic{name: name.String(), streams: streams, format: format, framer: b.library.framer()}
	b.topics[t.name] = t
	for _, s := range streams {
		b.following[s] = append(b.following[s], t)
	}
	return t
}

// drop forgets a topic that nobody follows any more. b.mu is held.
func (b *Broker) drop(t *topic) {
	delete(b.topics, t.name)
	for _, s := range t.streams {
		b.following[s] = slices.DeleteFunc(b.following[s], func(o *topic) bool { return o == t })
		if len(b.following[s]) == 0 {
			delete(b.following, s)
		}
	}
	t.framer.close()
}

// add and remove keep conns; conn.place makes remove cheap. b.mu is held.
func (t *topic) add(c *conn) {
	c.place = len(t.conns)
	t.conns = append(t.conns, c)
}

func (t *topic) remove(c *conn) {
	last := len(t.conns) - 1
	t.conns[c.place] = t.conns[last]
	t.conns[c.place].place = c.place
	t.conns[last] = nil
	t.conns = t.conns[:last]
}

// data joins what the topic's streams show of an event, in the order of the
// streams. It is not whole when a part is missing that belongs in it.
func (t *topic) data(parts []Part) (data []byte, whole bool) {
	whole = true
	for _, s := range t.streams {
		for i := range parts {
			if parts[i].Stream != s {
				continue
			}
			if t.format == JSON {
				if parts[i].JSON != nil {
					return parts[i].JSON, true
				}
				whole = false
				continue
			}
			whole = whole && parts[i].HTML != nil
			data = joinLines(data, parts[i].HTML)
		}
	}
	return data, whole
}

// joinLines appends b to a on a line of its own without changing either.
func joinLines(a, b []byte) []byte {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	return slices.Concat(a, []byte("\n"), b)
}

// frame makes the frame of an event. A kind that this build does not know, as a
// newer build beside this one may log, goes without a name.
func (t *topic) frame(ev *Event, data []byte) (*frame, error) {
	name := ""
	if slices.Contains(events.Kinds(), ev.Kind) {
		name = string(ev.Kind)
	}
	out, err := t.framer.frame(ev.Position.String(), name, data, 0)
	if err != nil {
		return nil, err
	}
	return &frame{position: ev.Position, bytes: out}, nil
}
