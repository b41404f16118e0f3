package broker_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain also is the other end of the benchmarks: the readers run in a
// process of their own, so that their work is not counted as the broker's.
func TestMain(m *testing.M) {
	if target := os.Getenv(readersTarget); target != "" {
		readers(target)
		return
	}
	goleak.VerifyTestMain(m)
}
