package handlers

import (
	"slices"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/events"
)

// The roles of users, and of displays, which are not users.
const (
	RoleAdmin      = "admin"
	RoleDispatcher = "dispatcher"
	RoleContractor = "contractor"
	RoleKiosk      = "kiosk"
	RoleAuditor    = "auditor"
)

// Principal is who makes a request, with the rights of this moment.
type Principal struct {
	// UserID is empty for a kiosk.
	UserID, Name, Email string
	// Role is one of the Role constants.
	Role string
	// Regions are the slugs of a dispatcher's regions, sorted.
	Regions []string
	// ContractorID is set for contractors only.
	ContractorID string
	// KioskID and KioskRegion are set for kiosks only.
	KioskID, KioskRegion string
	// SessionKey names the session or device in db.ActiveKeys. It is a hash and
	// opens nothing.
	SessionKey string
}

// MayDispatch tells whether the caller may change assignments of region: an
// admin everywhere, a dispatcher in his own regions and the unrouted queue.
func (p Principal) MayDispatch(region string) bool {
	switch p.Role {
	case RoleAdmin:
		return true
	case RoleDispatcher:
		return region == events.Unrouted || slices.Contains(p.Regions, region)
	}
	return false
}

// MaySee tells whether the caller may see the board of region: whoever may
// dispatch there, and auditors everywhere.
func (p Principal) MaySee(region string) bool {
	return p.Role == RoleAuditor || p.MayDispatch(region)
}

// PrincipalOf returns the caller that a session or device stands for.
func PrincipalOf(a db.Account) Principal {
	return Principal{
		UserID: a.UserID, Name: a.Name, Email: a.Email, Role: a.Role, Regions: a.Regions,
		ContractorID: a.ContractorID, KioskID: a.KioskID, KioskRegion: a.KioskRegion, SessionKey: a.Key,
	}
}

// principal returns the caller, or false when nobody is signed in. Behind
// `only` it is always there.
func principal(c echo.Context) (Principal, bool) {
	p, ok := c.Get(principalKey).(Principal)
	return p, ok
}
