package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"smartscheduler/db"
)

// trouble is something that is wrong on purpose in the world week, and where the
// program says so.
type trouble struct {
	Name string `json:"name"`
	// Jobs are the numbers of the jobs concerned, Contractors the names of the
	// people.
	Jobs        []string `json:"jobs,omitempty"`
	Contractors []string `json:"contractors,omitempty"`
	// Page is where somebody would look, Shows what it says there.
	Page  string `json:"page"`
	Shows string `json:"shows"`
	// Reaction is what is expected, in a sentence.
	Reaction string `json:"reaction"`
}

// plantedTroubles lists what is wrong in a world week. numbers are those of its
// jobs by key.
func plantedTroubles(w db.World, c calendar, numbers map[string]string) []trouble {
	page := func(key string) string { return "/jobs/" + w.JobID(key) }
	form := func(key string) string { return page(key) + "/assignments/new" }
	board := func(region string, day int) string { return "/dispatch/" + region + "?date=" + c.date(day) }
	on := func(day int) string { return c.monday.AddDate(0, 0, day).Format("Mon 2 Jan") }
	jobs := func(keys ...string) []string {
		list := make([]string, len(keys))
		for i, key := range keys {
			list[i] = numbers[key]
		}
		return list
	}
	return []trouble{
		{"border point", jobs("P-01"), nil, page("P-01"), "on the border: chosen by rule",
			"The job lies exactly on the edge of two regions; it is always in the same one, and its page says why."},
		{"outside point", jobs("P-02"), nil, "/dispatch/unrouted", numbers["P-02"] + " 1 h Survey for a new line",
			"No region holds the point: the job waits in the unrouted queue, with the reason and a button to set its region."},
		{"zone trap", jobs("P-03"), []string{"Leo D'Angelo"}, board("north", thu), numbers["P-03"] + " 09:00–11:00 CT",
			"A job by Central time on the board of an Eastern region names its zone."},
		{"duplicate address", jobs("P-04", "P-05"), nil, page("P-04"), "At the same address on the same day: " + numbers["P-05"],
			"Two jobs at one address on one day: the page of each names the other."},
		{"skill gap", jobs("P-06"), nil, form("P-06"), "No contractor can take this job.",
			"Nobody has both skills: the form offers nobody, and says of each what he lacks."},
		{"12 h day", jobs("P-07", "P-08", "P-09"), []string{"Ben Achterberg"}, page("P-08"), "Ben Achterberg works 12 h on " + on(thu) + ".",
			"The page of each of the three jobs says how long his day is; more nobody can book him for."},
		{"impossible window", jobs("P-10"), nil, page("P-10"), "The clocks change in its window: that is only 1 h 30 min long.",
			"An hour of the window does not exist, so that the job does not fit in: its page says so."},
		{"expired skill", jobs("P-11"), []string{"Lee Nguyễn"}, form("P-11"), "Lee Nguyễn Tile expired " + c.monday.AddDate(0, 0, wed).Format("2 Jan"),
			"His certificate ends before the job: the form lists him among those who cannot take it, with the date."},
		{"holiday", nil, []string{"Keʻala Mahoe"}, board("south", thu), "Keʻala Mahoe Off: Holiday",
			"The lane says that he is off, and why."},
		{"dentist", nil, []string{"Rosa Díaz"}, board("north", thu), "Rosa Díaz 08:00–13:00 · Dentist at 14:00",
			"The lane shows the shorter day and why."},
		{"part-timer", nil, []string{"Tomás Ñuñez"}, board("north", mon), "Tomás Ñuñez Not working",
			"On the days on which he does not work the lane says so."},
		{"overlapping regions", jobs("P-12"), nil, page("P-12"), "Its point also lies in Ridge: the smallest region has it.",
			"Two regions hold the point: the smaller one has the job, and its page names the other."},
	}
}

// writePlanted writes what is wrong in the world that was loaded to a file, as
// JSON.
func writePlanted(ctx context.Context, path string, database *db.DB, w db.World, c calendar) error {
	numbers, err := jobNumbers(ctx, database, w)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(plantedTroubles(w, c, numbers), "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the planted troubles: %w", err)
	}
	return nil
}

// jobNumbers looks up the numbers that the planted jobs got.
func jobNumbers(ctx context.Context, database *db.DB, w db.World) (map[string]string, error) {
	keys, ids := make(map[string]string), []string{}
	for _, p := range troubledJobs() {
		id := w.JobID(p.key)
		keys[id], ids = p.key, append(ids, id)
	}
	cards, err := database.Cards(ctx, ids)
	if err != nil {
		return nil, err
	}
	numbers := make(map[string]string, len(cards))
	for _, card := range cards {
		numbers[keys[card.JobID]] = fmt.Sprintf("J-%d", card.Number)
	}
	return numbers, nil
}
