package broker

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"
)

const (
	// maxSaid is how much a client may send on an open stream, where it has
	// nothing to say, in bytes.
	maxSaid = 16 << 10
	// receiveBuffer is what the kernel holds of that, in bytes.
	receiveBuffer = 4 << 10
)

// socket is a connection that was taken over from net/http, which would keep
// two goroutines and two buffers for it. It waits for the client's end and for
// work in one place, a read.
type socket struct {
	conn net.Conn
	patience
	// first stands before the first write: the head of the response.
	first []byte
	said  int
	heard [16]byte

	// raw is nil where bytes must pass through something else, such as TLS.
	raw syscall.RawConn
	// body and wrote pass through put, which is made once.
	body  []byte
	wrote int
	put   func(fd uintptr) bool
}

// takeOver takes the connection of a response, or returns nil where many
// responses share one (HTTP/2) and where there is none (tests).
func takeOver(w http.ResponseWriter, timeout time.Duration) *socket {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil
	}
	s := &socket{conn: conn, patience: patience{timeout: timeout}}
	streamHeader(w.Header())
	s.first = responseHead(w.Header())
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetReadBuffer(receiveBuffer) // a larger one costs memory and nothing else
		s.raw, _ = tcp.SyscallConn()
		s.put = s.putOnce
	}
	return s
}

// responseHead is the head of an answer that ends with its connection, so that
// the frames of a stream need no length around them.
func responseHead(h http.Header) []byte {
	head := bytes.NewBufferString("HTTP/1.1 200 OK\r\n")
	h.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	h.Set("Connection", "close")
	_ = h.Write(head) // into memory
	head.WriteString("\r\n")
	return head.Bytes()
}

// header implements writer.
func (s *socket) header() {}

// write implements writer. No deadline is left behind, since an old one would
// fail a later try.
func (s *socket) write(body []byte) error {
	if s.first != nil {
		body, s.first = append(s.first, body...), nil
	}
	if err := s.set(s.conn.SetWriteDeadline); err != nil {
		return err
	}
	if _, err := s.conn.Write(body); err != nil {
		return err
	}
	return s.conn.SetWriteDeadline(time.Time{})
}

// hurry implements writer.
func (s *socket) hurry() {
	s.last()
	_ = s.set(s.conn.SetWriteDeadline) // the write fails by itself
}

// try writes as much as the socket takes at once and returns what it took. A
// failure shows in the next write.
func (s *socket) try(body []byte) int {
	s.body, s.wrote = body, 0
	if err := s.raw.Write(s.put); err != nil {
		return 0
	}
	s.body = nil
	return s.wrote
}

// wait returns when poke is called, or when the client has gone.
func (s *socket) wait() (gone bool) {
	for s.said <= maxSaid {
		n, err := s.conn.Read(s.heard[:])
		s.said += n
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return s.conn.SetReadDeadline(time.Time{}) != nil
		case err != nil:
			return true
		}
	}
	return true
}

// poke ends a wait, also one that begins later.
func (s *socket) poke() { _ = s.conn.SetReadDeadline(time.Unix(1, 0)) }

// close implements writer.
func (s *socket) close() { _ = s.conn.Close() }
