package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/views"
)

// endUserSessions signs a user out, everywhere or in one place.
func (h *Handlers) endUserSessions(c echo.Context) error {
	person, err := h.personAsked(c)
	if err != nil {
		return err
	}
	f, err := form(c)
	if err != nil {
		return err
	}
	if f.Get("session") == "" {
		return h.showUser(c, http.StatusUnprocessableEntity, person, userFormNow(person), "Nothing was changed: the form was not complete.")
	}
	if err := h.endSessionsOf(c, person.ID, f.Get("session")); err != nil {
		return err
	}
	return h.userDone(c, person, "sessions ended", "signed-out")
}

// everywhere stands for all sessions of a user.
const everywhere = "all"

// endSessionsOf ends one session or all. One that has ended already is no error:
// what was asked for is so.
func (h *Handlers) endSessionsOf(c echo.Context, userID, session string) error {
	ctx := c.Request().Context()
	if session == everywhere {
		return h.db.EndSessions(ctx, userID)
	}
	if err := h.db.EndSession(ctx, userID, session); !errors.Is(err, db.ErrNotFound) {
		return err
	}
	return nil
}

// sessionRows lists where a user is signed in.
func (h *Handlers) sessionRows(c echo.Context, userID string) ([]views.SessionRow, error) {
	list, err := h.db.Sessions(c.Request().Context(), userID, h.now())
	if err != nil {
		return nil, err
	}
	caller, _ := principal(c)
	rows := make([]views.SessionRow, len(list))
	for i, s := range list {
		rows[i] = views.SessionRow{
			ID: s.ID, Device: s.Device, Here: s.Key == caller.SessionKey,
			SignedIn: h.moment(s.CreatedAt), LastSeen: h.moment(s.LastSeen),
		}
		if rows[i].Device == "" {
			rows[i].Device = "Unknown device"
		}
	}
	return rows, nil
}
