//go:build unix

package broker

import "syscall"

// putOnce hands body to the kernel once; the descriptor never blocks. True says
// that it is not to be waited for until more can be written.
func (s *socket) putOnce(fd uintptr) bool {
	for {
		n, err := syscall.Write(int(fd), s.body)
		if err == syscall.EINTR {
			continue
		}
		s.wrote = max(n, 0)
		return true
	}
}
