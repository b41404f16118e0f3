package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	wallCount = 200
	// wallPace is the time between two assignments, wallCalm how long they are
	// made before the upgrade and after the last wall is back.
	wallPace = 25 * time.Millisecond
	wallCalm = 3 * time.Second
)

// soakWalls ends the server under 200 wall displays with SIGTERM and starts
// another one at the same address, while assignments are made all the time.
func soakWalls(ctx context.Context, l *lab, f *findings) (err error) {
	p, err := l.serve(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	u := &upgrade{crowd: newCrowd(l.world, p), opened: make(chan struct{}, 100*wallCount)}
	watching, leave := context.WithCancel(ctx)
	defer u.crowd.close()
	defer leave()
	if err := u.hang(watching, l); err != nil {
		return err
	}
	start, err := l.db.Head(ctx)
	if err != nil {
		return err
	}
	posting, stop := context.WithCancel(ctx)
	defer stop()
	var sent []sending
	refused := 0
	var writer errgroup.Group
	writer.Go(func() error { sent, refused = assignAlways(posting, l, p); return nil })
	next, began, back, err := u.replace(ctx, l, p)
	if next != nil {
		defer func() { leave(); err = errors.Join(err, next.stop()) }()
	}
	stop()
	if err := errors.Join(err, writer.Wait()); err != nil {
		return err
	}
	end, err := l.db.Head(ctx)
	if err != nil {
		return err
	}
	if err := u.crowd.wait(ctx, wallCount*(end.Pos-start.Pos)); err != nil {
		return err
	}
	during := answers(slices.DeleteFunc(sent, func(s sending) bool { return s.at.Before(began) }))
	name := fmt.Sprintf("%d walls over an upgrade by SIGTERM at one address: ", wallCount)
	f.atMost(name+"assign POST from then on, p95", percentile(during, 95), 500*time.Millisecond)
	f.atMost(name+"the same, slowest", percentile(during, 100), time.Second)
	f.note(name+"assignments answered and refused from then on", fmt.Sprintf("%d and %d", len(during), refused))
	f.atMost(name+"all back after the new process listened", back, time.Minute)
	f.sound(name+"each got every event, once, in order", u.crowd.sound())
	return nil
}

// upgrade is a crowd of walls that come back by themselves.
type upgrade struct {
	crowd  *crowd
	opened chan struct{} // gets something for each stream that is opened
}

// hang enrols the walls and opens their streams.
func (u *upgrade) hang(ctx context.Context, l *lab) error {
	for i := range wallCount {
		code, err := l.db.CreateKioskCode(ctx, region, fmt.Sprintf("Wall %d", i), time.Now())
		if err != nil {
			return err
		}
		token, _, err := l.db.EnrolKiosk(ctx, code, time.Now())
		if err != nil {
			return err
		}
		u.crowd.walls = append(u.crowd.walls, token)
	}
	err := u.crowd.add(ctx, wallCount, func(_ context.Context, r *reader) error {
		u.crowd.reading.Go(func() { u.watch(ctx, r) })
		return nil
	})
	return errors.Join(err, u.await(ctx, wallCount))
}

// watch follows the stream, and opens it again after the pause that the server
// asks for, as often as it ends.
func (u *upgrade) watch(ctx context.Context, r *reader) {
	r.retry = time.Second // until the server has said
	for {
		conn, lines, err := r.connect(ctx)
		if err == nil {
			u.opened <- struct{}{}
			_ = r.follow(lines)
			_ = u.crowd.drop(conn)
		}
		if errors.Is(err, net.ErrClosed) || pause(ctx, r.retry) != nil {
			return
		}
	}
}

// await waits until so many streams were opened.
func (u *upgrade) await(ctx context.Context, n int) error {
	for i := range n {
		select {
		case <-u.opened:
		case <-ctx.Done():
			return fmt.Errorf("%d of %d walls: %w", i, n, ctx.Err())
		}
	}
	return nil
}

// replace upgrades the server. It returns when that began, and how long after
// the new process listened the last wall was back.
func (u *upgrade) replace(ctx context.Context, l *lab, p *process) (next *process, began time.Time, back time.Duration, err error) {
	if err := pause(ctx, wallCalm); err != nil {
		return nil, began, 0, err
	}
	began = time.Now()
	if err := p.stop(); err != nil {
		return nil, began, 0, err
	}
	next, err = startServer(ctx, l.binary, l.dsn, "ADDR="+strings.TrimPrefix(p.base, "http://"))
	if err != nil {
		return nil, began, 0, err
	}
	listened := time.Now()
	if err := u.await(ctx, wallCount); err != nil {
		return next, began, 0, err
	}
	back = time.Since(listened)
	return next, began, back, pause(ctx, wallCalm)
}

// assignAlways assigns jobs and takes them off again until ctx ends. What nobody
// answers, because no server listens, is counted.
func assignAlways(ctx context.Context, l *lab, p *process) (sent []sending, refused int) {
	for i := 0; pause(ctx, wallPace) == nil; i++ {
		s, err := l.toggle(context.WithoutCancel(ctx), p, 1+i%2, i)
		if err != nil {
			refused++
			continue
		}
		sent = append(sent, s)
	}
	return sent, refused
}
