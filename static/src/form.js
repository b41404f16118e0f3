// The workbench and its forms. Nothing here is needed to post a form; it saves
// the dispatcher a few keys and keeps an open form safe from the stream.
(() => {
  // opener is the card from which the workbench was filled, and its job.
  let opener = { id: '', job: '' };

  const workbench = () => document.getElementById('workbench');
  const onBoard = () => !!document.querySelector('main.board');

  // jobsChanged tells the open form that its job is no longer what it shows, and
  // who changed it. A form that is being sent is left alone: the change is most
  // likely its own. What a panel shows may be as new as the change.
  function jobsChanged(jobs) {
    for (const form of document.querySelectorAll('form[data-job]')) {
      if (!jobs.has(form.dataset.job) || form.classList.contains('htmx-request')) continue;
      warn(form);
      lastChange(form.dataset.job).then((change) => warn(form, change?.text));
    }
    for (const panel of document.querySelectorAll('[data-panel-job]')) {
      if (!jobs.has(panel.dataset.panelJob)) continue;
      lastChange(panel.dataset.panelJob).then((change) => {
        if (change && String(change.version) !== panel.dataset.version) warn(panel, change.text);
      });
    }
  }

  // lastChange asks who changed a job last, null if nobody says.
  async function lastChange(job) {
    try {
      const answer = await fetch(`/jobs/${job}/change`, { headers: { Accept: 'application/json' }, credentials: 'same-origin' });
      return answer.ok ? await answer.json() : null;
    } catch { return null; }
  }

  // warn shows the banner of a form or panel; what has the focus stays where it is.
  function warn(box, what = '') {
    const banner = box.querySelector('[data-changed]');
    if (!banner || !box.isConnected) return;
    const held = box.contains(document.activeElement) ? document.activeElement : null;
    const top = held?.getBoundingClientRect().top;
    banner.hidden = false;
    if (what) banner.querySelector('[data-changed-what]').textContent = what;
    if (held) workbench().scrollTop += held.getBoundingClientRect().top - top;
  }

  // wall is a typed time in milliseconds, NaN for an empty one: of ":00Z" alone
  // browsers make the year 2000.
  function wall(value) {
    return value ? Date.parse(`${value}:00Z`) : NaN;
  }

  // shown is what the clock of a zone shows at a time; both count milliseconds,
  // the clock as wall does.
  function shown(zone, at) {
    const text = new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(at);
    return Date.parse(`${text.replace(' ', 'T')}Z`);
  }

  // instants are the times, one or two, at which the clock of the form's zone
  // shows a typed time. Over an hour that is skipped the clock runs on.
  function instants(form, value) {
    const { zone } = form.dataset;
    const at = wall(value);
    if (!zone || Number.isNaN(at)) return [at];
    const near = [-864e5, 864e5].map((day) => at - (shown(zone, at + day) - (at + day)));
    const found = [...new Set(near)].filter((t) => shown(zone, t) === at);
    return found.length ? found : near.slice(0, 1);
  }

  function instant(form, value, offset) {
    return offset ? Date.parse(`${value}:00${offset}`) : instants(form, value)[0];
  }

  // lengthOf is the time from start to end in milliseconds, as typed or, before
  // that, as the form came: a start that is half typed says nothing about it.
  function lengthOf(form) {
    const { start, end } = form.elements;
    if (!end) return NaN;
    const at = (el, value) => instant(form, value, form.elements[`${el.name}_offset`]?.value);
    if ('edited' in end.dataset) return at(end, end.value) - at(start, start.value);
    form.dataset.length ??= String(at(end, end.defaultValue) - at(start, start.defaultValue));
    return Number(form.dataset.length);
  }

  // measure notes the lengths while the offsets are there that a form came with.
  function measure() {
    document.querySelectorAll('form[data-zone]').forEach(lengthOf);
  }

  // endAfter moves the end along with the start, by the clock of the zone; an
  // empty one stays empty.
  function endAfter(form, length) {
    const { start, end } = form.elements;
    const at = instant(form, start.value, form.elements.start_offset?.value) + length;
    if (Number.isNaN(at)) return;
    const clock = form.dataset.zone ? shown(form.dataset.zone, at) : at;
    end.value = new Date(clock).toISOString().slice(0, 16);
    setOffset(form, 'end_offset', instants(form, end.value).length > 1 ? offsetOf(clock - at) : '');
  }

  // offsetOf writes milliseconds as "-05:00".
  function offsetOf(ms) {
    return `${ms < 0 ? '-' : '+'}${new Date(Math.abs(ms)).toISOString().slice(11, 16)}`;
  }

  // setStart fills the start, unless it is that already.
  function setStart(form, start, offset) {
    const from = form.elements.start;
    if (from.value === start && (form.elements.start_offset?.value || '') === offset) return;
    const length = lengthOf(form);
    from.value = start;
    setOffset(form, 'start_offset', offset);
    endAfter(form, length);
  }

  // setOffset keeps at most one answer to "which of the two?"; it belongs to
  // one start and must not outlive it.
  function setOffset(form, name, offset) {
    document.getElementById(`${form.id}-${name}`)?.remove();
    form.querySelectorAll(`input[name="${name}"]`).forEach((el) => el.remove());
    if (!offset) return;
    const input = document.createElement('input');
    input.type = 'hidden';
    input.name = name;
    input.value = offset;
    form.append(input);
  }

  function onInput(event) {
    const el = event.target;
    const form = el.form;
    if (!form?.hasAttribute('data-workbench-form')) return;
    form.dataset.dirty = '';
    if (el.type === 'datetime-local') {
      el.dataset.edited = '';
      setOffset(form, `${el.name}_offset`, '');
    }
    if (['start', 'start_offset'].includes(el.name) && !('edited' in form.elements.end.dataset)) endAfter(form, lengthOf(form));
    if (el.name === 'contractor_id' && el.dataset.start && !('edited' in form.elements.start.dataset)) {
      setStart(form, el.dataset.start, el.dataset.offset);
    }
  }

  function close() {
    const box = workbench();
    box.replaceChildren();
    board.select();
    const card = document.getElementById(opener.id) || content.cardsOf(opener.job)[0];
    const back = card?.querySelector('a') || document.getElementById('open-head');
    back?.focus({ preventScroll: true });
  }

  // fill puts a value that the server offered into a field.
  function fill(form, field, value) {
    const el = form.elements[field];
    if (field === 'start') setStart(form, value, '');
    el.value = value;
    el.dataset.edited = '';
    setOffset(form, `${field}_offset`, '');
  }

  // pressed marks one of several buttons that fill in something, and leads on.
  function pressed(button) {
    button.form.querySelectorAll(`button[name="${button.name}"]`).forEach((b) => b.setAttribute('aria-pressed', String(b === button)));
    button.form.querySelector('.submit')?.focus();
  }

  function onClick(event) {
    const slot = event.target.closest?.('button[name="slot"]');
    if (slot) {
      event.preventDefault();
      setStart(slot.form, slot.dataset.start, slot.dataset.offset);
      slot.form.elements.start.dataset.edited = '';
      pressed(slot);
      return;
    }
    const other = event.target.closest?.('button[name="instead"]');
    if (other) {
      event.preventDefault();
      fill(other.form, other.dataset.field, other.dataset.value);
      pressed(other);
      return;
    }
    if (event.target.closest?.('[data-close]') && onBoard()) {
      event.preventDefault();
      close();
      return;
    }
    const card = event.target.closest?.('#content [data-job]');
    if (card) opener = { id: card.id, job: card.dataset.job };
  }

  function onKey(event) {
    if (event.key !== 'Escape' || !onBoard() || !workbench()?.contains(event.target)) return;
    if (workbench().querySelector('form[data-dirty]')) return;
    close();
  }

  // The reader asked for what now stands in the workbench: go there.
  function onSwap(event) {
    const { ctx } = event.detail;
    if (ctx.sourceElement === page.live || ctx.target !== workbench()) return;
    measure();
    const box = workbench();
    const first = box.querySelector('[data-focus]') || box.querySelector('[data-panel-focus]');
    first?.focus({ preventScroll: true });
    box.scrollTop = 0;
    if (box.getBoundingClientRect().top < 0 || box.getBoundingClientRect().top > innerHeight / 2) {
      box.scrollIntoView({ block: 'start' });
    }
    page.changed();
  }

  // Without an answer nothing would be swapped, and silence looks like success.
  function onUnreached(event) {
    const { ctx } = event.detail;
    if (!ctx || ctx.sourceElement === page.live || ctx.target !== workbench()) return;
    workbench().querySelector('[data-unreached]')?.remove();
    const note = document.createElement('div');
    note.className = 'banner banner-bad';
    note.setAttribute('role', 'alert');
    note.dataset.unreached = '';
    note.textContent = `${whatFailed(ctx.response)} ${whatNow(ctx)}`;
    workbench().prepend(note);
    workbench().scrollTop = 0;
  }

  function whatNow({ request, response }) {
    if (response?.status === 507) return 'Nothing was saved. Tell your administrator.';
    return request.method === 'GET'
      ? 'Try again in a moment.'
      : 'It may not have been saved. Send it again: the same change is never made twice.';
  }

  function whatFailed(response) {
    if (!response) return 'The server gave no answer.';
    const id = response.headers.get('X-Request-Id');
    if (response.status === 507) return 'The disk of the database is full.';
    if (response.status === 503) return 'The schedule can\'t be reached just now.';
    return `Something broke on our side${id ? ` (request ${id})` : ''}.`;
  }

  // A failure of the server is not swapped in: the form must stay, with what was
  // typed and with its key, or sending it again would be another change.
  function onRefused(event) {
    if (event.detail.ctx.response.status >= 500) onUnreached(event);
  }

  function onRequest(event) {
    if (event.detail.ctx.target === workbench()) workbench()?.querySelector('[data-unreached]')?.remove();
  }

  // What can no longer be taken back is not offered, but not under the hands of who
  // is about to try: the server says why not.
  function expire() {
    for (const form of document.querySelectorAll('form[data-until]')) {
      form.hidden = Date.parse(form.dataset.until) <= page.now() && !form.contains(document.activeElement);
    }
  }

  page.onChange(expire);
  document.addEventListener('htmx:error', onUnreached);
  document.addEventListener('htmx:response:error', onRefused);
  document.addEventListener('htmx:before:request', onRequest);
  document.addEventListener('input', onInput);
  document.addEventListener('click', onClick);
  document.addEventListener('keydown', onKey);
  document.addEventListener('htmx:after:swap', onSwap);
  page.onJobs(jobsChanged);
  measure();
  // A whole page with errors begins at what is wrong.
  document.querySelector('[data-focus]')?.focus();

  // A page that refused a form was posted: the browser cannot go back to it without
  // sending that form again, and asks on a page of its own. So when the form is sent
  // anew the page's place in the history becomes that of the form it came from.
  const from = document.querySelector('.summary') && document.referrer;
  if (from && new URL(from).origin === location.origin) {
    addEventListener('submit', ({ defaultPrevented, target }) => {
      if (!defaultPrevented && target.method === 'post') history.replaceState(history.state, '', from);
    });
  }
})();
