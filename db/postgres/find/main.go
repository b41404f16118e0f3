// Command find prints the PostgreSQL binaries that SmartScheduler would run
// here, or fails with the line that installs some. DATA_DIR is as for the
// program.
package main

import (
	"context"
	"fmt"
	"os"

	"smartscheduler/db/postgres"
)

func main() {
	dataDir := os.Getenv("DATA_DIR")
	if dataDir == "" {
		dataDir = ".data"
	}
	dir, err := postgres.Installed(context.Background(), postgres.Options{DataDir: dataDir})
	if err != nil {
		fmt.Fprintln(os.Stderr, "find:", err)
		os.Exit(1)
	}
	fmt.Println(dir)
}
