// Package handlers serves SmartScheduler over HTTP: pages, forms and streams.
// A handler says who may call it, reads the form, makes one call to db and
// answers. It writes no SQL, starts no goroutine and publishes nothing.
package handlers

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"smartscheduler/db"
	"smartscheduler/events/broker"
	"smartscheduler/static"
)

// Options configures New. DB and Broker are required; every other field has a
// default.
type Options struct {
	DB *db.DB
	// Broker serves the streams.
	Broker *broker.Broker
	// Log receives the access log and the errors that answers hide; nil means
	// slog.Default.
	Log *slog.Logger
	// Metrics are counted into; nil means a registry of its own.
	Metrics *Metrics
	// Secure says that browsers reach us over TLS: `__Host-` cookies and HSTS.
	Secure bool
	// BehindProxy takes the client's address from X-Forwarded-For as set by a
	// proxy on a private or loopback address. Otherwise the header is ignored.
	BehindProxy bool
	// PublicURL is where browsers find us, for the links that people are given,
	// without a slash at its end; empty means as the caller found us.
	PublicURL string
	// MailLink has a one-time link sent to an e-mail address, if it is somebody's
	// who may sign in by a password. It takes the same time for every address.
	// Nil means that we send no mail.
	MailLink func(email string)
	// Build names the running version, Instance this process.
	Build, Instance string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Pause waits, and returns early with the error of a context that ends; nil
	// means by a timer.
	Pause func(context.Context, time.Duration) error
	// LookAgain is the time between two looks at the rights of open streams when
	// nobody calls RightsChanged; 0 means 2 s.
	LookAgain time.Duration
}

// Handlers holds what the routes share. Its methods are safe for concurrent use.
type Handlers struct {
	db          *db.DB
	broker      *broker.Broker
	log         *slog.Logger
	metrics     *Metrics
	secure      bool
	behindProxy bool
	publicURL   string
	mailLink    func(email string)
	build       string
	instance    string
	now         func() time.Time
	lookAgain   time.Duration

	// uploading holds one token for each file that is read or checked.
	uploading chan struct{}
	// uploaders holds a channel by user id, with a token for his one file at a time.
	uploaders sync.Map

	access *access
	health health
	rights streamRights
}

// New returns the handlers for opts.
func New(opts Options) *Handlers {
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	if opts.Metrics == nil {
		opts.Metrics = NewMetrics()
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	return &Handlers{
		db:          opts.DB,
		broker:      opts.Broker,
		log:         opts.Log,
		metrics:     opts.Metrics,
		secure:      opts.Secure,
		behindProxy: opts.BehindProxy,
		publicURL:   opts.PublicURL,
		mailLink:    opts.MailLink,
		build:       opts.Build,
		instance:    opts.Instance,
		now:         opts.Now,
		lookAgain:   cmp.Or(opts.LookAgain, lookAgain),
		uploading:   make(chan struct{}, uploadsAtOnce),
		access:      newAccess(opts),
		rights:      streamRights{changed: make(chan struct{}, 1)},
	}
}

// Echo returns the routes: who may use each one stands beside it.
func (h *Handlers) Echo() *echo.Echo {
	e := h.newEcho()

	e.GET("/healthz", h.healthz) // anyone: the process lives
	e.GET("/readyz", h.readyz)   // anyone: the database answers and we are not draining

	e.GET("/login", h.loginPage)                 // anyone
	e.POST("/login", h.login)                    // anyone, throttled
	e.POST("/logout", h.logout)                  // anyone: ends the caller's own session
	e.GET("/link/:token", h.linkPage)            // anyone who holds a contractor's link; changes nothing
	e.POST("/link/:token", h.linkLogin)          // the same, once, throttled
	e.GET("/password/:token", h.passwordPage)    // anyone who holds a link of a member of staff; changes nothing
	e.POST("/password/:token", h.choosePassword) // the same, once, throttled
	e.GET("/forgot", h.forgotPage)               // anyone, where we send mail
	e.POST("/forgot", h.forgot)                  // the same, throttled
	e.GET("/kiosk", h.kiosk)                     // an enrolled display; others get the form for a code
	e.POST("/kiosk/enrol", h.enrol)              // anyone who holds a display's code, once, throttled

	e.GET("/", h.home, h.only(anyRole()...))               // anyone signed in: to the home of the role
	e.GET("/static/*", echo.WrapHandler(static.Handler())) // anyone

	e.GET(workerPath, h.worker)     // anyone: the same for all
	e.GET(manifestPath, h.manifest) // anyone: the same for all

	staff := h.only(RoleAdmin, RoleDispatcher, RoleAuditor) // auditors read; each handler checks the region
	desk := h.only(RoleAdmin, RoleDispatcher)               // who may change; each command checks the region

	e.GET("/regions", h.chooseRegion, staff) // the boards that the caller may open
	e.GET("/dispatch/:region", h.board, staff)
	e.GET("/dispatch/:region/sheet", h.regionSheet, staff)
	e.GET("/events", h.eventLog, staff)
	e.GET("/events/:pos", h.event, staff)
	e.GET("/audits/:auditID", h.audit, staff)
	e.GET("/jobs/new", h.newJob, desk)
	e.POST("/jobs", h.createJob, desk)
	e.GET("/jobs/:jobID", h.job, staff)
	e.GET("/jobs/:jobID/change", h.jobChange, staff)
	e.GET("/jobs/:jobID/details", h.editJobForm, desk)
	e.POST("/jobs/:jobID/details", h.editJob, desk)
	e.GET("/jobs/:jobID/copies", h.copyJobForm, desk)
	e.POST("/jobs/:jobID/copies", h.copyJob, desk)
	for _, act := range []jobAct{h.cancelAct(), h.holdAct(), h.releaseAct()} {
		e.GET("/jobs/:jobID/"+act.name, h.jobActForm(act), desk)
		e.POST("/jobs/:jobID/"+act.name, h.actOnJob(act), desk)
	}
	e.GET("/jobs/:jobID/assignments/new", h.newAssignment, desk)
	e.POST("/jobs/:jobID/assignments", h.assign, desk)
	e.GET("/assignments/:assignmentID/contractor", h.reassignForm, desk)
	e.POST("/assignments/:assignmentID/contractor", h.reassign, desk)
	e.GET("/assignments/:assignmentID/times", h.moveForm, desk)
	e.POST("/assignments/:assignmentID/times", h.move, desk)
	his := h.only(RoleContractor, RoleAdmin, RoleDispatcher) // the contractor's own; a dispatcher's on behalf
	e.GET("/assignments/:assignmentID/answer", h.answerForm, desk)
	e.POST("/assignments/:assignmentID/answer", h.answer, his)
	e.GET("/assignments/:assignmentID/status", h.statusForm, desk)
	e.POST("/assignments/:assignmentID/status", h.advance, his)
	e.GET("/assignments/:assignmentID/removal", h.removalForm, desk)
	e.POST("/assignments/:assignmentID/removal", h.remove, desk)
	e.POST("/undo/:eventID", h.undo, desk)

	admin := h.only(RoleAdmin)
	e.GET("/contractors", h.contractorList, staff)
	e.GET("/contractors/new", h.newContractor, admin)
	e.POST("/contractors", h.createContractor, admin)
	e.GET("/contractors/:contractorID", h.contractorRecord, staff) // those of the caller's regions
	e.GET("/contractors/:contractorID/sheet", h.contractorSheet, staff)
	e.GET("/contractors/:contractorID/details", h.contractorForm, admin)
	e.POST("/contractors/:contractorID/details", h.changeContractor, admin)
	e.POST("/contractors/:contractorID/move/withdrawal", h.withdrawMove, admin)
	e.GET("/contractors/:contractorID/days", h.daysForm, desk) // dispatchers of his home
	e.POST("/contractors/:contractorID/days", h.changeDays, desk)
	e.POST("/contractors/:contractorID/links", h.makeLink, admin)
	e.POST("/contractors/:contractorID/links/revocation", h.revokeLinks, admin)
	e.GET(regionsPath, h.regions, admin)
	e.GET(regionsPath+"/:slug", h.region, admin)
	e.POST(regionsPath+"/:slug", h.changeRegion, admin)
	e.GET("/admin/skills", h.skills, admin)
	e.POST("/admin/skills", h.addSkill, admin)
	e.POST("/admin/skills/:slug", h.renameSkill, admin)
	e.POST("/admin/skills/:slug/removal", h.deleteSkill, admin)

	// Files of jobs: a dispatcher's own uploads, and rows of his regions; admins all.
	e.GET(importsPath, h.imports, desk)
	e.POST(importsPath, h.checkImport, desk)
	e.GET(importsPath+"/:importID", h.importBatch, desk)
	e.POST(importsPath+"/:importID/confirmation", h.confirmImport, desk)
	e.POST(importsPath+"/:importID/undo", h.undoImport, desk)
	e.GET(importsPath+"/:importID/bad-rows", h.badRows, desk)

	// What the caller may take away, see mayExport.
	e.GET(exportsPath, h.exports, staff)
	e.GET(exportsPath+"/:file", h.exportFile, staff)

	e.GET(deliveryPath, h.delivery, h.only(RoleAdmin)) // how events get to the streams of all processes

	h.accessRoutes(e)

	e.GET("/contractor", h.contractorHome, h.only(RoleContractor)) // his own jobs
	e.GET("/contractor/sheet", h.ownSheet, h.only(RoleContractor)) // the same for paper
	// What his page shows of them and what he says that he knows; the rest is ignored, or not there.
	e.POST("/receipts", h.receipts, h.only(RoleContractor)) // throttled
	e.POST("/assignments/:assignmentID/acknowledgement", h.acknowledge, h.only(RoleContractor))

	e.GET("/streams/dispatch/:regions", h.dispatchStream)          // staff, for regions they may see
	e.GET("/streams/contractor/:contractorID", h.contractorStream) // that contractor
	e.GET("/streams/kiosk/:region", h.kioskStream)                 // a display of that region

	return e
}

// accessRoutes are the routes about who and what may come in.
func (h *Handlers) accessRoutes(e *echo.Echo) {
	admin := h.only(RoleAdmin)
	e.GET("/admin", h.admin, admin)
	e.GET(usersPath, h.users, admin)
	e.GET(usersPath+"/new", h.newUser, admin)
	e.POST(usersPath, h.inviteUser, admin)
	e.GET(usersPath+"/:userID", h.user, admin)
	e.POST(usersPath+"/:userID", h.editUser, admin)
	e.POST(usersPath+"/:userID/state", h.lockUser, admin)
	e.POST(usersPath+"/:userID/link", h.linkUser, admin)
	e.POST(usersPath+"/:userID/sessions", h.endUserSessions, admin)
	e.GET(kiosksPath, h.kioskDevices, admin)
	e.POST(kiosksPath, h.createKioskCode, admin)
	e.POST(kiosksPath+"/:kioskID", h.changeKiosk, admin)

	// The search is posted to keep names out of addresses.
	e.GET(peoplePath, h.people, admin)
	e.POST(peoplePath, h.findPeople, admin)
	for path, kind := range map[string]erasable{
		peoplePath + "/:customerID": h.erasableCustomer(), "/contractors/:contractorID/erasure": h.erasableContractor(),
		usersPath + "/:userID/erasure": h.erasableUser(),
	} {
		e.GET(path, h.erasureForm(kind), admin)
		e.POST(path, h.erase(kind), admin)
	}

	// The caller's own account. Contractors have no password.
	e.GET(accountPath, h.ownAccount, h.only(RoleAdmin, RoleDispatcher, RoleAuditor, RoleContractor))
	e.POST(accountPath+"/sessions", h.endOwnSessions, h.only(RoleAdmin, RoleDispatcher, RoleAuditor, RoleContractor))
	e.POST(accountPath+"/password", h.changePassword, h.only(RoleAdmin, RoleDispatcher, RoleAuditor)) // throttled
}
