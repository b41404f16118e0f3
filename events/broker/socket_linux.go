package broker

import (
	"syscall"
	"unsafe"
)

// putOnce hands body to the kernel once; the descriptor never blocks. True says
// that it is not to be waited for until more can be written.
//
// Go's scheduler is not told of the call: nobody has to stand in for a thread
// that comes back after some microseconds, and the telling costs as much as the
// rest of our part in a delivery.
func (s *socket) putOnce(fd uintptr) bool {
	for {
		n, _, err := syscall.RawSyscall(syscall.SYS_WRITE, fd, uintptr(unsafe.Pointer(unsafe.SliceData(s.body))), uintptr(len(s.body)))
		switch err {
		case syscall.EINTR:
			continue
		case 0:
			s.wrote = int(n)
		default:
			s.wrote = 0
		}
		return true
	}
}
