package handlers

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/views"
)

const (
	deliveryPath = "/admin/delivery"
	// silentAfter is how long a process may say nothing before it counts as
	// silent: three of its reports.
	silentAfter = 15 * time.Second
	// slowAfter is the lag from which on a process is slow.
	slowAfter = 2 * time.Second
	// shownErrors bounds the errors of all processes on the page.
	shownErrors = 30
)

// isPoll tells whether a page asks for its own content again by itself.
func isPoll(c echo.Context) bool {
	path := c.Request().URL.Path
	return isPartial(c) && c.Request().Method == http.MethodGet && (path == deliveryPath || strings.HasPrefix(path, importsPath+"/"))
}

// delivery shows the operator how events get from the log to the streams of
// every process. The page asks for its content again every few seconds.
func (h *Handlers) delivery(c echo.Context) error {
	view, err := h.deliveryView(c)
	if err != nil {
		return err
	}
	if isPartial(c) {
		return render(c, http.StatusOK, views.DeliveryContent(view))
	}
	page, err := h.page(c, "Delivery", "delivery")
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.DeliveryPage(page, view))
}

func (h *Handlers) deliveryView(c echo.Context) (view views.Delivery, err error) {
	ctx := c.Request().Context()
	head, err := h.db.Head(ctx)
	if err != nil {
		return view, err
	}
	waiting, err := h.db.OldestAfter(ctx, h.broker.Head())
	if err != nil {
		return view, err
	}
	processes, err := h.db.DeliveryProcesses(ctx)
	if err != nil {
		return view, err
	}
	now := h.now()
	view = views.Delivery{
		Path: deliveryPath, At: now.UTC().Format("15:04:05 MST"), Instant: now.UTC().Format(time.RFC3339),
		Head: strconv.FormatInt(head.Pos, 10), Epoch: strconv.FormatInt(head.Epoch, 10),
		Oldest: inUnits(waiting), Slow: waiting >= slowAfter,
	}
	var going []db.DeliveryProcess
	for _, p := range processes {
		view.Processes = append(view.Processes, deliveryProcess(p, head.Pos, p.Instance == h.instance))
		if !p.Stopped {
			going = append(going, p)
			view.Names = append(view.Names, p.Instance)
		}
	}
	view.Streams = streamRows(going)
	view.Counters = counterRows(going)
	view.Errors = deliveryErrors(processes)
	return view, nil
}

func deliveryProcess(p db.DeliveryProcess, head int64, here bool) views.DeliveryProcess {
	view := views.DeliveryProcess{
		Name: p.Instance, Here: here, Build: p.Build, Started: utc(p.StartedAt), Seen: utc(p.SeenAt),
		Position: strconv.FormatInt(p.Position.Pos, 10), Behind: strconv.FormatInt(max(0, head-p.Position.Pos), 10),
		Lag: inUnits(p.Lag), Slow: p.Lag >= slowAfter, Last: "–", Open: strconv.Itoa(p.Counters.Open),
	}
	if last := p.Counters.LastMillis; last != nil {
		view.Last = strconv.FormatInt(*last, 10) + " ms"
	}
	switch {
	case p.Stopped:
		view.State, view.Behind = views.ProcessStopped, "–" // nothing waits for it
	case p.Silence >= silentAfter:
		view.State = views.ProcessSilent
	default:
		view.State = views.ProcessAlive
	}
	return view
}

func utc(at time.Time) views.Moment {
	return views.Moment{Text: at.UTC().Format("2 Jan 15:04:05 MST"), Instant: at.UTC().Format(time.RFC3339)}
}

// inUnits writes a time that somebody waits as milliseconds or, when it is
// long, as seconds.
func inUnits(d time.Duration) string {
	if d < 10*time.Second {
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	return strconv.FormatInt(int64(d/time.Second), 10) + " s"
}

// streamRows has a row for each group that any process has connections of.
func streamRows(processes []db.DeliveryProcess) []views.CountRow {
	names := make(map[string]bool)
	for _, p := range processes {
		for name := range p.Streams {
			names[name] = true
		}
	}
	var rows []views.CountRow
	for _, name := range slices.Sorted(maps.Keys(names)) {
		rows = append(rows, countRow(name, processes, func(p db.DeliveryProcess) int64 { return int64(p.Streams[name]) }))
	}
	return rows
}

func countRow(label string, processes []db.DeliveryProcess, of func(db.DeliveryProcess) int64) views.CountRow {
	row := views.CountRow{Label: label}
	var total int64
	for _, p := range processes {
		n := of(p)
		total += n
		row.Counts = append(row.Counts, strconv.FormatInt(n, 10))
	}
	row.Total = strconv.FormatInt(total, 10)
	return row
}

// counterRows has a row for each thing that is counted.
func counterRows(processes []db.DeliveryProcess) []views.CountRow {
	reasons := make(map[string]bool)
	for _, p := range processes {
		for reason := range p.Counters.Resyncs {
			reasons[reason] = true
		}
	}
	row := func(label string, of func(db.DeliveryCounters) int64) views.CountRow {
		return countRow(label, processes, func(p db.DeliveryProcess) int64 { return of(p.Counters) })
	}
	hour := row("Evicted in the last hour", func(c db.DeliveryCounters) int64 { return c.EvictedLastHour })
	hour.Warn = hour.Total != "0"
	rows := []views.CountRow{
		row("Events published", func(c db.DeliveryCounters) int64 { return c.Published }),
		hour,
		row("Evicted: a reader stayed behind", func(c db.DeliveryCounters) int64 { return c.Evicted }),
		row("Queue overflowed, sent back to the log", func(c db.DeliveryCounters) int64 { return c.Lagged }),
		row("Replays", func(c db.DeliveryCounters) int64 { return c.Replays }),
		row("Events sent by replays", func(c db.DeliveryCounters) int64 { return c.ReplayedEvents }),
		row("Streams refused", func(c db.DeliveryCounters) int64 { return c.Refused }),
	}
	if len(reasons) == 0 {
		return append(rows, row("Told to reload", func(db.DeliveryCounters) int64 { return 0 }))
	}
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		rows = append(rows, row("Told to reload: "+resyncReason(reason), func(c db.DeliveryCounters) int64 { return c.Resyncs[reason] }))
	}
	return rows
}

// resyncReason says in plain words why a reader was told to reload.
func resyncReason(reason string) string {
	switch reason {
	case "malformed":
		return "a position that cannot be read"
	case "epoch":
		return "a position of another log"
	case "future":
		return "a position that is not reached yet"
	case "too-old":
		return "too far behind"
	case "render":
		return "an event cannot be drawn"
	}
	return reason
}

// deliveryErrors lists the last errors of all processes, newest first.
func deliveryErrors(processes []db.DeliveryProcess) []views.DeliveryError {
	type said struct {
		db.DeliveryError
		by string
	}
	var all []said
	for _, p := range processes {
		for _, e := range p.Errors {
			all = append(all, said{e, p.Instance})
		}
	}
	slices.SortStableFunc(all, func(a, b said) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.by, b.by)) })
	var shown []views.DeliveryError
	for _, e := range all[:min(len(all), shownErrors)] {
		row := views.DeliveryError{When: utc(e.At), Process: e.by, Act: e.Act, Text: e.Text}
		if e.Until != nil {
			row.Until = fmt.Sprintf("over after %s", inUnits(e.Until.Sub(e.At)))
		}
		shown = append(shown, row)
	}
	return shown
}
