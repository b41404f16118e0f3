package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// readers are the open streams.
type readers struct {
	conns []net.Conn
	wg    sync.WaitGroup
	// delivered counts the events that reached all of them together.
	delivered, bytes atomic.Int64
	// arrivals hold, for each reader, when each position arrived; only its
	// goroutine writes, and only between two phases they are read.
	arrivals [][]arrival
}

type arrival struct {
	pos int64
	at  time.Time
}

// openReaders opens n streams of the region, shared among the sessions.
func openReaders(ctx context.Context, base string, cookies []*http.Cookie, n int) (*readers, error) {
	r := &readers{arrivals: make([][]arrival, n)}
	host := strings.TrimPrefix(base, "http://")
	for i := range n {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", host)
		if err != nil {
			r.close()
			return nil, fmt.Errorf("open stream %d: %w", i, err)
		}
		r.conns = append(r.conns, conn)
		_, err = fmt.Fprintf(conn, "GET /streams/dispatch/%s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nAccept: text/event-stream\r\n\r\n",
			region, host, cookies[i%len(cookies)])
		if err != nil {
			r.close()
			return nil, fmt.Errorf("open stream %d: %w", i, err)
		}
		lines := bufio.NewReaderSize(conn, 4096)
		if err := r.hello(lines); err != nil {
			r.close()
			return nil, fmt.Errorf("open stream %d: %w", i, err)
		}
		r.wg.Go(func() { r.read(i, lines) })
	}
	return r, nil
}

// hello reads until the first frame, which says that the stream is open.
func (r *readers) hello(lines *bufio.Reader) error {
	status, err := lines.ReadString('\n')
	if err != nil || !strings.Contains(status, " 200 ") {
		return fmt.Errorf("answer %q: %w", strings.TrimSpace(status), err)
	}
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return err
		}
		if strings.HasPrefix(line, "event: hello") {
			return nil
		}
	}
}

// read notes each event until the stream ends.
func (r *readers) read(i int, lines *bufio.Reader) {
	var pos int64
	size, domain := 0, false
	for {
		line, err := lines.ReadSlice('\n')
		if err == bufio.ErrBufferFull {
			size += len(line)
			continue
		}
		if err != nil {
			return
		}
		size += len(line)
		switch {
		case len(line) > 4 && string(line[:4]) == "id: ":
			_, after, _ := strings.Cut(strings.TrimSpace(string(line[4:])), "-")
			pos, _ = strconv.ParseInt(after, 10, 64)
		case len(line) > 10 && string(line[:10]) == "event: Job":
			domain = true
		case len(strings.TrimSpace(string(line))) == 0:
			if domain {
				r.arrivals[i] = append(r.arrivals[i], arrival{pos, time.Now()})
				r.bytes.Add(int64(size))
				r.delivered.Add(1)
			}
			size, domain = 0, false
		}
	}
}

// wait returns when so many deliveries were made in all since the start.
func (r *readers) wait(ctx context.Context, deliveries int64) error {
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	for r.delivered.Load() < deliveries {
		select {
		case <-look.C:
		case <-ctx.Done():
			return ctx.Err()
		case <-limit.C:
			return fmt.Errorf("%d of %d deliveries after a minute", r.delivered.Load(), deliveries)
		}
	}
	return nil
}

// frameBytes is the mean size of a frame on the wire.
func (r *readers) frameBytes() int {
	return int(r.bytes.Load() / max(r.delivered.Load(), 1))
}

func (r *readers) close() {
	for _, conn := range r.conns {
		_ = conn.Close()
	}
	r.wg.Wait()
}
