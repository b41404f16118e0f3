package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// build compiles the server, as a user of the repository would.
func build(ctx context.Context, binary string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/smartscheduler")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build the server: %w", err)
	}
	return nil
}

// process is a measured program.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
	// base is where the pages are, adminBase where the metrics are.
	base, adminBase string
	// client sends forms there.
	client *http.Client
}

// startServer starts the program on free ports and waits until it says where.
func startServer(ctx context.Context, binary, dsn string, env ...string) (*process, error) {
	cmd := exec.CommandContext(ctx, binary, "serve")
	cmd.Env = append(os.Environ(), "DATABASE_URL="+dsn, "ADDR=127.0.0.1:0", "ADMIN_ADDR=127.0.0.1:0")
	cmd.Env = append(cmd.Env, env...)
	logs, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	p, err := start(cmd)
	if err != nil {
		return nil, err
	}
	admin := make(chan string, 1)
	go watchLog(logs, admin)
	address := regexp.MustCompile(`https?://[^\s/]+`)
	for p.base == "" {
		if !p.out.Scan() {
			return nil, errors.Join(errors.New("the server did not say where it is"), p.stop())
		}
		p.base = address.FindString(p.out.Text())
	}
	select {
	case p.adminBase = <-admin:
		return p, nil
	case <-time.After(10 * time.Second):
		return nil, errors.Join(errors.New("the server did not say where its metrics are"), p.stop())
	}
}

// watchLog finds in the log where the metrics are, and passes on what is
// wrong. It ends with the process.
func watchLog(logs io.Reader, admin chan<- string) {
	address := regexp.MustCompile(`(http://\S+)/metrics`)
	lines := bufio.NewScanner(logs)
	complaints := 0
	for lines.Scan() {
		if found := address.FindStringSubmatch(lines.Text()); found != nil {
			select {
			case admin <- found[1]:
			default:
			}
		}
		if !strings.Contains(lines.Text(), "level=INFO") && complaints < 20 {
			complaints++
			fmt.Fprintln(os.Stderr, "server:", lines.Text())
		}
	}
}

func start(cmd *exec.Cmd) (*process, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 15 * time.Second
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	return &process{cmd: cmd, in: in, out: bufio.NewScanner(out), client: &http.Client{Transport: transport()}}, nil
}

// stop asks the program to end and waits for it.
func (p *process) stop() error { return p.end(syscall.SIGTERM) }

// end sends a signal and waits. Having died of the signal is no error, nor is
// having ended before.
func (p *process) end(with os.Signal) error {
	if p.cmd.ProcessState != nil {
		return nil
	}
	_ = p.in.Close()
	_ = p.cmd.Process.Signal(with)
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && !exit.Exited() {
		return nil
	}
	return err
}

// tick is the unit of CPU times in /proc: USER_HZ, which is 100 on Linux.
const tick = 10 * time.Millisecond

// cpu is the user and system time that the process has used so far.
func (p *process) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("CPU of the process (Linux only): %w", err)
	}
	// The second field is the name in parentheses and may hold blanks; user and
	// system time are the 14th and 15th.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	user, err := strconv.Atoi(fields[11])
	if err != nil {
		return 0, err
	}
	system, err := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick, err
}

// resident is the memory of the process in bytes.
func (p *process) resident() (int, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("memory of the process (Linux only): %w", err)
	}
	for line := range strings.Lines(string(status)) {
		if kb, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, err := strconv.Atoi(strings.Fields(kb)[0])
			return n * 1024, err
		}
	}
	return 0, errors.New("memory of the process: no VmRSS")
}
