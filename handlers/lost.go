package handlers

import (
	"github.com/labstack/echo/v4"

	"smartscheduler/events"
)

// lostBefore returns why the caller is not signed in any more, "" when he never
// was or it is not known. What is left of his session knows best; of one that
// was signed out nothing is left, and the page that was open says it.
func lostBefore(c echo.Context) events.Loss {
	if why, ok := c.Get(lostKey).(events.Loss); ok {
		return why
	}
	return events.Loss(c.QueryParam("why"))
}

// lossWords is a loss in one sentence or two, "" for anything that is none.
func lossWords(why events.Loss) string {
	switch why {
	case events.LossSignedOut:
		return "You were signed out. Sign in to go on."
	case events.LossExpired:
		return "Your session has ended. Sign in to go on."
	case events.LossPassword:
		return "Your password was changed, so you were signed out everywhere. Sign in with the new one."
	case events.LossDisabled:
		return "Your account was disabled. Ask your administrator if you think that this is wrong."
	case events.LossLink:
		return "The office has ended the sign-in of this phone."
	case events.LossContractor:
		return "You are not among the active contractors any more."
	case events.LossKioskRevoked:
		return "This display was taken out of use. It needs a new code to show a wall again."
	case events.LossKioskRotated:
		return "This display was given a new key. Type the code that came with it."
	case events.LossKioskAway:
		return "This display was away for more than 14 days. It needs a new code to show a wall again."
	}
	return ""
}
