package schedule

import "time"

// TravelBuffer is the time that is kept free before a job that follows another,
// to get there. A board draws it, and shows where less is left; nobody is refused
// for it.
const TravelBuffer = 15 * time.Minute
