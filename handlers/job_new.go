package handlers

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// newJob is the empty form for a job.
func (h *Handlers) newJob(c echo.Context) error {
	return h.showJobForm(c, http.StatusOK, views.JobForm{Priority: "normal", DurationMinutes: "60", Headcount: "1", Days: "1", Chosen: map[string]bool{}})
}

// createJob adds the job of the form.
func (h *Handlers) createJob(c echo.Context) error {
	p, _ := principal(c)
	f, err := form(c)
	if err != nil {
		return err
	}
	shown := jobFormOf(f)
	job, errs := parseJob(f)
	if len(errs) > 0 {
		shown.Errors = errs
		return h.showJobForm(c, http.StatusUnprocessableEntity, shown)
	}
	cmd := db.Command{By: actor(p), Key: f.Get("idempotency_key"), RequestHash: requestHash(c, f)}
	id, err := h.db.CreateJob(c.Request().Context(), cmd, job)
	var invalid *db.Invalid
	if errors.As(err, &invalid) {
		shown.Errors = views.Errors{}
		explainInvalid(invalid, &shown.FormContext, windowChoices(&shown))
		return h.showJobForm(c, http.StatusUnprocessableEntity, shown)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/jobs/"+id)
}

// windowChoices is where the form of a job asks which of two hours is meant.
func windowChoices(f *views.JobForm) map[string]*[]views.OffsetChoice {
	return map[string]*[]views.OffsetChoice{"window_start": &f.WindowStartChoices, "window_end": &f.WindowEndChoices}
}

func (h *Handlers) showJobForm(c echo.Context, status int, f views.JobForm) error {
	var err error
	if f.Skills, err = h.skillChoices(c); err != nil {
		return err
	}
	f.IdempotencyKey = uuid.NewString()
	page, err := h.page(c, "New job", "new-job")
	if err != nil {
		return err
	}
	return render(c, status, views.NewJobPage(page, f))
}

// jobFormOf keeps what was typed.
func jobFormOf(f Form) views.JobForm {
	shown := views.JobForm{
		Title: f.Get("title"), CustomerName: f.Get("customer_name"), CustomerPhone: f.Get("customer_phone"),
		Address: f.Get("address"), Postcode: f.Get("postcode"), Lat: f.Get("lat"), Lng: f.Get("lng"),
		RegionOverride: f.Get("region_override"), AccessNotes: f.Get("access_notes"), Notes: f.Get("notes"), DurationMinutes: f.Get("duration_minutes"),
		Headcount: f.Get("headcount"), Days: f.Get("days"), Priority: f.Get("priority"), WindowStart: f.Get("window_start"), WindowEnd: f.Get("window_end"),
		WindowStartOffset: f.Get("window_start_offset"), WindowEndOffset: f.Get("window_end_offset"),
		Chosen: make(map[string]bool),
	}
	for _, s := range f.All("skills") {
		shown.Chosen[s] = true
	}
	return shown
}

// parseJob reads the fields of a job, and says for each bad one what is wrong.
func parseJob(f Form) (db.NewJob, views.Errors) {
	errs := views.Errors{}
	job := db.NewJob{
		Title: f.Get("title"), CustomerName: f.Get("customer_name"), CustomerPhone: f.Get("customer_phone"),
		Skills: f.All("skills"), Priority: f.Get("priority"), Notes: f.Get("notes"),
		WindowStartOffset: f.Get("window_start_offset"), WindowEndOffset: f.Get("window_end_offset"),
		Site: parseSite(f, errs),
	}
	required(f, errs, "title", 200, "Say what is to be done.")
	required(f, errs, "customer_name", 200, "Say who the customer is.")
	minutes, err := strconv.Atoi(f.Get("duration_minutes"))
	if err != nil || minutes < 1 || minutes > 10080 {
		errs["duration_minutes"] = "Minutes, from 1 to 10080 (a week)."
	}
	job.DurationMinutes = minutes
	job.Headcount = parseUpTo(f, errs, "headcount", "Contractors", db.MaxHeadcount)
	job.Days = parseUpTo(f, errs, "days", "Days", db.MaxDays)
	if job.Priority == "" {
		job.Priority = "normal"
	}
	if job.Priority != "normal" && job.Priority != "high" && job.Priority != "rush" {
		errs["priority"] = "Choose normal, high or rush."
	}
	job.WindowStart = parseWall(f, errs, "window_start", "Give the date and the time at which the window starts.")
	job.WindowEnd = parseWall(f, errs, "window_end", "Give the date and the time at which the window ends.")
	return job, errs
}

// parseUpTo reads a number of things from 1 on: one, where nothing is said.
func parseUpTo(f Form, errs views.Errors, field, things string, most int) int {
	n, err := strconv.Atoi(cmp.Or(f.Get(field), "1"))
	if err != nil || n < 1 || n > most {
		errs[field] = fmt.Sprintf("%s, from 1 to %d.", things, most)
	}
	return n
}

// parseSite reads where a job is.
func parseSite(f Form, errs views.Errors) db.Site {
	site := db.Site{
		Address: f.Get("address"), Postcode: f.Get("postcode"), AccessNotes: f.Get("access_notes"),
		RegionOverride: f.Get("region_override"),
	}
	required(f, errs, "address", 500, "Say where the job is.")
	lat, lng := f.Get("lat"), f.Get("lng")
	if lat == "" && lng == "" {
		return site
	}
	point := schedule.Point{Lat: parseDegrees(lat, 90, "lat", errs), Lng: parseDegrees(lng, 180, "lng", errs)}
	site.Point = &point
	return site
}

func parseDegrees(text string, limit float64, field string, errs views.Errors) float64 {
	if text == "" {
		errs[field] = "Give both latitude and longitude, or neither."
		return 0
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v >= -limit && v <= limit) {
		errs[field] = "Degrees from -" + strconv.Itoa(int(limit)) + " to " + strconv.Itoa(int(limit)) + ", such as 35.0456."
	}
	return v
}

func parseWall(f Form, errs views.Errors, field, sentence string) schedule.WallTime {
	w, err := schedule.ParseWallTime(f.Get(field))
	if err != nil {
		errs[field] = sentence
	}
	return w
}

func required(f Form, errs views.Errors, field string, longest int, sentence string) {
	text := f.Get(field)
	if text == "" {
		errs[field] = sentence
	}
	if len([]rune(text)) > longest {
		errs[field] = "At most " + strconv.Itoa(longest) + " characters."
	}
}

// sentence begins with a capital and ends with a stop.
func sentence(s string) string {
	if s == "" {
		return s
	}
	s = strings.ToUpper(s[:1]) + s[1:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

// isSlug tells whether s could be the slug of a region.
func isSlug(s string) bool {
	return s != "" && len(s) <= 63 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
