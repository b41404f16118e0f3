// The board: filter, order and counts. None of it is in the cards as
// the server draws them, so a card in the stream equals the card in the page; it
// is put on again after every swap.
const board = (() => {
  const root = document.querySelector('main.board');

  // fold makes what is typed like data-text, where the server did the same.
  function fold(text) {
    return text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').replaceAll('ς', 'σ');
  }

  function setText(id, text) {
    const el = document.getElementById(id);
    if (el && el.textContent !== text) el.textContent = text;
  }

  const filter = () => document.getElementById('filter');
  const shownNames = ['q', 'skill', 'priority', 'sort'];

  // wanted is what the reader looks for, as a test of a card and its lane's name.
  function wanted(form) {
    const words = fold(form.elements.q.value).split(/\s+/).filter(Boolean);
    const skill = form.elements.skill.value;
    const priority = form.elements.priority.value;
    const skilled = (el) => !skill || el.dataset.skills.split(' ').includes(skill);
    return {
      any: words.length > 0 || !!skill || !!priority,
      skilled,
      hit: (card, who = '') => words.every((w) => card.dataset.text.includes(w) || who.includes(w))
        && skilled(card) && (!priority || card.dataset.priority === priority),
    };
  }

  // The open list hides what is not looked for; the lanes dim it, because what a
  // contractor is booked for stays true.
  function applyFilter() {
    if (!filter()) return;
    const looks = wanted(filter());
    let all = 0;
    let shown = 0;
    for (const card of root.querySelectorAll('[data-open] > li')) {
      const hit = looks.hit(card);
      if (card.hidden === hit) card.hidden = !hit;
      all += 1;
      if (hit) shown += 1;
    }
    setText('count-open', String(all));
    setText('count-shown', shown === all ? String(all) : `${shown} of ${all}`);
    document.getElementById('no-match').hidden = all === 0 || shown > 0;
    dim(looks);
    if (root.dataset.board === 'unrouted') setText('unrouted-count', String(all));
    const unrouted = document.getElementById('unrouted-count');
    unrouted?.classList.toggle('badge-warn', unrouted.textContent.trim() !== '0');
  }

  function dim(looks) {
    for (const lane of root.querySelectorAll('[data-contractor]')) {
      lane.toggleAttribute('data-dim', !looks.skilled(lane));
    }
    let found = 0;
    const cards = root.querySelectorAll('.lane-cards > li, .job-rows > li');
    for (const card of cards) {
      const name = card.closest('[data-contractor]')?.querySelector('.lane-name')?.textContent || '';
      const hit = looks.hit(card, fold(name));
      if (hit && !card.hidden) found += 1;
      card.toggleAttribute('data-dim', !hit);
    }
    const assigned = [...cards].filter((c) => !c.hidden && !c.querySelector('.st-open, .st-partially_assigned, .st-on_hold'));
    setText('count-assigned', String(assigned.length));
    const label = document.getElementById('count-found');
    if (!label) return;
    label.hidden = !looks.any;
    setText('count-found', `${found} found`);
  }

  // arrange puts the open jobs in the order asked for. They come by window.
  function arrange() {
    if (!filter()) return;
    const by = filter().elements.sort.value;
    const rank = (card) => ['rush', 'high', 'normal'].indexOf(card.dataset.priority);
    const number = (card) => Number(card.querySelector('.card-link').textContent.replace(/\D/g, ''));
    const keyed = (card) => card.dataset.sort;
    const compare = (a, b) => (by === 'number' ? number(a) - number(b) : by === 'priority' ? rank(a) - rank(b) : 0)
      || keyed(a).localeCompare(keyed(b), undefined, { numeric: true });
    const held = document.activeElement;
    for (const list of root.querySelectorAll('[data-open]')) {
      [...list.children].sort(compare).forEach((card, i) => {
        if (list.children[i] !== card) list.insertBefore(card, list.children[i]);
      });
    }
    if (held !== document.activeElement) held?.focus?.({ preventScroll: true });
  }

  // The filter stays in the address, so that a reload keeps it, and in the links
  // to other days and views.
  function rememberFilter() {
    const url = new URL(location.href);
    const links = [...root.querySelectorAll('.days a, .views a, .week-link')];
    for (const name of shownNames) {
      const { value } = filter().elements[name];
      const put = (params) => (value ? params.set(name, value) : params.delete(name));
      put(url.searchParams);
      for (const link of links) {
        const to = new URL(link.href);
        put(to.searchParams);
        link.href = to.pathname + to.search;
      }
    }
    history.replaceState(history.state, '', url);
  }

  // showDay brings the working day into view when not all of it fits, until the
  // reader has scrolled himself.
  function showDay() {
    const lanes = document.getElementById('lanes');
    const six = lanes?.querySelector('.hour.q-25');
    if (!six || lanes.scrollLeft > 0 || lanes.scrollWidth <= lanes.clientWidth) return;
    const head = lanes.querySelector('.scale-head').offsetWidth;
    lanes.scrollLeft += six.getBoundingClientRect().left - lanes.getBoundingClientRect().left - head;
  }

  // select marks the card whose job stands in the workbench.
  function select() {
    const job = document.querySelector('#workbench [data-job], #workbench [data-panel-job]');
    const id = job && (job.dataset.job || job.dataset.panelJob);
    for (const card of document.querySelectorAll('#content [data-selected]')) {
      if (card.dataset.job !== id) card.removeAttribute('data-selected');
    }
    if (id) content.cardsOf(id).forEach((card) => card.setAttribute('data-selected', ''));
    const working = !!document.getElementById('workbench')?.firstElementChild;
    if (!root || root.hasAttribute('data-working') === working) return;
    root.toggleAttribute('data-working', working);
    if (working) showDay();
  }

  function refresh() {
    arrange();
    lanes.draw();
    applyFilter();
    select();
  }

  function density(compact) {
    root.dataset.density = compact ? 'compact' : 'comfortable';
    document.querySelector('[data-density-switch]')?.setAttribute('aria-pressed', String(compact));
  }

  function start() {
    if (!root) return;
    page.onChange(refresh);
    refresh();
    document.addEventListener('input', (event) => {
      if (!event.target.closest?.('#filter')) return;
      arrange();
      applyFilter();
      rememberFilter();
    });
    document.addEventListener('click', (event) => {
      if (!event.target.closest?.('[data-density-switch]')) return;
      density(root.dataset.density !== 'compact');
      document.cookie = `density=${root.dataset.density};path=/dispatch;max-age=31536000;samesite=lax`;
    });
    density(root.dataset.density === 'compact');
    document.addEventListener('submit', (event) => {
      if (event.target.id !== 'filter') return;
      event.preventDefault();
      applyFilter();
    });
    // Cards carry no date, so the page adds its own.
    document.addEventListener('htmx:config:request', (event) => {
      const { ctx } = event.detail;
      if (ctx.request.method !== 'GET' || ctx.sourceElement === page.live) return;
      const date = document.getElementById('content')?.dataset.date;
      if (date) ctx.request.body.set('date', date);
    });
  }

  start();
  return { select };
})();
