package main

import (
	"io"
	"net"
	"strings"
	"testing"

	"smartscheduler/db/dbtest"
)

// TestMetricsWithoutTheirUsualPort: a taken port of 8081 is no reason not to
// start, unless somebody asked for it.
func TestMetricsWithoutTheirUsualPort(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", defaultAdminAddr)
	if err == nil { // else another program has it, which does as well
		defer func() { _ = taken.Close() }()
	}
	dsn := dbtest.IsolatedDSN(t)
	p := serveWith(t, map[string]string{"DATABASE_URL": dsn, "ADMIN_ADDR": ""})
	if address := p.metricsAt(); !loopback(address) || address == defaultAdminAddr {
		t.Errorf("metrics are at %s", address)
	}
	p.logged("usual port of the metrics is taken")
	asked := serveWith(t, map[string]string{"DATABASE_URL": dsn, "ADMIN_ADDR": defaultAdminAddr})
	if code := asked.exit(); code != 1 || !strings.Contains(asked.log.String(), "address already in use") {
		t.Errorf("a port that was asked for: %d, %s", code, asked.log)
	}
}

// TestMisused: the log of a program beside this one may be in what it says.
func TestMisused(t *testing.T) {
	t.Parallel()
	dsn := dbtest.IsolatedDSN(t)
	env := func(name string) string { return map[string]string{"DATABASE_URL": dsn}[name] }
	for _, test := range []struct{ args, says string }{
		{"--colour", "flag provided but not defined: -colour"},
		{"serve --demo", "flag needs an argument: -demo"},
		{"serve --demo=week", "--demo is tour or none"},
		{"serve now", `unexpected argument "now"`},
		{"demo --colour", "flag provided but not defined: -colour"},
		{"demo --seed=x", `invalid value "x" for flag -seed`},
		{"import jobs FILE --colour", "flag provided but not defined: -colour"},
		{"user", "user takes"},
		{"kiosk", "kiosk takes"},
		{"dance", "there is no command"},
	} {
		var out, bad transcript
		code := run(t.Context(), strings.Fields(test.args), env, &out, &bad)
		if said := bad.String(); code != 2 || strings.Count(said, test.says) != 1 || !strings.Contains(said, "smartscheduler: "+test.says) || out.String() != "" {
			t.Errorf("%s: ended with %d and said %s%s", test.args, code, said, out.String())
		}
	}
	for args, says := range map[string]string{"serve -h": "-demo", "demo --help": "-monday", "import -h": "-dry-run", "help": "import contractors"} {
		var out, bad transcript
		code := run(t.Context(), strings.Fields(args), env, &out, &bad)
		if code != 0 || !strings.Contains(out.String(), says) || strings.Contains(bad.String(), "smartscheduler: ") {
			t.Errorf("%s: ended with %d and said %s%s", args, code, out.String(), bad.String())
		}
	}
}

// TestLinkAddress: the printed link can be opened as it stands.
func TestLinkAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, test := range []struct{ addr, public, want string }{
		{"", "", "http://127.0.0.1:8080/link/"},
		{":8090", "", "http://127.0.0.1:8090/link/"},
		{"localhost:8090", "", "http://localhost:8090/link/"},
		{":8090", "https://desk.example.com", "https://desk.example.com/link/"},
		{"", "https://desk.example.com/", "https://desk.example.com/link/"},
	} {
		cmd := &terminal{t: t, env: map[string]string{"DATABASE_URL": w.dsn, "ADDR": test.addr, "PUBLIC_URL": test.public}}
		if got := cmd.does("", "user", "link", w.people["Rosa"]); !strings.HasPrefix(got, test.want) {
			t.Errorf("%+v: got %s", test, got)
		}
	}
}

// TestConfigOfTLS: what contradicts itself is refused with a line that helps,
// and over TLS everybody may reach the pages.
func TestConfigOfTLS(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		env  map[string]string
		says string
	}{
		{map[string]string{"ADDR": "0.0.0.0:443"}, "set TLS_CERT and TLS_KEY or ACME_DOMAINS"},
		{map[string]string{"TLS_CERT": "c"}, "belong together"},
		{map[string]string{"TLS_KEY": "k"}, "belong together"},
		{map[string]string{"TLS_CERT": "c", "TLS_KEY": "k", "ACME_DOMAINS": "desk.example.com"}, "not from both"},
		{map[string]string{"TLS_CERT": "c", "TLS_KEY": "k", "PUBLIC_URL": "http://desk.example.com"}, "is not https"},
		{map[string]string{"HTTP_ADDR": ":80"}, "TLS, which is not served here"},
		{map[string]string{"HTTP_ADDR": ":80", "PUBLIC_URL": "https://desk.example.com"}, "TLS, which is not served here"},
		{map[string]string{"ADDR": ":443", "TLS_CERT": "c", "TLS_KEY": "k", "HTTP_ADDR": ":80"}, ""},
		{map[string]string{"ADDR": ":443", "ACME_DOMAINS": "desk.example.com, north.example.com"}, ""},
	} {
		env := func(name string) string {
			if name == "DATABASE_URL" {
				return "postgres://nowhere"
			}
			return test.env[name]
		}
		c, err := readConfig(nil, env, io.Discard)
		switch {
		case test.says == "" && (err != nil || !c.secure() || c.listenAddr() != ":443"):
			t.Errorf("%v: %v, on %s", test.env, err, c.listenAddr())
		case test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)):
			t.Errorf("%v: %v", test.env, err)
		}
	}
}
