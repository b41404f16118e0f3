// Putting an open job on a lane. While its form stands in the workbench the job
// is held: each lane takes a click, or Enter, and the form comes again with that
// contractor and time. What is allowed the server says, when the form is sent.
const place = (() => {
  const root = document.querySelector('main.board');
  const bench = () => document.getElementById('workbench');
  const buttons = () => [...root.querySelectorAll('[data-place]')];
  let placing = null;

  // held is the open job whose form is there, and its card.
  function held() {
    const form = bench()?.querySelector('form#assign[action^="/jobs/"]');
    const card = form && root.querySelector(`.card-open[data-job="${CSS.escape(form.dataset.job)}"]`);
    return card ? { form, card, minutes: Number(card.dataset.minutes) } : null;
  }

  const group = (button) => button.closest('.lane-group').dataset;
  const offered = (form, id) => form.querySelector(`input[name="contractor_id"][value="${CSS.escape(id)}"]`);

  function clock(minutes) {
    const two = (n) => String(n).padStart(2, '0');
    return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  }

  // point puts the shadow of the job to a quarter hour of a lane.
  function point(button, quarter) {
    const h = held();
    if (!h) return;
    const at = Math.max(1, Math.min(96, quarter));
    button.dataset.quarter = String(at);
    const ghost = button.querySelector('.place-ghost');
    ghost.style.gridColumn = `${at} / span ${Math.max(1, Math.min(97 - at, Math.ceil(h.minutes / 15)))}`;
    ghost.textContent = clock((at - 1) * 15);
    const who = button.closest('[data-contractor]').querySelector('.lane-name').textContent;
    button.setAttribute('aria-label', `Place ${h.card.querySelector('.card-link').textContent} with ${who}, ${button.dataset.date} at ${clock((at - 1) * 15)}`);
  }

  // under is the quarter hour below the pointer: columns are not all of one width.
  function under(button, x) {
    let left = button.getBoundingClientRect().left;
    const widths = getComputedStyle(button).gridTemplateColumns.split(' ').map(parseFloat);
    for (let i = 0; i < widths.length; i += 1) {
      left += widths[i];
      if (x < left) return i + 1;
    }
    return widths.length;
  }

  // first is where a lane would be tried without a pointer: as the form offers it,
  // else after what is there, else in the morning.
  function first(button, h) {
    const start = offered(h.form, button.dataset.place)?.dataset.start || '';
    if (start.startsWith(button.dataset.date)) return quarterOf(start.slice(11));
    const { zone } = group(button);
    const ends = [...button.parentElement.querySelectorAll('.lane-cards > li')]
      .map((card) => lanes.wall(Date.parse(card.dataset.end), zone)).filter((w) => w.date === button.dataset.date);
    return ends.length ? Math.ceil(Math.max(...ends.map((w) => w.minutes)) / 15) + 1 : 33;
  }

  function quarterOf(text) {
    const [hour, minute] = text.split(':').map(Number);
    return hour * 4 + Math.floor(minute / 15) + 1;
  }

  // band shows on each lane when the customer was promised the job.
  function band(h) {
    for (const el of root.querySelectorAll('[data-window]')) {
      const { zone, date } = group(el);
      const day = h && ['start', 'end'].map((name) => lanes.wall(Date.parse(h.card.dataset[name]), zone));
      el.hidden = !h || day[0].date > date || day[1].date < date;
      if (el.hidden) continue;
      const from = day[0].date < date ? 1 : Math.floor(day[0].minutes / 15) + 1;
      const to = day[1].date > date ? 97 : Math.ceil(day[1].minutes / 15) + 1;
      el.style.gridColumn = `${from} / ${Math.max(to, from + 1)}`;
    }
  }

  function refresh() {
    const h = held();
    root.toggleAttribute('data-holding', !!h);
    for (const button of buttons()) {
      button.hidden = !h;
      const lane = button.closest('[data-contractor]');
      if (!h) { lane.removeAttribute('data-can'); continue; }
      lane.dataset.can = offered(h.form, button.dataset.place) ? 'yes' : 'no';
      button.tabIndex = -1;
      if (!button.matches(':focus, :hover')) point(button, first(button, h));
    }
    const next = buttons().find((b) => b === document.activeElement) || buttons().find((b) => b.closest('[data-can="yes"]'));
    if (next) next.tabIndex = 0;
    band(h);
  }

  // put asks for the form again, for this contractor and time.
  function put(button) {
    const h = held();
    if (!h) return;
    const { region } = group(button);
    placing = { reason: h.form.elements.override_reason?.value || '' };
    const query = new URLSearchParams({
      board: h.card.closest('[data-region]').dataset.region, contractor: button.dataset.place, lane: region,
      at: `${button.dataset.date}T${clock((Number(button.dataset.quarter) - 1) * 15)}`,
    });
    htmx.ajax('GET', `/jobs/${h.form.dataset.job}/assignments/new?${query}`, { target: '#workbench' });
  }

  function onClick(event) {
    const button = event.target.closest?.('[data-place]');
    if (button) {
      if (event.detail > 0 && button.closest('.lane')) point(button, under(button, event.clientX));
      put(button);
      return;
    }
    // All of an open card takes it, not only its button.
    const card = event.target.closest?.('.card-open');
    if (card && !event.target.closest('a, button') && !getSelection().toString()) card.querySelector('.card-actions a[href*="/assignments/new"]')?.click();
  }

  // step goes to another lane, or to an earlier or a later quarter hour.
  function step(button, key) {
    const inWeek = !button.closest('.lane');
    const quarter = Number(button.dataset.quarter);
    if (!inWeek && key === 'ArrowLeft') point(button, quarter - 1);
    else if (!inWeek && key === 'ArrowRight') point(button, quarter + 1);
    else {
      const list = buttons();
      const by = { ArrowUp: inWeek ? -7 : -1, ArrowDown: inWeek ? 7 : 1, ArrowLeft: -1, ArrowRight: 1 }[key];
      const next = list[list.indexOf(button) + by];
      if (!next) return;
      button.tabIndex = -1;
      next.tabIndex = 0;
      if (!inWeek) point(next, quarter);
      next.focus();
    }
  }

  function onKey(event) {
    const button = event.target.closest?.('[data-place]');
    if (!button) return;
    if (event.key === 'Escape') { bench().querySelector('[data-close]')?.click(); return; }
    if (!event.key.startsWith('Arrow')) return;
    event.preventDefault();
    step(button, event.key);
  }

  // Dragging ends where a click would have been.
  function onDown(event) {
    const card = event.target.closest?.('.card-open');
    if (!card || event.button !== 0 || event.pointerType === 'touch' || event.target.closest('a, button')) return;
    const from = { x: event.clientX, y: event.clientY };
    let dragging = false;
    const over = (e) => document.elementsFromPoint(e.clientX, e.clientY).find((el) => el.matches('[data-place]'));
    const move = (e) => {
      if (!dragging && Math.hypot(e.clientX - from.x, e.clientY - from.y) > 8) {
        dragging = true;
        root.toggleAttribute('data-dragging', true);
        card.querySelector('.card-actions a[href*="/assignments/new"]')?.click();
      }
      if (!dragging) return;
      e.preventDefault();
      const button = over(e);
      if (button?.closest('.lane')) point(button, under(button, e.clientX));
      for (const b of buttons()) b.toggleAttribute('data-over', b === button);
    };
    const stop = () => {
      removeEventListener('pointermove', move);
      removeEventListener('pointerup', drop);
      removeEventListener('pointercancel', stop);
      root.removeAttribute('data-dragging');
      for (const b of buttons()) b.removeAttribute('data-over');
    };
    const drop = (e) => {
      const button = dragging && over(e);
      if (dragging) addEventListener('click', (c) => c.stopPropagation(), { capture: true, once: true });
      stop();
      if (button) put(button);
    };
    addEventListener('pointermove', move);
    addEventListener('pointerup', drop);
    addEventListener('pointercancel', stop);
  }

  // The form is there with all that was said: what is left is to confirm it.
  function onSwap(event) {
    if (!placing || event.detail.ctx.target !== bench()) return;
    const form = bench().querySelector('form#assign');
    if (form?.elements.override_reason && placing.reason) form.elements.override_reason.value = placing.reason;
    placing = null;
    form?.querySelector('.submit')?.focus({ preventScroll: true });
  }

  // lead takes the reader to the lanes, to place what is held.
  function lead() {
    buttons().find((b) => b.tabIndex === 0 && !b.hidden)?.focus();
  }

  if (root) {
    page.onChange(refresh);
    document.addEventListener('click', onClick);
    document.addEventListener('keydown', onKey);
    document.addEventListener('pointerdown', onDown);
    document.addEventListener('pointermove', (event) => {
      const button = event.target.closest?.('.lane [data-place]');
      if (button) point(button, under(button, event.clientX));
    });
    document.addEventListener('htmx:after:swap', onSwap);
  }
  return { lead, refresh };
})();
