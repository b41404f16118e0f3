package broker_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/launchdarkly/eventsource"

	"smartscheduler/events/broker"
)

// reader parses one body and returns what it dispatched until the body ends or
// a heartbeat has come. It leaves nothing behind when the connection is closed.
type reader func(body io.Reader, closed func()) []message

func standardReader(body io.Reader, _ func()) (list []message) {
	w := newWire(body)
	for {
		m, err := w.next()
		if err != nil {
			return list
		}
		if list = append(list, m); m.name == "hb" {
			return list
		}
	}
}

func foreignReader(body io.Reader, closed func()) (list []message) {
	d := eventsource.NewDecoder(body)
	done := false
	for {
		e, err := d.Decode()
		switch {
		case err != nil:
			return list
		case done: // its goroutine ends with the body
		default:
			list = append(list, message{id: e.Id(), name: e.Event(), data: e.Data()})
			if done = e.Event() == "hb"; done {
				closed()
			}
		}
	}
}

// cutAfter opens a stream over a connection of its own that breaks after n
// bytes, headers included, and returns what was dispatched; n < 0 never breaks.
func (b *bench) cutAfter(after string, n int64, read reader) ([]message, error) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(b.url, "http://"))
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := fmt.Fprintf(conn, "GET /?s=dispatch/north HTTP/1.1\r\nHost: x\r\nLast-Event-ID: %s\r\n\r\n", after); err != nil {
		return nil, err
	}
	in := io.Reader(conn)
	if n >= 0 {
		in = io.LimitReader(conn, n)
	}
	res, err := http.ReadResponse(bufio.NewReader(in), nil)
	if err != nil {
		return nil, nil // cut within the headers
	}
	return read(res.Body, func() { _ = conn.Close() }), nil
}

// lives is what a client dispatched in a life that was cut once.
func (b *bench) lives(after string, n int64, read reader) ([]string, error) {
	first, err := b.cutAfter(after, n, read)
	if err != nil {
		return nil, err
	}
	if len(first) > 0 {
		after = first[len(first)-1].id
	}
	second, err := b.cutAfter(after, -1, read)
	if err != nil {
		return nil, err
	}
	var got []string
	for _, m := range append(first, second...) {
		switch m.name {
		case "hello", "hb":
		case "resync": // for which reason depends on how far hello came
			got = append(got, m.id+" "+m.name)
		default:
			got = append(got, m.id+" "+m.name+" "+m.data)
		}
	}
	if len(second) == 0 || second[len(second)-1].id != at(3).String() {
		return got, fmt.Errorf("the second life ended with %v", second)
	}
	return got, nil
}

// TestP05FrameCutAtEveryByte shows that a connection may break after any byte,
// in a header, in hello, in an event, within a character, in a resync or in a
// heartbeat: who comes back with his last id has had every event once, in
// order and whole, and one resync if one was due.
func TestP05FrameCutAtEveryByte(t *testing.T) {
	t.Parallel()
	b := serve(t, broker.Options{Heartbeat: 20 * time.Millisecond})
	events := make([]string, 3)
	for i := range events {
		data := fmt.Sprintf("<li>Rosa Díaz\n %d ✓</li>", i)
		b.publish(t, assigned(int64(i+1), data, north))
		events[i] = at(int64(i+1)).String() + " JobAssigned " + data
	}
	for _, c := range []struct {
		name, after string
		want        []string
	}{
		{"Missed", at(0).String(), events},
		{"Resync", "nonsense", []string{at(3).String() + " resync"}},
	} {
		for name, read := range map[string]reader{"Standard": standardReader, "LaunchDarkly": foreignReader} {
			t.Run(c.name+name, func(t *testing.T) {
				t.Parallel()
				b.cutEverywhere(t, c.after, read, strings.Join(c.want, "\n"))
			})
		}
	}
}

func (b *bench) cutEverywhere(t *testing.T, after string, read reader, want string) {
	t.Helper()
	var whole counter
	if _, err := b.cutAfter(after, -1, func(body io.Reader, closed func()) []message { return read(io.TeeReader(body, &whole), closed) }); err != nil {
		t.Fatal(err)
	}
	end := int64(whole) + 400 // the headers, and a heartbeat's longer time
	var wg sync.WaitGroup
	slots := make(chan struct{}, 16)
	for n := range end {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			got, err := b.lives(after, n, read)
			if all := strings.Join(got, "\n"); err != nil || all != want {
				t.Errorf("cut after %d bytes: %v\n%s\nnot\n%s", n, err, all, want)
			}
		})
	}
	wg.Wait()
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
