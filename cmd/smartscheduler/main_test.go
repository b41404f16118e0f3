package main

import (
	"os"
	"testing"

	"smartscheduler/db/dbtest"
)

// asProgram makes the test binary the program itself, see startChild.
const asProgram = "SMARTSCHEDULER_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	dbtest.Main(m)
}
