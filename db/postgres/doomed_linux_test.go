package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"smartscheduler/db/postgres"
)

// TestDoomedServerIsNotAdopted: the server has been told to stop and has not
// noticed yet.
func TestDoomedServerIsNotAdopted(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	p := runProgram(t, self(t), dir)
	doomed := serverPID(t, dir)
	check(t, syscall.Kill(doomed, syscall.SIGSTOP))
	// Signals are taken by number, so that only a server that has stopped
	// already is deaf to the one of its program's death.
	until(t, "the server to be suspended", func() bool {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", doomed))
		return err == nil && strings.Contains(string(stat), ") T ")
	})
	p.kill(t)
	for range 2 { // the second one must still know
		hurried, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		_, err := postgres.Start(hurried, quiet(dir))
		if !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "ask server") {
			t.Errorf("error %v: it did not wait for the end of the server", err)
		}
	}
	check(t, syscall.Kill(doomed, syscall.SIGCONT))
	ask(t, start(t, quiet(dir)), "select 1", "1")
}
