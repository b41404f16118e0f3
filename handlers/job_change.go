package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// lastEvents is how many events are looked at for the last that changed a job: what
// only says who knows of it is left out.
const lastEvents = 20

// jobChange says in one sentence who changed a job last, for a page that shows the
// job as it was before, with the version that the job has now.
func (h *Handlers) jobChange(c echo.Context) error {
	cards, err := h.visibleCards(c)
	if err != nil {
		return err
	}
	card := cards[0]
	logged, err := h.db.JobEvents(c.Request().Context(), card.JobID, 0, lastEvents)
	if err != nil {
		return err
	}
	known, err := h.places(c)
	if err != nil {
		return err
	}
	said := struct {
		Version int    `json:"version"`
		Text    string `json:"text"`
	}{Version: card.Version}
	for _, e := range logged {
		if e.Kind == "AwarenessChanged" {
			continue
		}
		t, err := newTelling(e, known, card.Region)
		if err != nil {
			return err
		}
		said.Text = t.actorName() + " just now: " + t.sentence() + "."
		break
	}
	return c.JSON(http.StatusOK, said)
}
