package main

import (
	"testing"

	"smartscheduler/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }
