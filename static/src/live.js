// The stream: which frames are swapped, how fresh the page is, and when to give
// up on a connection. hx-sse swaps only unnamed messages and our facts are
// named for other clients, so their name is cleared here.
const live = (() => {
  const control = new Set(['hello', 'hb', 'resync', 'session-ended', 'unavailable', 'bye']);
  // Facts that change more than one card, or what stands beside the cards: the
  // content is read again.
  const sweeping = new Set(['ImportCompleted', 'AvailabilityChanged', 'ContractorMovedRegion']);
  // Facts about who knows what: nobody has to look at, or be told of, the cards.
  const quiet = new Set(['AwarenessChanged']);
  const amberAfter = 30e3;
  const redAfter = 120e3;
  const silentAfter = 40e3;
  const askEvery = 30e3;

  const el = page.live;
  // asOf is when a copy of the page was right, NaN for a page from the server.
  const asOf = Date.parse(document.documentElement.dataset.asOf);
  const began = page.passed() - (asOf ? Math.max(0, page.now() - asOf) : 0);
  // lastFrame is how fresh the page is, known when the server last had news at
  // all; listening is since when silence counts against the connection, which in
  // a hidden tab it does not. All are on the clock of page.passed.
  const state = { connected: false, ended: false, away: false, degraded: false, delayed: false, greeted: false, hurry: false, outdated: '', asked: -askEvery, copy: asOf > 0, lastFrame: began, known: began, listening: page.passed(), lastCut: -silentAfter };
  // position is where the stream is; floor is what the content already shows.
  let position = el ? after(el.getAttribute('hx-sse:connect')) : '';
  let floor = position;
  let swapping = false;
  let hushed = false;
  let waiting = null;
  let again = false;
  let kept = null;

  function after(url) {
    return new URL(url, location.href).searchParams.get('after') || '';
  }

  function split(id) {
    const [epoch, pos] = String(id).split('-').map(Number);
    return { epoch, pos };
  }

  // covered says whether the content is at least as new as the frame.
  function covered(id) {
    if (!id || !floor) return false;
    const a = split(id);
    const b = split(floor);
    return a.epoch === b.epoch && a.pos <= b.pos;
  }

  function parse(data) {
    try { return JSON.parse(data) || {}; } catch { return {}; }
  }

  // signOut leaves for the page that says why; where the stream has not said
  // it, the server may know better than this.
  function signOut(why = 'signed-out') {
    if (state.ended) return;
    state.ended = true;
    page.signedOut();
    show();
    const target = el.dataset.signin || '/login';
    if (page.kind === 'kiosk') {
      // A wall that was revoked must not hammer the server.
      setTimeout(() => content.leave(target), 5000 + Math.random() * 5000);
      return;
    }
    location.assign(`${target}?${new URLSearchParams({ next: location.pathname + location.search, why })}`);
  }

  // refresh reads the content again; messages wait until it is there. A reading
  // that is under way may be older than what asks now, so another follows it.
  function refresh() {
    again = true;
    waiting ||= readAgain();
    return waiting;
  }

  async function readAgain() {
    try {
      while (again) {
        again = false;
        const fresh = await content.read();
        if (fresh === null) { signOut(); return; }
        await renewContent(fresh);
      }
    } finally { waiting = null; }
  }

  async function renewContent(fresh) {
    try {
      await content.put(fresh);
    } catch (error) {
      // Nobody knows what the page shows now: it starts from nothing.
      console.error(error);
      await content.leave(location.href);
    }
    const now = fresh.getElementById('live');
    const at = after(now.getAttribute('hx-sse:connect'));
    if (at) { floor = at; if (!covered(position)) position = at; }
    el.dataset.date = now.dataset.date;
    page.changed();
  }

  function onHello(data) {
    state.connected = true;
    state.away = false;
    state.degraded = false; // if it is, a heartbeat follows
    state.delayed = false;
    state.asked = -askEvery;
    const mine = document.querySelector('meta[name="build"]')?.content;
    const { build, time } = parse(data);
    page.setTime(time, true);
    page.changed(); // it may be another hour than the screen's clock said
    state.outdated = build && mine && build !== mine ? build : '';
    if (page.kind === 'kiosk') setTimeout(renew, Math.random() * 3000);
  }

  // renew loads the page of a newer server, a reader's when he looks away and
  // nothing of his would be lost.
  function renew() {
    if (!state.outdated || page.kind !== 'kiosk' && !(document.hidden && page.untouched())) return;
    // Once per build: a proxy that serves an old page must not loop.
    if (sessionStorage.getItem('reloaded-for') === state.outdated) return;
    sessionStorage.setItem('reloaded-for', state.outdated);
    content.leave(location.href);
  }

  function onBeat({ degraded, delayed, time }) {
    state.connected = true;
    state.degraded = degraded === true;
    state.delayed = delayed === true;
    page.setTime(time, false);
  }

  function onControl(message, detail) {
    switch (message.event) {
      case 'hello': onHello(message.data); break;
      case 'hb': onBeat(parse(message.data)); break;
      case 'resync': detail.waitUntil(refresh()); break;
      case 'session-ended': signOut(parse(message.data).reason); break;
      case 'unavailable': state.connected = false; state.away = true; break;
      case 'bye':
        state.connected = false;
        if (parse(message.data).reason === 'rights-changed') rights.changed();
        break;
    }
  }

  function onMessage(event) {
    const { message } = event.detail;
    state.lastFrame = page.passed();
    state.copy = false;
    state.greeted = true;
    if (message.id) position = message.id;
    if (control.has(message.event)) onControl(message, event.detail);
    else if (sweeps(message)) event.detail.waitUntil(refresh());
    else if (waiting) event.detail.waitUntil(waiting.then(() => take(message)));
    else take(message);
    show();
  }

  // sweeps says whether a fact is about more than one job: of those that take
  // something back only an import is, and has no card.
  function sweeps(message) {
    return sweeping.has(message.event) || message.event === 'ActionUndone' && !message.data.trim();
  }

  // take lets a fact be swapped, by its name taken away, unless the content
  // shows it already.
  function take(message) {
    if (state.ended || covered(message.id)) return;
    hushed = quiet.has(message.event);
    message.event = '';
    swapping = true;
    kept = content.keep();
  }

  function onSwapped(event) {
    if (!swapping) return;
    swapping = false;
    const jobs = new Set(Array.from(event.detail.message.data.matchAll(/data-job=&#39;([0-9a-zA-Z-]+)/g), (m) => m[1]));
    content.restore(kept);
    if (!hushed) {
      content.mark(jobs);
      page.jobsChanged(jobs);
      page.announceChange();
    }
    page.changed();
  }

  function onError(event) {
    state.connected = false;
    const status = event.detail.status;
    if (status === 401 || status === 403 || status === 404) ask();
    else if (swapping) {
      // The position has moved on already, so the frame is lost: read it all again.
      swapping = false;
      event.detail.connection?.abortController?.abort();
      refresh();
    }
    show();
  }

  // ask reads the page again, now and then: it knows better than the stream
  // whether the reader may still see it.
  function ask() {
    if (page.passed() - state.asked < askEvery) return;
    state.asked = page.passed();
    refresh();
  }

  // hurry ends the pause before the next attempt, or lets it not begin.
  function hurry() {
    state.hurry = true;
    el._htmx?.sse?.delayCanceller?.();
  }

  // resubscribe is for a connection that claims to be open after the network was
  // gone, or the page: it may well be dead.
  function resubscribe() {
    hurry();
    el._htmx?.sse?.reader?.cancel().catch(() => {});
  }

  function onAttempt(event) {
    const { connection } = event.detail;
    if (state.ended) { event.preventDefault(); return; }
    if (connection.attempt > 0) state.connected = false;
    // What answered, and sent no frame at all, was hardly the stream.
    if (connection.attempt === 1 && !state.greeted) ask();
    state.greeted = false;
    if (state.hurry) {
      state.hurry = false;
      setTimeout(() => connection.delayCanceller?.());
    }
    show();
  }

  // clockAt is the time of day at a time of page.passed.
  const clockAt = (at, seconds = false) => page.clock(new Date(page.now() - page.passed() + at), seconds);

  function inWords(age) {
    const s = Math.floor(age / 1000);
    if (s < 120) return `${s} s`;
    const min = Math.floor(s / 60);
    return min < 120 ? `${min} min` : `${Math.floor(min / 60)} h ${min % 60} min`;
  }

  function view(age) {
    if (state.ended) return ['ended', 'Signed out'];
    if (state.copy) return ['stale', `As of ${page.moment(new Date(asOf))}`];
    if (age >= redAfter || age >= amberAfter) {
      return [age >= redAfter ? 'lost' : 'stale', `Stale since ${clockAt(state.lastFrame)}`];
    }
    if (state.away || state.degraded) return ['degraded', `No news since ${clockAt(state.known)}`];
    if (!state.connected) return ['reconnecting', 'Reconnecting…'];
    if (state.delayed) return ['degraded', 'Live updates delayed'];
    return ['live', 'Live'];
  }

  // warn says over the whole page that the server lives and its database does not,
  // or that what is saved is not shown yet.
  function warn() {
    const trouble = !state.ended && (state.away || state.degraded);
    const late = !state.ended && !trouble && state.delayed;
    if (!trouble && !late) state.known = state.lastFrame;
    say('trouble', trouble);
    say('delayed', late);
  }

  function say(id, so) {
    const bar = document.getElementById(id);
    if (!bar || bar.hidden !== so) return;
    document.getElementById(`${id}-since`).textContent = clockAt(state.known);
    bar.hidden = !so;
  }

  function show() {
    warn();
    const box = document.getElementById('state');
    const label = document.getElementById('state-text');
    if (!box || !label) return;
    const age = page.passed() - state.lastFrame;
    const [name, words] = view(age);
    // Unchanged text is not written again: it would be read out again.
    if (box.dataset.state !== name) box.dataset.state = name;
    if (label.textContent !== words) label.textContent = words;
    if (document.documentElement.dataset.link !== name) document.documentElement.dataset.link = name;
    const tick = document.getElementById('state-clock');
    if (tick) tick.textContent = age >= amberAfter ? `no news for ${inWords(age)}` : clockAt(state.lastFrame, true);
  }

  // A server that hangs, or a network that is gone without a word, never ends
  // the read: cut it, and hx-sse connects again.
  function watch() {
    if (state.ended || document.hidden) return;
    const now = page.passed();
    if (now - Math.max(state.lastFrame, state.listening) > silentAfter && now - state.lastCut > silentAfter / 2) {
      const connection = el._htmx?.sse;
      if (connection?.reader) {
        state.lastCut = now;
        state.connected = false;
        connection.reader.cancel().catch(() => {});
      }
    }
    show();
  }

  // wake is for a page that is looked at again after a while without a stream.
  function wake() {
    state.listening = page.passed();
    state.connected = false;
    hurry();
    show();
  }

  function start() {
    el.addEventListener('htmx:config:request', (event) => {
      // A stream opened later goes on from here, not from where the page began.
      const url = new URL(event.detail.ctx.request.action, location.href);
      if (position) url.searchParams.set('after', position);
      event.detail.ctx.request.action = url.pathname + url.search;
    });
    el.addEventListener('htmx:before:request', (event) => {
      // A hidden tab would take one of the browser's six connections.
      if (document.hidden || state.ended) event.preventDefault();
    });
    el.addEventListener('htmx:sse:before:connection', onAttempt);
    el.addEventListener('htmx:sse:before:message', onMessage);
    el.addEventListener('htmx:sse:after:message', onSwapped);
    el.addEventListener('htmx:sse:error', onError);
    el.addEventListener('htmx:response:error', (event) => onError({ detail: { status: event.detail.ctx.response.status } }));
    el.addEventListener('htmx:error', () => { state.connected = false; show(); });
    let offline = false;
    window.addEventListener('online', () => {
      if (offline) resubscribe(); else hurry();
      offline = false;
    });
    // Until the next frame says otherwise: a server on the same machine needs no network.
    window.addEventListener('offline', () => { offline = true; state.connected = false; show(); });
    // A page that the back button brings back may hold a dead connection.
    window.addEventListener('pageshow', (event) => {
      if (!event.persisted) return;
      wake();
      resubscribe();
    });
    document.addEventListener('visibilitychange', () => (document.hidden ? renew() : wake()));
    setInterval(watch, 1000);
    setInterval(turnThePage, 10e3);
    show();
  }

  // At midnight of its zone a page that follows the calendar shows the new day. A
  // clock that is wrong must not let it ask for that all the time.
  function turnThePage() {
    if (state.connected && 'today' in el.dataset && el.dataset.date !== page.localDate() && !waiting) refresh();
  }

  if (el) start();
  return { refresh, lastFrame: () => page.now() - page.passed() + state.lastFrame, asOf: () => (state.copy ? asOf : 0) };
})();
