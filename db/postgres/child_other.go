//go:build !linux

package postgres

import "syscall"

// followToDeath does nothing here: a server whose supervisor was killed stays,
// and is adopted by the next start.
func followToDeath(*syscall.SysProcAttr, syscall.Signal) {}
