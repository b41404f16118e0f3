package main

import (
	"os"
	"testing"

	"smartscheduler/db/dbtest"
)

// asProgram makes the test binary the program itself, see startChild; onLeash
// is its value for a program that ends with its standard input, see killable.
const (
	asProgram = "SMARTSCHEDULER_TEST_AS_PROGRAM"
	onLeash   = "leash"
)

func TestMain(m *testing.M) {
	switch os.Getenv(asProgram) {
	case "":
	case onLeash:
		endWithInput()
		main()
	default:
		main()
	}
	dbtest.Main(m)
}
