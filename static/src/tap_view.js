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

  // drawSteps offers what he may do after his last tap. The forms of the server,
  // which the stylesheet hides, are for the state that it knows.
  function drawSteps(card, list) {
    const last = String(list.at(-1)?.id ?? '');
    if ((card.dataset.stepsAfter || '') === last) return;
    card.querySelectorAll('.tap-step').forEach((el) => el.remove());
    card.dataset.stepsAfter = last;
    const pattern = last && document.querySelector(`template[data-later="${states[list.at(-1).act][0]}"]`);
    if (!pattern) return;
    const id = card.id.slice('card-'.length);
    const version = Number(card.querySelector('.phone-actions [name="version"]')?.value) + list.length;
    const later = document.createElement('template');
    later.innerHTML = pattern.innerHTML.replaceAll('-ASSIGNMENT', `-later-${id}`).replaceAll('ASSIGNMENT', id).replaceAll('NUMBER', list[0].number);
    for (const { elements } of later.content.querySelectorAll('form')) {
      elements.version.value = version;
      // As the server names it when it has the taps before this one.
      elements.idempotency_key.value = `${elements.act.value}-${id}-${version}`;
    }
    for (const el of later.content.children) el.classList.add('tap-made', 'tap-step');
    card.querySelector('.phone-actions').prepend(later.content);
  }

  // drawCard shows the state that the last tap leads to beside the one of the server,
  // which the stylesheet hides. Only the last one can be undone: others rest on
  // those before it.
  function drawCard(card, list) {
    drawSteps(card, list);
    const key = list.map((tap) => tap.id + tap.state).join(' ');
    if ((card.dataset.tapped || '') === key) return;
    card.querySelectorAll('.tap-made:not(.tap-step)').forEach((el) => el.remove());
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
      if (tap.state === 'waiting' && tap === list.at(-1)) line.append(button('Undo', `Undo: ${tap.label}, ${tap.number}`, { undo: tap.id, card: card.id }));
      // The one that can be undone stays where the thumb is.
      if (tap === list.at(-1)) place.prepend(line);
      else place.before(line);
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
