package postgres

import "syscall"

// followToDeath has the kernel signal the process when its parent dies.
func followToDeath(attr *syscall.SysProcAttr, signal syscall.Signal) { attr.Pdeathsig = signal }
