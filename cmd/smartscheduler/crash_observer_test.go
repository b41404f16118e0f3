package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/launchdarkly/eventsource"
)

// crashStream is what the observers read.
const crashStream = "/streams/dispatch/north+unrouted"

// observer is somebody who reads the stream through all kills.
type observer struct {
	name string

	mu     sync.Mutex
	frames []frame // without their data
	// connects counts the streams that said hello.
	connects int
	// live: the last stream that said hello has not ended.
	live bool
}

func (o *observer) add(f frame) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if f.event == "hello" {
		o.connects++
		o.live = true
	}
	o.frames = append(o.frames, frame{id: f.id, event: f.event})
}

func (o *observer) lost() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.live = false
}

// state returns the position, the number of the stream and whether it is open.
func (o *observer) state() (pos int64, connects int, live bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, f := range o.frames[max(0, len(o.frames)-300):] {
		pos = max(pos, f.pos())
	}
	return pos, o.connects, o.live
}

// lastID is the id to resume after.
func (o *observer) lastID() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.frames) == 0 {
		return ""
	}
	return o.frames[len(o.frames)-1].id
}

// check compares what came between two positions with what the log has there.
func (o *observer) check(r *crash, after, before int64, want []int64) (got []int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, f := range o.frames {
		switch {
		case f.event == "resync":
			r.violate("P4", "%s was told to reload at %s", o.name, f.id)
		case f.fact() && f.pos() > after && f.pos() < before:
			got = append(got, f.pos())
		}
	}
	for i := 1; i < len(got); i++ {
		if got[i] <= got[i-1] {
			r.violate("P4", "%s got position %d after %d", o.name, got[i], got[i-1])
			break
		}
	}
	if !slices.Equal(got, want) {
		missed, extra := difference(want, got), difference(got, want)
		r.violate("P4", "%s got %d events and %d were logged; missed %d: %.200s, not for it: %.200s", o.name, len(got), len(want),
			len(missed), fmt.Sprint(missed), fmt.Sprint(extra))
	}
	return got
}

func difference(all, without []int64) (rest []int64) {
	known := make(map[int64]bool, len(without))
	for _, pos := range without {
		known[pos] = true
	}
	for _, pos := range all {
		if !known[pos] {
			rest = append(rest, pos)
		}
	}
	return rest
}

// watchWithCurl reads the stream with curl, which is started again at the last
// id whenever its stream has ended.
func watchWithCurl(t testing.TB, c *client) *observer {
	t.Helper()
	o := &observer{name: "curl"}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			args := []string{"-N", "-sS", "-H", "Cookie: " + c.cookies()}
			if id := o.lastID(); id != "" {
				args = append(args, "-H", "Last-Event-ID: "+id)
			}
			cmd := exec.CommandContext(ctx, "curl", append(args, c.base+crashStream)...)
			out, err := cmd.StdoutPipe()
			if err == nil {
				err = cmd.Start()
			}
			if err != nil {
				t.Errorf("this test needs curl (apt-get install -y curl): %v", err)
				return
			}
			readFrames(bufio.NewReader(out), o.add)
			o.lost()
			_ = cmd.Wait() // it ends as its stream does
			sleepOr(tryAgain, ctx.Done())
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return o
}

// watchWithLibrary reads the stream as JSON with an EventSource that is not
// ours, which waits as long between two streams as the server asks it to.
func watchWithLibrary(t testing.TB, c *client) *observer {
	t.Helper()
	o := &observer{name: "EventSource library"}
	request := c.request(http.MethodGet, crashStream+"?format=json", nil)
	request = request.WithContext(context.Background())
	request.Header.Set("Cookie", c.cookies())
	stream, err := eventsource.SubscribeWithRequestAndOptions(request,
		eventsource.StreamOptionHTTPClient(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}),
		eventsource.StreamOptionErrorHandler(func(error) eventsource.StreamErrorHandlerResult {
			o.lost()
			return eventsource.StreamErrorHandlerResult{}
		}))
	if err != nil {
		t.Fatal(err)
	}
	done, quit := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case e, ok := <-stream.Events:
				if !ok {
					return
				}
				o.add(frame{id: e.Id(), event: e.Event()})
			case <-quit:
				return
			}
		}
	}()
	t.Cleanup(func() {
		stream.Close()
		close(quit)
		<-done
	})
	return o
}

// overheard runs in the page before its own script and keeps what the stream
// brings, also what the page leaves out.
const overheard = `(() => {
	window.overheard = [];
	document.addEventListener('htmx:sse:before:message', (e) => {
		overheard.push([e.detail.message.event || '', e.detail.message.id || '']);
	}, true);
})()`

// board is a browser on a dispatcher's board.
type board struct {
	*observer
	tab *tab
}

func watchWithBrowser(w *world, base string) *board {
	w.t.Helper()
	p := w.desk(w.t, base, "Ann")
	call(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: overheard})
	p.open("/dispatch/north").live()
	return &board{&observer{name: "browser"}, p}
}

// online has the page connect again at once, as the return of a network does.
func (b *board) online() {
	// A page that is slow at this moment comes back by itself.
	_ = b.tab.try(`dispatchEvent(new Event('online'))`)
}

// collect takes over what the page has got since the last time.
func (b *board) collect() {
	b.tab.t.Helper()
	for _, message := range get[[][2]string](b.tab, `overheard.splice(0)`) {
		b.add(frame{event: message[0], id: message[1]})
	}
	state := get[string](b.tab, `document.getElementById('state').dataset.state`)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.live = state != "reconnecting"
}

// frozen is a reader who asks for the stream and then reads nothing; its
// buffers are small, so that the server notices soon.
func frozen(t testing.TB, c *client, addr, path string) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	request := []string{"GET " + path + " HTTP/1.1", "Host: " + addr, "Cookie: " + c.cookies(), "", ""}
	if _, err := conn.Write([]byte(strings.Join(request, "\r\n"))); err != nil {
		t.Fatal(err)
	}
}
