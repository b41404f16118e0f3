package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"smartscheduler/db/postgres"
)

// TestDoomedServerIsNotAdopted: the server's program was killed, so the kernel
// has told the server to stop, but it has not noticed yet and still says that it
// is ready.
func TestDoomedServerIsNotAdopted(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	server := runByHand(t, dir)
	// What the killed program has left.
	check(t, os.WriteFile(filepath.Join(dir, "lock"), fmt.Appendf(nil, "1\n%d\n", server.Pid), 0o644))
	for range 2 { // the second start must still know
		hurried, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		s, err := postgres.Start(hurried, quiet(dir))
		if err == nil {
			stop(t, s)
		}
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "is ready") {
			t.Errorf("error %v: it did not wait for the end of the server", err)
		}
	}
	check(t, server.Signal(syscall.SIGINT))
	ask(t, start(t, quiet(dir)), "show port", "5432")
}
