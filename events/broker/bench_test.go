package broker_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"smartscheduler/events"
	"smartscheduler/events/broker"
)

const (
	readersTarget = "BROKER_BENCH_READERS" // the address that the process of readers follows
	benchStreams  = 1000
	endOfEvent    = 0x1e // stands once in each event, so that readers need not parse
)

// readers opens the streams and prints a line for each event that all have.
func readers(target string) {
	var total, printed atomic.Int64
	var print sync.Mutex
	for range benchStreams {
		conn, err := net.Dial("tcp", target)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		go func() {
			buf := make([]byte, 16<<10)
			for {
				n, err := conn.Read(buf)
				if err != nil {
					return
				}
				have := total.Add(int64(bytes.Count(buf[:n], []byte{endOfEvent})))
				if have/benchStreams == printed.Load() {
					continue
				}
				print.Lock()
				for printed.Load() < have/benchStreams {
					printed.Add(1)
					fmt.Println("event")
				}
				print.Unlock()
			}
		}()
	}
	fmt.Println("open")
	_, _ = os.Stdin.Read(make([]byte, 1)) // until the benchmark closes it
}

// followAll starts the process of readers; the result waits for one line of it.
func followAll(b *testing.B, addr string) (wait func()) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), readersTarget+"="+addr)
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := cmd.Start(); err1 != nil || err2 != nil || err != nil {
		b.Fatal(err1, err2, err)
	}
	b.Cleanup(func() {
		in.Close()
		_ = cmd.Wait() // its status is of no interest
	})
	lines := bufio.NewReader(out)
	wait = func() {
		if line, err := lines.ReadString('\n'); err != nil || line != "event\n" && line != "open\n" {
			b.Fatalf("readers: %q, %v", line, err)
		}
	}
	wait()
	return wait
}

// cpu is what this process has used, in the kernel and outside.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// fanOut is one way to bring an event to all streams.
type fanOut struct {
	publish func(pos int64)
	wait    func()
	pos     int64
	used    time.Duration
}

// burst publishes n events and waits until every reader has them.
func (f *fanOut) burst(b *testing.B, n int) {
	before := cpu(b)
	for range n {
		f.pos++
		f.publish(f.pos)
	}
	for range n {
		f.wait()
	}
	f.used += cpu(b) - before
}

func benchData() string {
	return "<li>" + strings.Repeat("x", 890) + string(rune(endOfEvent)) + "</li>"
}

func benchBroker(b *testing.B) *fanOut {
	b.Helper()
	br := broker.New(broker.Options{Log: quiet(), Replay: func(_ context.Context, _ []events.Stream, after events.Position) (broker.Replayed, error) {
		return broker.Replayed{UpTo: after}, nil
	}})
	br.SetHead(at(0))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _ = br.Serve(r.Context(), w, northern) }))
	b.Cleanup(func() {
		br.Close()
		srv.CloseClientConnections()
		srv.Close()
	})
	data := benchData()
	wait := followAll(b, srv.Listener.Addr().String())
	for br.Streams() < benchStreams {
		runtime.Gosched()
	}
	return &fanOut{wait: wait, publish: func(pos int64) {
		if _, err := br.Publish(assigned(pos, data, north)); err != nil {
			b.Fatal(err)
		}
	}}
}

// benchFloor is the least that a server can do: one write of a frame that was
// made before to each connection.
func benchFloor(b *testing.B) *fanOut {
	b.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	conns := make(chan net.Conn, benchStreams)
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			conns <- c
		}
	}()
	wait := followAll(b, ln.Addr().String())
	var all []net.Conn
	for range benchStreams {
		all = append(all, <-conns)
	}
	b.Cleanup(func() {
		ln.Close()
		for _, c := range all {
			c.Close()
		}
	})
	data := benchData()
	return &fanOut{wait: wait, publish: func(pos int64) {
		frame := []byte("id: " + strconv.FormatInt(pos, 10) + "\ndata: " + data + "\nevent: JobAssigned\n\n")
		for _, c := range all {
			if _, err := c.Write(frame); err != nil {
				b.Fatal(err)
			}
		}
	}}
}

// BenchmarkPublish compares the CPU time of one delivery with the floor, both
// in the same run and in turn. Load publishes 16 events at once, Sparse one
// at a time, after the one before has arrived everywhere.
func BenchmarkPublish(b *testing.B) {
	for _, bb := range []struct {
		name  string
		burst int
	}{{"Load", 16}, {"Sparse", 1}} {
		b.Run(bb.name, func(b *testing.B) {
			ours, floor := benchBroker(b), benchFloor(b)
			for b.Loop() {
				ours.burst(b, bb.burst)
				floor.burst(b, bb.burst)
			}
			each := func(f *fanOut) float64 { return float64(f.used.Nanoseconds()) / float64(f.pos*benchStreams) }
			b.ReportMetric(each(ours), "cpu-ns/delivery")
			b.ReportMetric(each(floor), "floor-ns/delivery")
			b.ReportMetric(each(ours)/each(floor), "×floor")
		})
	}
}

// BenchmarkIdleStream measures what an open stream keeps.
func BenchmarkIdleStream(b *testing.B) {
	for b.Loop() {
		rss, mem := resident(b), inUse()
		benchBroker(b)
		b.ReportMetric(float64(resident(b)-rss)/benchStreams, "rss-B/stream")
		b.ReportMetric(float64(inUse()-mem)/benchStreams, "heap+stack-B/stream")
	}
}

// resident is the memory of this process that the system has given it.
func resident(b *testing.B) int64 {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		b.Fatal(err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(statm))[1], 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// inUse is the heap that is reached and the stacks.
func inUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
