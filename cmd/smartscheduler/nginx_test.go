package main

import (
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/cdproto/security"
)

// startNginx runs nginx as an ordinary user with docs/nginx.conf, in which only
// addresses and the places of the certificate are others, and returns where it
// serves TLS.
func startNginx(t testing.TB, first, second string) (base string, log *transcript) {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/nginx")
	}
	if err != nil {
		t.Fatalf("this test needs nginx (apt-get install -y nginx-light): %v", err)
	}
	dir := t.TempDir()
	cert, key, _ := certificateFor(t, dir)
	site, err := os.ReadFile("../../docs/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	secure, plain := freeAddress(t), freeAddress(t)
	replaced := string(site)
	for _, pair := range [][2]string{
		{"server 127.0.0.1:8080 ", "server " + first + " "}, {"server 127.0.0.1:8090 ", "server " + second + " "},
		{"listen 443 ", "listen " + secure + " "}, {"listen 80;", "listen " + plain + ";"},
		{"/etc/ssl/desk.example.com.crt", cert}, {"/etc/ssl/desk.example.com.key", key},
	} {
		if strings.Count(replaced, pair[0]) != 1 {
			t.Fatalf("docs/nginx.conf has %q not once", pair[0])
		}
		replaced = strings.Replace(replaced, pair[0], pair[1], 1)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("site.conf", replaced)
	main := "worker_processes 2;\npid nginx.pid;\nerror_log stderr warn;\nevents { worker_connections 512; }\nhttp {\n\taccess_log off;\n"
	for _, place := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		main += "\t" + place + "_temp_path " + place + ";\n"
	}
	write("nginx.conf", main+"\tinclude site.conf;\n}\n")

	log = &transcript{}
	cmd := exec.Command(program, "-e", "stderr", "-p", dir, "-c", filepath.Join(dir, "nginx.conf"), "-g", "daemon off;")
	cmd.Stderr = log
	asOrdinaryUser(t, cmd, dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait())
		if err != nil || t.Failed() {
			t.Logf("nginx: %v\n%s", err, log)
		}
	})
	eventually(t, "nginx listens", func() bool {
		conn, err := net.Dial("tcp", secure)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	return "https://" + secure, log
}

// asOrdinaryUser gives a command's directory to nobody, and runs it as that,
// when the tests run as root.
func asOrdinaryUser(t testing.TB, cmd *exec.Cmd, dir string) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	const nobody = 65534
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	err := os.Chmod(filepath.Dir(dir), 0o711)
	walk := filepath.Walk(dir, func(path string, _ os.FileInfo, _ error) error { return os.Chown(path, nobody, nobody) })
	if err := errors.Join(err, walk); err != nil {
		t.Fatal(err)
	}
}

// TestP11RollingRestartBehindNginx restarts two processes one after the other
// behind nginx with the documented configuration, while dispatchers work: no
// acknowledged change, no event and no card is lost or repeated, for a browser
// and for a client library.
func TestP11RollingRestartBehindNginx(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	places := []string{freeAddress(t), freeAddress(t)}
	base, _ := startNginx(t, places[0], places[1])
	start := func(address string) *child {
		return startChild(t, w.dsn, "ADDR="+address, "PUBLIC_URL="+base, "BEHIND_PROXY=true")
	}
	running := []*child{start(places[0]), start(places[1])}

	const writers = 4
	jobs := w.jobs("north", writers)
	clients := make([]*client, writers)
	for i := range clients {
		clients[i] = w.client(base).overTLS().signIn("Ada")
	}
	board := newTab(t, base)
	call(board, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true})
	w.signInAt(board, "Ann")
	board.open("/dispatch/north").live()
	readers := make([]*follower, 3)
	for i := range readers {
		readers[i] = w.client(base).overTLS().signIn("Ann").follow("/streams/dispatch/north+unrouted")
	}
	fence := w.fence()
	after := fence.last
	for _, r := range readers {
		eventually(t, "the library reads", func() bool { return r.upTo.Load() >= fence.first })
	}
	work := startLoad(clients, jobs)
	enough := func() {
		from := work.acknowledged.Load()
		eventually(t, "20 changes more", func() bool { return work.acknowledged.Load() >= from+20 })
	}
	for i, address := range places {
		enough()
		running[i].terminate()
		enough()
		running[i] = start(address)
	}
	enough()
	work.end()

	end := w.fence().first
	if got, want := ask[int64](w, `select count(*) from event_log where pos > $1 and pos < $2 and event_type <> 'AwarenessChanged'`, after, end), work.acknowledged.Load(); got != want {
		t.Errorf("%d changes were acknowledged, and %d events logged", want, got)
	}
	for _, r := range readers {
		r.wantAll(t, w, after, end)
	}
	board.caughtUp(end)
	if n := get[int](board, `probe.frames.length - new Set(probe.frames).size`); n != 0 {
		t.Errorf("the board swapped %d frames in twice", n)
	}
	fresh := board.another()
	call(fresh, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true})
	if got, want := board.lasting(), fresh.open("/dispatch/north").lasting(); got != want {
		t.Errorf("the board shows\n%s\nand a fresh one\n%s", got, want)
	}
	resp, err := clients[0].http.Do(clients[0].request(http.MethodGet, "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.Proto != "HTTP/2.0" {
		t.Errorf("nginx speaks %s", resp.Proto)
	}
	board.sound()
	t.Logf("%d changes acknowledged, %d sent again, none lost", work.acknowledged.Load(), work.retried.Load())
}
