package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"smartscheduler/handlers"
)

// doors are the addresses where a process is reached.
type doors struct {
	pages, admin net.Listener
	// plain sends on to TLS; nil when nothing does.
	plain net.Listener
	certs certificates
}

// open listens everywhere, or nowhere.
func (con console) open(ctx context.Context, cfg config) (*doors, error) {
	d := &doors{}
	err := d.open(ctx, con, cfg)
	if err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

func (d *doors) open(ctx context.Context, con console, cfg config) (err error) {
	if d.pages, err = net.Listen("tcp", cfg.listenAddr()); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	_, port, err := net.SplitHostPort(d.pages.Addr().String())
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if d.certs, err = cfg.certificates(port); err != nil {
		return err
	}
	if cfg.httpAddr != "" {
		if d.plain, err = net.Listen("tcp", cfg.httpAddr); err != nil {
			return fmt.Errorf("listen for plain HTTP: %w", err)
		}
	}
	if d.admin, err = con.listenAdmin(ctx, cfg); err != nil {
		return fmt.Errorf("listen for the administrator: %w", err)
	}
	return nil
}

func (d *doors) close() error {
	var errs []error
	for _, l := range []net.Listener{d.pages, d.plain, d.admin} {
		if l != nil {
			errs = append(errs, l.Close())
		}
	}
	return errors.Join(errs...)
}

// base is the address of the pages as this machine reaches them.
func (d *doors) base() string {
	if d.certs.tls != nil {
		return "https://" + d.pages.Addr().String()
	}
	return "http://" + d.pages.Addr().String()
}

// door is a server with its listener.
type door struct {
	server   *http.Server
	listener net.Listener
}

// servers returns what answers at each door.
func (d *doors) servers(pages, metrics http.Handler) []door {
	newDoor := func(l net.Listener, h http.Handler) door {
		return door{handlers.NewServer(l.Addr().String(), h), l}
	}
	list := []door{newDoor(d.pages, pages), newDoor(d.admin, metrics)}
	list[0].server.TLSConfig = d.certs.tls
	if d.plain != nil {
		list = append(list, newDoor(d.plain, d.certs.plain))
	}
	return list
}

// serve returns nil when the server was shut down.
func (d door) serve() error {
	serve := d.server.Serve
	if d.server.TLSConfig != nil {
		serve = func(l net.Listener) error { return d.server.ServeTLS(l, "", "") }
	}
	return served(serve(d.listener))
}

func served(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve: %w", err)
}

// listenAdmin takes any free port when nobody asked for the one that is taken.
func (con console) listenAdmin(ctx context.Context, cfg config) (net.Listener, error) {
	if cfg.adminAddr != "" {
		return net.Listen("tcp", cfg.listenAdminAddr())
	}
	listener, err := net.Listen("tcp", defaultAdminAddr)
	if err == nil {
		return listener, nil
	}
	con.log.WarnContext(ctx, "the usual port of the metrics is taken; set ADMIN_ADDR to choose one", "error", err)
	return net.Listen("tcp", "127.0.0.1:0")
}
