package broker

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"

	"smartscheduler/events"
)

// TestP07PartialWrites shows that a connection whose socket did not take all
// that a flusher wrote is looked after by a flusher again later, also when
// something was published during that write.
func TestP07PartialWrites(t *testing.T) {
	t.Parallel()
	c := sleeping(t)
	if got := c.offer(&frame{}); got != due {
		t.Fatalf("the first frame is %v, want due", got)
	}
	if c.lend() == nil {
		t.Fatal("nothing to write")
	}
	if got := c.offer(&frame{}); got != queued {
		t.Fatalf("a frame during the write is %v, want queued", got)
	}
	if c.giveBack(false) {
		t.Fatal("the flusher is to go on with a socket that takes no more")
	}
	c.sleep() // returns because it was roused
	if batch, _, _ := c.next(); len(batch) != 1 {
		t.Fatalf("the goroutine has %d frames to write, want 1", len(batch))
	}
	c.mu.Lock()
	c.sleeping = true
	c.mu.Unlock()
	if got := c.offer(&frame{}); got != due {
		t.Errorf("a frame for the connection that sleeps again is %v, want due", got)
	}
}

// sleeping is a connection whose goroutine sleeps.
func sleeping(t *testing.T) *conn {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	client, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _, _ = ln.Close(), client.Close(), server.Close() })
	raw, err := server.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	c := newConn(&topic{}, Request{}, &Options{QueueFrames: 10, QueueBytes: 10})
	c.stream = &stream{}
	c.writeTo(&socket{conn: server, patience: patience{timeout: time.Second}, raw: raw})
	c.sleeping = true
	return c
}

// TestP15RestIsOnlyWhatWasBegun shows that of what a socket did not take, wherever
// that was cut, a reader whose rights are gone gets the rest of one frame.
func TestP15RestIsOnlyWhatWasBegun(t *testing.T) {
	t.Parallel()
	const one, other = "id: 1\ndata: a\ndata: b\n\n", "id: 2\ndata: c\n\n"
	body := []byte(one + other)
	for took := range len(body) {
		want := body
		switch {
		case took == 0:
			want = nil
		case took <= len(one):
			want = body[:len(one)]
		}
		ours, theirs := net.Pipe()
		s := &stream{out: &socket{conn: ours, patience: patience{timeout: time.Second}}, broker: &Broker{opts: (&Options{}).withDefaults()}}
		s.rest, s.begun = bytes.Clone(body[took:]), begun(body, took)
		got := make(chan []byte)
		go func() {
			all, _ := io.ReadAll(theirs) // ends with the close
			got <- append(bytes.Clone(body[:took]), all...)
		}()
		if err := s.sendRest(End(events.LossPassword)); err != nil {
			t.Fatal(err)
		}
		s.out.close()
		if all := <-got; !bytes.Equal(all, want) {
			t.Errorf("cut after %d bytes the reader has %q, want %q", took, all, want)
		}
		_ = theirs.Close()
	}
}
