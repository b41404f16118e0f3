package dbtest

// The parts that a test looks at from outside.
var (
	// Sweep removes the abandoned directories below a base directory.
	Sweep = sweep
	// LockFile marks a directory as in use.
	LockFile = lockFile
)

// Prefix starts the names of our directories.
const Prefix = prefix
