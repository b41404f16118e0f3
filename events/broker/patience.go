package broker

import (
	"sync/atomic"
	"time"
)

// lastWrites is how long all writes may take together once their stream has to
// end: a reader that hardly reads must not get more of what is no longer his.
const lastWrites = 2 * time.Second

// patience is how long a writer waits for its client.
type patience struct {
	timeout time.Duration // of one write
	until   atomic.Int64  // of all writes, in Unix nanoseconds; zero for no end
}

// last begins the last writes; only the first call counts.
func (p *patience) last() { p.until.CompareAndSwap(0, time.Now().Add(lastWrites).UnixNano()) }

// end is when a write that begins now has to be over.
func (p *patience) end() time.Time {
	end := time.Now().Add(p.timeout)
	if until := p.until.Load(); until != 0 && until < end.UnixNano() {
		return time.Unix(0, until)
	}
	return end
}

// set tells a connection when a write has to be over. It looks twice, since the
// last writes may begin meanwhile, and that deadline must not be replaced.
func (p *patience) set(deadline func(time.Time) error) error {
	end := p.end()
	if err := deadline(end); err != nil {
		return err
	}
	if sooner := p.end(); sooner.Before(end) {
		return deadline(sooner)
	}
	return nil
}
