package handlers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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
	clocks, err := h.regionClocks(c)
	if err != nil {
		return err
	}
	filter, shown, err := h.eventFilter(c, page, clocks)
	if err != nil {
		return err
	}
	found, err := h.db.EventLog(c.Request().Context(), filter)
	if err != nil {
		return err
	}
	view := views.EventLog{Filter: shown}
	for _, e := range found[:min(len(found), logRows)] {
		row, err := eventRow(e, clocks)
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
		"kind": f.Kind, "region": f.Region, "job": f.Job, "contractor": f.Contractor, "date": f.Date,
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
func (h *Handlers) eventFilter(c echo.Context, page views.Page, clocks regionClocks) (db.EventFilter, views.EventFilter, error) {
	shown := views.EventFilter{
		Kind: c.QueryParam("kind"), Region: c.QueryParam("region"), Job: strings.TrimSpace(c.QueryParam("job")),
		Contractor: c.QueryParam("contractor"), Date: c.QueryParam("date"), Errors: views.Errors{},
	}
	filter := mayRead(c)
	filter.Limit = logRows + 1
	filter.Kind = events.Kind(shown.Kind)
	filter.ContractorID = shown.Contractor
	filter.Before, _ = strconv.ParseInt(c.QueryParam("before"), 10, 64)
	if shown.Region != "" {
		p, _ := principal(c)
		filter.Everywhere, filter.Regions = false, nil
		if p.MaySee(shown.Region) {
			filter.Regions = []string{shown.Region}
		}
	}
	if err := h.filterByJob(c, &filter, &shown); err != nil {
		return filter, shown, err
	}
	if shown.Date != "" {
		loc := clocks.of(shown.Region)
		day, err := schedule.ParseDay(shown.Date)
		if err != nil {
			shown.Errors["date"] = "Give a date such as 2026-11-23."
		} else {
			span := day.In(loc)
			filter.From, filter.To = span.Start, span.End
		}
	}
	for _, k := range events.Kinds() {
		shown.Kinds = append(shown.Kinds, views.Choice{Value: string(k), Label: string(k)})
	}
	for _, r := range page.Regions {
		shown.Regions = append(shown.Regions, views.Choice{Value: r.Slug, Label: r.Name})
	}
	shown.Regions = append(shown.Regions, views.Choice{Value: events.Unrouted, Label: "Unrouted"})
	contractors, err := h.db.Contractors(c.Request().Context())
	for _, who := range contractors {
		shown.Contractors = append(shown.Contractors, views.Choice{Value: who.ID, Label: who.Name})
	}
	return filter, shown, err
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

// regionClocks are the zones of the regions, by slug. "" is the one for days
// that belong to no region: that of the caller's first region.
type regionClocks map[string]*time.Location

func (r regionClocks) of(region string) *time.Location {
	if loc := r[region]; loc != nil {
		return loc
	}
	return r[""]
}

func (h *Handlers) regionClocks(c echo.Context) (regionClocks, error) {
	regions, err := h.db.Regions(c.Request().Context())
	if err != nil {
		return nil, err
	}
	p, _ := principal(c)
	clocks := make(regionClocks, len(regions))
	for _, r := range regions {
		loc, err := loadZone(r)
		if err != nil {
			return nil, err
		}
		clocks[r.Slug] = loc
		if clocks[""] == nil && p.MaySee(r.Slug) {
			clocks[""] = loc
		}
	}
	if clocks[""] == nil {
		clocks[""] = time.UTC
	}
	return clocks, nil
}

func eventRow(e db.LoggedEvent, clocks regionClocks) (views.EventRow, error) {
	text, _, err := eventSentence(e)
	row := views.EventRow{
		Position: strconv.FormatInt(e.Position.Pos, 10), Href: "/events/" + strconv.FormatInt(e.Position.Pos, 10),
		When: e.CreatedAt.In(clocks.of(e.Region)).Format("2 Jan 2006 15:04:05 MST"), Instant: instant(e.CreatedAt),
		Kind: string(e.Kind), Text: text, Actor: actorName(e), Region: e.Region,
	}
	if e.JobNumber > 0 {
		row.JobNumber, row.JobHref = numberOf(e.JobNumber), "/jobs/"+e.JobID
	}
	return row, err
}

// event shows everything that the log holds of one event.
func (h *Handlers) event(c echo.Context) error {
	pos, err := strconv.ParseInt(c.Param("pos"), 10, 64)
	if err != nil || pos < 1 {
		return db.ErrNotFound
	}
	ctx := c.Request().Context()
	filter := mayRead(c)
	filter.Before, filter.Limit = pos+1, 1
	found, err := h.db.EventLog(ctx, filter)
	if err != nil {
		return err
	}
	if len(found) == 0 || found[0].Position.Pos != pos {
		return db.ErrNotFound
	}
	view, err := h.eventDetail(c, found[0])
	if err != nil {
		return err
	}
	page, err := h.page(c, "Event "+view.Position, "events")
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.EventPage(page, view))
}

func (h *Handlers) eventDetail(c echo.Context, e db.LoggedEvent) (views.EventDetail, error) {
	ctx := c.Request().Context()
	clocks, err := h.regionClocks(c)
	if err != nil {
		return views.EventDetail{}, err
	}
	row, err := eventRow(e, clocks)
	if err != nil {
		return views.EventDetail{}, err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, e.Payload, "", "  "); err != nil {
		return views.EventDetail{}, fmt.Errorf("payload of event %s: %w", e.EventID, err)
	}
	view := views.EventDetail{
		EventRow: row, EventID: e.EventID, CorrelationID: e.CorrelationID, ContractorName: e.ContractorName,
		Payload: indented.String(),
	}
	for _, s := range e.PublishedTo {
		view.PublishedTo = append(view.PublishedTo, string(s))
	}
	publications, err := h.db.Publications(ctx, e.Position.Pos)
	if err != nil {
		return view, err
	}
	for _, p := range publications {
		view.Publications = append(view.Publications, views.Publication{
			Instance: p.Instance, When: p.PublishedAt.In(clocks.of(e.Region)).Format("2 Jan 2006 15:04:05.000 MST"),
			// From the start of its transaction, by the clock of the database, to the
			// clock of the process: about, and no less than from its commit.
			Delay:     inUnits(max(0, p.PublishedAt.Sub(e.CreatedAt))),
			Receivers: strconv.Itoa(p.Receivers), Error: p.Error,
		})
	}
	_, fields, err := eventSentence(e)
	if err != nil || fields.AuditID == "" {
		return view, err
	}
	audits, err := h.db.AuditsOf(ctx, e.JobID)
	for _, a := range audits {
		if a.ID == fields.AuditID {
			view.Audit = auditDetail(a)
		}
	}
	return view, err
}
