package events

// Loss is why somebody's open streams end: a word from this list, for the page
// to explain.
type Loss string

// The losses. After LossRights the session goes on with other rights; after
// LossKioskRotated the display goes on if it holds the new token.
const (
	LossSignedOut    Loss = "signed-out"
	LossExpired      Loss = "expired"
	LossPassword     Loss = "password-changed"
	LossDisabled     Loss = "account-disabled"
	LossLink         Loss = "link-revoked"
	LossContractor   Loss = "contractor-inactive"
	LossKioskRevoked Loss = "kiosk-revoked"
	LossKioskRotated Loss = "kiosk-rotated"
	LossKioskAway    Loss = "kiosk-away"
	LossRights       Loss = "rights-changed"
)
