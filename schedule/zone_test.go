package schedule_test

import (
	"os"
	"os/exec"
	"testing"
	"time"
	_ "time/tzdata"

	"smartscheduler/schedule"
)

// zone loads a zone that must exist.
func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := schedule.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// wall reads a wall time that must be well formed.
func wall(t testing.TB, s string) schedule.WallTime {
	t.Helper()
	w, err := schedule.ParseWallTime(s)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// at gives the only instant of a wall time.
func at(t testing.TB, s string, loc *time.Location) time.Time {
	t.Helper()
	instant, err := schedule.Resolve(wall(t, s), loc, "")
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

func TestLoadZone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"America/New_York", "America/Chicago", "Australia/Lord_Howe", "UTC", "Etc/GMT+5"} {
		loc, err := schedule.LoadZone(name)
		if err != nil || loc.String() != name {
			t.Errorf("LoadZone(%q) = %v, %v", name, loc, err)
		}
	}
	for _, name := range []string{
		"", "Local", "localtime", "posixrules", "Factory", "right/UTC", "posix/Europe/Berlin",
		"New York", "America/Nowhere", "../../etc/passwd", "/etc/localtime", "EDT\x00", "-05:00",
	} {
		if loc, err := schedule.LoadZone(name); err == nil {
			t.Errorf("LoadZone(%q) = %v, want an error", name, loc)
		}
	}
}

// The zone of the machine must not matter, so the tests of times run again in
// processes that believe to be elsewhere.
func TestHostZoneDoesNotMatter(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"America/New_York", "Australia/Lord_Howe", "Pacific/Apia"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), self, "-test.run", "^Test(Wall|Resolve|ClockLabel|Working|Story)")
			cmd.Env = append(os.Environ(), "TZ="+name)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("under TZ=%s: %v\n%s", name, err, out)
			}
		})
	}
}
