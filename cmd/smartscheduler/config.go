package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"unicode"
)

const (
	defaultAddr      = "127.0.0.1:8080"
	defaultAdminAddr = "127.0.0.1:8081"
)

// config is what the environment and the flags of a command say. Secrets come
// from the environment only, never from flags.
type config struct {
	// addr is where pages are served, adminAddr where /metrics is; "" is
	// defaultAdminAddr, or any free port while that is taken.
	addr, adminAddr string
	// databaseURL is the database to use; "" runs PostgreSQL in dataDir.
	databaseURL, dataDir string
	// demoPassword is that of the accounts of a demo world that we load.
	demoPassword string
	// demo is the world to load into an empty database of our own: tour or none.
	demo string
	// publicURL is where browsers reach us; https there means that a proxy
	// terminates TLS unless we do.
	publicURL string
	// tlsCert and tlsKey are files in PEM: we speak TLS ourselves with them.
	tlsCert, tlsKey string
	// acmeDomains are the names for which certificates are fetched by ACME
	// instead, kept in acmeCache, from acmeDirectory; "" is Let's Encrypt.
	acmeDomains              []string
	acmeCache, acmeDirectory string
	// httpAddr is where plain HTTP is sent on to TLS; "" is nowhere.
	httpAddr string
	// instance names this process among those of one database; "" is its host
	// and number.
	instance string
	// base is where browsers find us, without a slash at its end; "" when nobody
	// said it.
	base string
	// smtpURL is the server that takes our mail, with name and password, and
	// mailFrom its sender; "" sends none.
	smtpURL, mailFrom string
	// behindProxy trusts X-Forwarded-For of a proxy on a private address.
	behindProxy bool
}

// readConfig reads the environment, then the flags of `serve` over it.
func readConfig(args []string, env func(string) string, stdout io.Writer) (config, error) {
	c := config{
		addr:         cmp.Or(env("ADDR"), defaultAddr),
		adminAddr:    env("ADMIN_ADDR"),
		databaseURL:  env("DATABASE_URL"),
		dataDir:      cmp.Or(env("DATA_DIR"), ".data"),
		demoPassword: cmp.Or(env("DEMO_PASSWORD"), demoPassword),
		publicURL:    env("PUBLIC_URL"),
		behindProxy:  env("BEHIND_PROXY") == "true",
		instance:     env("INSTANCE"),
		smtpURL:      env("SMTP_URL"),
		mailFrom:     env("MAIL_FROM"),

		tlsCert: env("TLS_CERT"), tlsKey: env("TLS_KEY"), httpAddr: env("HTTP_ADDR"),
		acmeDomains: acmeDomains(env), acmeCache: env("ACME_CACHE"), acmeDirectory: env("ACME_DIRECTORY"),
	}
	if c.publicURL != "" || len(c.acmeDomains) > 0 {
		c.base = publicBase(env)
	}
	c.acmeCache = cmp.Or(c.acmeCache, filepath.Join(c.dataDir, "acme"))
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.StringVar(&c.addr, "addr", c.addr, "address to serve on; :0 picks a port (environment: ADDR)")
	flags.StringVar(&c.tlsCert, "tls-cert", c.tlsCert, "file with the certificates for TLS, read again when it changes (environment: TLS_CERT)")
	flags.StringVar(&c.tlsKey, "tls-key", c.tlsKey, "file with its key (environment: TLS_KEY)")
	flags.StringVar(&c.demo, "demo", "tour", "world to load into an empty database of our own: tour or none")
	if err := parse(flags, args, stdout); err != nil {
		return config{}, err
	}
	if flags.NArg() > 0 {
		return config{}, usageError(fmt.Sprintf("unexpected argument %q", flags.Arg(0)))
	}
	return c, c.check()
}

// parse reads flags. One that is not known is a usageError; who asked for help
// gets it, and flag.ErrHelp.
func parse(flags *flag.FlagSet, args []string, stdout io.Writer) error {
	flags.SetOutput(io.Discard) // run prints the error
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		flags.SetOutput(stdout)
		_, _ = fmt.Fprintf(stdout, "flags of %s:\n", flags.Name())
		flags.PrintDefaults()
		return err
	}
	if err != nil {
		return usageError(err.Error())
	}
	return nil
}

// check refuses what would be unsafe or cannot work.
func (c config) check() error {
	if len(c.instance) > maxInstance || !readable(c.instance) {
		return fmt.Errorf("INSTANCE is to be at most %d letters, digits, dots, dashes and underlines", maxInstance)
	}
	if c.demo != "tour" && c.demo != "none" {
		return usageError(fmt.Sprintf("--demo is tour or none, not %q", c.demo))
	}
	if c.publicURL != "" {
		if u, err := url.Parse(c.publicURL); err != nil || u.Host == "" {
			return errors.New("PUBLIC_URL is not a URL")
		}
	}
	if err := c.checkTLS(); err != nil {
		return err
	}
	if err := c.checkMail(); err != nil {
		return err
	}
	if !c.secure() && !loopback(c.addr) {
		return fmt.Errorf("%s is not a loopback address: set TLS_CERT and TLS_KEY or ACME_DOMAINS, "+
			"or set PUBLIC_URL=https://… and let a proxy serve TLS there", c.addr)
	}
	if c.adminAddr != "" && !loopback(c.adminAddr) {
		return fmt.Errorf("ADMIN_ADDR %s is not a loopback address", c.adminAddr)
	}
	if c.exposed() && c.databaseURL == "" && c.demo != "none" && c.demoPassword == demoPassword {
		return errors.New("others could sign in to the demo world, because everybody knows its password: " +
			"set DEMO_PASSWORD to another one, start with --demo=none, or set DATABASE_URL")
	}
	return nil
}

// checkTLS refuses half a certificate, two sources of it, and an address for
// browsers that contradicts it.
func (c config) checkTLS() error {
	switch {
	case (c.tlsCert == "") != (c.tlsKey == ""):
		return errors.New("TLS_CERT and TLS_KEY belong together: one of them is not set")
	case c.tlsCert != "" && len(c.acmeDomains) > 0:
		return errors.New("certificates come from TLS_CERT or by ACME_DOMAINS, not from both")
	case c.ownTLS() && c.publicURL != "" && !strings.HasPrefix(c.publicURL, "https://"):
		return errors.New("PUBLIC_URL is not https, although TLS is served")
	case c.httpAddr != "" && !c.ownTLS():
		return errors.New("HTTP_ADDR sends on to TLS, which is not served here: set TLS_CERT and TLS_KEY or ACME_DOMAINS")
	}
	return nil
}

// ownTLS tells whether we speak TLS ourselves.
func (c config) ownTLS() bool { return c.tlsCert != "" || len(c.acmeDomains) > 0 }

// acmeDomains reads names that are parted by commas or spaces.
func acmeDomains(env func(string) string) []string {
	return strings.FieldsFunc(env("ACME_DOMAINS"), func(r rune) bool { return r == ',' || r == ' ' })
}

// maxInstance is the length of the name of a process.
const maxInstance = 60

// readable tells whether a name looks the same everywhere.
func readable(name string) bool {
	return strings.IndexFunc(name, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-", r)
	}) < 0
}

// exposed tells whether others than this machine are to reach the pages.
func (c config) exposed() bool { return c.publicURL != "" || !loopback(c.addr) }

// secure tells whether browsers reach us over TLS.
func (c config) secure() bool { return c.ownTLS() || strings.HasPrefix(c.publicURL, "https://") }

// loopback tells whether only this machine can reach addr; a bare port is
// taken as one on loopback, see listenAddr.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "" || host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// listenAddr makes ":8080" a loopback address unless browsers reach us over TLS.
func (c config) listenAddr() string {
	if c.secure() {
		return c.addr
	}
	return onLoopback(c.addr)
}

// listenAdminAddr makes ":8081" a loopback address, always: there is no TLS and
// no sign-in there.
func (c config) listenAdminAddr() string { return onLoopback(c.adminAddr) }

func onLoopback(addr string) string {
	if strings.HasPrefix(addr, ":") {
		return "127.0.0.1" + addr
	}
	return addr
}

// publicBase is where browsers find a server of this environment, without a
// slash at its end.
func publicBase(env func(string) string) string {
	scheme, host := "http://", onLoopback(cmp.Or(env("ADDR"), defaultAddr))
	switch names := acmeDomains(env); {
	case len(names) > 0:
		scheme, host = "https://", names[0]
	case env("TLS_CERT") != "":
		scheme = "https://"
	}
	return strings.TrimRight(cmp.Or(env("PUBLIC_URL"), scheme+host), "/")
}
