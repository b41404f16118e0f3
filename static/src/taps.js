// The taps of a contractor: each is stored on the phone before anything else,
// shown at once, held back for a while so that it can be undone, and then sent in
// order, one at a time, however long that takes. Where nothing can be stored forms
// are sent as they are.
const taps = (() => {
  if (page.kind !== 'contractor' || !window.indexedDB || !navigator.locks) return null;
  const holdFor = 10e3;
  // A finger that bounces must not take the next step too, whose button may be
  // where that of this one was.
  const bounce = 700;
  const owner = new URL(page.live.getAttribute('hx-sse:connect'), location.href).pathname.split('/').pop();
  const tabs = new BroadcastChannel('taps');
  let list = [];
  let signedOut = false;
  let pause = 0;
  let nextTry = 0;

  // load reads what waits. Another contractor's taps are left alone until he signs
  // in again.
  async function load() {
    list = (await tapStore.all()).filter((tap) => tap.owner === owner);
    page.changed();
  }

  async function changed() {
    await load();
    tabs.postMessage('changed');
  }

  const waiting = () => list.filter((tap) => tap.state !== 'refused');

  function tapOf(form, submitter) {
    const at = new Date(page.now());
    form.elements.client_at.value = `${at.toISOString().slice(0, 19)}Z`;
    const fields = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
    const card = form.closest('.card-phone');
    return {
      owner, fields, state: 'waiting', at: at.getTime(), made: Date.now(), due: Date.now() + holdFor,
      action: form.getAttribute('action'), act: form.elements.act.value, key: form.elements.idempotency_key.value || crypto.randomUUID(),
      card: card.id, number: card.querySelector('.phone-number').textContent, label: (submitter || form.querySelector('button')).textContent.trim(),
    };
  }

  async function onSubmit(event) {
    const form = event.target.closest?.('form[data-tap]');
    if (!form) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const tap = tapOf(form, event.submitter);
    const before = waiting().findLast(({ card }) => card === tap.card);
    if (before && tap.made - before.made < bounce) return;
    const was = list.find(({ key }) => key === tap.key);
    try {
      if (was?.state === 'refused') await tapStore.remove(was.id);
      await tapStore.add(tap);
    } catch (error) {
      // The same tap twice is one; without a store it is sent as it is.
      if (error?.name !== 'ConstraintError') { form.submit(); return; }
    }
    await changed();
    document.querySelector(`[data-undo][data-card="${tap.card}"]`)?.focus({ preventScroll: true });
  }

  // post sends a tap and returns what became of it.
  async function post(tap) {
    const answer = await fetch(tap.action, {
      method: 'POST', body: new URLSearchParams(tap.fields), redirect: 'manual', cache: 'no-store', keepalive: true, signal: AbortSignal.timeout(20e3),
      headers: { 'HX-Request': 'true', 'HX-Request-Type': 'partial', 'X-Contractor': owner },
    });
    const text = await answer.text();
    // What stands in front of the server may answer too: it took nothing.
    if (!answer.headers.get('X-Request-Id') || answer.status >= 500 || answer.status === 429) return { what: 'again' };
    if (answer.status === 401) return { what: 'signed out' };
    return answer.ok ? { what: 'taken', text } : refusal(text);
  }

  // refusal is the sentence that says why, and the card as it is now. The sentence
  // is shown by us, until it has been read.
  function refusal(text) {
    const answer = document.createElement('template');
    answer.innerHTML = text;
    const said = answer.content.querySelector('[id^="refused-"] p, .field-error, .banner p');
    const words = said?.textContent.replace(/\s+/g, ' ').trim() || 'The job has changed. Nothing was changed.';
    answer.content.querySelector('[id^="refused-"]')?.closest('hx-upsert').remove();
    return { what: 'refused', text: answer.innerHTML, words };
  }

  async function settle(tap, outcome) {
    signedOut = outcome.what === 'signed out';
    if (outcome.what === 'taken' || outcome.what === 'refused') {
      pause = 0;
      const { words } = outcome;
      await tapStore.change(tap.id, (was) => (words ? { ...was, state: 'refused', words } : null));
      list = list.filter(({ id }) => id !== tap.id);
      await content.take(outcome.text).catch(() => live.refresh());
    } else {
      pause = Math.min(pause * 2 || 2000, 60e3);
      nextTry = Date.now() + pause * (0.5 + Math.random());
    }
    await changed();
  }

  // next is the tap whose turn it is, marked as being sent, so that no tab can undo
  // it any more.
  async function next() {
    await load();
    const [tap] = waiting();
    if (!tap || tap.due > Date.now() || Date.now() < nextTry || signedOut) return null;
    const mine = await tapStore.change(tap.id, (now) => ({ ...now, state: 'sending' }));
    if (mine && tap.state !== 'sending') await changed();
    return mine ? tap : next();
  }

  // send sends what is due. Only one tab does; a tap whose sending was cut off is
  // sent again with its key, so that it counts once.
  function send() {
    return navigator.locks.request('taps', { ifAvailable: true }, async (lock) => {
      if (!lock) return;
      for (let tap = await next(); tap; tap = await next()) {
        await settle(tap, await post(tap).catch(() => ({ what: 'again' })));
      }
    });
  }

  async function undo(id) {
    await tapStore.change(id, (now) => (now.state === 'waiting' ? null : undefined));
    await changed();
  }

  async function seen(id) {
    await tapStore.remove(id);
    await changed();
  }

  // now tries at once: something says that the network is back, or that the reader
  // leaves, who would come to undo it hardly.
  function now() {
    nextTry = 0;
    pause = 0;
    signedOut = false;
    send().catch(() => {});
  }

  async function leave() {
    await Promise.all(waiting().map(({ id }) => tapStore.change(id, (tap) => ({ ...tap, due: 0 }))));
    now();
  }

  document.addEventListener('submit', onSubmit, true);
  window.addEventListener('online', now);
  window.addEventListener('pageshow', now);
  document.addEventListener('visibilitychange', () => (document.hidden ? leave() : now()));
  page.live.addEventListener('htmx:sse:before:message', (event) => { if (event.detail.message.event === 'hello') now(); });
  tabs.onmessage = load;
  setInterval(() => { if (waiting().some((tap) => tap.due <= Date.now())) send().catch(() => {}); }, 1000);
  load().then(now).catch(() => {});

  return { refused: () => list.filter((tap) => tap.state === 'refused'), waiting, undo, seen, isSignedOut: () => signedOut };
})();
