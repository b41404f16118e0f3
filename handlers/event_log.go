package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/schedule"
	"smartscheduler/views"
)

// logRows is how many events a page of the log shows.
const logRows = 100

// eventLog lists the log, newest first, as far as the caller may see it.
func (h *Handlers) eventLog(c echo.Context) error {
	if _, err := query(c); err != nil {
		return err
	}
	page, err := h.page(c, "Event log", "events")
	if err != nil {
		return err
	}
	known, err := h.places(c)
	if err != nil {
		return err
	}
	filter, shown, err := h.eventFilter(c, page, known)
	if err != nil {
		return err
	}
	found, err := h.db.EventLog(c.Request().Context(), filter)
	if err != nil {
		return err
	}
	view := views.EventLog{Filter: shown}
	for _, e := range found[:min(len(found), logRows)] {
		row, _, err := eventRow(e, known)
		if err != nil {
			return err
		}
		view.Rows = append(view.Rows, row)
	}
	if filter.Before > 0 {
		view.Newer = logQuery(shown, 0)
	}
	if len(found) > logRows {
		view.Older = logQuery(shown, found[logRows-1].Position.Pos)
	}
	return render(c, http.StatusOK, views.EventLogPage(page, view))
}

// logQuery is the query of a page of the log with the same filter; before 0 is
// the newest page.
func logQuery(f views.EventFilter, before int64) string {
	query := url.Values{}
	for name, value := range map[string]string{
		"kind": f.Kind, "region": f.Region, "job": f.Job, "contractor": f.Contractor, "actor": f.Actor,
		"from": f.From, "until": f.Until,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if before > 0 {
		query.Set("before", strconv.FormatInt(before, 10))
	}
	return query.Encode()
}

// eventFilter reads what to look for. Whatever is asked, a dispatcher finds the
// events of his own regions only.
func (h *Handlers) eventFilter(c echo.Context, page views.Page, known places) (db.EventFilter, views.EventFilter, error) {
	shown := views.EventFilter{
		Kind: c.QueryParam("kind"), Region: c.QueryParam("region"), Job: strings.TrimSpace(c.QueryParam("job")),
		Contractor: strings.TrimSpace(c.QueryParam("contractor")), Actor: strings.TrimSpace(c.QueryParam("actor")),
		From: c.QueryParam("from"), Until: c.QueryParam("until"), Errors: views.Errors{},
	}
	filter := mayRead(c)
	filter.Limit = logRows + 1
	filter.Kind, filter.Actor = events.Kind(shown.Kind), shown.Actor
	filter.Before, _ = strconv.ParseInt(c.QueryParam("before"), 10, 64)
	if shown.Region != "" {
		p, _ := principal(c)
		filter.Everywhere, filter.Regions = false, nil
		if p.MaySee(shown.Region) {
			filter.Regions = []string{shown.Region}
		}
	}
	filterByDates(&filter, shown, known.clock(shown.Region))
	for _, k := range events.Kinds() {
		shown.Kinds = append(shown.Kinds, views.Choice{Value: string(k), Label: string(k)})
	}
	for _, r := range page.Regions {
		shown.Regions = append(shown.Regions, views.Choice{Value: r.Slug, Label: r.Name})
	}
	shown.Regions = append(shown.Regions, views.Choice{Value: events.Unrouted, Label: "Unrouted"})
	if err := h.filterByJob(c, &filter, &shown); err != nil {
		return filter, shown, err
	}
	return filter, shown, h.filterByContractor(c, &filter, shown.Contractor)
}

// filterByDates reads the first and the last date, of the clock of a region.
func filterByDates(filter *db.EventFilter, shown views.EventFilter, loc *time.Location) {
	for name, value := range map[string]string{"from": shown.From, "until": shown.Until} {
		if value == "" {
			continue
		}
		day, err := schedule.ParseDay(value)
		switch {
		case err != nil:
			shown.Errors[name] = "Give a date such as 2026-11-23."
		case name == "from":
			filter.From = day.In(loc).Start
		default:
			filter.To = day.In(loc).End
		}
	}
}

// filterByContractor looks a name up, whatever the capitals and accents.
func (h *Handlers) filterByContractor(c echo.Context, filter *db.EventFilter, name string) error {
	if name == "" {
		return nil
	}
	contractors, err := h.db.Contractors(c.Request().Context())
	filter.ContractorIDs = []string{}
	for _, who := range contractors {
		if who.ID == name || found(name, fold(who.Name)) {
			filter.ContractorIDs = append(filter.ContractorIDs, who.ID)
		}
	}
	return err
}

// filterByJob looks a job's number up.
func (h *Handlers) filterByJob(c echo.Context, filter *db.EventFilter, shown *views.EventFilter) error {
	if shown.Job == "" {
		return nil
	}
	number, err := strconv.ParseInt(strings.TrimPrefix(strings.ToUpper(shown.Job), "J-"), 10, 64)
	if err != nil {
		shown.Errors["job"] = "Give a number such as J-1042."
		return nil
	}
	filter.JobID, err = h.db.JobByNumber(c.Request().Context(), number)
	if errors.Is(err, db.ErrNotFound) {
		// Said like "no event matches", because a dispatcher must not learn which
		// numbers other regions have.
		filter.JobID = noJob
		return nil
	}
	return err
}

// noJob is the id of no job, so that a number that does not exist finds nothing.
const noJob = "00000000-0000-0000-0000-000000000000"

// mayRead bounds a look into the log to what the caller may see.
func mayRead(c echo.Context) db.EventFilter {
	p, _ := principal(c)
	if p.Role == RoleAdmin || p.Role == RoleAuditor {
		return db.EventFilter{Everywhere: true}
	}
	return db.EventFilter{Regions: append([]string{events.Unrouted}, p.Regions...)}
}

// eventRow is an event with the words for it.
func eventRow(e db.LoggedEvent, known places) (views.EventRow, telling, error) {
	told, err := newTelling(e, known, e.Region)
	row := views.EventRow{
		Position: strconv.FormatInt(e.Position.Pos, 10), Href: eventPath(e.Position.Pos),
		When: e.CreatedAt.In(known.clock(e.Region)).Format("2 Jan 2006 15:04:05 MST"), Instant: instant(e.CreatedAt),
		Kind: string(e.Kind), Text: told.sentence(), Actor: told.actorName(), Region: e.Region,
	}
	if e.JobNumber > 0 {
		row.JobNumber, row.JobHref = numberOf(e.JobNumber), "/jobs/"+e.JobID
	}
	return row, told, err
}
