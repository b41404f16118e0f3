package db

import (
	"database/sql"
	"errors"

	"github.com/lib/pq"
)

// The errors that callers tell apart with errors.Is. Each comes wrapped with
// the act and the object.
var (
	// ErrNotFound: the row does not exist, or the caller may not know of it.
	ErrNotFound = errors.New("not found")
	// ErrUnavailable: the database could not be reached or did not answer in
	// time; nothing is known to have been changed.
	ErrUnavailable = errors.New("database unavailable")
	// ErrNoRoom: the disk of the database is full; nothing was changed. It is
	// ErrUnavailable as well.
	ErrNoRoom = errors.New("no room left for the database")
	// ErrDuplicate: a unique value exists already.
	ErrDuplicate = errors.New("exists already")
	// ErrKeyReused: the idempotency key was used for another request.
	ErrKeyReused = errors.New("idempotency key was used for another request")
)

// SQLSTATE codes that this package recognises.
const (
	codeInvalidText          = "22P02"
	codeInvalidBytes         = "22021"
	codeUniqueViolation      = "23505"
	codeExclusionViolation   = "23P01"
	codeSerializationFailure = "40001"
	codeDeadlock             = "40P01"
	codeLockTimeout          = "55P03"
	codeQueryCanceled        = "57014"
	codeDiskFull             = "53100"
)

// sqlState returns the SQLSTATE and the constraint of a PostgreSQL error, or
// empty strings for any other error.
func sqlState(err error) (code, constraint string) {
	var e *pq.Error
	if errors.As(err, &e) {
		return string(e.Code), e.Constraint
	}
	return "", ""
}

func isCode(err error, code string) bool {
	c, _ := sqlState(err)
	return c == code
}

// notFound turns "no rows" into ErrNotFound and marks an absent database.
// A malformed id is the same to a caller as an unknown one.
func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) || isCode(err, codeInvalidText) || isCode(err, codeInvalidBytes) {
		return ErrNotFound
	}
	return translate(err)
}

// Invalid is bad input to a command: one field and what is wrong with it, in
// words for the person who typed it.
type Invalid struct {
	Field, Message string
	// Err is the rule's own error, when it carries choices.
	Err error
}

// Error implements error.
func (e *Invalid) Error() string { return e.Field + ": " + e.Message }

// Unwrap returns the rule's own error.
func (e *Invalid) Unwrap() error { return e.Err }
