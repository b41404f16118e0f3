// Package schedule holds the pure rules of dispatching: wall times and zones,
// which region a point belongs to, spans of time and their overlap, working
// hours, free slots, skills, and which change of an assignment is allowed.
//
// Nothing here does I/O or reads the clock, and no result depends on the
// machine's own time zone: instants come in as [time.Time], zones as
// [*time.Location]. The program that links this package must bring zone data
// (import time/tzdata) so that [LoadZone] works everywhere.
package schedule
