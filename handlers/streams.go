package handlers

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/events/broker"
)

// maxStreams bounds the regions that one connection may follow.
const maxStreams = 50

// dispatchStream serves one or several regions, written north+south. Who may
// not see one of them gets what a region that is not there gets.
func (h *Handlers) dispatchStream(c echo.Context) error {
	p, ok := principal(c)
	if !ok {
		return h.refuseStream(c)
	}
	regions := strings.Split(c.Param("regions"), "+")
	slices.Sort(regions)
	regions = slices.Compact(regions)
	if len(regions) > maxStreams {
		return h.noStream(c, p)
	}
	streams := make([]events.Stream, len(regions))
	for i, region := range regions {
		if !p.MaySee(region) {
			return h.noStream(c, p)
		}
		if err := h.findRegion(c, p, region); err != nil {
			return h.unknownRegion(c, p, err)
		}
		streams[i] = events.DispatchStream(region)
	}
	return h.stream(c, p, streams)
}

// findRegion tells whether there is a region. A dispatcher's own ones were found
// with him.
func (h *Handlers) findRegion(c echo.Context, p Principal, region string) error {
	if slices.Contains(p.Regions, region) {
		return nil
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), streamLookTime)
	defer cancel()
	_, err := h.db.RegionBySlug(ctx, region)
	return err
}

// contractorStream serves a contractor his own jobs and nobody else's.
func (h *Handlers) contractorStream(c echo.Context) error {
	p, ok := principal(c)
	if !ok {
		return h.refuseStream(c)
	}
	id := c.Param("contractorID")
	if p.Role != RoleContractor || p.ContractorID != id {
		return h.noStream(c, p)
	}
	return h.stream(c, p, []events.Stream{events.ContractorStream(id)})
}

// kioskStream serves a display the wall of its own region.
func (h *Handlers) kioskStream(c echo.Context) error {
	p, ok := principal(c)
	if !ok {
		return h.refuseStream(c)
	}
	region := c.Param("region")
	if p.Role != RoleKiosk || p.KioskRegion != region {
		return h.noStream(c, p)
	}
	return h.stream(c, p, []events.Stream{events.KioskStream(region)})
}

// stream hands the connection to the broker, which answers 200 whatever
// happens and says its troubles in-band.
func (h *Handlers) stream(c echo.Context, p Principal, streams []events.Stream) error {
	format := broker.HTML
	if c.QueryParam("format") == "json" {
		format = broker.JSON
	}
	return h.broker.Serve(c.Request().Context(), c.Response(), broker.Request{
		Streams: streams, Format: format, After: resumesAfter(c), Key: p.SessionKey, Address: countedAddress(c.RealIP()), Audience: p.Role,
		Ended: h.rights.admit(p),
	})
}

// resumesAfter is the position that a client says it has, "" for none. Whoever
// is refused must be told no other one: he would resume there and miss what
// lies between. A query that cannot be read may have held a position: that is
// a bad one, not none.
func resumesAfter(c echo.Context) string {
	query, err := url.ParseQuery(c.Request().URL.RawQuery)
	after := cmp.Or(c.Request().Header.Get("Last-Event-ID"), query.Get("after"))
	if after == "" && err != nil {
		return "unreadable"
	}
	return after
}

// refuseStream answers a stream request without a caller: a bare 401, unless
// the database could not say who calls; then it is told in-band.
func (h *Handlers) refuseStream(c echo.Context) error {
	if rightsUnknown(c) != nil {
		return h.broker.Refuse(c.Response(), broker.Request{After: resumesAfter(c)}, unavailableRetry)
	}
	return c.NoContent(http.StatusUnauthorized)
}

// unavailableRetry is how long a client stays away while we cannot look up who
// it is.
const unavailableRetry = 3 * time.Second

// noStream answers alike for streams that are not the caller's and streams
// that do not exist, and notes who asked, in the log and in the database.
func (h *Handlers) noStream(c echo.Context, p Principal) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), streamLookTime)
	defer cancel()
	h.log.InfoContext(ctx, "stream refused", "request_id", requestID(c),
		"role", p.Role, "user_id", p.UserID, "kiosk_id", p.KioskID, "path", c.Request().URL.Path)
	err := h.db.RecordRefusal(ctx, db.Refusal{
		Caller: p.SessionKey, Role: p.Role, UserID: p.UserID, KioskID: p.KioskID, Path: c.Request().URL.EscapedPath(), Address: c.RealIP(),
	}, h.now())
	if err != nil { // the answer is the same, and the log has it
		h.log.ErrorContext(ctx, "refused stream is not in the database", "request_id", requestID(c), "err", err)
	}
	return c.NoContent(http.StatusNotFound)
}

func (h *Handlers) unknownRegion(c echo.Context, p Principal, err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return h.noStream(c, p)
	}
	return h.broker.Refuse(c.Response(), broker.Request{After: resumesAfter(c)}, unavailableRetry)
}
