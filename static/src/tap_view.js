// What a contractor sees of his taps that the server does not have yet: on the
// card, above the list, and what became of those that came too late.
(() => {
  if (!taps) return;
  const states = {
    accept: ['accepted', 'Accepted'], decline: ['declined', 'Declined'], travel: ['en_route', 'On the way'],
    arrive: ['on_site', 'On site'], start: ['in_progress', 'In progress'], pause: ['paused', 'Paused'],
    resume: ['in_progress', 'In progress'], complete: ['completed', 'Completed'], incomplete: ['incomplete', 'Incomplete'],
  };
  // A connection that is gone for less than this is hardly worth a word.
  const grace = 3000;
  let cutSince = 0;
  const box = document.createElement('div');
  box.className = 'taps';
  box.innerHTML = '<p class="banner banner-info" role="status" aria-live="polite" hidden></p><ul class="notices" aria-label="Taps that came too late"></ul>';
  document.getElementById('content').before(box);
  const [banner, refusals] = box.children;

  function make(tag, name, text, data = {}) {
    const el = document.createElement(tag);
    el.className = name;
    el.textContent = text;
    Object.assign(el.dataset, data);
    return el;
  }

  function button(words, label, data) {
    const el = make('button', 'button button-big', words, data);
    el.type = 'button';
    el.setAttribute('aria-label', label);
    return el;
  }

  // drawCard shows the state that the last tap leads to beside the one of the server,
  // which the stylesheet hides.
  function drawCard(card, list) {
    const key = list.map((tap) => tap.id + tap.state).join(' ');
    if ((card.dataset.tapped || '') === key) return;
    card.querySelectorAll('.tap-made').forEach((el) => el.remove());
    if (!key) { delete card.dataset.tapped; return; }
    card.dataset.tapped = key;
    const [shape, word] = states[list.at(-1).act];
    const tag = make('span', 'st-tag tap-made', '');
    tag.append(make('span', `st st-${shape}`, ''), word);
    card.querySelector('.st-tag').after(tag);
    const place = card.querySelector('.phone-actions');
    for (const tap of list) {
      const line = make('div', 'tap-line tap-made', '');
      line.append(make('p', '', `${tap.label} ${page.clock(new Date(tap.at))} – ${tap.state === 'sending' ? 'being sent' : 'waiting to be sent'}`));
      if (tap.state === 'waiting') line.append(button('Undo', `Undo: ${tap.label}, ${tap.number}`, { undo: tap.id, card: card.id }));
      place.before(line);
    }
  }

  function drawRefusals() {
    const list = taps.refused();
    const key = list.map(({ id }) => id).join(' ');
    if (refusals.dataset.key === key) return;
    refusals.dataset.key = key;
    refusals.replaceChildren(...list.map((tap) => {
      const item = make('li', 'notice', '');
      item.append(make('p', '', `${tap.label}, ${tap.number}, at ${page.moment(new Date(tap.at))}: ${tap.words}`),
        button('OK', `OK, I have read it: ${tap.number}`, { seen: tap.id }));
      return item;
    }));
  }

  // cut says since when there has been no connection, 0 while there is one.
  function cut() {
    const link = document.documentElement.dataset.link;
    if (!link || link === 'live' || link === 'degraded') return 0;
    return cutSince || live.asOf() || (link === 'stale' || link === 'lost' ? live.lastFrame() : page.now());
  }

  function drawBanner() {
    cutSince = cut();
    const count = taps.waiting().length;
    const wait = count === 1 ? '1 tap waiting' : `${count} taps waiting`;
    const late = cutSince && (!navigator.onLine || page.now() - cutSince > grace);
    let words = '';
    if (taps.isSignedOut()) words = `Signed out – ${wait}, kept on this phone until you sign in again.`;
    else if (late) words = `Offline since ${page.moment(new Date(cutSince))}${count ? ` – ${wait}` : ''}`;
    if (banner.textContent !== words) banner.textContent = words;
    banner.hidden = !words;
  }

  function draw() {
    for (const card of document.querySelectorAll('.card-phone')) drawCard(card, taps.waiting().filter((tap) => tap.card === card.id));
    drawRefusals();
    drawBanner();
  }

  document.addEventListener('click', (event) => {
    const { undo, seen } = event.target.closest?.('[data-undo], [data-seen]')?.dataset || {};
    if (undo) taps.undo(Number(undo));
    if (seen) taps.seen(Number(seen));
  });
  page.onDrawn(draw);
  page.onChange(draw);
  window.addEventListener('online', draw);
  window.addEventListener('offline', draw);
  setInterval(drawBanner, 1000);
  draw();
})();
