package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/google/uuid"

	"smartscheduler/db"
)

// reader is somebody with an open stream.
type reader struct {
	*client
	// id is that of the user, contractor or display, as the loss needs it.
	id, path string
	listener *listener
	// lost is when the loss was committed.
	lost time.Time
}

// loss is one way to lose the right to a stream.
type loss struct {
	name string
	// arrive makes somebody who has the right, on the process at base.
	arrive func(base string) *reader
	// lose takes the right away; over HTTP on the process at base.
	lose func(r *reader, base string) error
	// ends is the last frame, again the answer to the next attempt.
	ends  frame
	again int
}

// carrying is a client that holds a cookie from the start.
func (w *world) carrying(base, name, value string) *client {
	w.t.Helper()
	c := w.client(base)
	u, err := url.Parse(base)
	if err != nil {
		w.t.Fatal(err)
	}
	c.http.Jar.SetCookies(u, []*http.Cookie{{Name: name, Value: value}})
	return c
}

// session signs a user in without the work of comparing a password.
func (w *world) session(userID string) (token string) {
	w.t.Helper()
	token, until := uuid.NewString(), time.Now().Add(time.Hour)
	data, err := scs.GobCodec{}.Encode(until, map[string]any{db.SessionUser: userID, db.SessionIdle: int64(3600),
		db.SessionEpoch: ask[int64](w, `select session_epoch from users where id = $1`, userID)})
	if err != nil {
		w.t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(token))
	if err := w.db.SessionStore().CommitCtx(w.t.Context(), base64.RawURLEncoding.EncodeToString(sum[:]), data, until); err != nil {
		w.t.Fatal(err)
	}
	return token
}

// staffReader follows the board of north.
func (w *world) staffReader(base string) *reader {
	w.t.Helper()
	id := uuid.NewString()
	w.exec(`insert into users (id, email, name, role) values ($1::uuid, $1::text || '@example.com', 'Ann', 'dispatcher')`, id)
	w.exec(`insert into user_regions values ($1, 'north')`, id)
	return &reader{client: w.carrying(base, "s", w.session(id)), id: id, path: "/streams/dispatch/north"}
}

// phoneReader follows a contractor's own jobs.
func (w *world) phoneReader(base string) *reader {
	w.t.Helper()
	name := "C" + uuid.NewString()
	w.contractor(name, "north")
	id := w.people[name]
	token, _, err := w.db.CreateContractorLink(w.t.Context(), id, w.now())
	if err != nil {
		w.t.Fatal(err)
	}
	u, err := w.db.ConsumeContractorLink(w.t.Context(), token, w.now())
	if err != nil {
		w.t.Fatal(err)
	}
	return &reader{client: w.carrying(base, "s", w.session(u.ID)), id: id, path: "/streams/contractor/" + id}
}

// wallReader is the wall of north.
func (w *world) wallReader(base string) *reader {
	w.t.Helper()
	token, k, err := w.db.EnrolKiosk(w.t.Context(), w.code("north"), w.now())
	if err != nil {
		w.t.Fatal(err)
	}
	return &reader{client: w.carrying(base, "k", token), id: k.ID, path: "/streams/kiosk/north"}
}

// losses are ten ways to lose the right to a stream.
func (w *world) losses() []loss {
	ctx := context.Background()
	ended := func(why string) frame { return frame{event: "session-ended", data: `{"reason":"` + why + `"}`} }
	moved := frame{event: "bye", data: `{"reason":"rights-changed"}`}
	return []loss{
		{"logout", w.staffReader, func(r *reader, base string) error {
			r.base = base // of another tab
			status, _, _ := r.do(r.request(http.MethodPost, "/logout", nil))
			if status != http.StatusSeeOther {
				r.t.Errorf("signing out is answered %d", status)
			}
			return nil
		}, ended("signed-out"), http.StatusUnauthorized},
		{"password", w.staffReader, func(r *reader, _ string) error { return w.db.SetPassword(ctx, r.id, "eleven other herons") },
			ended("password-changed"), http.StatusUnauthorized},
		{"disabled", w.staffReader, func(r *reader, _ string) error { return w.db.DisableUser(ctx, r.id) },
			ended("account-disabled"), http.StatusUnauthorized},
		{"everywhere", w.staffReader, func(r *reader, _ string) error { return w.db.EndSessions(ctx, r.id) },
			ended("signed-out"), http.StatusUnauthorized},
		{"role", w.staffReader, func(r *reader, _ string) error { return w.db.SetUserRole(ctx, r.id, "auditor", nil) }, moved, http.StatusOK},
		{"region", w.staffReader, func(r *reader, _ string) error { return w.db.SetUserRole(ctx, r.id, "dispatcher", []string{"south"}) },
			moved, http.StatusNotFound},
		{"contractor", w.phoneReader, func(r *reader, _ string) error {
			_, err := w.owner.ExecContext(ctx, `update contractors set active = false where id = $1`, r.id)
			return err
		}, ended("contractor-inactive"), http.StatusUnauthorized},
		{"link", w.phoneReader, func(r *reader, _ string) error {
			_, err := w.db.RevokeContractorLinks(ctx, r.id)
			return err
		}, ended("link-revoked"), http.StatusUnauthorized},
		{"display revoked", w.wallReader, func(r *reader, _ string) error { return w.db.RevokeKiosk(ctx, r.id) },
			ended("kiosk-revoked"), http.StatusUnauthorized},
		{"display rotated", w.wallReader, func(r *reader, _ string) error {
			_, err := w.db.RotateKiosk(ctx, r.id, w.now())
			return err
		}, ended("kiosk-rotated"), http.StatusUnauthorized},
	}
}

// over tells whether the stream has ended.
func (l *listener) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ended
}

// last is the last frame that came.
func (l *listener) last() frame {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.frames[len(l.frames)-1]
}

// TestP15HundredLosses shows that a hundred of a hundred streams, on two processes,
// end within 5 seconds of the loss of their rights, with the reason and without
// an event that was logged 2 seconds after it or later, while events go on and
// other streams too; and that none of them is opened again by either process.
func TestP15HundredLosses(t *testing.T) {
	t.Parallel()
	const each = 10
	w := newWorld(t)
	programs := []*program{startProgram(t, w.dsn), startProgram(t, w.dsn)}
	bases := []string{programs[0].base, programs[1].base}
	start := w.head()
	var staying []*listener
	for _, base := range bases {
		staying = append(staying, w.staff(base, "Ann").listen("/streams/dispatch/north"))
	}
	var took []time.Duration
	for _, kind := range w.losses() {
		readers := make([]*reader, each)
		for i := range readers {
			readers[i] = kind.arrive(bases[i%2])
			readers[i].listener = readers[i].listen(readers[i].path)
		}
		for i, r := range readers {
			// Of five by the process of the stream, of five by the other one.
			if err := kind.lose(r, bases[(i+i/5)%2]); err != nil {
				t.Fatalf("%s: %v", kind.name, err)
			}
			r.lost = time.Now()
		}
		took = append(took, w.ended(kind, readers)...)
		for i, r := range readers {
			r.base = bases[i/2%2] // by turns where it was and elsewhere
			r.wantAnswer(kind)
		}
	}
	upTo := w.fence().first
	for _, l := range staying {
		l.passed(upTo)
		if l.over() || len(l.facts(start, upTo+1)) == 0 {
			t.Error("a stream whose reader lost nothing has ended")
		}
	}
	for _, p := range programs {
		// Once when it began to listen, and once or more for each way; now and
		// then a look that was due anyway comes first.
		if n := w.looks(p); n < each/2 {
			t.Errorf("a process looked %d times because it was called", n)
		}
	}
	slices.Sort(took)
	t.Logf("%d streams ended after %s in the middle and %s at most", len(took), took[len(took)/2], took[len(took)-1])
	if len(took) != 100 {
		t.Errorf("%d losses were tried, not 100", len(took))
	}
}

// looks is how often a process has looked at rights because the database called.
func (w *world) looks(p *program) (n int) {
	w.t.Helper()
	at := regexp.MustCompile(`address=(http://\S+)/metrics`).FindStringSubmatch(p.log.String())
	if at == nil {
		w.t.Fatal("the program does not say where its metrics are")
	}
	text := w.client(at[1]).get("/metrics")
	found := regexp.MustCompile(`smartscheduler_rights_looks_total\{because="called"\} (\d+)`).FindStringSubmatch(text)
	if found == nil {
		return 0
	}
	n, _ = strconv.Atoi(found[1]) // digits
	return n
}

// ended waits for the ends of the readers' streams while events go on, and
// returns how long each took.
func (w *world) ended(kind loss, readers []*reader) (took []time.Duration) {
	w.t.Helper()
	open := slices.Clone(readers)
	for begin := time.Now(); len(open) > 0 && time.Since(begin) < patience; {
		w.fence()
		open = slices.DeleteFunc(open, func(r *reader) bool {
			if !r.listener.over() {
				return false
			}
			took = append(took, time.Since(r.lost))
			return true
		})
	}
	for _, r := range readers {
		if !r.listener.over() {
			w.t.Errorf("%s: a stream lives on", kind.name)
			continue
		}
		if last := r.listener.last(); last.event != kind.ends.event || last.data != kind.ends.data {
			w.t.Errorf("%s: the stream ended with %q", kind.name, last)
		}
		late := ask[int64](w, `select coalesce(min(pos), 9223372036854775807) from event_log where created_at > $1`, r.lost.Add(2*time.Second))
		if facts := r.listener.facts(late-1, 1<<62); len(facts) > 0 {
			w.t.Errorf("%s: %d events came that were logged 2 s after the loss or later", kind.name, len(facts))
		}
	}
	for _, d := range took {
		if d > 5*time.Second {
			w.t.Errorf("%s: a stream ended after %s", kind.name, d)
		}
	}
	return took
}

// wantAnswer asks for the stream again.
func (r *reader) wantAnswer(kind loss) {
	r.t.Helper()
	ctx, cancel := context.WithCancel(r.t.Context())
	defer cancel()
	answer, err := r.http.Do(r.request(http.MethodGet, r.path, nil).WithContext(ctx))
	if err != nil {
		r.t.Fatalf("%s: %v", kind.name, err)
	}
	if answer.StatusCode != kind.again {
		r.t.Errorf("%s: asked again it answers %d, not %d", kind.name, answer.StatusCode, kind.again)
	}
	cancel() // a stream would not end by itself
	_ = answer.Body.Close()
}
